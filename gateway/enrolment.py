"""The file that an agency enrols with: its keys and its clients, each proved to be held, checked before it is kept.

The file is one document that every private key in it signed; so is an agency's later request to change its keys, which
a key in force signs too.
Source: docs/wire.md, section 1; RFC 7515 section 7.2.1.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, ValidationError

from crypto import canonical, cosigned
from crypto.certificate_names import SUBJECT
from crypto.cosigned import Cosigned
from crypto.failure import SealFailed
from crypto.jwk import PublicKey, Use, parse_public_jwk
from schemas.base import Frozen, place_of
from schemas.errors import MashError, Rejected
from schemas.hub import AgencySection, Hub, RecipientSection
from schemas.section import Slug

SIZE_LIMIT = cosigned.SIZE_LIMIT
FORM_LIMIT = 200_000
TYP = "mash-enrolment+jws"
"""What a file to enrol with is signed as."""
SUCCESSION_TYP = "mash-succession+jws"
"""What an agency's request to change its own keys is signed as: neither passes for the other."""
FILE_AGE = timedelta(days=7)
"""How old an enrolment file may be: it travels to an officer by hand."""
REQUEST_AGE = timedelta(minutes=10)
"""How old a request to change keys may be: it is made for one call."""
_LATEST = 253_402_300_799
GrantName = Literal["notify", "mailbox", "open", "disclose"]
Jwk = dict[str, Any]
_SLUG = r"[a-z0-9][a-z0-9-]{0,47}"
ClientId = Annotated[str, StringConstraints(pattern=rf"^{_SLUG}\.{_SLUG}$")]


class ClientForm(Frozen):
    """One system of the agency."""

    client_id: ClientId
    recipient: Slug | None = None
    grants: Annotated[tuple[GrantName, ...], Field(min_length=1, max_length=4)]
    authentication_key: Jwk
    dpop_key: Jwk
    encryption_key: Jwk | None = None
    amqp_user: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,100}$")] | None = None
    tls_subject: Annotated[str, StringConstraints(pattern=SUBJECT)] | None = None


BROKER_USER = "gateway"
"""Who the gateway is to the broker, as ``mash init`` makes it: what bears that name never counts as an agency's."""


class Form(Frozen):
    """The payload. ``aud`` is the hub that it is for, ``iat`` when it was signed (NumericDate)."""

    aud: Slug
    iat: Annotated[int, Field(ge=0, le=_LATEST)]
    agency: Slug
    signing_keys: Annotated[tuple[Jwk, ...], Field(max_length=20)] = ()
    clients: Annotated[tuple[ClientForm, ...], Field(max_length=100)] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrolledClient:
    """A client whose keys passed every check; ``section`` is the recipient that it is, if it is one."""

    client_id: str
    section: RecipientSection | None
    grants: tuple[str, ...]
    authentication: PublicKey
    dpop: PublicKey
    encryption: PublicKey | None
    amqp_user: str | None
    tls_subject: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """What an agency enrols, as of ``signed_at`` (aware UTC, whole seconds)."""

    agency: str
    signed_at: datetime
    signing: tuple[PublicKey, ...]
    clients: tuple[EnrolledClient, ...]


def is_agency_id(text: str) -> bool:
    """Tell whether this has the shape of an agency's id, before it is looked up anywhere."""
    return re.fullmatch(_SLUG, text) is not None


def is_client_id(text: str) -> bool:
    """Tell whether this has the shape of a client's id, before it is looked up anywhere."""
    return re.fullmatch(rf"{_SLUG}\.{_SLUG}", text) is not None


def parse(data: bytes, hub: Hub, now: datetime, *, skew: timedelta = timedelta(seconds=30)) -> Enrolment:
    """The enrolment in these bytes: ``now`` is aware UTC.

    (1) the file is one document that its keys signed, of the wire's form, without members twice or unknown; (2) it is
    for this hub, whose configuration names the agency and each recipient; (3) a client bears its agency's name, and its
    recipient's if it is one; no name comes twice; (4) every key is public, of an allowed kind, sound, and for the use
    that it is named for, and a kid means one key; (5) who opens has a key to be sealed to; (6) it was signed within the
    last seven days; (7) every key signed it, and nobody else did.

    Raises:
        Rejected: ``at`` names the member.
        TooLarge: the file is more than 400,000 bytes, what was signed more than 200,000.
    """
    document, form = _read(data)
    found = _checked(form, hub)
    # (6) fresh
    _require_fresh(found, now, FILE_AGE, skew)
    # (7) every private key is held by whoever made this
    _require_proofs(document, found, typ=TYP)
    return found


def claimed_agency(data: bytes) -> str:
    """The agency that a request is about, unverified: only to find out whose keys to verify it with.

    Raises:
        Rejected, TooLarge: it has not the form.
    """
    return _read(data)[1].agency


def parse_succession(
    data: bytes,
    hub: Hub,
    now: datetime,
    *,
    in_force: Mapping[str, PublicKey],
    held: Collection[str],
    skew: timedelta = timedelta(seconds=30),
) -> Enrolment:
    """The keys that an agency wants from now on, asked for by itself: ``now`` is aware UTC.

    (1) to (5) as ``parse``; (6) it was signed within the last ten minutes; (7) every new key signed it, where ``held``
    are the thumbprints of those that proved themselves before; (8) one of the agency's signing keys ``in_force`` signed
    it.

    Raises:
        Rejected: ``at`` names the member. TooLarge: as ``parse``.
    """
    document, form = _read(data)
    found = _checked(form, hub)
    # (6) made for this call
    _require_fresh(found, now, REQUEST_AGE, skew)
    # (7) new keys are held
    signed = _require_proofs(document, found, typ=SUCCESSION_TYP, held=held, others=in_force)
    # (8) the agency itself asks
    if not signed & in_force.keys():
        raise Rejected("agency.not_in_force", "one of the agency's signing keys in force signs it", at="signatures")
    return found


def _read(data: bytes) -> tuple[Cosigned, Form]:
    # (1) the form
    document = cosigned.parse(data)
    canonical.loads(document.payload, size=FORM_LIMIT)
    try:
        return document, Form.model_validate_json(document.payload)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        raise Rejected("agency.form", first["type"], at=place_of(error)) from None


def _checked(form: Form, hub: Hub) -> Enrolment:
    # (2) for this hub, which names the agency
    if form.aud != hub.hub.id:
        raise Rejected("agency.hub", "it was signed for another hub", at="aud")
    section = next((agency for agency in hub.agencies if agency.id == form.agency), None)
    if section is None:
        raise Rejected("agency.unknown", "name the agency in the hub's file first", at="agency")
    signing = tuple(_key(jwk, "sig", f"signing_keys.{place}") for place, jwk in enumerate(form.signing_keys))
    _require_distinct((key.kid for key in signing), at="signing_keys")
    _require_distinct((client.client_id for client in form.clients), at="clients")
    clients = tuple(_client(client, section, f"clients.{place}") for place, client in enumerate(form.clients))
    signed_at = datetime.fromtimestamp(form.iat, UTC)
    return Enrolment(agency=form.agency, signed_at=signed_at, signing=signing, clients=clients)


def keys_of(enrolment: Enrolment) -> Iterator[tuple[str, PublicKey]]:
    """Every key with its place in the form."""
    for place, key in enumerate(enrolment.signing):
        yield f"signing_keys.{place}", key
    for place, client in enumerate(enrolment.clients):
        yield f"clients.{place}.authentication_key", client.authentication
        yield f"clients.{place}.dpop_key", client.dpop
        if client.encryption is not None:
            yield f"clients.{place}.encryption_key", client.encryption


def _require_fresh(found: Enrolment, now: datetime, age: timedelta, skew: timedelta) -> None:
    if not now - age - skew <= found.signed_at <= now + skew:
        raise Rejected("agency.not_fresh", "sign it again, with the time at which it is signed", at="iat")


def _require_proofs(
    document: Cosigned,
    found: Enrolment,
    *,
    typ: str,
    held: Collection[str] = (),
    others: Mapping[str, PublicKey] = {},
) -> frozenset[str]:
    provers = {kid: cosigned.prover(key) for kid, key in others.items()}
    for at, key in keys_of(found):
        known = provers.setdefault(key.kid, cosigned.prover(key))
        # (4) a kid means one key
        if known.thumbprint != key.thumbprint:
            raise Rejected("agency.kid", "each key has a kid of its own", at=at)
    try:
        signed = cosigned.signers(document, provers, typ=typ)
    except SealFailed as error:
        raise Rejected("agency.proof", f"a signature does not hold ({error.reason})", at="signatures") from None
    for at, key in keys_of(found):
        if key.kid not in signed and key.thumbprint not in held:
            raise Rejected("agency.proof", "the private half of each key signs the file", at=at)
    return signed


def _client(form: ClientForm, agency: AgencySection, at: str) -> EnrolledClient:
    # (2) and the recipient
    section = next((one for one in agency.recipients if one.name == form.recipient), None)
    if form.recipient is not None and section is None:
        raise Rejected("agency.recipient", "name the recipient in the hub's file first", at=f"{at}.recipient")
    # (3) the names
    owner, _, name = form.client_id.partition(".")
    if owner != agency.id or (form.recipient is not None and name != form.recipient):
        raise Rejected("agency.client_id", "a client is agency.name, and a recipient's bears its name", at=at)
    if form.amqp_user == BROKER_USER:
        raise Rejected(
            "agency.amqp_user", "the gateway itself signs in to the broker by that name", at=f"{at}.amqp_user"
        )
    # (4) the keys
    encryption = _key(form.encryption_key, "enc", f"{at}.encryption_key") if form.encryption_key is not None else None
    # (5) a key to be sealed to
    if encryption is None and (section is not None or "open" in form.grants):
        raise Rejected("agency.encryption_key", "who opens has a key to be sealed to", at=f"{at}.encryption_key")
    return EnrolledClient(
        client_id=form.client_id,
        section=section,
        grants=tuple(sorted(set(form.grants))),
        authentication=_key(form.authentication_key, "sig", f"{at}.authentication_key"),
        dpop=_key(form.dpop_key, "sig", f"{at}.dpop_key"),
        encryption=encryption,
        amqp_user=form.amqp_user,
        tls_subject=form.tls_subject,
    )


def _key(jwk: Jwk, use: Use, at: str) -> PublicKey:
    try:
        key = parse_public_jwk(jwk, use=use)
    except MashError as error:
        raise Rejected(error.code, error.detail, at=".".join(part for part in (at, error.at) if part)) from None
    if key.alg not in {"ES256", "RSA-OAEP-256"}:
        raise Rejected("crypto.jwk.alg", "a client signs with ES256", at=f"{at}.alg")
    return key


def _require_distinct(names: Iterable[str], *, at: str) -> None:
    found = list(names)
    if len(set(found)) != len(found):
        raise Rejected("agency.twice", "each name stands once", at=at)
