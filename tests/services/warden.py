"""Starts one server for the tests and sees to its end, even where the tests were killed.

Run as a program of its own, with the standard library alone:

    python -I warden.py --owner PID --pid-file FILE --log FILE [options] -- command...

It ends the server when it is told to (SIGTERM, SIGINT) or when its owner has gone; nothing else is ever ended.
A server that ends by itself ends its warden, with the same exit code.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType

POLL_SECONDS = 0.2
GRACE_SECONDS = 20.0


def alive(pid: int) -> bool:
    """Tell whether a process of this id runs; a dead one that nobody has waited for yet does not."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    with contextlib.suppress(OSError):
        return (
            Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[0] != "Z"
        )
    return True


def end(child: subprocess.Popen[bytes], stop: signal.Signals) -> None:
    """Ask the server to stop; after a grace period end its whole process group."""
    if child.poll() is None:
        child.send_signal(stop)
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.wait(GRACE_SECONDS)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def main() -> int:
    """Run the command line given, until it ends, its owner goes, or this process is told to stop."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--owner", type=int, required=True)
    parser.add_argument("--pid-file", type=Path, required=True)
    parser.add_argument("--log", type=Path, required=True)
    parser.add_argument("--stop", default="SIGTERM")
    parser.add_argument("--user", type=int)
    parser.add_argument("--group", type=int)
    parser.add_argument("--remove", type=Path, help="a folder to remove if the owner went without a word")
    parser.add_argument("command", nargs="+")
    given = parser.parse_args()

    told = False

    def stop(_number: int, _frame: FrameType | None) -> None:
        nonlocal told
        told = True

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    with given.log.open("ab") as log:
        child = subprocess.Popen(
            given.command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            user=given.user,
            group=given.group,
            extra_groups=None if given.user is None else [],
            cwd=given.pid_file.parent,
        )
    given.pid_file.write_text(str(child.pid), encoding="ascii")
    while child.poll() is None and not told and alive(given.owner):
        time.sleep(POLL_SECONDS)
    orphaned = not told and child.poll() is None
    end(child, signal.Signals[given.stop])
    if orphaned and given.remove is not None:
        shutil.rmtree(given.remove, ignore_errors=True)
    return max(child.returncode, 0)


if __name__ == "__main__":
    sys.exit(main())
