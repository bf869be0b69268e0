"""Workers: one for each door, started again when one dies, ended together, and never left without their parent."""

from __future__ import annotations

import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing

import pytest

from gateway.doors import open_doors
from schemas.errors import Rejected
from schemas.hub import Hub, Listen
from tests.gateway import borough

SECONDS = 20.0
# A worker that answers each connection with its process id, until it is told to stop or its parent is gone.
SCRIPT = """
import os, select, signal, sys
from gateway.doors import open_doors
from gateway.workers import Workers
from schemas.hub import Hub
from tests.gateway import borough

hub = Hub.model_validate(borough.document(http=0, mllp=0, issuer="https://id.example", channel="mailbox", prefix=""))

def serve(doors, alive):
    fate = sys.argv[1]
    if fate == "refused":
        return 1
    told = []
    signal.signal(signal.SIGTERM, lambda *_: told.append(1))
    while not told:
        ready, _, _ = select.select([doors.http, alive], [], [], 0.05)
        if alive in ready:
            return 0
        if doors.http in ready:
            connection, _ = doors.http.accept()
            connection.sendall(str(os.getpid()).encode())
            connection.close()
    return 0

doors = open_doors(hub, 3)
print(doors[0].http.getsockname()[1], flush=True)
sys.exit(Workers(serve, doors, again=0.2).run())
"""


class Parent:
    """A parent with three workers."""

    def __init__(self, fate: str = "serve") -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, fate], stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": "."}
        )
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())

    def who(self) -> int | None:
        """The process id of the worker that answers a connection."""
        try:
            with closing(socket.create_connection(("127.0.0.1", self.port), timeout=2)) as connection:
                return int(connection.recv(20) or 0) or None
        except OSError:
            return None

    def workers(self, count: int) -> set[int]:
        """Who answers, once so many do."""
        found: Counter[int] = Counter()
        until = time.monotonic() + SECONDS
        while len(found) < count and time.monotonic() < until:
            found.update([who] if (who := self.who()) else [])
        return set(found)

    def end(self, told: signal.Signals) -> int:
        """Tell it to stop; its exit code."""
        self.process.send_signal(told)
        return self.process.wait(SECONDS)


@pytest.fixture
def parent() -> Iterator[Parent]:
    made = Parent()
    yield made
    if made.process.poll() is None:
        made.end(signal.SIGTERM)
    assert made.process.stdout is not None
    made.process.stdout.close()


def gone(pid: int) -> bool:
    """Whether a process ends soon."""
    until = time.monotonic() + SECONDS
    while time.monotonic() < until:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


def test_connections_are_spread_over_all_and_all_end_together(parent: Parent) -> None:
    workers = parent.workers(3)
    assert len(workers) == 3
    assert parent.process.pid not in workers
    assert parent.end(signal.SIGTERM) == 0
    assert all(gone(pid) for pid in workers)


def test_an_interrupt_ends_them_too(parent: Parent) -> None:
    workers = parent.workers(3)
    assert parent.end(signal.SIGINT) == 0
    assert all(gone(pid) for pid in workers)


def test_one_that_dies_is_started_again_at_the_same_door(parent: Parent) -> None:
    before = parent.workers(3)
    victim = min(before)
    os.kill(victim, signal.SIGKILL)
    until = time.monotonic() + SECONDS
    after: set[int] = set()
    while len(after - before) < 1 and time.monotonic() < until:
        after |= parent.workers(1)
    assert len(after - before) == 1
    assert victim not in parent.workers(3)


def test_none_outlives_its_parent(parent: Parent) -> None:
    workers = parent.workers(3)
    parent.process.kill()
    parent.process.wait(SECONDS)
    assert all(gone(pid) for pid in workers)


def test_one_that_cannot_even_start_ends_all_with_an_error() -> None:
    parent = Parent("refused")
    assert parent.process.wait(SECONDS) == 1
    assert parent.process.stdout is not None
    parent.process.stdout.close()


def hub(port: int) -> Hub:
    document = borough.document(http=port, mllp=0, issuer="https://id.example", channel="mailbox", prefix="")
    return Hub.model_validate(document)


def test_a_port_that_somebody_listens_on_is_refused_and_not_shared() -> None:
    with closing(socket.create_server(("127.0.0.1", 0), reuse_port=True)) as taken:
        with pytest.raises(Rejected, match=r"config\.port"):
            open_doors(hub(taken.getsockname()[1]), 2)
        assert select.select([taken], [], [], 0)[0] == []


def test_a_hub_without_mllp_has_no_door_for_it() -> None:
    without = hub(0).model_copy(update={"mllp": None, "http": Listen(port=0)})
    doors = open_doors(without, 2)
    assert [door.mllp for door in doors] == [None, None]
    assert len({door.http.getsockname() for door in doors}) == 1
    for door in doors:
        door.http.close()
