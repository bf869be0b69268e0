"""Concurrent work shares a commit."""

import asyncio
from collections.abc import Sequence

from benchmarks.bounds.sharing import Shared


async def test_what_gathers_while_a_commit_runs_shares_the_next() -> None:
    batches: list[list[int]] = []

    async def commit(batch: Sequence[int]) -> Sequence[int]:
        batches.append(list(batch))
        await asyncio.sleep(0.01)
        return [one * 10 for one in batch]

    shared = Shared(commit)
    first = asyncio.ensure_future(shared.done(1))
    await asyncio.sleep(0.002)
    others = [asyncio.ensure_future(shared.done(number)) for number in (2, 3, 4)]
    assert await asyncio.gather(first, *others) == [10, 20, 30, 40]
    assert batches == [[1], [2, 3, 4]]
