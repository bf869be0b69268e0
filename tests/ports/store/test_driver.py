"""Statements that go straight to the driver belong to their transaction, on both databases."""

from __future__ import annotations

import pytest

from gateway.store import Store
from gateway.store.driver import Each, Once, Sql
from schemas.errors import Unavailable

PUT = Sql(
    sqlite="INSERT INTO settings (name, text) VALUES {rows}",
    postgresql="INSERT INTO settings (name, text) SELECT * FROM unnest($1::text[], $2::text[])",
    writes="settings",
)
ALL = Sql(
    sqlite="SELECT name, text FROM settings WHERE name LIKE ? ORDER BY name",
    postgresql="SELECT name, text FROM settings WHERE name LIKE $1 ORDER BY name",
)
HEX = Sql(
    sqlite="SELECT json_group_array(json_array(name, hex(text), NULL)) FROM settings",
    postgresql="SELECT name, convert_to(text, 'UTF8'), NULL FROM settings",
    octets=frozenset({1, 2}),
)
MANY = 501
"""More rows than one statement of SQLite takes."""


async def kept(store: Store) -> int:
    async with store.work() as work:
        return len((await work._transaction.together(Once(ALL, ("%",))))[0])


async def test_they_are_rolled_back_with_their_work_even_as_its_first(store: Store) -> None:
    async with store.work() as work:
        await work._transaction.together(Each(PUT, [("a", "1")]))
    assert await kept(store) == 0


async def test_they_commit_with_their_work_and_see_what_it_did(store: Store) -> None:
    async with store.work() as work:
        await work.settings.put("before", "x")
        rows = [(f"n{number:04}", str(number)) for number in range(MANY)]
        nothing, found, none = await work._transaction.together(Each(PUT, rows), Once(ALL, ("n%",)), Each(PUT, []))
        assert (nothing, none) == ([], [])
        assert [tuple(row) for row in found] == rows
        assert await work.settings.get("n0007") == "7"
        await work.commit()
    assert await kept(store) == MANY + 1


async def test_bytes_come_back_as_bytes(store: Store) -> None:
    async with store.work() as work:
        await work.settings.put("a", "it's \u00e9")
        (rows,) = await work._transaction.together(Once(HEX))
    assert [tuple(row) for row in rows] == [("a", "it's \u00e9".encode(), None)]


async def test_after_the_commit_there_are_no_more(store: Store) -> None:
    async with store.work() as work:
        await work.commit()
        with pytest.raises(RuntimeError):
            await work._transaction.together(Once(ALL, ("%",)))


async def test_what_the_driver_throws_asks_for_the_same_reaction(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    async with store.work() as work:
        raw = await work._transaction._connection.get_raw_connection()

        async def lost(*_: object, **__: object) -> object:
            raise OSError

        name = "_execute" if store.dialect == "sqlite" else "fetch"
        with monkeypatch.context() as patch:
            patch.setattr(type(raw.driver_connection), name, lost)
            with pytest.raises(Unavailable):
                await work._transaction.together(Once(ALL, ("%",)))
