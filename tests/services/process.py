"""A server's process under its warden: start it, kill it for a fault, stop it."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sandbox.hub import free_ports
from tests.services import warden

WARDEN = Path(warden.__file__)
LOG_TAIL = 2_000
# The wardens that this process started, by process id, so that each is waited for.
WARDENS: dict[int, subprocess.Popen[bytes]] = {}


class ServiceFailed(Exception):
    """A server for the tests could not be had; the text says why and what to do."""


def free_port() -> int:
    """Return a TCP port on 127.0.0.1 that was free a moment ago."""
    return free_ports(1)[0]


def await_end(pid: int, seconds: float) -> bool:
    """Wait until the process has gone; tell whether it did."""
    until = time.monotonic() + seconds
    while warden.alive(pid):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def stop_warden(pid: int) -> None:
    """Tell a warden to end its server, and wait for both. One that has gone already is fine.

    Any process of the run may call this, not only the one that started it.
    """
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    if not await_end(pid, warden.GRACE_SECONDS + 10):
        raise ServiceFailed(f"warden {pid} does not end")
    if (ours := WARDENS.pop(pid, None)) is not None:
        ours.wait()


@dataclass(kw_only=True)
class Process:
    """One server that the tests start themselves.

    ``owner`` is the process whose end ends the server too. ``folder`` holds its log and its process id.
    """

    name: str
    folder: Path
    owner: int
    command: Sequence[str]
    env: Mapping[str, str]
    ready: Callable[[], bool]
    stop_signal: signal.Signals = signal.SIGTERM
    user: int | None = None
    group: int | None = None
    remove: Path | None = None
    seconds: float = 60.0
    warden: int | None = None

    @property
    def log(self) -> Path:
        return self.folder / f"{self.name}.log"

    @property
    def pid_file(self) -> Path:
        return self.folder / f"{self.name}.pid"

    def start(self) -> int:
        """Start the server and wait until it is ready; return its warden's process id.

        Raises:
            ServiceFailed: it ended, or was not ready in time; with the end of its log.
        """
        self.pid_file.unlink(missing_ok=True)
        options = ["--owner", str(self.owner), "--pid-file", str(self.pid_file), "--log", str(self.log)]
        options += ["--stop", self.stop_signal.name]
        if self.user is not None:
            options += ["--user", str(self.user), "--group", str(self.group)]
        if self.remove is not None:
            options += ["--remove", str(self.remove)]
        started = subprocess.Popen(
            [sys.executable, "-I", str(WARDEN), *options, "--", *self.command],
            env=dict(self.env),
            start_new_session=True,
        )
        self.warden = started.pid
        WARDENS[started.pid] = started
        until = time.monotonic() + self.seconds
        while not self.ready():
            ended = started.poll() is not None
            if ended or time.monotonic() > until:
                self.stop()
                why = "ended" if ended else f"was not ready within {self.seconds:.0f} s"
                raise ServiceFailed(f"{self.name} {why}; its log ends:\n{self.log_tail()}")
            time.sleep(0.1)
        return started.pid

    def log_tail(self) -> str:
        """Return the end of the server's log."""
        return self.log.read_text(encoding="utf-8", errors="replace")[-LOG_TAIL:] if self.log.exists() else "(empty)"

    def stop(self) -> None:
        """End the server in its own orderly way."""
        if self.warden is not None:
            stop_warden(self.warden)
            self.warden = None

    def kill(self) -> None:
        """End the server at once, as a power cut would: no orderly stop."""
        pid = int(self.pid_file.read_text(encoding="ascii"))
        with contextlib.suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        if self.warden is not None:
            WARDENS.pop(self.warden).wait()
            self.warden = None
