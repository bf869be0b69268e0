"""Senders that do not wait: their messages are in hand together, within bounds, and answered in their order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast

import pytest

from adapters.port import Answer, Fate
from gateway.intake.framing import END, START
from gateway.intake.intake import Answered, Feed, Intake
from gateway.intake.mllp import MOST_IN_HAND, MllpServer, Patience
from gateway.intake.refusals import Refusals
from schemas.errors import MashError, Unavailable
from schemas.hub import FeedSection
from tests.unit.gateway.intake.lines import LIMIT, SECONDS, Line, frame, line

SECTION = FeedSection(name="line", agency="health", adapter="nhs.hl7v2", authentication="loopback")


def answered(body: bytes) -> Answered:
    answer = Answer(status=200, media_type="text/plain", body=body)
    return Answered(answer=answer, message_id="", fate=Fate.ACCEPTED)


@dataclass
class Hands:
    """An intake that keeps what it is given until the test lets go."""

    held: dict[bytes, asyncio.Future[None]] = field(default_factory=dict)
    taken: list[bytes] = field(default_factory=list)
    most: int = 0
    most_bytes: int = 0
    bug: bytes = b"?"
    away: bytes = b"?"
    holding: bool = True

    async def receive(self, _feed: Feed, payload: bytes, _client: str | None, _source: object) -> Answered:
        self.taken.append(payload)
        if payload == self.bug:
            raise ZeroDivisionError
        if payload == self.away:
            raise Unavailable("store.busy")
        if self.holding:
            self.held[payload] = asyncio.get_running_loop().create_future()
            self.most = max(self.most, len(self.held))
            self.most_bytes = max(self.most_bytes, sum(map(len, self.held)))
            await self.held[payload]
            del self.held[payload]
        return answered(b"re " + payload[:20])

    async def refuse(self, _feed: Feed, error: MashError, _client: str) -> Answered:
        await asyncio.sleep(0)
        return answered(error.code.encode())

    def let_go(self, payload: bytes) -> None:
        self.held[payload].set_result(None)


@pytest.fixture
def hands() -> Hands:
    return Hands()


@asynccontextmanager
async def served(hands: Hands, *, limit: int = LIMIT, patience: Patience | None = None) -> AsyncIterator[int]:
    feed = cast("Feed", type("Bound", (), {"section": SECTION})())
    server = MllpServer(
        intake=cast("Intake", hands),
        refusals=cast("Refusals", None),
        feeds=[feed],
        limit=limit,
        patience=patience,
    )
    port = await server.start("127.0.0.1", 0, None)
    try:
        yield port
    finally:
        for payload in list(hands.held):
            hands.let_go(payload)
        hands.holding = False
        await server.stop()


@pytest.fixture
async def sender(hands: Hands) -> AsyncIterator[Line]:
    async with served(hands) as port, line(port) as made:
        yield made


async def until(ask: Callable[[], bool | Awaitable[bool]]) -> None:
    async with asyncio.timeout(SECONDS):
        while not ask():  # noqa: ASYNC110 - the server tells nobody
            await asyncio.sleep(0.005)


def names(count: int) -> list[bytes]:
    return [f"m{number:05}".encode() for number in range(count)]


async def test_messages_of_one_read_are_in_hand_together_and_answered_in_their_order(
    hands: Hands, sender: Line
) -> None:
    sent = names(5)
    await sender.send(b"".join(map(frame, sent)))
    await until(lambda: len(hands.held) == 5)
    for payload in reversed(sent[1:]):
        hands.let_go(payload)
    await until(lambda: len(hands.held) == 1)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await sender.reader.read(1)
    hands.let_go(sent[0])
    assert [await sender.answer() for _ in sent] == [b"re " + payload for payload in sent]


async def test_answers_that_came_together_go_out_in_one_write(
    hands: Hands, sender: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    writes: list[bytes] = []
    sent = names(MOST_IN_HAND)
    await sender.send(b"".join(map(frame, sent)))
    await until(lambda: len(hands.held) == MOST_IN_HAND)
    transport = asyncio.selector_events._SelectorSocketTransport  # type: ignore[attr-defined]
    write = transport.write

    def noting(self: object, data: bytes) -> None:
        writes.append(bytes(data))
        write(self, data)

    monkeypatch.setattr(transport, "write", noting)
    for payload in sent:
        hands.let_go(payload)
    for _ in sent:
        await sender.answer()
    assert writes == [b"".join(START + b"re " + payload + END for payload in sent)]


async def test_no_more_are_in_hand_than_allowed_and_all_are_answered(hands: Hands, sender: Line) -> None:
    sent = names(MOST_IN_HAND * 5)
    sending = asyncio.create_task(sender.send(b"".join(map(frame, sent))))
    await until(lambda: len(hands.held) == MOST_IN_HAND)
    await asyncio.sleep(0.05)
    assert hands.taken == sent[:MOST_IN_HAND]
    for payload in sent:
        await until(lambda payload=payload: payload in hands.held)  # type: ignore[misc]
        hands.let_go(payload)
    assert [await sender.answer() for _ in sent] == [b"re " + payload for payload in sent]
    await sending
    assert hands.most == MOST_IN_HAND


async def test_large_messages_are_in_hand_by_their_bytes(hands: Hands) -> None:
    size = 400_000
    sent = [name + b"x" * size for name in names(8)]
    async with served(hands, limit=size * 2) as port, line(port) as sender:
        sending = asyncio.create_task(sender.send(b"".join(map(frame, sent))))
        await until(lambda: len(hands.held) == 3)
        await asyncio.sleep(0.1)
        assert len(hands.held) == 3
        for payload in sent:
            await until(lambda payload=payload: payload in hands.held)  # type: ignore[misc]
            hands.let_go(payload)
        assert [await sender.answer() for _ in sent] == [b"re " + payload[:20] for payload in sent]
        await sending
    assert hands.most_bytes < 1024 * 1024 + size + 100


async def test_what_came_before_a_message_that_is_too_large_is_answered_before_it_is_refused(
    hands: Hands, sender: Line
) -> None:
    sent = names(3)
    await sender.send(b"".join(map(frame, sent)) + START + b"M" * LIMIT * 3)
    await until(lambda: len(hands.held) == 3)
    for payload in sent:
        hands.let_go(payload)
    assert [await sender.answer() for _ in sent] == [b"re " + payload for payload in sent]
    assert await sender.answer() == b"message.too_large"
    assert await sender.hung_up() == b""


@pytest.mark.parametrize("which", ["bug", "away"])
async def test_a_message_without_an_answer_ends_the_line_so_that_no_other_answer_is_taken_for_its(
    hands: Hands, sender: Line, which: str
) -> None:
    sent = names(3)
    setattr(hands, which, sent[1])
    hands.holding = False
    await sender.send(b"".join(map(frame, sent)))
    assert await sender.answer() == b"re " + sent[0]
    assert await sender.hung_up() == b""


async def test_a_sender_that_closes_its_half_is_answered_what_it_sent(hands: Hands, sender: Line) -> None:
    sent = names(3)
    await sender.send(b"".join(map(frame, sent)))
    sender.writer.write_eof()
    await until(lambda: len(hands.held) == 3)
    for payload in sent:
        hands.let_go(payload)
    assert [await sender.answer() for _ in sent] == [b"re " + payload for payload in sent]
    assert await sender.hung_up() == b""


async def test_a_sender_that_goes_away_stops_nothing_of_what_is_in_hand(hands: Hands, sender: Line) -> None:
    sent = names(3)
    await sender.send(b"".join(map(frame, sent)))
    await until(lambda: len(hands.held) == 3)
    sender.writer.transport.abort()
    await asyncio.sleep(0.05)
    assert len(hands.held) == 3, "nothing was cancelled"


async def test_stopping_answers_what_is_in_hand(hands: Hands) -> None:
    async with served(hands) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"".join(map(frame, names(3))))
        await until(lambda: len(hands.held) == 3)
    assert await reader.read() == b"".join(START + b"re " + payload + END for payload in names(3))
    writer.close()


async def test_the_time_that_the_hub_takes_is_not_the_senders(hands: Hands) -> None:
    async with served(hands, patience=Patience(idle=0.2, frame=0.2)) as port, line(port) as sender:
        sent = names(MOST_IN_HAND + 2)
        await sender.send(b"".join(map(frame, sent)))
        await until(lambda: len(hands.held) == MOST_IN_HAND)
        await asyncio.sleep(0.6)
        for payload in sent:
            await until(lambda payload=payload: payload in hands.held)  # type: ignore[misc]
            hands.let_go(payload)
        assert [await sender.answer() for _ in sent] == [b"re " + payload for payload in sent]


async def test_a_sender_that_takes_no_answers_is_hung_up_on_and_holds_up_nobody(
    hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    hands.holding = False
    body = b"w" * 20
    monkeypatch.setattr(hands, "receive", _wordy)

    async def pour(deaf: Line) -> None:
        async with asyncio.timeout(SECONDS):
            while True:
                await deaf.send(frame(body) * 20)

    patience = Patience(idle=30, frame=0.3)
    async with served(hands, patience=patience) as port, line(port) as deaf, line(port) as other:
        deaf.reader._transport.pause_reading()  # type: ignore[attr-defined]
        with pytest.raises(ConnectionError):
            await pour(deaf)
        await other.send(frame(body))
        assert len(await other.answer()) == 60_000


async def _wordy(_feed: Feed, _payload: bytes, _client: str | None, _source: object) -> Answered:
    await asyncio.sleep(0)
    return answered(b"w" * 60_000)
