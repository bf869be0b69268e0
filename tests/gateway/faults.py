"""Faults at the one place where work becomes durable: a commit that fails, and one whose news is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from sqlalchemy import Delete, Executable, Insert, Table, Update

from gateway.store.transaction import Transaction
from schemas.errors import Unavailable

Commit = Callable[[Transaction], object]


@dataclass
class Struck:
    """How often the fault struck, and what the work that it struck had written to."""

    times: int = 0
    tables: list[frozenset[str]] = field(default_factory=list)


@contextmanager
def killed_before_commit(table: str, *, times: int = 1) -> Iterator[Struck]:
    """The process dies before the commit of work that wrote to ``table``: so often, and then no more."""
    with _struck(table, times, after=False) as struck:
        yield struck


@contextmanager
def killed_after_commit(table: str, *, times: int = 1) -> Iterator[Struck]:
    """The process dies right after the commit of work that wrote to ``table``: durable, and nobody was told."""
    with _struck(table, times, after=True) as struck:
        yield struck


@contextmanager
def _struck(table: str, times: int, *, after: bool) -> Iterator[Struck]:
    struck = Struck()
    written: dict[int, set[str]] = {}
    execute, commit = Transaction.execute, Transaction.commit

    async def noting(self: Transaction, statement: Executable, values: object = None) -> object:
        if isinstance(statement, Insert | Update | Delete) and isinstance(statement.table, Table):
            written.setdefault(id(self), set()).add(statement.table.name)
        return await execute(self, statement, values)  # type: ignore[arg-type]

    async def failing(self: Transaction) -> None:
        tables = frozenset(written.pop(id(self), ()))
        strikes = table in tables and struck.times < times
        if strikes:
            struck.times += 1
            struck.tables.append(tables)
        if strikes and not after:
            raise Unavailable("store.connection", "the fault of a test")
        await commit(self)
        if strikes:
            raise Unavailable("store.connection", "the fault of a test")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Transaction, "execute", noting)
        patch.setattr(Transaction, "commit", failing)
        yield struck
