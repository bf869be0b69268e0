"""HL7 over MLLP: a small server of our own, because the library's knows no limits, no time-outs and no TLS.

Every frame gets an answer in a frame, in the order in which the frames came, unless its sender asked for none (HL7's
enhanced mode). Frames that a sender sent without waiting
are taken in together, so that they can share a commit; how many, and how many bytes of them, is bounded by not reading
on. A slow or silent sender holds up nobody but itself.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections import deque
from collections.abc import Coroutine, Sequence
from dataclasses import dataclass
from typing import Any, cast

import structlog

from gateway.intake.framing import END, START, Frames
from gateway.intake.intake import Answered, Feed, Intake
from gateway.intake.refusals import Refusals
from gateway.stopping import ended
from schemas.errors import MashError, TooLarge

MOST_IN_HAND = 16
_MOST_BYTES_IN_HAND = 1024 * 1024
_PAUSE = 0.5
_LAST = 10.0
_logger = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Patience:
    """Seconds: how long a connection may be silent between frames, and how long one frame may take to arrive.

    They are looked at four times as often as the shorter of them: somebody may have a quarter of it more.
    """

    idle: float = 300
    frame: float = 30


class MllpServer:
    """Listens for HL7. Each connection belongs to one feed: by its client certificate, or by being from this host."""

    def __init__(
        self,
        *,
        intake: Intake,
        refusals: Refusals,
        feeds: Sequence[Feed],
        limit: int,
        most_connections: int = 256,
        patience: Patience | None = None,
    ) -> None:
        self.intake = intake
        self.limit = limit
        self.patience = patience or Patience()
        self._refusals = refusals
        self._feeds = feeds
        self._most = most_connections
        self._server: asyncio.Server | None = None
        self._open: set[_Connection] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(
        self, host: str, port: int, tls: ssl.SSLContext | None, *, door: socket.socket | None = None
    ) -> int:
        """Listen, on ``door`` where it is open already; the port (of use where 0 was asked for)."""
        loop = asyncio.get_running_loop()
        if door is None:
            self._server = await loop.create_server(lambda: _Connection(self), host, port, ssl=tls)
        else:
            self._server = await loop.create_server(lambda: _Connection(self), sock=door, ssl=tls)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Stop listening and let connections go; what was being stored is stored and answered."""
        if self._server is not None:
            self._server.close()
        for connection in list(self._open):
            connection.finish()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_LAST)
        await asyncio.sleep(0)  # answers of what ended just now are written in the loop's next round
        for connection in list(self._open):
            connection.close()
        await ended(self._tasks)

    def admit(self, connection: _Connection, transport: asyncio.Transport) -> Feed | None:
        """The feed whose sender this is, or None for whoever is turned away, which is counted."""
        reason = "mllp.too_many_connections"
        if len(self._open) < self._most:
            feed = self._feed_of(transport)
            if feed is not None:
                self._open.add(connection)
                return feed
            reason = "mllp.unknown_sender"
        self.run(self._refusals.unauthenticated("mllp", reason))
        return None

    def forget(self, connection: _Connection) -> None:
        """A connection has ended."""
        self._open.discard(connection)

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something that a stopping server waits for."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _feed_of(self, transport: asyncio.Transport) -> Feed | None:
        name = _common_name(transport.get_extra_info("peercert"))
        peer = transport.get_extra_info("peername")
        local = bool(peer) and ipaddress.ip_address(peer[0]).is_loopback
        known = [feed for feed in self._feeds if feed.section.authentication == "mllp-tls"]
        for feed in known:
            if name is not None and name == feed.section.client:
                return feed
        # Whoever shows a certificate is who it says, wherever it comes from.
        if not local or name is not None:
            return None
        return next((feed for feed in self._feeds if feed.section.authentication == "loopback"), None)


class _Message:
    """A message in hand: its size in bytes and, in the end, its answer.

    Where that is None there is none, and the line is ended; where it is empty, the sender wants to hear nothing.
    """

    __slots__ = ("answer", "done", "size")

    def __init__(self, size: int) -> None:
        self.size = size
        self.done = False
        self.answer: bytes | None = None


class _Connection(asyncio.Protocol):
    """One sender's connection."""

    def __init__(self, server: MllpServer) -> None:
        self._server = server
        self._loop = asyncio.get_running_loop()
        self._frames = Frames(server.limit)
        self._in_hand: deque[_Message] = deque()
        self._bytes = 0
        self._frame = 0  # the frame whose time runs
        self._since = self._loop.time()  # of that frame, or of the silence
        self._stuck_since: float | None = None  # the sender takes no answers
        self._reading = True
        self._ending = False  # no more frames are taken; once all is answered, it ends
        self._over_until: float | None = None  # refused: what still comes is passed over until then
        self._flushing = False
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Know whose it is."""
        self._transport = cast("asyncio.Transport", transport)
        feed = self._server.admit(self, self._transport)
        if feed is None:
            self._ending = True
            self._transport.close()
            return
        self._feed = feed
        self._arm()

    def data_received(self, data: bytes) -> None:
        """Take bytes in, and whatever messages they complete."""
        if self._ending:
            self._since = self._loop.time()
            return
        self._frames.feed(data)
        if not self._frames.inside:
            self._since = self._loop.time()
        self._pump()

    def eof_received(self) -> bool:
        """The sender is done; what it sent is still answered (but over TLS, where the line ends with its one half)."""
        self.finish()
        return self._transport.get_extra_info("sslcontext") is None

    def pause_writing(self) -> None:
        """The sender takes no answers: it gets no more messages in, either."""
        self._stuck_since = self._loop.time()

    def resume_writing(self) -> None:
        """It takes them again."""
        self._stuck_since = None
        self._pump()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - the sender went: it will send again
        """Nothing more is answered; what is in hand is stored all the same."""
        self._ending = True
        if self._timer is not None:
            self._timer.cancel()
        self._frames.clear()
        self._server.forget(self)

    def finish(self) -> None:
        """Take nothing more, answer what is in hand, and end."""
        if self._over_until is None:
            self._ending = True
            self._flush_soon()

    def close(self) -> None:
        """End now."""
        self._transport.close()

    def _pump(self) -> None:
        """Take in as many messages as there is room for; read on where there is more."""
        while not self._ending and self._room():
            try:
                payload = self._frames.next()
            except TooLarge as error:
                self._ending = True
                self._frames.clear()
                self._over_until = self._loop.time() + self._server.patience.frame
                self._take(0, self._server.intake.refuse(self._feed, error, self._client or self._feed.section.name))
                return
            if payload is None:
                break
            self._take(len(payload), self._server.intake.receive(self._feed, payload, self._client, self))
        if self._frames.inside and self._frame != self._frames.begun:
            self._frame, self._since = self._frames.begun, self._loop.time()
        self._read(on=self._ending or self._room())

    def _room(self) -> bool:
        return self._stuck_since is None and len(self._in_hand) < MOST_IN_HAND and self._bytes < _MOST_BYTES_IN_HAND

    def _read(self, *, on: bool) -> None:
        if on == self._reading or self._transport.is_closing():
            return
        self._reading = on
        if on:
            self._since = self._loop.time()  # the time in which we did not read is not the sender's
            self._transport.resume_reading()
        else:
            self._transport.pause_reading()

    @property
    def _client(self) -> str | None:
        return self._feed.section.client or None

    def _take(self, size: int, answering: Coroutine[Any, Any, Answered]) -> None:
        message = _Message(size)
        self._in_hand.append(message)
        self._bytes += size
        self._server.run(self._answer(message, answering))

    async def _answer(self, message: _Message, answering: Coroutine[Any, Any, Answered]) -> None:
        try:
            answered = await answering
            # Who wants no answer and whose message was not kept is told by the end of the line.
            message.answer = answered.answer.body if answered.answer.body or answered.message_id else None
        except MashError as error:
            _logger.warning("mllp.unanswered", code=error.code)
        except Exception as error:  # noqa: BLE001 - the last fence: a bug must not show what it was given
            _logger.error("mllp.bug", kind=type(error).__name__)  # noqa: TRY400 - without the exception text, which may be somebody's data
        finally:
            message.done = True
            self._flush_soon()

    def _flush_soon(self) -> None:
        """Answers that came with one commit go out in one write."""
        if not self._flushing:
            self._flushing = True
            self._loop.call_soon(self._flush)

    def _flush(self) -> None:
        self._flushing = False
        answers: list[bytes] = []
        while self._in_hand and self._in_hand[0].done:
            message = self._in_hand.popleft()
            self._bytes -= message.size
            if message.answer is None:
                # It has no answer: neither have those after it, or the sender would take theirs for its.
                self._ending, self._over_until = True, None
                self._in_hand.clear()
                break
            if message.answer:
                answers += (START, message.answer, END)
        if self._transport.is_closing():
            return
        if answers:
            self._transport.write(b"".join(answers))
        now = self._loop.time()
        if not self._frames.inside:
            self._since = now
        if not self._ending:
            self._pump()
        elif not self._in_hand:
            if self._over_until is None:
                self._transport.close()
            else:
                self._over_until = now + self._server.patience.frame
                self._since = now
                self._arm()

    def _arm(self) -> None:
        """Look at the time again in a while: one timer a connection, and none a message."""
        patience = self._server.patience
        shortest = min(_PAUSE, patience.frame) if self._over_until is not None else min(patience.idle, patience.frame)
        if self._timer is not None:
            self._timer.cancel()
        self._timer = self._loop.call_later(shortest / 4, self._look)

    def _look(self) -> None:
        now, patience = self._loop.time(), self._server.patience
        waited = now - self._since
        if self._stuck_since is not None and now - self._stuck_since >= patience.frame:
            self._transport.abort()
        elif self._over_until is not None:
            # Hanging up on bytes that nobody read would take the refusal away from a sender that reads only once it
            # has sent everything: it is let finish, until it pauses or its time is over.
            if not self._in_hand and (now >= self._over_until or waited >= min(_PAUSE, patience.frame)):
                self._transport.close()
        elif self._reading and self._frames.inside:
            if waited >= patience.frame:
                self._transport.close()
        elif not self._in_hand and waited >= patience.idle:
            self._transport.close()
        if not self._transport.is_closing():
            self._arm()


def _common_name(certificate: dict[str, object] | None) -> str | None:
    """The common name of a verified client certificate. Without one, none."""
    subject = (certificate or {}).get("subject", ())
    pairs = [pair for part in subject for pair in part] if isinstance(subject, tuple) else []
    return next((value for key, value in pairs if key == "commonName"), None)
