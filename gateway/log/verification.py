"""Recomputing the whole log from its entries: what ``mash log verify`` says."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crypto.checkpoint import Checkpoint, verify_checkpoint
from crypto.commitment import commit_all
from crypto.failure import SealFailed
from gateway.log.events import Event
from gateway.log.recomputed import Recomputed
from gateway.log.signers import CheckpointKeys
from gateway.store import Store
from gateway.store.direct import log_rows
from gateway.store.records import CheckpointRecord
from schemas.errors import Rejected

BATCH = 5_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What was found. ``entries`` are those with a place, ``waiting`` those without one as yet.

    ``first_bad`` is the place (from 0) of the first entry that does not hold, or the size of the first checkpoint that
    does not; ``problem`` is a code for what is wrong with it; both None where all holds.
    """

    entries: int
    checkpoints: int
    waiting: int
    verified: bool
    root: bytes
    first_bad: int | None = None
    problem: str | None = None


class _Broken(Exception):
    """The first thing that does not hold."""

    def __init__(self, place: int, problem: str) -> None:
        super().__init__(problem)
        self.place = place
        self.problem = problem


async def verify(
    store: Store, keys: CheckpointKeys, *, origin: str, waiting_limit: int = 10_000, seen: Sequence[str] = ()
) -> Verification:
    """Recompute all that was given a place, as one consistent look sees it.

    (1) places follow one another without a gap; (2) each commitment is that of its entry under its salt, unless
    the log itself tells that this one was erased; (3) the columns that queries use say what the entry says; (4) every
    stored node of the tree is the recomputed one; (5) every checkpoint is signed by a key of this log over the
    recomputed root of its size, so that all agree; (6) the last checkpoint covers every entry, signed by a key that
    is still in force; (7) each checkpoint of ``seen``, kept by somebody elsewhere, is of this history.

    Raises:
        Unavailable: the store is not there.
    """
    async with store.reading() as work:
        await keys.reload(work)
        size = await work.log.size()
        checkpoints = await work.log.checkpoints()
        waiting = len(await work.log.unsequenced(waiting_limit))
        run = _Run(keys, origin, checkpoints, seen)
        place: int | None = None
        problem: str | None = None
        try:
            run.require_reach(size)
            for start in range(0, size, BATCH):
                end = min(start + BATCH, size)
                run.take(
                    await log_rows.entries(work.sets, start, end), await log_rows.nodes(work.sets, start, end), end
                )
            run.require_told()
            _check_last(checkpoints, size, keys, origin)
        except _Broken as broken:
            place, problem = broken.place, broken.problem
    return Verification(
        entries=size,
        checkpoints=len(checkpoints),
        waiting=waiting,
        verified=problem is None,
        root=run.tree.root(),
        first_bad=place,
        problem=problem,
    )


class _Run:
    """One pass over the entries in their order."""

    def __init__(
        self, keys: CheckpointKeys, origin: str, checkpoints: Sequence[CheckpointRecord], seen: Sequence[str]
    ) -> None:
        self.tree = Recomputed()
        self._keys, self._origin = keys, origin
        self._checkpoints = {one.size: one for one in checkpoints}
        self._seen: dict[int, bytes] = {}
        for note in seen:
            kept = _signed(note, keys, origin)
            if kept is None:
                raise Rejected("log.seen.signature", "no checkpoint that a key of this log signed", at="--seen")
            self._seen[kept.size] = kept.root
        self._erased: set[int] = set()
        self._told: set[int] = set()

    def require_reach(self, size: int) -> None:
        """No checkpoint that was kept is of a longer log than this one."""
        if any(kept > size for kept in self._seen):
            raise _Broken(size, "log.seen.longer")  # (7) an old database was put back, or the end was cut off

    def take(self, rows: Sequence[log_rows.Row], stored: Mapping[int, Sequence[bytes]], end: int) -> None:
        """These entries, and the nodes that are stored over them by their levels."""
        start = self.tree.size
        for place, row in enumerate(rows, start=start):
            if row.position != place:
                raise _Broken(place, "log.gap")  # (1)
        if len(rows) != end - start:
            raise _Broken(start + len(rows), "log.gap")  # (1)
        self._check_rows(rows, start)
        ends = sorted({one for one in (*self._checkpoints, *self._seen) if start < one < end} | {end})
        bad: list[int] = []
        for piece_end in ends:
            piece = [row.commitment for row in rows[self.tree.size - start : piece_end - start]]
            for level, first, hashes in self.tree.append(piece):
                offset = first - (start >> level)
                found = stored.get(level, ())[offset : offset + len(hashes)]
                if found != hashes:
                    padded = [*found, *[b""] * (len(hashes) - len(found))]
                    wrong = next(n for n, (one, two) in enumerate(zip(padded, hashes, strict=True)) if one != two)
                    bad.append((first + wrong) << level)
            if bad:
                raise _Broken(min(bad), "log.node")  # (4)
            self._check_roots(piece_end)

    def _check_rows(self, rows: Sequence[log_rows.Row], start: int) -> None:
        expected = commit_all((row.salt, row.entry) for row in rows)
        for place, (row, commitment) in enumerate(zip(rows, expected, strict=True), start=start):
            if commitment != row.commitment:
                if row.salt or row.entry:
                    raise _Broken(place, "log.commitment")  # (2)
                self._erased.add(place)
            elif not log_rows.agrees(row):
                raise _Broken(place, "log.columns")  # (3)
            elif row.event == Event.ERASURE_DONE:
                self._told.update(json.loads(row.entry)["detail"]["leaves"])

    def _check_roots(self, size: int) -> None:
        checkpoint, kept = self._checkpoints.get(size), self._seen.get(size)
        if checkpoint is None and kept is None:
            return
        root = self.tree.root()
        if checkpoint is not None:
            _check_signed(checkpoint, root, self._keys, self._origin)
        if kept is not None and kept != root:
            raise _Broken(size, "log.seen.forked")  # (7)

    def require_told(self) -> None:
        """Nothing is erased of which the log does not tell."""
        untold = self._erased - self._told
        if untold:
            raise _Broken(min(untold), "log.commitment")  # (2)


def _signed(note: str, keys: CheckpointKeys, origin: str) -> Checkpoint | None:
    for verifier in (*keys.checkpoint_verifiers(), *keys.former_checkpoint_verifiers()):
        with contextlib.suppress(SealFailed):
            return verify_checkpoint(note, verifier, origin=origin)
    return None


def _check_signed(record: CheckpointRecord, root: bytes, keys: CheckpointKeys, origin: str) -> None:
    if record.root != root:
        raise _Broken(record.size, "log.checkpoint.root")  # (5)
    if _signed(record.note, keys, origin) != Checkpoint(origin=origin, size=record.size, root=root):
        raise _Broken(record.size, "log.checkpoint.signature")  # (5)


def _check_last(checkpoints: Sequence[CheckpointRecord], size: int, keys: CheckpointKeys, origin: str) -> None:
    last = checkpoints[-1] if checkpoints else None
    if last is None:
        if size:
            raise _Broken(0, "log.checkpoint.missing")  # (6)
        return
    if last.size != size:
        raise _Broken(min(last.size, size), "log.checkpoint.size")  # (6)
    for verifier in keys.checkpoint_verifiers():
        try:
            verify_checkpoint(last.note, verifier, origin=origin)
        except SealFailed:
            continue
        return
    raise _Broken(size, "log.checkpoint.former_key")  # (6)
