"""Where work becomes durable, and what it wrote to before: one place for tests that watch commits or strike there.

It imports nothing of the tests, so that a process that is started by path can use it too.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import Delete, Executable, Insert, Table, Update

from gateway.store.direct import Write
from gateway.store.direct.postgres import PostgresWork
from gateway.store.direct.sqlite import SqliteWork
from gateway.store.direct.within import Within
from gateway.store.transaction import Transaction

Set = Callable[[Any, str, Any], None]
Committing = Callable[..., Awaitable[Any]]


def watch_commits(put: Set, written: dict[int, set[str]], committing: Committing) -> None:
    """Have every commit go through ``committing(work, commit, also)``, by ``put(class, name, method)``.

    ``written`` fills with the tables that open work wrote to, by the work's ``id``; ``also`` are tables that are
    written by the commit itself.
    """
    _watch_transactions(put, written, committing)
    for kind in (SqliteWork, PostgresWork):
        _watch_driver(put, kind, written, committing)


def _watch_transactions(put: Set, written: dict[int, set[str]], committing: Committing) -> None:
    execute, commit, write = Transaction.execute, Transaction.commit, Within.write

    async def executing(
        self: Transaction,
        statement: Executable,
        values: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
    ) -> object:
        if isinstance(statement, Insert | Update | Delete) and isinstance(statement.table, Table):
            written.setdefault(id(self), set()).add(statement.table.name)
        return await execute(self, statement, values)

    async def writing(self: Within, *writes: Write) -> object:
        written.setdefault(id(self), set()).update(one.table for one in writes if one.rows)
        return await write(self, *writes)

    async def committed(self: Transaction) -> object:
        in_sets = frozenset(written.pop(id(self.sets), ()))
        return await committing(self, lambda: commit(self), in_sets)

    put(Transaction, "execute", executing)
    put(Within, "write", writing)
    put(Transaction, "commit", committed)


def _watch_driver(
    put: Set, kind: type[SqliteWork | PostgresWork], written: dict[int, set[str]], committing: Committing
) -> None:
    write, commit = kind.write, kind.commit

    async def writing(self: Any, *writes: Write) -> object:  # noqa: ANN401 - either kind
        written.setdefault(id(self), set()).update(one.table for one in writes if one.rows)
        return await write(self, *writes)

    async def committed(self: Any, *writes: Write) -> object:  # noqa: ANN401 - either kind
        with_it = frozenset(one.table for one in writes if one.rows)
        return await committing(self, lambda: commit(self, *writes), with_it)

    put(kind, "write", writing)
    put(kind, "commit", committed)
