"""Look-up hashes made anew under the current key, in the background, until nothing is found by an old one any more.

Meanwhile everything is looked up under both. A person's terms come out of the sealed record, a message's identity out
of its kept bytes, the places of a concern out of its sealed item; what was erased has no hash that is needed. What
can't be worked out again (a feed that is gone, an adapter that reads the id otherwise today) stays under the old key,
which is then not revoked.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from crypto import lookup
from crypto.failure import SealFailed
from crypto.keys import KeyRecord, KeyState, Purpose
from gateway.intake.intake import BYTES_PLACE, Feed, Intake
from gateway.intake.persons import PLACE
from gateway.keys import REFRESH_EVERY, Keys, RevocationReason
from gateway.log import Event, Log
from gateway.research.searching import Searching
from gateway.store import Reading, Store
from gateway.store.records import MessageRecord
from gateway.store.repositories.hashes import NO_BLOCK, NOTHING, Block, Term
from gateway.strongbox import Strongbox
from gateway.vault import Vault
from routing import linkage, linkage_blocks
from routing.linkage_traits import traits
from schemas.errors import Conflict, MashError, Unknown
from schemas.persons import Person

TERMS, BLOCKS, MESSAGES = 500, 500, 50
"""What one batch makes anew at most."""
_ROUNDS = 8
_AGAIN = timedelta(hours=1)
_SETTLED = REFRESH_EVERY * 5
_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Pass:
    """How far a pass over the hashes of one version came; ``rest_until`` once it left something behind."""

    term: Term = NOTHING
    block: Block = NO_BLOCK
    message: str = ""
    placed: str = ""
    rest_until: datetime | None = None

    def begin(self) -> None:
        self.term, self.block, self.message, self.placed = NOTHING, NO_BLOCK, "", ""

    def past(
        self, terms: Sequence[Term], blocks: Sequence[Block], messages: Sequence[str], placed: Sequence[str]
    ) -> None:
        """A batch of these is done."""
        self.term = terms[-1] if terms else self.term
        self.block = blocks[-1] if blocks else self.block
        self.message = messages[-1] if messages else self.message
        self.placed = placed[-1] if placed else self.placed


@dataclass(frozen=True, kw_only=True)
class Rehash:
    """Makes hashes anew. Several processes may: each row is written once, from what it was."""

    store: Store
    keys: Keys
    vault: Vault
    log: Log
    intake: Intake
    feeds: Mapping[str, Feed]
    searching: Searching
    _passes: dict[int, _Pass] = field(default_factory=dict)

    async def round(self, now: datetime) -> int:
        """A few batches of every old version; how many hashes were made anew. A version without any is revoked.

        Raises:
            Unavailable: the store is not there.
        """
        total = 0
        for old in self.old():
            here = self._passes.setdefault(old.version, _Pass())
            if here.rest_until is not None and now < here.rest_until:
                continue
            for _ in range(_ROUNDS):
                done, over = await self._batch(old.version, here, now)
                total += done
                if over:
                    await self._over(old, here, now)
                    break
        return total

    async def all(self, now: datetime) -> int:
        """Every hash of an old version made anew, as far as it can be; how many."""
        total = 0
        for old in self.old():
            here, over = _Pass(), False
            while not over:
                done, over = await self._batch(old.version, here, now)
                total += done
        return total

    def old(self) -> list[KeyRecord]:
        """The look-up keys that were replaced and are still looked up under."""
        return [one for one in self.keys.ring.of(Purpose.LOOKUP) if one.state is KeyState.VERIFY_ONLY]

    async def _over(self, old: KeyRecord, here: _Pass, now: datetime) -> None:
        if old.version not in self.keys.lookup().keys:  # another process was done with it first, and revoked it
            self._passes.pop(old.version, None)
            return
        if now < old.changed_at + _SETTLED:  # another process may hash under it until it looked again
            here.begin()
            return
        try:
            await self.keys.revoke(old.kid, RevocationReason.SUPERSEDED, now)
        except Conflict:
            here.begin()
            here.rest_until = now + _AGAIN
        else:
            self._passes.pop(old.version, None)

    async def _batch(self, version: int, here: _Pass, now: datetime) -> tuple[int, bool]:
        """How many were made anew, and whether the pass is at its end."""
        # As they are now: before the rows are read another process may revoke the version that is passed over.
        keys = self.keys.lookup()
        if version not in keys.keys:
            return 0, True
        async with self.store.reading() as work:
            terms = await work.hashes.terms(version, after=here.term, limit=TERMS)
            blocks = await work.hashes.blocks(version, after=here.block, limit=BLOCKS)
            arrived = await work.hashes.messages(version, after=here.message, limit=MESSAGES)
            fresh_terms = await self._terms(work, version, terms, keys)
            fresh_blocks = await self._blocks(work, version, blocks, keys)
            fresh_natives = await self._natives(work, arrived)
            placed = await work.traces.under(version, after=here.placed, limit=MESSAGES)
            places = [(item, await self.searching.places(work, item)) for item in placed]
        if not terms and not blocks and not arrived and not placed:
            return 0, True
        done = 0
        async with self.store.work() as work:
            for term, fresh in fresh_terms:
                done += await work.hashes.replace_term(term, fresh)
            for block, fresh in fresh_blocks:
                done += await work.hashes.replace_block(block, fresh)
            for message, fresh in fresh_natives:
                done += await work.hashes.replace_native(message, fresh)
            for item, spelt in places:
                if spelt is not None:
                    await self.searching.keep_places(work, item, spelt)
                    done += 1
            if done:
                await self.log.append(
                    work,
                    event=Event.KEYS_REHASHED,
                    actor="hub",
                    now=now,
                    detail={"hashes": done, "version": self.keys.lookup().current},
                )
                await work.commit()
        here.past(terms, blocks, [one.id for one in arrived], placed)
        return done, False

    async def _terms(
        self, work: Reading, version: int, terms: Sequence[Term], keys: lookup.LookupKeys
    ) -> list[tuple[Term, str]]:
        before = lookup.LookupKeys(current=version, keys=keys.keys)
        known: dict[tuple[str, str], str] = {}
        for name, person in await self._people(work, {person for _, person, _ in terms}):
            for one in linkage.terms_told(person):
                old, fresh = (lookup.lookup_key(one.kind, one.value, each) for each in (before, keys))
                known[old, name] = fresh
        return [(term, known[term[0], term[1]]) for term in terms if (term[0], term[1]) in known]

    async def _blocks(
        self, work: Reading, version: int, blocks: Sequence[Block], keys: lookup.LookupKeys
    ) -> list[tuple[Block, str]]:
        before = lookup.LookupKeys(current=version, keys=keys.keys)
        known: dict[Block, str] = {}
        for name, person in await self._people(work, {person for _, person in blocks}):
            for one in linkage_blocks.blocks(traits(person)):
                old, fresh = (lookup.block_keys(one.kind, one.value, each)[0] for each in (before, keys))
                known[old, name] = fresh
        return [(block, known[block]) for block in blocks if block in known]

    async def _people(self, work: Reading, names: set[str]) -> list[tuple[str, Person]]:
        """Those of these persons who can be opened: of who was erased nothing can be worked out any more."""
        strongbox, found = Strongbox(self.vault), list[tuple[str, Person]]()
        for record in await work.hashes.people(names):
            try:
                person = await strongbox.take(work, record.scope, PLACE, record.id, record.sealed, Person)
            except (Unknown, SealFailed):
                continue
            found.append((record.id, person))
        return found

    async def _natives(self, work: Reading, arrived: Sequence[MessageRecord]) -> list[tuple[MessageRecord, str]]:
        found = []
        for message in arrived:
            feed = self.feeds.get(message.feed)
            if feed is None:
                continue
            hashes = self.intake.identity(feed, f"bytes:{message.digest}")
            if message.native_hash not in hashes:
                try:
                    payload = await self.vault.open(
                        work, message.scope, message.sealed, aad=f"{BYTES_PLACE}.{message.id}"
                    )
                    reading = await self.intake.read_again(feed, payload)
                except MashError:
                    continue
                except Exception as error:  # noqa: BLE001 - the last fence: a bug must not show what it was given
                    _log.error("adapter.fault", adapter=feed.adapter.name, kind=type(error).__name__)
                    continue
                hashes = self.intake.identity(feed, f"id:{reading.native_id}")
            if message.native_hash in hashes:
                found.append((message, hashes[0]))
        return found
