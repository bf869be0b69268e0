"""The processes of a campaign: each works through tasks under a limit on its memory, and tells what it finds."""

from __future__ import annotations

import multiprocessing
import resource
import time
from multiprocessing.connection import Connection
from typing import NamedTuple

from adapters import registry
from tests.campaigns.case import BYTES, Finding, attempt, payload_of
from tests.campaigns.sources import sources

_ADDRESSES = 4 * 1024**3


class Task(NamedTuple):
    """Some cases of one adapter: the numbers from ``start`` to ``end``."""

    name: str
    seed: int
    start: int
    end: int


class Told(NamedTuple):
    """What a worker tells of its task: the finding of one case, or that all are done (``number`` is -1)."""

    task: Task
    number: int
    finding: Finding | None
    peak: int


def work(connection: Connection) -> None:
    """Work through tasks until None comes."""
    prepared: dict[str, list[bytes]] = {}
    _limit()
    while (task := connection.recv()) is not None:
        adapter = registry.get(task.name)
        if task.name not in prepared:
            prepared[task.name] = sources(task.name)
        for number in range(task.start, task.end):
            before = _peak()
            finding = attempt(adapter, payload_of(task.seed, task.name, number, prepared[task.name]))
            if finding is None and _peak() - before > BYTES:
                finding = Finding(kind="large", place=f"over {BYTES // 1024**2} MiB")
            if finding is not None:
                connection.send(Told(task, number, finding, _peak()))
        connection.send(Told(task, -1, None, _peak()))


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _limit() -> None:
    """A case that asks for gigabytes fails in the worker, and not the machine."""
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESSES, _ADDRESSES))


class Worker:
    """A process that works for the campaign, and the task that it has."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=work, args=(theirs,), daemon=True)
        self.process.start()
        theirs.close()
        self.task: Task | None = None
        self.since = time.monotonic()

    def give(self, task: Task) -> None:
        """Hand it a task."""
        self.task, self.since = task, time.monotonic()
        self.connection.send(task)

    def end(self) -> None:
        """End it, whatever it is doing."""
        self.process.kill()
        self.process.join()
        self.connection.close()
