"""Recomputing the whole log from its entries: what ``mash log verify`` says."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Sequence
from dataclasses import dataclass
from typing import Any

from crypto.checkpoint import verify_checkpoint
from crypto.failure import SealFailed
from gateway.log.rereading import Broken, Part, Rereading
from gateway.log.signers import CheckpointKeys
from gateway.store import Reading, Store
from gateway.store.direct import log_pages, log_rows
from gateway.store.records import CheckpointRecord

PAGE = 16_384
CLOSER = 1_024
"""Entries that are read at once; and where one of them does not hold, until it is found."""


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


async def verify(
    store: Store, keys: CheckpointKeys, *, origin: str, waiting_limit: int = 10_000, seen: Sequence[str] = ()
) -> Verification:
    """Recompute all that was given a place.

    (1) places follow one another without a gap; (2) each commitment is that of its entry under its salt, unless
    the log itself tells that this one was erased; (3) the columns that queries use say what the entry says; (4) every
    stored node of the tree is the recomputed one; (5) every checkpoint is signed by a key of this log over the
    recomputed root of its size, so that all agree; (6) the last checkpoint covers every entry, signed by a key that
    is still in force; (7) each checkpoint of ``seen``, kept by somebody elsewhere, is of this history.

    Four pages of the log are in memory at most, however long it is.

    Raises:
        Rejected: one of ``seen`` is no checkpoint that a key of this log signed.
        Unavailable: the store is not there.
    """
    async with store.reading() as work, store.reading() as beside:
        await keys.reload(work)
        size = await work.log.size()
        last = await work.log.latest_checkpoint()
        count = await work.log.checkpoint_count()
        waiting = len(await work.log.unsequenced(waiting_limit))
        run = Rereading(keys, origin, seen)
        place: int | None = None
        problem: str | None = None
        try:
            run.require_reach(size)
            await _read_through(run, work, beside, size)
            run.require_told()
            _check_last(last, size, keys, origin)
        except Broken as broken:
            place, problem = broken.place, broken.problem
    return Verification(
        entries=size,
        checkpoints=count,
        waiting=waiting,
        verified=problem is None,
        root=run.tree.root(),
        first_bad=place,
        problem=problem,
    )


async def _read_through(run: Rereading, work: Reading, beside: Reading, size: int) -> None:
    """Every entry in its order: two pages are read, each on a connection of its own, while two are hashed.

    What ``beside`` sees began later than what ``work`` sees, and nothing that has its place changes but what is erased
    meanwhile: a page that does not hold is read again through ``work``.
    """
    spans = [(start, min(start + PAGE, size)) for start in range(0, size, PAGE)]
    parts: list[Part] = []
    for number in range(0, len(spans) + 2, 2):
        reads = [_part(one, *span) for one, span in zip((work, beside), spans[number : number + 2], strict=False)]
        # A thread hashes: whoever serves meanwhile is not kept waiting.
        held, *following = await _all(asyncio.to_thread(run.holding, parts), *reads)
        for part in parts[held:]:
            if not run.holds(part):
                await _read_closely(run, work, part.start, part.end)
        parts = following


async def _read_closely(run: Rereading, work: Reading, first: int, last: int) -> None:
    """A part that does not hold: where the log tells that it need not, or the place where it does not."""
    for start in range(first, last, CLOSER):
        end = min(start + CLOSER, last)
        if run.holds(await _part(work, start, end)):
            continue
        rows, nodes = await log_rows.entries(work.sets, start, end), await log_rows.nodes(work.sets, start, end)
        run.look(rows, nodes, await work.log.checkpoints(start, end), end)


async def _part(work: Reading, start: int, end: int) -> Part:
    return Part(
        start=start,
        end=end,
        page=await log_pages.page(work.sets, start, end),
        nodes=await log_pages.nodes(work.sets, start, end),
        checkpoints=await work.log.checkpoints(start, end),
    )


async def _all(*awaited: Awaitable[Any]) -> list[Any]:
    """What each gives; none is left running when one has failed."""
    found = await asyncio.gather(*awaited, return_exceptions=True)
    for one in found:
        if isinstance(one, BaseException):
            raise one
    return found


def _check_last(last: CheckpointRecord | None, size: int, keys: CheckpointKeys, origin: str) -> None:
    if last is None:
        if size:
            raise Broken(0, "log.checkpoint.missing")  # (6)
        return
    if last.size != size:
        raise Broken(min(last.size, size), "log.checkpoint.size")  # (6)
    for verifier in keys.checkpoint_verifiers():
        try:
            verify_checkpoint(last.note, verifier, origin=origin)
        except SealFailed:
            continue
        return
    raise Broken(size, "log.checkpoint.former_key")  # (6)
