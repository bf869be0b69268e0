"""Merges that a hospital sends: two people of the hub become one, or wait for a person; on both databases."""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import select

from adapters import registry
from adapters.port import Fate
from crypto.jwk import DecryptionKey
from gateway.bootstrap import Gateway
from gateway.intake.loading import Wanted, load
from gateway.intake.persons import PLACE
from gateway.store.direct import intake as sets
from gateway.store.direct.statement import NotWhole
from gateway.store.records import EndState, ItemRecord, MergeRecord, MergeState, ReferralPerson
from gateway.store.tables.messages import item_persons
from gateway.store.tables.persons import person_terms, persons
from schemas.persons import Person
from tests.gateway import borough
from tests.gateway.fixtures import empty
from tests.unit.gateway.whole import document, entries, put_together

CHILD = "Dale^Noor||20180717|F"
NUMBER, OTHER_NUMBER = "9990012032^^^NHS^NH", "9990012059^^^NHS^NH"
HERE, GONE = "RXX-2^^^RXX^PI", "RXX-1^^^RXX^PI"


@dataclass
class Hospital:
    """A hospital's system, and the hub that it sends to."""

    gateway: Gateway
    _names: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def write(self, kind: str, *segments: str) -> bytes:
        header = f"MSH|^~\\&|PAS|RXX01|MASH|HUB|20260302101500||{kind}|HOSP-{next(self._names)}|P|2.5"
        return "\r".join((header, *segments)).encode()

    async def send(self, kind: str, *segments: str, feed: str = "health-mllp") -> ItemRecord:
        answered = await self.gateway.intake.receive(self.gateway.feeds[feed], self.write(kind, *segments), None)
        assert answered.fate is Fate.ACCEPTED, answered
        async with self.gateway.store.reading() as work:
            (item,) = await work.messages.items(answered.message_id)
        return item

    async def refer(self, numbers: str, child: str = CHILD, *, feed: str = "health-mllp") -> tuple[str, str]:
        """A concern about a child; its referral, and the child's id."""
        item = await self.send("REF^I12", f"PID|1||{numbers}||{child}", "DG1|1||T74.0", feed=feed)
        async with self.gateway.store.reading() as work:
            (part,) = [one for one in await work.referrals.persons(str(item.referral_id)) if one.part == "subject"]
        return str(item.referral_id), part.person_id

    async def merge(
        self, stays: str, gone: str, child: str = CHILD, event: str = "A40", feed: str = "health-mllp"
    ) -> ItemRecord:
        return await self.send(f"ADT^{event}", f"PID|1||{stays}||{child}", f"MRG|{gone}", feed=feed)

    async def merges(self, person: str) -> list[MergeRecord]:
        async with self.gateway.store.reading() as work:
            return await work.merges.of_person(person)

    async def parts(self, referral: str) -> list[ReferralPerson]:
        async with self.gateway.store.reading() as work:
            return await work.referrals.persons(referral)

    async def known(self, person: str) -> Person:
        async with self.gateway.store.work() as work:
            (record,) = await work.persons.get_many([person])
            return await self.gateway.involving._office.persons.open(work, record)

    async def column(self, statement: object) -> list[object]:
        async with self.gateway.store._connections.reading.connect() as connection:
            return [row[0] for row in await connection.execute(statement)]  # type: ignore[call-overload]


@pytest.fixture(params=["sqlite", "postgres"])
async def hospital(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    clock: Callable[[], datetime],
    rsa_pairs: Iterator[DecryptionKey],
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Hospital]:
    assert rsa_pairs is not None
    monkeypatch.setitem(registry.BUILT_IN, borough.MEND, "tests.gateway.mending:ADAPTER")
    url = f"sqlite:///{tmp_path / 'merging.sqlite3'}"
    if request.param == "postgres":
        url = str(request.getfixturevalue("postgres_url"))
        await empty(url)
    made = document("https://id.example")
    made["feeds"].append({"name": "council-hl7", "agency": "council", "adapter": "nhs.hl7v2", "authentication": "dpop"})
    async with put_together(tmp_path, clock, made, database_url=url, enrol=(), master=os.urandom(32)) as gateway:
        yield Hospital(gateway)


async def test_a_child_known_by_a_local_number_becomes_the_one_who_was_identified(hospital: Hospital) -> None:
    first, unnamed = await hospital.refer(GONE)
    second, named = await hospital.refer(f"{NUMBER}~{HERE}")
    assert unnamed != named
    item = await hospital.merge(f"{NUMBER}~{HERE}", GONE)
    assert item.end_state == EndState.REFRESHED
    (made,) = await hospital.merges(named)
    assert (made.state, made.because, made.surviving_id, made.prior_id) == (MergeState.MADE, "joined", named, unnamed)
    assert made.moved == (first,)
    # Both referrals are about one child; an open request that speaks of the old ref still finds somebody.
    assert [(one.person_id, one.ref) for one in await hospital.parts(first)] == [(named, unnamed)]
    assert [(one.person_id, one.ref) for one in await hospital.parts(second)] == [(named, named)]
    one = await hospital.known(named)
    assert [number.value for number in one.identifiers] == ["9990012032", "RXX-2", "RXX-1"]
    # Nothing leads to the record that gave way, which stays as it was.
    assert await hospital.column(select(person_terms.c.person_id).distinct()) == [named]
    assert [number.value for number in (await hospital.known(unnamed)).identifiers] == ["RXX-1"]
    assert await hospital.column(select(persons.c.merged_into).where(persons.c.id == unnamed)) == [named]
    (entry,) = await entries(hospital.gateway, "person.merged")
    assert (entry["detail"]["surviving"], entry["detail"]["prior"]) == (named, unnamed)


async def test_what_came_of_either_before_is_the_history_of_the_one_child(hospital: Hospital) -> None:
    _, unnamed = await hospital.refer(GONE)
    _, named = await hospital.refer(f"{NUMBER}~{HERE}")
    await hospital.merge(f"{NUMBER}~{HERE}", GONE)
    referral, again = await hospital.refer(NUMBER)
    assert again == named
    # The third notification of one child within a year, on the referral whose clock is the oldest.
    async with hospital.gateway.store.reading() as work:
        kinds = {one.kind for one in await work.alerts.of_referral(referral)}
    assert "repeat" in " ".join(kinds)
    assert len(await hospital.column(select(item_persons.c.item_id).where(item_persons.c.person_id == named))) == 4
    assert len(await hospital.column(select(item_persons.c.item_id).where(item_persons.c.person_id == unnamed))) == 1


async def test_what_taking_it_back_needs_is_kept(hospital: Hospital) -> None:
    _, unnamed = await hospital.refer(GONE, "Dale^N||20180717|F")
    _, named = await hospital.refer(f"{NUMBER}~{HERE}")
    await hospital.merge(f"{NUMBER}~{HERE}", GONE)
    (made,) = await hospital.merges(unnamed)
    gateway = hospital.gateway
    async with gateway.store.work() as work:
        office = gateway.involving._office
        (record,) = await work.persons.get_many([named])
        before = await office.strongbox.take(work, record.scope, PLACE, named, made.before_sealed or b"", Person)
    assert [number.value for number in before.identifiers] == ["9990012032", "RXX-2"]
    assert (await hospital.known(unnamed)).names[0].given == ("N",)


async def test_no_agency_speaks_for_the_numbers_of_anothers_system(hospital: Hospital) -> None:
    first, theirs = await hospital.refer(GONE, "Dale^Noor|||F")  # near, and not sure
    before = await hospital.known(theirs)
    # Another agency writes the hospital's number, as the one that stays, the one that goes, and as both.
    second, ours = await hospital.refer(f"{NUMBER}~LAX-7^^^LAX^PI", feed="council-hl7")
    for stays, gone in ((NUMBER, GONE), (GONE, "LAX-8^^^LAX^PI"), (GONE, GONE)):
        await hospital.merge(stays, gone, feed="council-hl7")
    assert {one.because for one in await hospital.merges(theirs)} == {"another_system"}
    assert {one.state for one in await hospital.merges(theirs)} == {MergeState.WAITING}
    assert await hospital.known(theirs) == before
    assert [part.person_id for part in await hospital.parts(first)] == [theirs]
    assert [part.person_id for part in await hospital.parts(second)] == [ours]
    # The hospital itself may.
    await hospital.merge(NUMBER, GONE)
    assert "joined" in {one.because for one in await hospital.merges(ours)}


async def test_two_children_with_valid_numbers_of_their_own_wait_for_a_person(hospital: Hospital) -> None:
    first, one = await hospital.refer(f"{OTHER_NUMBER}~{GONE}")
    second, other = await hospital.refer(f"{NUMBER}~{HERE}")
    await hospital.merge(f"{NUMBER}~{HERE}", GONE)  # the source names the local number alone; the hub knows more
    (waits,) = await hospital.merges(one)
    assert (waits.state, waits.because) == (MergeState.WAITING, "numbers_differ")
    assert {waits.surviving_id, waits.prior_id} == {one, other}
    assert [part.person_id for part in await hospital.parts(first)] == [one]
    assert [part.person_id for part in await hospital.parts(second)] == [other]
    async with hospital.gateway.store.reading() as work:
        assert [found.id for found in await work.merges.waiting()] == [waits.id]
        assert [(found.kind, found.subject) for found in await work.alarms.standing()] == [("merge_waiting", waits.id)]
        for referral in (first, second):
            assert "merge_waiting" in [alert.kind for alert in await work.alerts.of_referral(referral)]
    assert await entries(hospital.gateway, "person.merged") == []
    assert len(await entries(hospital.gateway, "person.merge_waiting")) == 1


async def test_a_number_that_the_hub_knows_nobody_by_is_the_known_childs_from_now_on(hospital: Hospital) -> None:
    _, named = await hospital.refer(f"{NUMBER}~{HERE}")
    await hospital.merge(NUMBER, "RXX-9^^^RXX^PI", event="A47")
    (made,) = await hospital.merges(named)
    assert (made.state, made.because, made.prior_id) == (MergeState.MADE, "one_known", None)
    await hospital.merge(HERE, "RXX-9^^^RXX^PI")
    assert [one.because for one in await hospital.merges(named)] == ["one_known"]


async def test_a_child_known_under_the_old_number_alone_is_known_by_the_new_one(hospital: Hospital) -> None:
    referral, child = await hospital.refer(GONE)
    await hospital.merge(NUMBER, GONE)
    assert await hospital.refer(NUMBER) == (referral, child)


async def test_a_move_between_two_children_joins_nobody(hospital: Hospital) -> None:
    _, one = await hospital.refer(GONE)
    _, other = await hospital.refer(HERE)
    await hospital.merge(HERE, GONE, event="A45")
    assert await hospital.merges(one) == await hospital.merges(other) == []


async def test_a_merge_of_nobody_known_ends_visibly_and_leaves_nothing(hospital: Hospital) -> None:
    item = await hospital.merge(NUMBER, GONE)
    assert item.end_state == EndState.NO_CONCERN
    assert await hospital.column(select(persons.c.id)) == []


async def test_merges_that_come_at_once_follow_one_another(hospital: Hospital) -> None:
    third = "RXX-3^^^RXX^PI"
    children = [await hospital.refer(one) for one in (GONE, HERE, third)]
    referrals, (_, _, last) = [one for one, _ in children], [one for _, one in children]
    feed = hospital.gateway.feeds["health-mllp"]
    chain = [
        hospital.write("ADT^A40", f"PID|1||{stays}||{CHILD}", f"MRG|{gone}")
        for stays, gone in ((HERE, GONE), (third, HERE))
    ]
    concern = hospital.write("REF^I12", f"PID|1||{third}~{NUMBER}||{CHILD}", "DG1|1||T74.0")
    receive = hospital.gateway.intake.receive
    answers = await asyncio.gather(*(receive(feed, payload, None, "line") for payload in (*chain, concern)))
    assert {one.fate for one in answers} == {Fate.ACCEPTED}
    for referral in referrals:
        assert last in [part.person_id for part in await hospital.parts(referral)]
    assert (
        await hospital.column(select(person_terms.c.person_id).where(person_terms.c.kind == "local").distinct()) != []
    )


async def test_the_same_merge_again_is_nothing_new(hospital: Hospital) -> None:
    await hospital.refer(GONE)
    _, named = await hospital.refer(f"{NUMBER}~{HERE}")
    for _ in range(2):
        await hospital.merge(f"{NUMBER}~{HERE}", GONE)
    assert [one.because for one in await hospital.merges(named)] == ["joined"]


async def test_who_read_the_terms_before_they_went_reads_them_again(hospital: Hospital) -> None:
    _, unnamed = await hospital.refer(GONE)
    await hospital.refer(f"{NUMBER}~{HERE}")
    await hospital.merge(f"{NUMBER}~{HERE}", GONE)
    gateway = hospital.gateway
    async with gateway.store.work() as work:
        # As a rival saw them that looked while the merge was not committed yet.
        stale = [("a hash", unnamed, "local")]
        await work.sets.write(sets.PERSON_TERMS.insert(work.sets.dialect, stale))
        with pytest.raises(NotWhole):
            await load(work.sets, gateway.vault, Wanted(terms=["a hash"]))
