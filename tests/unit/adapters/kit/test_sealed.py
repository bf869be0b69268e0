"""A sealed room: what reaches out of it is noted and stopped, and what does not is let be."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import socket
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from adapters.kit.sealed import Leak, sealed

OUT: list[Callable[[], object]] = [
    lambda: open(__file__),  # noqa: PTH123, SIM115 - what an adapter might do
    lambda: Path(__file__).read_text(encoding="utf-8"),
    lambda: os.urandom(1),
    lambda: os.listdir("."),  # noqa: PTH208 - the same
    socket.socket,
    lambda: secrets.token_hex(1),
    uuid.uuid4,
    lambda: datetime.now(UTC),
    date.today,
    time.monotonic,
    lambda: time.sleep(0),
    lambda: subprocess.run(["true"], check=False),
    lambda: threading.Thread(target=int).start(),
]
WITHIN: list[Callable[[], object]] = [
    lambda: datetime.strptime("2026", "%Y").replace(tzinfo=UTC).isoformat(),
    lambda: re.sub("a", "b", "abc"),
    lambda: hashlib.sha256(b"x").hexdigest(),
    lambda: uuid.uuid5(uuid.NAMESPACE_URL, "x"),
    lambda: datetime.fromisoformat("2026-01-01").astimezone(UTC),
]


@pytest.mark.parametrize("place", range(len(OUT)))
def test_a_call_that_reaches_out_is_noted_and_stopped(place: int) -> None:
    noted: list[str] = []
    with pytest.raises(Leak), sealed(noted):
        OUT[place]()
    assert noted


@pytest.mark.parametrize("place", range(len(WITHIN)))
def test_a_call_that_stays_inside_is_let_be(place: int) -> None:
    WITHIN[place]()  # what is done for the first time imports and compiles
    noted: list[str] = []
    with sealed(noted):
        WITHIN[place]()
    assert not noted


def test_who_looked_before_looks_again() -> None:
    before = sys.getprofile()
    with sealed([]):
        assert sys.getprofile() is not before
    assert sys.getprofile() is before
