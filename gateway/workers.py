"""Several gateways behind one port each: a parent that starts them, starts again what dies, and ends them all.

Every worker is an ordinary gateway, with a name of its own to the relay. Each has its own listening socket on the
shared port (SO_REUSEPORT), opened by the parent and kept by it: the kernel spreads connections over them, and what
waits at the socket of a worker that died is served by the one that takes its place. The parent holds no state: it reads
no message and opens no store.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from multiprocessing.connection import wait
from multiprocessing.context import ForkProcess
from types import FrameType

import structlog

from gateway.doors import Doors

_LOOK_EVERY = 0.5
_logger = structlog.get_logger(__name__)
_fork = multiprocessing.get_context("fork")


class Workers:
    """Runs ``serve`` in a process for each of the doors, until told to stop.

    ``serve`` is given its doors and a descriptor that ends (reads nothing) when the parent is gone; it returns the exit
    code. ``again`` is how many seconds a worker that died is missed before it is started again.
    """

    def __init__(self, serve: Callable[[Doors, int], int], doors: Sequence[Doors], *, again: float = 1.0) -> None:
        self._serve = serve
        self._doors = doors
        self._again = again
        self._stopping = False
        self._running: dict[int, ForkProcess] = {}
        self._due: dict[int, float] = {}
        self._alive, self._ours = os.pipe()

    def run(self) -> int:
        """Serve until SIGTERM or SIGINT, and wait for every worker's end. The exit code.

        A worker that can't even start the first time (it returns an error's code, 1) ends the others too.
        """
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._stop)
        failed = 0
        for place in range(len(self._doors)):
            self._start(place)
        fresh = set(self._running)
        while self._running or (self._due and not self._stopping):
            wait([process.sentinel for process in self._running.values()], timeout=_LOOK_EVERY)
            for place, process in list(self._running.items()):
                if process.exitcode is not None:
                    failed |= self._ended(place, process, first=place in fresh)
                    fresh.discard(place)
            for place, due in list(self._due.items()):
                if not self._stopping and time.monotonic() >= due:
                    self._start(place)
        return failed

    def _stop(self, _signal: int, _frame: FrameType | None) -> None:
        self._stopping = True
        for process in self._running.values():
            process.terminate()

    def _start(self, place: int) -> None:
        self._due.pop(place, None)
        process = _fork.Process(target=self._work, args=(place,))
        process.start()
        self._running[place] = process
        if self._stopping:
            process.terminate()  # told to stop while it was being started

    def _ended(self, place: int, process: ForkProcess, *, first: bool) -> int:
        del self._running[place]
        if self._stopping:
            return 0
        if first and process.exitcode == 1:
            self._stop(signal.SIGTERM, None)
            return 1
        _logger.error("worker.died", worker=place, code=process.exitcode)
        self._due[place] = time.monotonic() + self._again
        return 0

    def _work(self, place: int) -> None:
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, signal.SIG_DFL)
        os.close(self._ours)
        for other, doors in enumerate(self._doors):
            if other != place:
                doors.http.close()
                if doors.mllp is not None:
                    doors.mllp.close()
        code = 70
        with suppress(KeyboardInterrupt):
            code = self._serve(self._doors[place], self._alive)
        os._exit(code)
