"""Tasks end when they are told to, even one on which the first request to stop is lost."""

from __future__ import annotations

import asyncio

from gateway.stopping import ended


async def deaf(times: int) -> None:
    """Goes on as often as it is told to stop, as a driver does that loses a cancellation."""
    for _ in range(times + 1):
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            times -= 1
            if times < 0:
                raise


async def failing() -> None:
    raise LookupError


async def test_a_task_on_which_requests_to_stop_are_lost_is_asked_again() -> None:
    tasks = [asyncio.create_task(deaf(times)) for times in range(3)]
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await ended(tasks, again=0.01)
    assert all(task.done() for task in tasks)


async def test_a_task_inside_another_that_loses_the_request_is_asked_again_through_it() -> None:
    inner = asyncio.create_task(deaf(1))

    async def outer() -> None:
        await inner

    outside = asyncio.create_task(outer())
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await ended([outside], again=0.01)
    assert outside.done()
    assert inner.done()


async def test_what_a_task_raised_is_passed_over_and_no_tasks_are_no_wait() -> None:
    task = asyncio.create_task(failing())
    await asyncio.sleep(0)
    await ended([task])
    await ended([])
    assert isinstance(task.exception(), LookupError)
