"""The log as the rest of the gateway sees it: append, sequence, prove, verify, export."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime
from typing import IO

from crypto import base64url, merkle
from crypto.canonical import JsonInput
from gateway.log import bundle, custody, verification
from gateway.log.events import Event
from gateway.log.placing import Placed, Placing
from gateway.log.recorder import Recorder
from gateway.log.sequencer import Sequencer
from gateway.log.signers import CheckpointKeys
from gateway.log.verification import Verification
from gateway.store import Reading, Store, Work
from gateway.store.direct import Statements, places
from gateway.store.direct.intake import ENTRIES
from gateway.store.records import CheckpointRecord, LogRecord, MessageRecord
from schemas.envelope import LogProof
from schemas.errors import Unavailable


def origin_of(hub: str) -> str:
    """The log's name, which is also its keys' name: the hub's id and ``.mash.log``."""
    return f"{hub}.mash.log"


class Log:
    """The log of one hub.

    ``origin`` is its name, ``random`` gives that many random bytes, ``clock`` gives the aware UTC time at which a
    checkpoint is signed.
    """

    def __init__(
        self,
        store: Store,
        keys: CheckpointKeys,
        *,
        origin: str,
        random: Callable[[int], bytes],
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._keys = keys
        self._origin = origin
        self._clock = clock
        self._recorder = Recorder(random)
        self._placing = Placing(keys, origin=origin, clock=clock)
        self._sequencer = Sequencer(store, self._placing)

    @property
    def origin(self) -> str:
        """The first line of every checkpoint."""
        return self._origin

    async def append(
        self,
        work: Work,
        *,
        event: Event,
        actor: str,
        now: datetime,
        referral: str | None = None,
        subject: str | None = None,
        detail: Mapping[str, JsonInput] | None = None,
    ) -> str:
        """The id of a new entry that commits with ``work``; see ``Recorder.append``.

        Raises:
            ValueError: free text where a code, an id, a count or a digest belongs.
        """
        return await self._recorder.append(
            work, event=event, actor=actor, now=now, referral=referral, subject=subject, detail=detail
        )

    async def append_all(self, work: Work, drafts: Sequence[LogRecord]) -> None:
        """Have these entries commit with ``work``."""
        await work.sets.write(ENTRIES.insert(work.sets.dialect, drafts))

    def draft(
        self,
        *,
        event: Event,
        actor: str,
        now: datetime,
        referral: str | None = None,
        subject: str | None = None,
        detail: Mapping[str, JsonInput] | None = None,
    ) -> LogRecord:
        """A new entry for ``place`` or ``append_all``; it is nowhere as yet.

        Raises:
            ValueError: free text where a code, an id, a count or a digest belongs.
        """
        return self._recorder.draft(
            event=event, actor=actor, now=now, referral=referral, subject=subject, detail=detail
        )

    async def place(self, work: Statements, drafts: Sequence[LogRecord]) -> Placed:
        """Places for these entries, which ``work`` is to commit, and their proofs; see ``Placing``.

        Raises:
            Unavailable: the store or the checkpoint key is not there now.
        """
        return await self._placing.place(work, drafts)

    async def sequence(self) -> None:
        """Every entry committed before this call has its place under a signed checkpoint.

        Raises:
            Unavailable: the store or the checkpoint key is not there now; nothing was lost.
            Disagrees: somebody changed the stored tree; ``verify`` tells where.
        """
        await self._sequencer.sequence()

    async def checkpoint(self) -> CheckpointRecord | None:
        """The latest checkpoint, or None of an empty log.

        Raises:
            Unavailable: the store is not there.
        """
        async with self._store.reading() as work:
            return await work.log.latest_checkpoint()

    async def proof(self, entry_id: str) -> LogProof:
        """The proof that this committed entry is in the log, under the latest checkpoint. Sequences it if it must.

        Raises:
            Unknown: there is no such entry, or it is not committed.
            Unavailable: the store or the checkpoint key is not there now: ask again later.
        """
        found = await self._proof(entry_id)
        if found is None:
            await self.sequence()
            found = await self._proof(entry_id)
        if found is None:
            raise Unavailable("log.proof.waiting", "the entry has no place as yet")
        return found

    async def _proof(self, entry_id: str) -> LogProof | None:
        async with self._store.reading() as work:
            entry = await work.log.entry(entry_id)
            checkpoint = await work.log.latest_checkpoint()
            if entry.position is None or checkpoint is None or checkpoint.size <= entry.position:
                return None
            nodes = await places.nodes(work.sets, merkle.nodes_for_inclusion(entry.position, checkpoint.size))
        path = merkle.inclusion(entry.position, checkpoint.size, lambda level, index: nodes[level, index])
        return LogProof(
            index=entry.position,
            entry=base64url.encode(entry.entry),
            salt=base64url.encode(entry.salt),
            path=tuple(base64url.encode(node) for node in path),
            checkpoint=checkpoint.note,
        )

    async def consistency(self, old: int, new: int) -> tuple[str, ...]:
        """The proof, base64url, that the first ``old`` leaves begin the first ``new``; both at most the log's size.

        Raises:
            ValueError: the old tree is larger than the new.
            Unavailable: the store is not there, or the log is not that long.
        """
        async with self._store.reading() as work:
            if new > await work.log.size():
                raise Unavailable("log.consistency.size", "the log is not that long as yet", at="new")
            nodes = await places.nodes(work.sets, merkle.nodes_for_consistency(old, new))
        path = merkle.consistency(old, new, lambda level, index: nodes[level, index])
        return tuple(base64url.encode(node) for node in path)

    async def verify(self, seen: Sequence[str] = ()) -> Verification:
        """Recompute the whole log; see ``gateway.log.verification``. ``seen``: checkpoints that were kept elsewhere.

        Raises:
            Rejected: one of ``seen`` is no checkpoint that a key of this log signed.
            Unavailable: the store is not there.
        """
        return await verification.verify(self._store, self._keys, origin=self._origin, seen=seen)

    async def export_custody(
        self,
        file: IO[bytes],
        referral: str,
        *,
        agency: str | None,
        answer: Callable[[Reading, MessageRecord], Awaitable[bytes | None]],
    ) -> int:
        """Write one referral's chain of custody (see ``gateway.log.custody``); how many entries it shows.

        ``answer`` gives the bytes that a message was answered with, or None where they can be read no more.

        Raises:
            Unknown: there is no such referral.
            Conflict: the last checkpoint does not cover the log.
            Unavailable: the store or the checkpoint key is not there now.
        """
        await self.sequence()
        async with self._store.reading() as work:
            await self._keys.reload(work)
            found = await custody.gathered(work, referral, agency=agency)
            answers = {one.id: told for one in found.natives if (told := await answer(work, one)) is not None}
            return await custody.export(
                work, self._keys, file, found, acknowledgements=answers, origin=self._origin, now=self._clock()
            )

    async def export_erasure(self, work: Reading, file: IO[bytes], subject: str, shown: custody.ErasureShown) -> None:
        """Write the proof of an erasure (see ``gateway.log.custody``), as this work sees the log.

        Raises:
            Conflict: the last checkpoint does not cover the log. Unavailable: the checkpoint key is not there now.
        """
        await self._keys.reload(work)
        told = await custody.erased(work, subject, shown)
        await custody.export(work, self._keys, file, told, acknowledgements={}, origin=self._origin, now=self._clock())

    async def export(self, file: IO[bytes], referral: str | None = None) -> int:
        """Write the log as a bundle (see ``gateway.log.bundle``); how many entries it shows.

        What was committed before is in it. The export itself is an entry: record it after.

        Raises:
            Conflict: the last checkpoint does not cover the log.
            Unavailable: the store or the checkpoint key is not there now.
        """
        await self.sequence()
        async with self._store.reading() as work:
            await self._keys.reload(work)
            return await bundle.export(
                work, self._keys, file, origin=self._origin, now=self._clock(), referral=referral
            )
