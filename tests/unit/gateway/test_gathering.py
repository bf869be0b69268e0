from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from gateway.gathering import Gathering


class Commits:
    """Doubles numbers, a batch at a time, each batch when it is let."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.gate = asyncio.Event()

    async def together(self, numbers: Sequence[int]) -> list[int | Exception]:
        self.batches.append(list(numbers))
        await self.gate.wait()
        return [ValueError("odd") if number % 2 else number * 2 for number in numbers]


async def test_one_alone_is_served_at_once() -> None:
    commits = Commits()
    commits.gate.set()
    assert await Gathering(commits.together, most=8).do(2) == 4
    assert commits.batches == [[2]]


async def test_what_comes_during_a_commit_shares_the_next_one() -> None:
    commits = Commits()
    gathering = Gathering(commits.together, most=8)
    tasks = [asyncio.create_task(gathering.do(0))]
    await asyncio.sleep(0.01)
    tasks += [asyncio.create_task(gathering.do(number)) for number in (2, 4, 6)]
    await asyncio.sleep(0.01)
    commits.gate.set()
    assert await asyncio.gather(*tasks) == [0, 4, 8, 12]
    assert commits.batches == [[0], [2, 4, 6]]


async def test_a_batch_has_a_limit() -> None:
    commits = Commits()
    gathering = Gathering(commits.together, most=2)
    tasks = [asyncio.create_task(gathering.do(number)) for number in (2, 4, 6)]
    commits.gate.set()
    await asyncio.gather(*tasks)
    assert max(map(len, commits.batches)) == 2


async def test_sources_take_turns_and_each_keeps_its_order() -> None:
    commits = Commits()
    gathering = Gathering(commits.together, most=3)
    first = asyncio.create_task(gathering.do(0))
    await asyncio.sleep(0.01)
    flood = [asyncio.create_task(gathering.do(number, "flood")) for number in (10, 12, 14, 16)]
    await asyncio.sleep(0.01)
    others = [asyncio.create_task(gathering.do(number, source)) for number, source in ((20, "one"), (30, None))]
    await asyncio.sleep(0.01)
    commits.gate.set()
    await asyncio.gather(first, *flood, *others)
    assert commits.batches == [[0], [10, 20, 30], [12, 14, 16]]


async def test_whoever_comes_as_a_batch_ends_is_served() -> None:
    commits = Commits()
    commits.gate.set()
    gathering = Gathering(commits.together, most=8)

    async def again_and_again(number: int) -> None:
        for _ in range(50):
            async with asyncio.timeout(5):
                await gathering.do(number)

    await asyncio.gather(*(again_and_again(number) for number in (2, 4, 6)))


async def test_each_source_keeps_its_order_and_batches_come_one_after_the_other() -> None:
    done: list[tuple[str, int]] = []
    running = most = 0

    async def together(given: Sequence[tuple[str, int]]) -> list[int | Exception]:
        nonlocal running, most
        running += 1
        most = max(most, running)
        await asyncio.sleep(0.001 * (5 - given[0][1] % 5))  # later ones are quicker
        done.extend(given)
        running -= 1
        return [number for _, number in given]

    gathering = Gathering(together, most=2)
    sent = [(source, number) for number in range(10) for source in ("a", "b", "c", "d")]
    await asyncio.gather(*(gathering.do(one, one[0]) for one in sent))
    for source in "abcd":
        assert [number for name, number in done if name == source] == list(range(10))
    assert most == 1
    await gathering.finish()


async def test_each_meets_its_own_failure() -> None:
    commits = Commits()
    commits.gate.set()
    gathering = Gathering(commits.together, most=8)
    outcomes = await asyncio.gather(*(gathering.do(number) for number in (2, 3, 4)), return_exceptions=True)
    assert outcomes[0] == 4
    assert isinstance(outcomes[1], ValueError)
    assert outcomes[2] == 8


async def test_a_failed_batch_fails_all_of_it_and_the_next_goes_on() -> None:
    calls = 0

    async def together(numbers: Sequence[int]) -> list[int | Exception]:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise OSError("away")
        return list(numbers)

    gathering = Gathering(together, most=8)
    outcomes = await asyncio.gather(*(gathering.do(number) for number in (1, 2)), return_exceptions=True)
    assert all(isinstance(outcome, OSError) for outcome in outcomes)
    assert await gathering.do(5) == 5


async def test_a_caller_that_goes_away_does_not_stop_its_batch() -> None:
    commits = Commits()
    gathering = Gathering(commits.together, most=8)
    gone, stays = (asyncio.create_task(gathering.do(number)) for number in (2, 4))
    await asyncio.sleep(0.01)
    gone.cancel()
    commits.gate.set()
    assert await stays == 8
    assert commits.batches == [[2, 4]]
    with pytest.raises(asyncio.CancelledError):
        await gone


async def test_finish_waits_for_what_was_handed_in() -> None:
    commits = Commits()
    gathering = Gathering(commits.together, most=1)
    task = asyncio.create_task(gathering.do(2))
    await asyncio.sleep(0.01)
    commits.gate.set()
    await gathering.finish()
    assert task.done() or await task == 4
    await gathering.finish()
