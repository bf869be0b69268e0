"""Work on the driver itself: sets read and written, all of it or none of it, the same on both databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import astuple, replace
from datetime import timedelta

import asyncpg
import pytest

from gateway.store import Store
from gateway.store.direct import Statements
from gateway.store.direct import admission as letting_in
from gateway.store.direct import intake as sets
from gateway.store.direct import opening as openings
from gateway.store.direct.selected import Selected, columns_of
from gateway.store.direct.sqlite import SqliteDriver
from gateway.store.direct.statement import NotWhole, Write
from gateway.store.records import AlertRecord, MessageRecord, PersonRecord, ReferralRecord, ScopeKey
from gateway.store.tables.keys import scopes
from schemas.errors import Unavailable
from tests.ports.store import samples
from tests.ports.store.samples import HOUR, NOW

Open = Callable[[Store], AbstractAsyncContextManager[Statements]]


@asynccontextmanager
async def by_the_driver(store: Store) -> AsyncIterator[Statements]:
    async with store.direct() as work:
        yield work
        await work.commit()


@asynccontextmanager
async def within_other_work(store: Store) -> AsyncIterator[Statements]:
    async with store.work() as work:
        yield work.sets
        await work.commit()


@pytest.fixture(params=[by_the_driver, within_other_work], ids=["driver", "within"])
def opened(request: pytest.FixtureRequest) -> Open:
    chosen: Open = request.param
    return chosen


async def messages(store: Store) -> list[MessageRecord]:
    async with store.direct() as work:
        (rows,) = await work.read(sets.with_identity(["police-ppn"], ["native-1", "native-2"]))
        return sets.MESSAGES.records(work.dialect, rows, MessageRecord)


async def test_what_was_written_in_a_set_is_read_as_it_was(store: Store, opened: Open) -> None:
    kept = [samples.message("msg_1"), samples.message("msg_2", native="native-2", digest="d2")]
    async with opened(store) as work:
        assert await work.write(sets.MESSAGES.insert(work.dialect, kept)) == [2]
    async with opened(store) as work:
        (rows,) = await work.read(sets.with_identity(["police-ppn", "other"], ["native-1", "native-2", "x"]))
        found = sets.MESSAGES.records(work.dialect, rows, MessageRecord)
    assert sorted(found, key=lambda one: one.id) == kept
    assert found[0].received_at.utcoffset() == timedelta(0)


async def test_every_kind_of_column_comes_back_through_the_repositories_too(store: Store, opened: Open) -> None:
    referral = replace(samples.referral(), due_at=NOW + HOUR, child_unidentified=True, assigned_to="person-1")
    alert = AlertRecord(
        id="alt_1",
        referral_id=referral.id,
        person_id="per_1",
        kind="repeat",
        raised_at=NOW,
        count=3,
        evidence=("msg_1", 'odd "quoted", name'),
        sealed=b"\x00\xff",
    )
    async with opened(store) as work:
        dialect = work.dialect
        await work.write(
            sets.PERSONS.insert(dialect, [samples.person("per_1")]),
            sets.REFERRALS.insert(dialect, [referral]),
            sets.ALERTS.insert(dialect, [alert]),
            sets.ENTRIES.insert(dialect, [samples.entry()]),
        )
    async with store.reading() as reading:
        assert await reading.referrals.get(referral.id) == referral
        assert await reading.alerts.of_referral(referral.id) == [alert]
        assert await reading.log.unsequenced(9) == [samples.entry()]


async def test_work_that_was_left_without_a_commit_left_nothing(store: Store) -> None:
    async with store.direct() as work:
        await work.write(sets.MESSAGES.insert(work.dialect, [samples.message()]))
    assert await messages(store) == []

    async def failing() -> None:
        async with store.direct() as work:
            await work.write(sets.MESSAGES.insert(work.dialect, [samples.message()]))
            raise ValueError("of the caller's")

    with pytest.raises(ValueError, match="of the caller's"):
        await failing()
    assert await messages(store) == []


async def test_an_insert_that_had_to_be_whole_and_is_not_commits_nothing(store: Store) -> None:
    async with store.direct() as work:
        await work.commit(sets.MESSAGES.insert_new(work.dialect, [samples.message()], whole=True))
    rivals = [samples.message("msg_2", native="native-2", digest="d2"), samples.message("msg_3", digest="d3")]
    with pytest.raises(NotWhole):
        async with store.direct() as work:
            await work.commit(sets.MESSAGES.insert_new(work.dialect, rivals, whole=True))
    assert [one.id for one in await messages(store)] == ["msg_1"]
    async with store.direct() as work:
        assert await work.commit(sets.MESSAGES.insert_new(work.dialect, rivals)) == [1]
    assert {one.id for one in await messages(store)} == {"msg_1", "msg_2"}


async def test_a_rival_that_commits_first_makes_the_other_not_whole(store: Store, another_store: Store) -> None:
    if store.dialect == "sqlite":
        async with store.direct() as work:
            await work.commit(sets.MESSAGES.insert(work.dialect, [samples.message("msg_2")]))
        with pytest.raises(NotWhole):
            async with another_store.direct() as work:
                await work.commit(sets.MESSAGES.insert_new(work.dialect, [samples.message()], whole=True))
        return
    async with store.direct() as first:
        await first.write(sets.MESSAGES.insert(first.dialect, [samples.message("msg_2")]))

        async def second() -> None:
            async with another_store.direct() as work:
                await work.commit(sets.MESSAGES.insert_new(work.dialect, [samples.message()], whole=True))

        waiting = asyncio.create_task(second())
        await asyncio.sleep(0.1)
        assert not waiting.done()
        await first.commit()
        with pytest.raises(NotWhole):
            await waiting


async def test_rows_are_changed_by_their_keys(store: Store, opened: Open) -> None:
    people = [samples.person("per_1"), samples.person("per_2"), samples.person("per_3")]
    async with opened(store) as work:
        await work.write(sets.PERSONS.insert(work.dialect, people))
    changed = [replace(one, sealed=one.id.encode(), updated_at=NOW + HOUR) for one in people[:2]]
    async with opened(store) as work:
        assert await work.write(sets.save_persons(work.dialect, changed)) == [2]
    async with opened(store) as work:
        (rows,) = await work.read(sets.people_known(["per_1", "per_2", "per_3"]))
        assert sets.PERSONS.records(work.dialect, rows, PersonRecord) == [*changed, people[2]]
    with pytest.raises(NotWhole):
        async with opened(store) as work:
            await work.write(sets.save_persons(work.dialect, [samples.person("per_9")]))


async def test_a_referral_is_written_over_the_version_that_it_was_read_as(store: Store, opened: Open) -> None:
    read = samples.referral()
    async with opened(store) as work:
        await work.write(sets.REFERRALS.insert(work.dialect, [read]))
    async with opened(store) as work:
        await work.write(sets.save_referrals(work.dialect, [replace(read, state="screened", received_at=NOW + HOUR)]))
    async with store.reading() as reading:
        kept = await reading.referrals.get(read.id)
    assert (kept.state, kept.version, kept.received_at) == ("screened", read.version + 1, read.received_at)
    with pytest.raises(NotWhole):
        async with opened(store) as work:
            await work.write(sets.save_referrals(work.dialect, [read]))


async def test_counts_add_up(store: Store, opened: Open) -> None:
    for _ in range(2):
        async with opened(store) as work:
            await work.write(Write(sets.COUNT, "feed_counters", [("f", "refused", 2), ("f", "duplicate", 1)]))
    async with store.reading() as reading:
        counts = await reading.messages.counts("f")
    assert (counts.refused, counts.duplicate, counts.received) == (4, 2, 6)


async def test_people_are_found_by_terms_with_what_was_said_of_them(store: Store, opened: Open) -> None:
    async with opened(store) as work:
        dialect = work.dialect
        await work.write(
            sets.PERSONS.insert(dialect, [samples.person("per_1"), samples.person("per_2")]),
            sets.PERSON_TERMS.insert_new(dialect, [("h1", "per_1", "upn"), ("h1", "per_1", "upn")]),
            sets.PERSON_TERMS.insert_new(dialect, [("h2", "per_1", "upn"), ("h2", "per_2", "upn")]),
            sets.REFERRALS.insert(dialect, [samples.referral("ref_1"), samples.referral("ref_2")]),
            sets.REFERRAL_PERSONS.insert_new(dialect, [samples.part("ref_1", "per_1", ref="p1")]),
            sets.REFERRAL_PERSONS.insert_new(dialect, [samples.part("ref_1", "per_2", ref="p2")]),
            sets.MESSAGES.insert(dialect, [samples.message()]),
            sets.ITEMS.insert(dialect, [samples.item("itm_1", referral="ref_1")]),
            sets.ITEM_PERSONS.insert(dialect, [("itm_1", "per_1")]),
        )
    async with opened(store) as work:
        found = await work.read(
            sets.there(["police-ppn", "x"], ["native-1", "native-9"], ["h1", "h2", "h3"]),
            sets.referrals_of(["per_1"], held=True),
            sets.referrals_of(["per_1"], held=False),
            sets.parts_of(["per_1"]),
            sets.parts_beside(["per_1"]),
            sets.history_of(["per_1"]),
            sets.scopes_of(["scope-1"]),
        )
        terms, held, seen, own, beside, history, scopes = [[tuple(row) for row in rows] for rows in found]
        dialect = work.dialect
    assert sorted(terms) == [
        ("message", "police-ppn", "native-1"),
        ("term", "h1", "per_1"),
        ("term", "h2", "per_1"),
        ("term", "h2", "per_2"),
    ]
    assert [one.id for one in sets.REFERRALS.records(dialect, held, ReferralRecord)] == ["ref_1"]
    assert held == seen
    assert [(row[0], row[1]) for row in own] == [("ref_1", "per_1")]
    assert [(row[0], row[1]) for row in beside] == [("ref_1", "per_1"), ("ref_1", "per_2")]
    (past,) = sets.past(dialect, history)
    assert (past.person_id, past.message_id, past.item_id, past.received_at) == ("per_1", "msg_1", "itm_1", NOW)
    assert scopes == []


async def test_who_holds_a_number_is_waited_for(store: Store, another_store: Store) -> None:
    order = []

    async def second() -> None:
        async with another_store.direct() as work:
            await work.hold([7, 3])
            await work.write(sets.MESSAGES.insert(work.dialect, [samples.message()]))
            order.append("second")
            await work.commit()

    async with store.direct() as work:
        await work.hold([3, 5])
        await work.write(sets.MESSAGES.insert(work.dialect, [samples.message("msg_2", native="native-2")]))
        waiting = asyncio.create_task(second())
        await asyncio.sleep(0.1)
        order.append("first")
        await work.commit()
    await waiting
    assert order == ["first", "second"]


async def test_what_one_method_wrote_the_others_see_and_more_rows_than_any_limit_of_variables(
    store: Store, opened: Open
) -> None:
    uses = {f"h{number:05}": NOW + HOUR for number in range(12_000)}
    async with opened(store) as work:
        assert await work.write(letting_in.use_up(work.dialect, "dpop", uses)) == [len(uses)]
        found, other, none = await work.read(
            letting_in.uses_of("dpop", uses), letting_in.uses_of("other", uses), letting_in.uses_of("dpop", [])
        )
        assert letting_in.used(work.dialect, found) == uses.keys()
        assert letting_in.used(work.dialect, other) == letting_in.used(work.dialect, none) == set()
    async with store.work() as plain:
        assert not await plain.seen.first("dpop", "h11999", NOW)
        assert await plain.seen.first("other", "h11999", NOW)


async def test_a_proof_is_not_used_up_where_a_rival_was_first(store: Store, another_store: Store) -> None:
    async with store.direct() as work:
        await work.commit(letting_in.use_up(work.dialect, "dpop", dict.fromkeys(["b", "it's"], NOW)))
    with pytest.raises(NotWhole):
        async with another_store.direct() as work:
            await work.commit(letting_in.use_up(work.dialect, "dpop", dict.fromkeys(["a", "b", "c"], NOW)))
    async with store.direct() as work:
        (rows,) = await work.read(letting_in.uses_of("dpop", ["a", "b", "c", "it's"]))
        assert letting_in.used(work.dialect, rows) == {"b", "it's"}


async def test_the_same_proofs_in_two_works_never_lock_crosswise(store: Store, another_store: Store) -> None:
    async def use(through: Store, values: Sequence[str]) -> bool:
        try:
            async with through.direct() as work:
                await work.commit(letting_in.use_up(work.dialect, "dpop", dict.fromkeys(values, NOW)))
        except NotWhole:
            return False
        return True

    names = [f"h{number:03}" for number in range(200)]
    written = letting_in.use_up(store.dialect, "dpop", dict.fromkeys(names[::-1], NOW)).rows
    assert [row[1] for row in written] == names
    outcomes = await asyncio.gather(use(store, names), use(another_store, names[::-1]))
    assert sorted(outcomes) == [False, True]


async def test_what_is_held_by_others_is_passed_over_or_waited_for(store: Store, another_store: Store) -> None:
    if store.dialect == "sqlite":
        return  # locked as a whole
    async with store.work() as plain:
        await plain.envelopes.add(samples.envelope("env_1"))
        await plain.envelopes.add(samples.envelope("env_2"))
        await plain.commit()

    async def seen(*, patient: bool) -> list[str]:
        async with another_store.direct() as work:
            found = await work.read(*openings.about(["env_1", "env_2", "env_3"], bare=(), patient=patient))
            return sorted(openings.standings(work.dialect, found).envelopes)

    async with store.work() as plain:
        await plain.envelopes.lock("env_1")
        assert await seen(patient=False) == ["env_2"]
        waiting = asyncio.create_task(seen(patient=True))
        await asyncio.sleep(0.1)
        assert not waiting.done()
    assert await waiting == ["env_1", "env_2"]


async def test_selected_rows_come_back_as_what_they_were(store: Store, opened: Open) -> None:
    scope = ScopeKey(id='it\'s \u00e9 "1"', kek_version=7, wrapped=b"\x00\xff", created_at=NOW)
    gone = ScopeKey(id="gone", kek_version=1, wrapped=None, created_at=NOW, destroyed_at=NOW + HOUR)
    async with opened(store) as work:
        await work.write(sets.SCOPES.insert(work.dialect, [scope, gone]))
    every = Selected(
        columns_of(scopes, ScopeKey), "FROM scopes WHERE kek_version < {number} ORDER BY id LIMIT {number}"
    )
    async with opened(store) as work:
        both, one, none = await work.read(every.query(9, 9), every.query(9, 1), every.query(1, 9))
        assert [tuple(row) for row in every.rows(work.dialect, both)] == [astuple(gone), astuple(scope)]
        assert len(every.rows(work.dialect, one)) == 1
        assert list(every.rows(work.dialect, none)) == []


async def test_both_kinds_of_work_take_turns_within_a_process(store: Store) -> None:
    async def plainly(number: int) -> None:
        async with store.work() as work:
            await work.messages.count("police-ppn", "refused")
            await asyncio.sleep(0)
            assert number >= 0
            await work.commit()

    async def directly(number: int) -> None:
        async with store.direct() as work:
            await work.commit(Write(sets.COUNT, "feed_counters", [("police-ppn", "duplicate", number)]))

    await asyncio.gather(*(kind(1) for _ in range(20) for kind in (plainly, directly)))
    async with store.reading() as reading:
        counts = await reading.messages.counts("police-ppn")
    assert (counts.refused, counts.duplicate) == (20, 20)


async def test_committed_work_takes_nothing_more(store: Store) -> None:
    async with store.direct() as work:
        await work.commit()
        with pytest.raises(RuntimeError, match="committed"):
            await work.read(sets.scopes_of(["x"]))


async def test_a_connection_that_is_lost_under_work_asks_to_try_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lost(*_: object, **__: object) -> object:
        raise OSError

    where: type = SqliteDriver if store.dialect == "sqlite" else asyncpg.Connection
    async with store.direct() as work:
        await work.write(sets.MESSAGES.insert(work.dialect, [samples.message()]))
        with monkeypatch.context() as patch:
            patch.setattr(where, "_connected" if store.dialect == "sqlite" else "fetch", lost)
            with pytest.raises(Unavailable):
                await work.read(sets.scopes_of(["x"]))
    assert await messages(store) == []


async def test_work_whose_caller_went_away_leaves_the_store_usable(store: Store) -> None:
    async def cut_off() -> None:
        async with store.direct() as work:
            await work.write(sets.MESSAGES.insert(work.dialect, [samples.message()]))
            await asyncio.sleep(60)

    for _ in range(5):
        task = asyncio.create_task(cut_off())
        await asyncio.sleep(0.02)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert await messages(store) == []


async def test_a_store_that_is_not_there_is_unavailable(tmp_path_factory: pytest.TempPathFactory) -> None:
    nowhere = tmp_path_factory.mktemp("gone") / "none" / "hub.sqlite3"
    for url in (f"sqlite:///{nowhere}", "postgresql://nobody@127.0.0.1:9/none"):
        store = Store.open(url)
        with pytest.raises(Unavailable):
            async with store.direct() as work:
                await work.commit(Write(sets.COUNT, "feed_counters", [("f", "refused", 1)]))
        await store.close()
