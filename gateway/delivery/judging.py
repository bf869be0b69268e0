"""Whether an envelope may be opened: steps (1) to (5) of an opening, over what its transaction holds. No I/O."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache

from crypto import binding
from crypto.failure import SealFailed
from crypto.jwk import PublicKey, parse_public_jwk
from crypto.opentoken import OpenToken
from gateway.agencies import Standing
from gateway.casework.dossier import Held
from gateway.casework.protection import CaseNow
from gateway.delivery.progress import product_reached, request_reached
from gateway.delivery.readers import Readers, needs_dossier
from gateway.keys import Keys
from gateway.single_use import Use
from gateway.store.records import ClientRow, EnvelopeState, Openable, Subject
from gateway.vault import Scope
from routing.lifecycle import Step
from schemas.envelope import EnvelopeKind, LogProof
from schemas.errors import Conflict, MashError, Refused, Unknown


class NotStanding(Unknown):
    """To a reader without standing there is no envelope. The reason is for the log alone."""

    def __init__(self, reason: str) -> None:
        super().__init__("envelope.unknown", at="id")
        self.reason = reason


class NotThis(Unknown):
    """The token is of no envelope of this name. Nothing of it is recorded: there is nothing that it happened to."""

    def __init__(self) -> None:
        super().__init__("envelope.unknown", at="id")


class Waits(Exception):
    """Other work holds what this opening asks about; it is to be waited for, apart from the others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One who asks: for the envelope of this name, with this token, by the key ``jkt``.

    ``use`` is the proof's single use, None where it was used up before; ``proof`` that of the opening's entry, where
    the entry is in the log from an earlier try.
    """

    name: str
    token: OpenToken
    jkt: str
    use: Use | None = None
    proof: LogProof | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What one transaction holds. ``envelopes`` and subjects follow what was decided in it; the rest stays.

    ``agencies`` are the states of the clients' agencies. ``used`` are the single uses that others were first with.
    """

    envelopes: dict[str, Openable]
    requests: dict[str, Subject]
    products: dict[str, Subject]
    agencies: Mapping[str, str]
    clients: Mapping[str, ClientRow]
    scopes: Mapping[str, Scope | MashError]
    held: Mapping[str, Held | MashError]
    cases: Mapping[str, CaseNow]
    used: Collection[str]
    patient: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """An opening that may be: the key to seal to, the content key, and what moves on.

    ``subject`` is as the opening leaves it, None where nothing moves on.
    """

    recipient: PublicKey
    subject: Subject | None
    content_key: bytes


class Judge:
    """Decides openings."""

    def __init__(self, *, keys: Keys, readers: Readers) -> None:
        self._keys = keys
        self._readers = readers

    def find(self, asked: Asked, known: Known) -> Openable:
        """The envelope that is asked for.

        (1) the token is of this envelope, as it was cut.

        Raises:
            NotThis: it is not.
            Waits: other work holds it.
        """
        token, record = asked.token, known.envelopes.get(asked.name)
        if record is None:
            raise _missing(known, NotThis())
        if token.mid != record.id or token.sub != record.recipient or token.jti != record.token_jti:
            raise NotThis
        if (token.cdg, token.pdg, token.rdg) != (record.body_digest, record.policy_digest, record.request_digest):
            raise NotThis
        return record

    def grant(self, asked: Asked, record: Openable, known: Known, now: datetime) -> Granted | None:
        """What may leave, or None where it left already and is this reader's to have again.

        (2) its reader and the reader's agency stand; (3) it was not revoked, replaced or outlived; (4) it was not
        released, or to this key within the time for a retry; (5) the policy that it was cut under is untouched and
        still allows every group in it.

        Raises:
            MashError: why not, as the caller is told; ``reason`` is for the log.
            Waits: other work holds what is to be known.
        """
        # (2) the reader stands
        client = _reader(record, asked.jkt, known, now)
        # (3) it is not gone
        if record.state in {EnvelopeState.REVOKED, EnvelopeState.REPLACED}:
            raise Conflict("envelope.revoked", "it was revoked; ask the hub if you still need it")
        if record.state == EnvelopeState.EXPIRED or now >= record.token_expires_at:
            raise Conflict("envelope.expired", "its time is over; ask the hub for a new one")
        # (4) once, or again for an honest retry
        again = record.state == EnvelopeState.RELEASED
        if again:
            if record.released_to != asked.jkt or record.release_until is None or now > record.release_until:
                raise Conflict("envelope.released", "its key was released already")
            if record.release is not None or asked.proof is None:
                return None
        # (5) the policy is the one that it was cut under, and still allows it
        scope = _given(known.scopes.get(record.scope))
        if not again:
            self._still_allowed(record, client, scope, known)
        content_key = scope.open(record.wrapped_key or b"", aad=f"envelopes.wrapped_key.{record.id}")
        return Granted(
            recipient=_public_key(str(client.encryption_jwk)),
            subject=None if again else _subject(record, known, now),
            content_key=content_key,
        )

    def _still_allowed(self, record: Openable, client: ClientRow, scope: Scope, known: Known) -> None:
        if not any(_bound(record, key) for key in self._keys.policy_keys()):
            raise SealFailed("binding.mismatch")
        policy = scope.open(record.policy, aad=f"envelopes.policy.{record.id}")
        held = known.held.get(str(record.referral_id), Held()) if needs_dossier(record.kind) else Held()
        if isinstance(held, MashError):
            raise held
        case = known.cases.get(str(record.referral_id), CaseNow())
        if not self._readers.allows(record.kind, client, policy, held, case):
            raise Refused("envelope.policy", "what it holds may no longer be read; a newly cut one may follow")


def _reader(record: Openable, jkt: str, known: Known, now: datetime) -> ClientRow:
    # The key that was enrolled last counts, not the token's; standing and key stay until this transaction ends.
    status = known.agencies.get(record.agency)
    client = known.clients.get(record.recipient)
    if status is None or client is None:
        raise _missing(known, NotStanding("client.standing"))
    if status != Standing.ACTIVE or client.state != Standing.ACTIVE or client.agency != record.agency:
        raise NotStanding("client.standing")
    if client.dpop_jkt != jkt and not _former(client, jkt, now):
        raise NotStanding("client.key")
    return client


def _former(client: ClientRow, jkt: str, now: datetime) -> bool:
    """Whether this is the key that the agency itself replaced, while what was sealed for it may still be in flight."""
    return client.former_until is not None and client.former_jkt == jkt and now < client.former_until


def _subject(record: Openable, known: Known, now: datetime) -> Subject | None:
    """What the envelope brings, as its opening leaves it; None where nothing changes."""
    if record.kind == EnvelopeKind.REQUEST:
        request = known.requests.get(record.subject)
        if request is None:
            raise _missing(known, Unknown("request.unknown", "there is no such request"))
        reached = request_reached(request.state, Step.OPEN_REQUEST)
        return None if reached is None else replace(request, state=reached)
    if record.kind == EnvelopeKind.PRODUCT:
        product = known.products.get(record.subject)
        if product is None:
            raise _missing(known, Unknown("product.unknown", "there is no such product"))
        reached = product_reached(product.state)
        return None if reached is None else replace(product, state=reached, delivered_at=product.delivered_at or now)
    return None


def _missing(known: Known, error: MashError) -> Exception:
    """What is not among the rows is not there; or it is locked by others, where nobody waited for it."""
    return error if known.patient else Waits()


def _given(scope: Scope | MashError | None) -> Scope:
    if scope is None:
        raise Unknown("scope.unknown", "there is no such scope")
    if isinstance(scope, MashError):
        raise scope
    return scope


def _bound(record: Openable, key: bytes) -> bool:
    try:
        binding.verify_binding(
            record.binding,
            key,
            envelope_id=record.id,
            policy_digest=record.policy_digest,
            wrapped_key=record.wrapped_key or b"",
        )
    except SealFailed:
        return False
    return True


@lru_cache(maxsize=1024)
def _public_key(jwk: str) -> PublicKey:
    # A function of the text alone: the row that holds the text is read for every opening.
    return parse_public_jwk(json.loads(jwk), use="enc")
