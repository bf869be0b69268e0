"""How runs are paced, against a server of this test's own."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from benchmarks.load.mllp import MllpConnection
from benchmarks.load.pace import Run
from sandbox.mllp import END, START

Answer = Callable[[bytes], Awaitable[bytes]]


@asynccontextmanager
async def server(answer: Answer) -> AsyncIterator[int]:
    """Answer each frame as told."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                frame = await reader.readuntil(END)
                writer.write(START + await answer(frame) + END)
        except asyncio.IncompleteReadError:
            pass  # the sender is done, or the test wants this connection to fall
        finally:
            writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listening:
        yield int(listening.sockets[0].getsockname()[1])


async def measured(run: Run, port: int) -> Run:
    """The run, done."""
    made: list[MllpConnection] = []

    def connection() -> MllpConnection:
        made.append(MllpConnection(run, lambda: b"MSH|"))
        return made[-1]

    async def connect() -> None:
        await asyncio.get_running_loop().create_connection(connection, "127.0.0.1", port)

    await run.measure(connect)
    for one in made:
        assert one.transport is not None
        one.transport.close()
    return run


async def accepted(_: bytes) -> bytes:
    return b"MSH|\rMSA|AA|1\r"


async def test_a_closed_loop_sends_as_many_as_it_may_and_has_each_answered() -> None:
    async with server(accepted) as port:
        run = await measured(Run(connections=3, seconds=30, most=50), port)
    assert (len(run.waits), run.refused, run.lost, run.owed) == (50, 0, 0, 0)


async def test_a_closed_loop_has_one_message_under_way_for_each_connection() -> None:
    under_way, most = 0, 0

    async def slow(frame: bytes) -> bytes:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        await asyncio.sleep(0.005)
        under_way -= 1
        return await accepted(frame)

    async with server(slow) as port:
        await measured(Run(connections=4, seconds=30, most=40), port)
    assert most == 4


async def test_what_is_not_accepted_counts_apart() -> None:
    async def refused(_: bytes) -> bytes:
        return b"MSH|\rMSA|AR|1\r"

    async with server(refused) as port:
        run = await measured(Run(connections=1, seconds=30, most=5), port)
    assert (len(run.waits), run.refused) == (0, 5)


async def test_an_open_loop_charges_a_stall_with_everything_that_was_due_meanwhile() -> None:
    stalled = False

    async def stalls_once(frame: bytes) -> bytes:
        nonlocal stalled
        if not stalled:
            stalled = True
            await asyncio.sleep(0.3)
        return await accepted(frame)

    async with server(stalls_once) as port:
        run = await measured(Run(connections=1, seconds=0.2, most=100, rate=100), port)
    assert len(run.waits) == 20
    # Sent when the stall was over, each waited since it was due: a closed loop would tell of one long wait.
    assert sum(wait > 0.1 for wait in run.waits) == 20


async def test_a_message_that_goes_down_with_its_connection_is_lost_and_not_forgotten() -> None:
    async def falls(_: bytes) -> bytes:
        raise asyncio.IncompleteReadError(b"", None)

    async with server(falls) as port:
        run = await measured(Run(connections=2, seconds=5, most=2), port)
    assert (run.lost, len(run.waits), run.owed) == (2, 0, 0)
