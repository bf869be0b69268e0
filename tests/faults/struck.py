"""The gateway's command line with one strike armed: the process kills itself at a commit, as a power cut would.

Run by path: python -P struck.py WHEN TABLE NTH serve --config FILE
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import CursorResult, Delete, Executable, Insert, Table, Update

from gateway.cli import main
from gateway.store.transaction import Transaction


def arm(when: str, table: str, nth: int) -> None:
    """From now on the ``nth`` commit of work that wrote to ``table`` is the last thing that this process does."""
    execute, commit = Transaction.execute, Transaction.commit
    written: dict[int, set[str]] = {}
    left = nth

    async def noting(
        self: Transaction,
        statement: Executable,
        values: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
    ) -> CursorResult[*tuple[Any, ...]]:
        if isinstance(statement, Insert | Update | Delete) and isinstance(statement.table, Table):
            written.setdefault(id(self), set()).add(statement.table.name)
        return await execute(self, statement, values)

    async def striking(self: Transaction) -> None:
        nonlocal left
        left -= table in written.pop(id(self), ())
        if left == 0 and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        await commit(self)
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    Transaction.execute = noting  # type: ignore[method-assign]
    Transaction.commit = striking  # type: ignore[method-assign]


if __name__ == "__main__":
    _, given_when, given_table, given_nth, *arguments = sys.argv
    arm(given_when, given_table, int(given_nth))
    sys.argv = ["mash", *arguments]
    main()
