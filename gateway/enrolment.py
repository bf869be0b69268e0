"""The file that an agency enrols with: its keys and its clients, checked before anything is kept.

Source: docs/wire.md, section 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, ValidationError

from crypto import canonical
from crypto.jwk import PublicKey, Use, parse_public_jwk
from schemas.base import Frozen, place_of
from schemas.errors import MashError, Rejected
from schemas.hub import AgencySection, Hub, RecipientSection, Slug

SIZE_LIMIT = 200_000
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


BROKER_USER = "gateway"
"""Who the gateway is to the broker, as ``mash init`` makes it: what bears that name never counts as an agency's."""


class Form(Frozen):
    """The file."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """What an agency enrols."""

    agency: str
    signing: tuple[PublicKey, ...]
    clients: tuple[EnrolledClient, ...]


def is_agency_id(text: str) -> bool:
    """Tell whether this has the shape of an agency's id, before it is looked up anywhere."""
    return re.fullmatch(_SLUG, text) is not None


def is_client_id(text: str) -> bool:
    """Tell whether this has the shape of a client's id, before it is looked up anywhere."""
    return re.fullmatch(rf"{_SLUG}\.{_SLUG}", text) is not None


def parse(data: bytes, hub: Hub) -> Enrolment:
    """The enrolment in these bytes of JSON.

    (1) the file has the form of the wire, without members twice or unknown; (2) the hub's configuration names the
    agency and each recipient; (3) a client bears its agency's name, and its recipient's if it is one; no name comes
    twice; (4) every key is public, of an allowed kind, sound, and for the use that it is named for; (5) who opens has a
    key to be sealed to.

    Raises:
        Rejected: ``at`` names the member.
        TooLarge: more than 200,000 bytes.
    """
    # (1) the form
    canonical.loads(data, size=SIZE_LIMIT)
    try:
        form = Form.model_validate_json(data)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        raise Rejected("agency.form", first["type"], at=place_of(error)) from None
    # (2) the hub names the agency
    section = next((agency for agency in hub.agencies if agency.id == form.agency), None)
    if section is None:
        raise Rejected("agency.unknown", "name the agency in the hub's file first", at="agency")
    signing = tuple(_key(jwk, "sig", f"signing_keys.{place}") for place, jwk in enumerate(form.signing_keys))
    _require_distinct((key.kid for key in signing), at="signing_keys")
    _require_distinct((client.client_id for client in form.clients), at="clients")
    clients = tuple(_client(client, section, f"clients.{place}") for place, client in enumerate(form.clients))
    return Enrolment(agency=form.agency, signing=signing, clients=clients)


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
