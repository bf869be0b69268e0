"""Whether all that the hub keeps still verifies and opens with the keys in force: in flight, parked and archived."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from crypto import binding, jwe, jws, lookup, opentoken
from crypto.failure import SealFailed
from crypto.keys import ALLOWED
from gateway.bootstrap import Gateway
from gateway.casework.dossier import DISCLOSURE_PLACE, REQUEST_PLACE
from gateway.casework.notes import RequestNote
from gateway.intake.intake import ANSWER_PLACE, BYTES_PLACE
from gateway.intake.persons import PLACE
from gateway.store import Reading
from gateway.store.records import (
    DisclosureRecord,
    EnvelopeRecord,
    EnvelopeState,
    MessageRecord,
    PersonRecord,
    RequestRecord,
)
from gateway.strongbox import Strongbox
from schemas import envelope
from schemas.disclosure import TYP as DISCLOSURE_TYP
from schemas.disclosure import ReceivedDisclosure
from schemas.errors import MashError, Unknown
from schemas.persons import Person
from schemas.request import TYP as REQUEST_TYP


class _Named(Protocol):
    @property
    def id(self) -> str: ...


R = TypeVar("R", bound=_Named)


@dataclass(kw_only=True)
class Inventory:
    """What was looked at, by kind. ``failed`` are the ids that do not hold, with a code.

    ``revoked`` are those that only a key would verify which is trusted no more; ``erased`` what was erased by intent.
    """

    looked_at: dict[str, int] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    revoked: set[str] = field(default_factory=set)
    erased: int = 0

    @property
    def total(self) -> int:
        """How many things were looked at."""
        return sum(self.looked_at.values())


async def take_inventory(gateway: Gateway) -> Inventory:
    """Open and verify everything. Linear in what is kept, and no more than a page of it in memory.

    Raises:
        Unavailable: the store is not there.
    """
    found, look = Inventory(), _Look(gateway)
    async with gateway.store.reading() as work:
        await gateway.keys.reload(work)
        stock = work.stock
        await _each(work, found, "messages", stock.messages, look.message)
        await _each(work, found, "persons", stock.persons, look.person)
        await _each(work, found, "requests", stock.requests, look.request)
        await _each(work, found, "disclosures", stock.disclosures, look.disclosure)
        await _each(work, found, "envelopes", stock.envelopes, look.envelope)
    await gateway.log.sequence()
    verified = await gateway.log.verify()
    found.looked_at["log entries"] = verified.entries
    if not verified.verified:
        found.failed["log"] = str(verified.problem)
    return found


async def _each(
    work: Reading,
    found: Inventory,
    kind: str,
    pages: Callable[[str], Awaitable[list[R]]],
    look: Callable[[Reading, R], Awaitable[None]],
) -> None:
    after = ""
    found.looked_at[kind] = 0
    while page := await pages(after):
        for record in page:
            found.looked_at[kind] += 1
            try:
                await look(work, record)
            except _UnderARevokedKey:
                found.revoked.add(record.id)
            except Unknown:
                found.erased += 1
            except SealFailed as error:
                found.failed[record.id] = error.reason
            except (MashError, ValueError) as error:
                found.failed[record.id] = getattr(error, "code", "form")
        after = page[-1].id


class _UnderARevokedKey(Exception):
    """What was signed by a key that is trusted no more, and that by decision."""


class _Look:
    """How one thing of each kind is looked at. Each raises what is wrong with it."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway
        self._strongbox = Strongbox(gateway.vault)

    async def message(self, work: Reading, record: MessageRecord) -> None:
        """Its bytes and its answer open, and its sender's id is looked up under a key in force."""
        vault = self._gateway.vault
        await vault.open(work, record.scope, record.sealed, aad=f"{BYTES_PLACE}.{record.id}")
        await vault.open(work, record.scope, record.answer_sealed, aad=f"{ANSWER_PLACE}.{record.id}")
        if record.native_hash is not None:
            self._looked_up([record.native_hash])

    async def person(self, work: Reading, record: PersonRecord) -> None:
        """The record opens."""
        await self._strongbox.take(work, record.scope, PLACE, record.id, record.sealed, Person)

    async def request(self, work: Reading, record: RequestRecord) -> None:
        """The note opens, and what was sent verifies."""
        scope = (await work.referrals.get(record.referral_id)).scope
        note = await self._strongbox.take(work, scope, REQUEST_PLACE, record.id, record.sealed, RequestNote)
        self._ours(note.signed, REQUEST_TYP)

    async def disclosure(self, work: Reading, record: DisclosureRecord) -> None:
        """The note opens, and the owner's signature holds under the keys that the owner published."""
        scope = (await work.referrals.get(record.referral_id)).scope
        kept = await self._strongbox.take(work, scope, DISCLOSURE_PLACE, record.id, record.sealed, ReceivedDisclosure)
        jws.verify(kept.signed, await self._gateway.agencies.published_keys(work, record.agency), typ=DISCLOSURE_TYP)

    async def envelope(self, work: Reading, record: EnvelopeRecord) -> None:
        """Its token verifies, its content key opens its body, and what is in there verifies; unopened, it is bound."""
        vault = self._gateway.vault
        self._ours(record.headers.get("access-token", ""), opentoken.OPEN_TYP)
        await vault.open(work, record.scope, record.policy, aad=f"envelopes.policy.{record.id}")
        if record.wrapped_key is None:
            return
        if record.state == EnvelopeState.SEALED:
            self._bound(record, record.wrapped_key)
        key = await vault.open(work, record.scope, record.wrapped_key, aad=f"envelopes.wrapped_key.{record.id}")
        self._ours(jwe.open_direct(record.body, key, kid=record.id, cty=envelope.CTY).decode(), envelope.TYP)

    def _ours(self, token: str, typ: str) -> None:
        keys = self._gateway.keys
        kid = jws.claimed_kid(token)
        if any(record.kid == kid and not ALLOWED[record.state].accept for record in keys.ring.records):
            raise _UnderARevokedKey
        jws.verify(token, keys.verification_keys(), typ=typ)

    def _bound(self, record: EnvelopeRecord, wrapped: bytes) -> None:
        keys = self._gateway.keys.policy_keys()
        for place, key in enumerate(keys, start=1):
            try:
                binding.verify_binding(
                    record.binding,
                    key,
                    envelope_id=record.id,
                    policy_digest=record.policy_digest,
                    wrapped_key=wrapped,
                )
            except SealFailed:
                if place == len(keys):
                    raise
            else:
                return

    def _looked_up(self, hashes: Iterable[str]) -> None:
        known = self._gateway.keys.lookup().keys
        if any(lookup.lookup_version(one) not in known for one in hashes):
            raise SealFailed("lookup.version")
