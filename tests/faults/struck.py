"""The gateway's command line with one strike armed: the process kills itself at a commit, as a power cut would.

Run by path: python -P struck.py WHEN TABLE NTH serve --config FILE
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from gateway.cli import main
from tests.gateway.commits import watch_commits


def arm(when: str, table: str, nth: int) -> None:
    """From now on the ``nth`` commit of work that wrote to ``table`` is the last thing that this process does."""
    written: dict[int, set[str]] = {}
    left = nth

    async def striking(work: object, commit: Callable[[], Awaitable[object]], also: frozenset[str]) -> object:
        nonlocal left
        left -= table in also or table in written.get(id(work), ())
        written.pop(id(work), None)
        if left == 0 and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        done = await commit()
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return done

    watch_commits(setattr, written, striking)


if __name__ == "__main__":
    _, given_when, given_table, given_nth, *arguments = sys.argv
    arm(given_when, given_table, int(given_nth))
    sys.argv = ["mash", *arguments]
    main()
