"""One case of a campaign: its bytes from its number, and what the adapter does with them, under limits."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from random import Random

from adapters.kit import receipt
from adapters.port import Adapter, Fate, FeedContext
from schemas.errors import MashError, Rejected
from tests.campaigns.mutation import mutate

SECONDS = 2.0
"""Of processor, for reading and answering one message."""
BYTES = 200 * 1024 * 1024
_CONTEXT = FeedContext(feed="campaign", agency="example")
_OUTSIDE = ("socket.connect", "socket.bind", "socket.getaddrinfo", "subprocess.Popen", "os.system", "os.posix_spawn")
_watching = False


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What went wrong: its kind and place, which stay the same while the bytes are made smaller."""

    kind: str
    place: str = ""


def payload_of(seed: int, name: str, number: int, sources: Sequence[bytes]) -> bytes:
    """The bytes of one case: always the same for a seed, an adapter and a number."""
    draw = Random(f"{seed}:{name}:{number}")  # noqa: S311 - repeatable on purpose
    return mutate(draw.choice(sources), sources, draw)


def attempt(adapter: Adapter, payload: bytes) -> Finding | None:
    """Read and answer; None where the adapter keeps its word."""
    start = time.process_time()
    fate = Fate.ACCEPTED
    try:
        with _sealed_off():
            try:
                adapter.read(payload, _CONTEXT)
            except MashError as error:
                fate = Fate.QUARANTINED if isinstance(error, Rejected) else Fate.REFUSED
                if not error.code.startswith(f"{adapter.name}."):
                    return Finding(kind="foreign code", place=error.code)
            adapter.answer(payload, receipt(fate), _CONTEXT)
    except Exception as error:  # noqa: BLE001 - what the campaign looks for
        return Finding(kind=type(error).__name__, place=_place(error))
    took = time.process_time() - start
    return Finding(kind="slow", place=f"over {SECONDS:.0f} s") if took > SECONDS else None


def smaller(adapter: Adapter, payload: bytes, finding: Finding, *, seconds: float = 20.0) -> bytes:
    """A smaller payload with the same finding, as small as was found in the time."""
    until = time.process_time() + seconds
    size = len(payload) // 2
    while size and time.process_time() < until:
        at = 0
        while at < len(payload) and time.process_time() < until:
            shorter = payload[:at] + payload[at + size :]
            if attempt(adapter, shorter) == finding:
                payload = shorter
            else:
                at += size
        size //= 2
    return payload


def _place(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{trace.tb_frame.f_code.co_filename.rpartition('/')[2]}:{trace.tb_lineno}" if trace is not None else ""


@contextmanager
def _sealed_off() -> Iterator[None]:
    """Within, no socket is connected and no process started: the interpreter's own audit events see to it."""
    global _watching  # noqa: PLW0603 - a hook of the interpreter stays; whether it refuses is switched
    if not getattr(_sealed_off, "hooked", False):
        sys.addaudithook(_refuse)
        _sealed_off.hooked = True  # type: ignore[attr-defined]
    _watching = True
    try:
        yield
    finally:
        _watching = False


def _refuse(event: str, _: object) -> None:
    if _watching and event in _OUTSIDE:
        raise RuntimeError(f"an adapter does no {event}")
