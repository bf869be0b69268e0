"""One mailbox of NHS MESH, as its API 2 gives it: look, take, acknowledge. Every answer is taken for hostile.

The client keeps nothing and decides nothing. It follows no redirect, and of a link to a next page only its cursor.
Source: NHS England, Message Exchange for Social Care and Health API 2.
"""

from __future__ import annotations

import json
import platform
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

import aiohttp
from yarl import URL

from crypto.mesh_authorization import authorization
from gateway.intake.inflating import Inflating
from gateway.world import World
from schemas.errors import MashError, Rejected, TooLarge, Unauthenticated, Unavailable, Unknown

ACCEPT = "application/vnd.mesh.v2+json"
PAGE = 500
"""Messages that one page of the inbox lists: the most that MESH gives."""
MOST_CHUNKS = 1_000
MOST_PAGES = 200
_LISTING_BYTES = 256 * 1024
_PIECE = 64 * 1024
_ID = re.compile(r"[A-Za-z0-9_\-]{1,100}")
_RANGE = re.compile(r"([0-9]{1,6}):([0-9]{1,6})")
_WORD = re.compile(r"[A-Za-z0-9_.\-]{1,100}")
_GZIP_MAGIC = b"\x1f\x8b"
_TRUE = frozenset({"Y", "YES", "TRUE"})


@dataclass(frozen=True, kw_only=True)
class ControlFile:
    """What MESH says of a message beside its content: the entries of a control file, as ``mex-`` headers carry them.

    ``sender`` and ``recipient`` are mailboxes, upper case; ``report`` tells that it is MESH's own word about a message
    that this mailbox sent, without content. ``local_id`` and ``subject`` are the sender's words and may name a person.
    """

    sender: str
    recipient: str
    workflow: str
    report: bool
    chunks: int
    compressed: bool
    encrypted: bool
    content_type: str
    local_id: str = field(repr=False)
    subject: str = field(repr=False)

    @property
    def shown_workflow(self) -> str:
        """The workflow id for a log line; ``?`` where it is no plain word."""
        return self.workflow if _WORD.fullmatch(self.workflow) else "?"


@dataclass(frozen=True, kw_only=True)
class Taken:
    """A message as it was taken: the content undone from its transport, or, with ``problem``, as it came."""

    payload: bytes = field(repr=False)
    problem: MashError | None = None


class Waiting:
    """A message whose head has arrived; the body is read where somebody wants it."""

    def __init__(self, mailbox: MeshMailbox, name: str, response: aiohttp.ClientResponse) -> None:
        self._mailbox = mailbox
        self._name = name
        self._response = response
        self.control = _control(response)

    async def content(self, limit: int) -> Taken:
        """All chunks of the message, undone from their transport; ``limit`` bounds what comes and what it becomes.

        What is no gzip although it says so, or would become too large, is handed on as it came, with the problem.

        Raises:
            TooLarge: what comes is over the limit by itself, or in too many chunks.
            Rejected: the chunks do not fit together.
            Unavailable, Unauthenticated, Unknown: as every call.
        """
        chunks = self.control.chunks
        if chunks > MOST_CHUNKS:
            raise TooLarge("message.too_large", "send fewer chunks")
        came: list[tuple[bytes, bool]] = [await _body(self._response, limit)]
        room = limit - len(came[0][0])
        for number in range(2, chunks + 1):
            async with self._mailbox.chunk(self._name, number) as response:
                if _chunks(response) != (number, chunks):
                    raise Rejected("mesh.chunks", "the chunks do not fit together", at="mex-chunk-range")
                came.append(await _body(response, room))
                room -= len(came[-1][0])
        try:
            payload = _undone(came, limit)
            if self.control.compressed and payload.startswith(_GZIP_MAGIC):
                # The sender's own client compressed the file before it handed it to MESH.
                payload = _undone([(payload, True)], limit)
        except (TooLarge, Rejected) as error:
            return Taken(payload=b"".join(piece for piece, _ in came), problem=error)
        return Taken(payload=payload)


class MeshMailbox:
    """Speaks to MESH for one mailbox. ``url`` is the server's, without a path."""

    def __init__(
        self,
        *,
        url: str,
        mailbox: str,
        password: str,
        shared_key: str,
        session: aiohttp.ClientSession,
        world: World,
        seconds: float,
    ) -> None:
        self.name = mailbox
        self._base = URL(url.rstrip("/")) / "messageexchange" / mailbox
        self._password = password
        self._shared_key = shared_key.encode()
        self._session = session
        self._world = world
        self._seconds = seconds
        self._nonce = world.random(16).hex()
        self._count = 0

    async def handshake(self) -> None:
        """Tell MESH that this mailbox is served, and learn whether it knows us.

        Raises:
            Unauthenticated: it does not.
            Unavailable: it is not there.
        """
        headers = {
            "Mex-ClientVersion": "mash-gateway",
            "Mex-OSName": platform.system(),
            "Mex-OSVersion": platform.release(),
        }
        async with self._call("GET", self._base, headers):
            return

    async def inbox(self) -> AsyncIterator[list[str]]:
        """The ids of what waits, page by page, the oldest first.

        Raises:
            Rejected: an answer that MESH would not give.
            Unavailable, Unauthenticated: as ``handshake``.
        """
        query = {"max_results": str(PAGE)}
        for _ in range(MOST_PAGES):
            async with self._call("GET", (self._base / "inbox").with_query(query)) as response:
                ids, cursor = _listed((await _body(response, _LISTING_BYTES))[0])
            yield ids
            if not cursor:
                return
            query = {"max_results": str(PAGE), "continue_from": cursor}

    @asynccontextmanager
    async def message(self, name: str) -> AsyncIterator[Waiting]:
        """A message of the inbox, with its control file.

        Raises:
            Unknown: it is gone: taken by somebody else, or expired.
            Rejected: its head makes no sense.
            Unavailable, Unauthenticated: as ``handshake``.
        """
        async with self._call("GET", self._base / "inbox" / name) as response:
            yield Waiting(self, name, response)

    @asynccontextmanager
    async def chunk(self, name: str, number: int) -> AsyncIterator[aiohttp.ClientResponse]:
        """A further chunk of a message, from 2 on. Raises as ``message``."""
        async with self._call("GET", self._base / "inbox" / name / str(number)) as response:
            yield response

    async def acknowledge(self, name: str) -> None:
        """Tell MESH that the message is kept: it is gone from the inbox then. A second time does no harm.

        Raises:
            Unknown, Unavailable, Unauthenticated: as ``message``.
        """
        async with self._call("PUT", self._base / "inbox" / name / "status" / "acknowledged"):
            return

    @asynccontextmanager
    async def _call(
        self, method: str, url: URL, headers: dict[str, str] | None = None
    ) -> AsyncIterator[aiohttp.ClientResponse]:
        told = {"Accept": ACCEPT, "Accept-Encoding": "gzip", "Authorization": self._authorization()}
        patience = aiohttp.ClientTimeout(total=self._seconds)
        try:
            async with self._session.request(
                method, url, headers=told | (headers or {}), allow_redirects=False, timeout=patience
            ) as response:
                _require(response)
                yield response
        except (TimeoutError, aiohttp.ClientError, OSError) as error:
            # Without its text, which may hold the address with its ids.
            raise Unavailable("mesh.away", "MESH did not answer; it is tried again") from error

    def _authorization(self) -> str:
        self._count += 1
        return authorization(
            self.name,
            self._password,
            self._shared_key,
            nonce=self._nonce,
            count=self._count,
            now=self._world.now(),
        )


def _require(response: aiohttp.ClientResponse) -> None:
    status = response.status
    if status in {200, 202, 206}:
        return
    if status in {401, 403}:
        raise Unauthenticated("mesh.credential", "MESH does not know this mailbox, password, shared key or certificate")
    if status in {404, 410}:
        raise Unknown("mesh.gone", "it is not in the inbox any more")
    if status in {408, 425, 429} or status >= 500:
        raise Unavailable("mesh.away", "MESH could not answer; it is tried again")
    raise Rejected("mesh.answer", "MESH answered what its API does not know", at="status")


def _control(response: aiohttp.ClientResponse) -> ControlFile:
    head = response.headers
    first, chunks = _chunks(response)
    if first != 1:
        raise Rejected("mesh.chunks", "the chunks do not fit together", at="mex-chunk-range")
    return ControlFile(
        sender=head.get("mex-from", "").strip().upper(),
        recipient=head.get("mex-to", "").strip().upper(),
        workflow=head.get("mex-workflowid", "").strip(),
        report=head.get("mex-messagetype", "DATA").strip().upper() != "DATA",
        chunks=chunks,
        compressed=head.get("mex-content-compressed", "").strip().upper() in _TRUE,
        encrypted=head.get("mex-content-encrypted", "").strip().upper() in _TRUE,
        content_type=head.get("mex-content-type", head.get("content-type", "")),
        local_id=head.get("mex-localid", ""),
        subject=head.get("mex-subject", ""),
    )


def _chunks(response: aiohttp.ClientResponse) -> tuple[int, int]:
    """Which chunk this is, and of how many. A report has none and counts as one."""
    found = _RANGE.fullmatch(response.headers.get("mex-chunk-range", "1:1").strip())
    if found is None:
        if response.headers.get("mex-messagetype", "DATA").strip().upper() != "DATA":
            return 1, 1
        raise Rejected("mesh.chunks", "the chunks do not fit together", at="mex-chunk-range")
    return int(found[1]), int(found[2])


async def _body(response: aiohttp.ClientResponse, limit: int) -> tuple[bytes, bool]:
    """The body as it came, and whether it is gzip."""
    kept = bytearray()
    async for piece in response.content.iter_chunked(_PIECE):
        kept += piece
        if len(kept) > limit:
            raise TooLarge("message.too_large", "send a smaller message")
    encoding = response.headers.get("content-encoding", "").strip().lower()
    if encoding not in {"", "identity", "gzip"}:
        raise Rejected("mesh.encoding", "send it plain or as gzip", at="content-encoding")
    return bytes(kept), encoding == "gzip"


def _undone(came: list[tuple[bytes, bool]], limit: int) -> bytes:
    """The content of chunks that were compressed each by itself, or as one that was cut afterwards, or not at all."""
    whole, run = bytearray(), None
    for piece, compressed in came:
        if compressed:
            run = run or Inflating(limit - len(whole))
            run.feed(piece)
            continue
        if run is not None:
            whole += run.finish()
            run = None
        whole += piece
    if run is not None:
        whole += run.finish()
    if len(whole) > limit:
        raise TooLarge("message.too_large", "send a smaller message")
    return bytes(whole)


def _listed(body: bytes) -> tuple[list[str], str]:
    """The ids on a page, and the cursor of the next one or empty."""
    try:
        found = json.loads(_undone([(body, True)], _LISTING_BYTES * 8) if body.startswith(_GZIP_MAGIC) else body)
        ids, links = found["messages"], found.get("links") or {}
        more = links.get("next") or ""
        cursor = parse_qs(urlsplit(more).query).get("continue_from", [""])[0]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise Rejected("mesh.answer", "MESH answered what its API does not know", at="inbox") from error
    if not isinstance(ids, list) or not all(isinstance(one, str) and _ID.fullmatch(one) for one in ids):
        raise Rejected("mesh.answer", "MESH answered what its API does not know", at="inbox.messages")
    return ids, cursor
