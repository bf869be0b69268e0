"""Verification finds the same, however many pages a log has and wherever in them something was changed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import text

from crypto.checkpoint import Checkpoint, CheckpointKey, sign_checkpoint
from gateway.log import Log, verification
from gateway.log.verification import Verification
from gateway.store import Store
from gateway.store.direct import log_rows
from tests.ports.log.conftest import ORIGIN, OneKey

Write = Callable[..., Awaitable[list[str]]]
ENTRIES = 23
# Pages of 4, looked at closely by 2: over these entries, six pages, two of them read at once.
PAGE, CLOSER = 4, 2


@pytest.fixture(autouse=True)
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(verification, "PAGE", PAGE)
    monkeypatch.setattr(verification, "CLOSER", CLOSER)


async def change(store: Store, sql: str, **values: object) -> None:
    async with store.work() as work:
        await work._transaction.execute(text(sql), values)
        await work.commit()


async def value(store: Store, column: str, place: int) -> bytes:
    async with store.reading() as work:
        (entry,) = await work.log.entries(place, place + 1)
        return bytes(getattr(entry, column))


async def written(log: Log, write: Write) -> Verification:
    for count in (3, 1, 7, 2, 10):
        await write(count)
        await log.sequence()
    return await log.verify()


async def test_a_log_of_several_pages_is_verified(log: Log, write: Write) -> None:
    found = await written(log, write)
    assert (found.entries, found.checkpoints, found.verified) == (ENTRIES, 5, True)


async def test_what_holds_is_never_read_row_by_row(log: Log, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    # Else a page that the database makes in another spelling would cost ten times as much, and nobody would know.
    monkeypatch.delattr(log_rows, "entries")
    await write(3, referral="ref_x")
    assert (await written(log, write)).verified


@pytest.mark.parametrize("column", ["salt", "commitment"])
async def test_bytes_moved_from_one_row_to_the_next_are_found(
    log: Log, store: Store, write: Write, column: str
) -> None:
    # One after another they are what they were: only their lengths tell.
    await written(log, write)
    for place in (1, 9, 13, 21):
        first, second = await value(store, column, place), await value(store, column, place + 1)
        rows = f"UPDATE log_entries SET {column} = :value WHERE position = :place"  # noqa: S608 - ours
        await change(store, rows, value=first[:-1], place=place)
        await change(store, rows, value=first[-1:] + second, place=place + 1)
        found = await log.verify()
        assert (found.problem, found.first_bad) == ("log.commitment", place)
        await change(store, rows, value=first, place=place)
        await change(store, rows, value=second, place=place + 1)
    assert (await log.verify()).verified


async def test_bytes_moved_from_one_node_to_the_next_are_found(log: Log, store: Store, write: Write) -> None:
    await written(log, write)
    async with store.reading() as work:
        nodes = await work.log.nodes({(0, 10), (0, 11)})
    rows = 'UPDATE log_nodes SET hash = :value WHERE level = 0 AND "index" = :index'
    await change(store, rows, value=nodes[0, 10][:-1], index=10)
    await change(store, rows, value=nodes[0, 10][-1:] + nodes[0, 11], index=11)
    found = await log.verify()
    assert (found.problem, found.first_bad) == ("log.node", 10)


@pytest.mark.parametrize("place", range(0, ENTRIES, 3))
async def test_each_change_is_found_where_it_is(log: Log, store: Store, write: Write, place: int) -> None:
    await written(log, write)
    there = await subject(store, place)
    for column, other, back, problem in (
        ("position", -1, place, "log.gap"),
        ("subject", "ref_x", there, "log.columns"),
        ("referral_id", "ref_x", None, "log.columns"),
    ):
        sql = f"UPDATE log_entries SET {column} = :value WHERE position = :at"  # noqa: S608 - ours
        await change(store, sql, value=other, at=place)
        found = await log.verify()
        assert (found.problem, found.first_bad) == (problem, place)
        await change(store, sql, value=back, at=other if column == "position" else place)
    await change(store, 'DELETE FROM log_nodes WHERE level = 0 AND "index" = :at', at=place)
    found = await log.verify()
    assert (found.problem, found.first_bad) == ("log.node", place)


async def subject(store: Store, place: int) -> str:
    async with store.reading() as work:
        (entry,) = await work.log.entries(place, place + 1)
        return str(entry.subject)


async def test_two_entries_that_changed_places_are_found(log: Log, store: Store, write: Write) -> None:
    await written(log, write)
    for old, new in ((6, -1), (14, 6), (-1, 14)):
        await change(store, "UPDATE log_entries SET position = :new WHERE position = :old", old=old, new=new)
    found = await log.verify()
    assert (found.problem, found.first_bad) == ("log.node", 6)


def kept(key: CheckpointKey, size: int, root: bytes) -> str:
    return sign_checkpoint(Checkpoint(origin=ORIGIN, size=size, root=root), key)


async def test_of_two_kept_checkpoints_of_one_size_neither_hides_the_other(
    log: Log, write: Write, one_key: OneKey
) -> None:
    found = await written(log, write)
    ours, other = kept(one_key.key, ENTRIES, found.root), kept(one_key.key, ENTRIES, bytes(32))
    for notes in ([ours, other], [other, ours]):
        told = await log.verify(notes)
        assert (told.problem, told.first_bad) == ("log.seen.forked", ENTRIES)
    assert (await log.verify([ours, ours])).verified


async def test_a_kept_checkpoint_of_an_empty_log_is_the_empty_one(log: Log, write: Write, one_key: OneKey) -> None:
    await written(log, write)
    assert (await log.verify([kept(one_key.key, 0, bytes(32))])).problem == "log.seen.forked"


async def test_a_kept_checkpoint_holds_at_any_size(log: Log, write: Write, one_key: OneKey) -> None:
    sizes = {}
    for _ in range(9):
        await write(1)
        await log.sequence()
        found = await log.verify()
        sizes[found.entries] = found.root
    # Between the log's own checkpoints too, and at the ends of pages.
    assert (await log.verify([kept(one_key.key, size, root) for size, root in sizes.items()])).verified
    for size in sizes:
        assert (await log.verify([kept(one_key.key, size, bytes(32))])).first_bad == size
