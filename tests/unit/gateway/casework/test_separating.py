"""Two people who were taken for one, apart again, and what left in between called back; on both databases."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from adapters import registry
from crypto.jwk import DecryptionKey
from gateway.bootstrap import Gateway
from gateway.casework.asking import Wanted
from gateway.store.records import EnvelopeState, How, LinkRecord, MergeState, RecallRecord, ReferralPerson
from gateway.store.tables.persons import links
from schemas.errors import Conflict, Rejected, Unknown
from schemas.persons import Person
from schemas.vocabulary import DataCategory
from tests.gateway import borough
from tests.gateway.fixtures import empty
from tests.unit.gateway import case
from tests.unit.gateway.conftest import Clock
from tests.unit.gateway.whole import document, entries, person, put_together

CHILD = "Dale^Noor||20180717|F|||4 Test Road^^Enfield^^EN1 5AB"
SISTER = "Dale^Noora||20180717|F|||4 Test Road^^Enfield^^EN1 5AB"
LATER = "Dale^Noora||20180717|F|||9 Other Lane^^Enfield^^EN2 9ZZ"
HERE, GONE = "RXX-2^^^RXX^PI", "RXX-1^^^RXX^PI"
REASON = "they are sisters"


class Desk:
    """A hospital that sends, and the hub's desk that takes back."""

    def __init__(self, gateway: Gateway, clock: Clock) -> None:
        self.gateway = gateway
        self._clock = clock
        self._sent = 0

    async def send(self, kind: str, *segments: str) -> str:
        self._sent += 1
        self._clock.pass_by(timedelta(minutes=1))
        header = f"MSH|^~\\&|PAS|RXX01|MASH|HUB|20260302101500||{kind}|HOSP-{self._sent}|P|2.5"
        payload = "\r".join((header, *segments)).encode()
        answered = await self.gateway.intake.receive(self.gateway.feeds["health-mllp"], payload, None)
        async with self.gateway.store.reading() as work:
            (item,) = await work.messages.items(answered.message_id)
        return item.id

    async def refer(self, child: str, numbers: str = "") -> tuple[str, LinkRecord]:
        """A concern about a child: its referral, and who the child was taken for."""
        item = await self.send("REF^I12", f"PID|1||{numbers}||{child}", "DG1|1||T74.0")
        return await self.referral(item), await self.link(item)

    async def referral(self, item: str) -> str:
        async with self.gateway.store.reading() as work:
            return (await work.links.referrals_of_items([item]))[item]

    async def link(self, item: str) -> LinkRecord:
        async with self.gateway.store.reading() as work:
            rows = await work._transaction.rows(select(links.c.ref).where(links.c.item_id == item))
            return await work.links.get(item, rows[0][0])

    async def known(self, name: str) -> Person:
        async with self.gateway.store.reading() as work:
            (record,) = await work.persons.get_many([name])
            return await self.gateway.involving._office.persons.open(work, record)

    async def parts(self, referral: str) -> list[ReferralPerson]:
        async with self.gateway.store.reading() as work:
            return await work.referrals.persons(referral)

    async def undo(self, link: LinkRecord, reason: str = REASON) -> RecallRecord:
        return await self.gateway.separating.undo_link(person("manager"), link.item_id, link.ref, reason)

    async def asked(self, referral: str) -> str:
        """Ask health, as the manager; the envelope that left."""
        await self.gateway.involving.take_over(person("manager"), referral, "mine")
        await case.rated(self.gateway, referral)
        request = await case.asked(self.gateway, referral)
        async with self.gateway.store.reading() as work:
            (envelope,) = await work.envelopes.of_subject(request)
        return envelope.id

    async def open(self, envelope: str) -> None:
        """As an opening leaves it."""
        async with self.gateway.store.work() as work:
            record = await work.envelopes.lock(envelope)
            await work.envelopes.save(replace(record, state=EnvelopeState.RELEASED))
            await work.commit()


@pytest.fixture(params=["sqlite", "postgres"])
async def desk(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    clock: Clock,
    rsa_pairs: Iterator[DecryptionKey],
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Desk]:
    assert rsa_pairs is not None
    monkeypatch.setitem(registry.BUILT_IN, borough.MEND, "tests.gateway.mending:ADAPTER")
    url = f"sqlite:///{tmp_path / 'separating.sqlite3'}"
    if request.param == "postgres":
        url = str(request.getfixturevalue("postgres_url"))
        await empty(url)
    async with put_together(tmp_path, clock, document("https://id.example"), database_url=url) as gateway:
        yield Desk(gateway, clock)


async def test_a_wrong_link_explains_itself_and_is_taken_back(desk: Desk) -> None:
    first, one = await desk.refer(CHILD)
    second, wrong = await desk.refer(SISTER)
    assert (one.how, wrong.how, wrong.person_id) == (How.NEW, How.WEIGHTS, one.person_id)
    (_, explained), _, _ = await desk.gateway.separating.links(one.person_id)
    assert explained.note is not None
    told = {reason.field: reason.level for reason in explained.note.reasons}
    assert (told["family"], told["born"], told["place"]) == ("same", "same", "same")
    total = explained.note.prior + sum(reason.weight for reason in explained.note.reasons)
    assert explained.record.weight == pytest.approx(total * 100, abs=5)
    before = await desk.known(one.person_id)
    assert {name.given[0] for name in before.names} == {"Noor", "Noora"}
    recall = await desk.undo(wrong)
    assert first == second  # the second had joined the first's referral
    assert (recall.kept_id, recall.referrals) == (one.person_id, (first,))
    assert [name.given[0] for name in (await desk.known(recall.kept_id)).names] == ["Noor"]
    assert [name.given[0] for name in (await desk.known(recall.restored_id)).names] == ["Noora"]
    assert {part.person_id for part in await desk.parts(first)} == {recall.kept_id, recall.restored_id}
    (moved,), _, recalls = await desk.gateway.separating.links(recall.restored_id)
    assert moved.record.how == How.SEPARATED
    assert [found.id for found in recalls] == [recall.id]
    (entry,) = await entries(desk.gateway, "person.separated")
    assert entry["detail"]["restored"] == recall.restored_id


async def test_whoever_is_named_next_is_not_made_either_of_two_so_near(desk: Desk) -> None:
    _, one = await desk.refer(CHILD)
    _, wrong = await desk.refer(SISTER)
    recall = await desk.undo(wrong)
    _, again = await desk.refer(CHILD)
    # Both were found, the one who was restored too; which of them it is a person says.
    assert again.how == How.NEW
    assert set(again.doubts) == {one.person_id, recall.restored_id}


async def test_what_came_since_goes_to_the_one_whom_it_fits(desk: Desk) -> None:
    _, one = await desk.refer(CHILD)
    _, wrong = await desk.refer(SISTER)
    _, later = await desk.refer(LATER)
    assert later.person_id == one.person_id
    recall = await desk.undo(wrong)
    assert (await desk.link(later.item_id)).person_id == recall.restored_id
    restored = await desk.known(recall.restored_id)
    assert {address.postcode for address in restored.addresses} == {"EN1 5AB", "EN2 9ZZ"}
    assert {address.postcode for address in (await desk.known(recall.kept_id)).addresses} == {"EN1 5AB"}


async def test_what_nobody_opened_is_revoked_and_who_opened_is_told(desk: Desk) -> None:
    referral, _ = await desk.refer(CHILD)
    _, wrong = await desk.refer(SISTER)
    envelope = await desk.asked(referral)
    await desk.open(envelope)
    again = await desk.gateway.asking.ask(
        person("manager"),
        referral,
        [Wanted(agency="police", categories=(DataCategory.POLICE_INCIDENTS,), questions=())],
        None,
        case.WHY,
    )
    async with desk.gateway.store.reading() as work:
        (unopened,) = await work.envelopes.of_subject(again[0].id)
    await desk.gateway.viewing.referral(person("manager"), referral)
    recall = await desk.undo(wrong)
    assert (recall.opened, recall.revoked) == ((envelope,), (unopened.id,))
    assert len(recall.looked) == 1
    async with desk.gateway.store.reading() as work:
        assert (await work.envelopes.get(unopened.id)).state == EnvelopeState.REVOKED
        notice = await work.envelopes.get(recall.notices[0])
        told = await work.envelopes.get(envelope)
    assert (notice.kind, notice.recipient, notice.subject) == ("recall", told.recipient, envelope)
    assert notice.state == EnvelopeState.SEALED


async def test_a_merge_is_taken_back_and_both_stand_as_they_were(desk: Desk) -> None:
    first, unnamed = await desk.refer("Dale^Noor|||F", GONE)
    second, named = await desk.refer(CHILD, HERE)
    assert unnamed.person_id != named.person_id
    before = [await desk.known(one.person_id) for one in (unnamed, named)]
    await desk.send("ADT^A40", f"PID|1||{HERE}||{CHILD}", f"MRG|{GONE}")
    _, merges, _ = await desk.gateway.separating.links(named.person_id)
    (made,) = [one for one in merges if one.state == MergeState.MADE]
    recall = await desk.gateway.separating.undo_merge(person("manager"), made.id, REASON)
    assert (recall.kept_id, recall.restored_id) == (named.person_id, unnamed.person_id)
    assert set(recall.referrals) == {first, second}
    assert [part.person_id for part in await desk.parts(first)] == [unnamed.person_id]
    assert [part.person_id for part in await desk.parts(second)] == [named.person_id]
    assert (await desk.known(unnamed.person_id)).identifiers == before[0].identifiers
    assert {held.value for held in (await desk.known(named.person_id)).identifiers} >= {
        held.value for held in before[1].identifiers
    }
    with pytest.raises(Conflict, match=r"merge\.not_made"):
        await desk.gateway.separating.undo_merge(person("manager"), made.id, REASON)


async def test_what_can_not_be_taken_back_says_why(desk: Desk) -> None:
    _, one = await desk.refer(CHILD)
    _, wrong = await desk.refer(SISTER)
    with pytest.raises(Conflict, match=r"link\.new"):
        await desk.undo(one)
    with pytest.raises(Rejected, match=r"separation\.no_reason"):
        await desk.undo(wrong, " ")
    with pytest.raises(Unknown, match=r"link\.unknown"):
        await desk.gateway.separating.undo_link(person("manager"), wrong.item_id, "nobody", REASON)
    with pytest.raises(Unknown, match=r"merge\.unknown"):
        await desk.gateway.separating.undo_merge(person("manager"), "mrg_nothing", REASON)
    with pytest.raises(Unknown, match=r"person\.unknown"):
        await desk.gateway.separating.links("per_nobody")
    assert not await entries(desk.gateway, "person.separated")
