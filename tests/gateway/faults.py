"""Faults at the places where work becomes durable: a commit that fails, and one whose news is lost."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import NoReturn, TypeVar

import pytest

from gateway.store.direct.postgres import PostgresWork
from gateway.store.direct.sqlite import SqliteWork
from gateway.store.transaction import Transaction
from schemas.errors import Unavailable
from tests.gateway.commits import watch_commits

T = TypeVar("T")


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
def store_away() -> Iterator[None]:
    """Nothing can be committed: the database went away while work was open."""

    async def away(*_: object) -> NoReturn:
        raise Unavailable("store.connection", "the fault of a test")

    with pytest.MonkeyPatch.context() as patch:
        for kind in (Transaction, SqliteWork, PostgresWork):
            patch.setattr(kind, "commit", away)
        yield


@contextmanager
def _struck(table: str, times: int, *, after: bool) -> Iterator[Struck]:
    struck = Struck()
    written: dict[int, set[str]] = {}

    async def committing(work: object, commit: Callable[[], Awaitable[T]], also: frozenset[str] = frozenset()) -> T:
        tables = frozenset(written.pop(id(work), ())) | also
        strikes = table in tables and struck.times < times
        if strikes:
            struck.times += 1
            struck.tables.append(tables)
        if strikes and not after:
            raise Unavailable("store.connection", "the fault of a test")
        done = await commit()
        if strikes:
            raise Unavailable("store.connection", "the fault of a test")
        return done

    with pytest.MonkeyPatch.context() as patch:
        watch_commits(patch.setattr, written, committing)
        yield struck
