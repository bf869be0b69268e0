"""HL7 over MLLP: a small server of our own, because the library's knows no limits, no time-outs and no TLS.

A frame is 0x0B, the message, 0x1C 0x0D. Whatever comes before a start byte is noise and is skipped, up to a limit.
Every frame gets an answer in a frame; messages of one connection are answered in their order.
Source: HL7 v2, Minimal Lower Layer Protocol (Transport Specification: MLLP, release 1).
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import ssl
from collections.abc import Sequence
from dataclasses import dataclass

import structlog

from gateway.intake.intake import Feed, Intake
from gateway.intake.refusals import Refusals
from gateway.stopping import ended
from schemas.errors import TooLarge

START, END = b"\x0b", b"\x1c\x0d"
_CHUNK = 64 * 1024
_MOST_NOISE = 64 * 1024
_PAUSE = 0.5
_logger = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Patience:
    """Seconds: how long a connection may be silent between frames, and how long one frame may take to arrive."""

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
        self._intake = intake
        self._refusals = refusals
        self._feeds = feeds
        self._limit = limit
        self._patience = patience or Patience()
        self._places = asyncio.Semaphore(most_connections)
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()

    async def start(self, host: str, port: int, tls: ssl.SSLContext | None) -> int:
        """Listen; the port (of use where 0 was asked for)."""
        self._server = await asyncio.start_server(self._accept, host, port, ssl=tls, limit=_CHUNK)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Stop listening and let connections go; what was being stored is stored."""
        if self._server is not None:
            self._server.close()
        await ended(self._open)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is not None:
            self._open.add(task)
            task.add_done_callback(self._open.discard)
        try:
            if self._places.locked():
                await self._refusals.unauthenticated("mllp", "mllp.too_many_connections")
                return
            async with self._places:
                feed = self._feed_of(writer)
                if feed is None:
                    await self._refusals.unauthenticated("mllp", "mllp.unknown_sender")
                    return
                await self._serve(feed, reader, writer)
        except (ConnectionError, TimeoutError, ssl.SSLError, asyncio.IncompleteReadError):
            # The sender went, or said nothing for too long: it has no answer and will send again.
            pass
        except Exception as error:  # noqa: BLE001 - the last fence: a bug must not show what it was given
            _logger.error("mllp.bug", kind=type(error).__name__)  # noqa: TRY400 - without the exception text, which may be somebody's data
        finally:
            writer.close()

    def _feed_of(self, writer: asyncio.StreamWriter) -> Feed | None:
        """The feed whose sender this is."""
        name = _common_name(writer.get_extra_info("peercert"))
        peer = writer.get_extra_info("peername")
        local = peer is not None and ipaddress.ip_address(peer[0]).is_loopback
        known = [feed for feed in self._feeds if feed.section.authentication == "mllp-tls"]
        for feed in known:
            if name is not None and name == feed.section.client:
                return feed
        # Whoever shows a certificate is who it says, wherever it comes from.
        if not local or name is not None:
            return None
        return next((feed for feed in self._feeds if feed.section.authentication == "loopback"), None)

    async def _serve(self, feed: Feed, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        frames = _Frames(reader, self._limit, self._patience)
        while True:
            try:
                payload = await frames.next()
            except TooLarge as error:
                refused = await self._intake.refuse(feed, error, feed.section.client or feed.section.name)
                writer.write(START + refused.answer.body + END)
                await writer.drain()
                await frames.pass_over()
                return
            if payload is None:
                return
            answered = await self._intake.receive(feed, payload, feed.section.client or None)
            writer.write(START + answered.answer.body + END)
            async with asyncio.timeout(self._patience.frame):
                await writer.drain()


class _Frames:
    """Cuts a stream of bytes into messages, within limits of size and time."""

    def __init__(self, reader: asyncio.StreamReader, limit: int, patience: Patience) -> None:
        self._reader = reader
        self._limit = limit
        self._patience = patience
        self._buffer = bytearray()

    async def next(self) -> bytes | None:
        """The next message, or None when the sender is done.

        Raises:
            TooLarge: a message over the limit, or too much that is no message.
            TimeoutError: nothing came for too long, or a frame took too long.
        """
        while (start := self._buffer.find(START)) < 0:
            if len(self._buffer) > _MOST_NOISE:
                raise TooLarge("mllp.noise", "begin each message with the start byte")
            async with asyncio.timeout(self._patience.idle):
                if not await self._more():
                    return None
        del self._buffer[: start + 1]
        searched = 0
        async with asyncio.timeout(self._patience.frame):
            while (end := self._buffer.find(END, max(0, searched - 1))) < 0:
                searched = len(self._buffer)
                if searched > self._limit:
                    raise TooLarge("message.too_large", "send a smaller message")
                if not await self._more():
                    return None
        if end > self._limit:
            raise TooLarge("message.too_large", "send a smaller message")
        payload = bytes(self._buffer[:end])
        del self._buffer[: end + len(END)]
        return payload

    async def pass_over(self) -> None:
        """Take in what is still being sent, and keep none of it, until the sender pauses or its time is over.

        Hanging up on bytes that nobody read would take the refusal away from a sender that reads only once it has sent
        everything.
        """
        self._buffer.clear()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._patience.frame):
                while await self._more_soon():
                    self._buffer.clear()

    async def _more_soon(self) -> bool:
        async with asyncio.timeout(min(_PAUSE, self._patience.frame)):
            return await self._more()

    async def _more(self) -> bool:
        chunk = await self._reader.read(_CHUNK)
        self._buffer += chunk
        return bool(chunk)


def _common_name(certificate: dict[str, object] | None) -> str | None:
    """The common name of a verified client certificate. Without one, none."""
    subject = (certificate or {}).get("subject", ())
    pairs = [pair for part in subject for pair in part] if isinstance(subject, tuple) else []
    return next((value for key, value in pairs if key == "commonName"), None)
