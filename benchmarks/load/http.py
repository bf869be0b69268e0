"""HTTP/1.1 with a proof of possession for each request, over connections that are kept."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from benchmarks.load.pace import Connection, Run
from benchmarks.load.possession import Holder, ath

_HEAD_ENDS = b"\r\n\r\n"
_LENGTH = b"content-length:"
SIGNED_FOR = 60.0
"""Seconds for which a proof that was signed in advance is used; servers take them for longer."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What one request is made of besides its body."""

    path: str
    token: str
    proof: str


class Prover:
    """Requests with their proofs, signed in advance as far as that goes. ``targets`` are paths and tokens in turn."""

    def __init__(self, holder: Holder, hub: str, targets: Sequence[tuple[str, str]]) -> None:
        self._holder = holder
        self._hub = hub
        self._targets = targets
        self._next = 0
        self._ready: list[Request] = []
        self._until = 0.0

    def sign_ahead(self, count: int) -> None:
        """Sign for the next ``count`` requests."""
        self._until = time.monotonic() + SIGNED_FOR
        self._ready = [self._made() for _ in range(count)][::-1]

    def take(self) -> Request:
        """The next request, its proof unused."""
        if self._ready and time.monotonic() < self._until:
            return self._ready.pop()
        return self._made()

    def _made(self) -> Request:
        path, token = self._targets[self._next % len(self._targets)]
        self._next += 1
        return Request(path=path, token=token, proof=self._holder.proof("POST", self._hub + path, ath(token)))


class HttpConnection(Connection):
    """Posts what ``take`` gives, each with the next request of ``prover``."""

    def __init__(self, run: Run, take: Callable[[], bytes], prover: Prover, host: str, media_type: str) -> None:
        super().__init__(run)
        self._take = take
        self._prover = prover
        self._fixed = f"\r\nHost: {host}\r\nContent-Type: {media_type}\r\n"
        self._came = b""

    def send(self) -> None:
        """Write the next request whole."""
        body, request = self._take(), self._prover.take()
        head = (
            f"POST {request.path} HTTP/1.1{self._fixed}Authorization: DPoP {request.token}\r\n"
            f"DPoP: {request.proof}\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        assert self.transport is not None
        self.transport.write(head.encode("ascii") + body)

    def data_received(self, data: bytes) -> None:
        """Take the answer once it is whole."""
        self._came += data
        head, ends, body = self._came.partition(_HEAD_ENDS)
        if not ends or len(body) < _length(head):
            return
        self._came = b""
        self.run.answered(self, accepted=head[9:10] == b"2")


def _length(head: bytes) -> int:
    for line in head.lower().split(b"\r\n"):
        if line.startswith(_LENGTH):
            return int(line[len(_LENGTH) :])
    return 0
