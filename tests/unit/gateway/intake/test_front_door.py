"""The front door on a real store: what each item becomes, with its people, its clocks and its log entries."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from gateway.bootstrap import Gateway
from gateway.store.records import ReferralRecord
from gateway.store.tables.messages import item_persons
from routing.front_door import REOPEN_WITHIN
from schemas.notification import Handling
from schemas.persons import Address, Person
from schemas.vocabulary import ItemKind
from tests.unit.gateway.conftest import Clock
from tests.unit.gateway.intake.sending import Sender, nhs, notification, people_of, person, rated_green
from tests.unit.gateway.whole import entries

ONE, OTHER = nhs("9990000018"), nhs("9990000026")


@pytest.fixture
def police(gateway: Gateway) -> Sender:
    return Sender(gateway=gateway)


@pytest.fixture
def health(gateway: Gateway) -> Sender:
    return Sender(gateway=gateway, agency="health")


async def referrals(gateway: Gateway) -> list[ReferralRecord]:
    async with gateway.store.reading() as work:
        return await work.referrals.page(limit=200, after=None)


async def closed(gateway: Gateway, referral: str) -> None:
    async with gateway.store.work() as work:
        record = await work.referrals.lock(referral)
        await work.referrals.save(replace(record, state="closed", closed_at=gateway.world.now()))
        await work.commit()


async def test_a_concern_opens_a_referral_whose_clocks_run_from_its_receipt(police: Sender, clock: Clock) -> None:
    referral = await police.concern(person("child-1", ONE))
    assert (referral.state, referral.rating, referral.received_at) == ("received", None, clock())
    assert referral.due_at is None
    (entry,) = await entries(police.gateway, "referral.created")
    assert entry["referral"] == referral.id


async def test_another_agencys_concern_about_the_same_nhs_number_joins(
    police: Sender, health: Sender, clock: Clock
) -> None:
    first = await police.concern(person("child-1", ONE))
    clock.pass_by(timedelta(hours=3))
    second = await health.concern(person("kid", ONE))
    assert (second.id, second.received_at) == (first.id, first.received_at)
    assert [entry["referral"] for entry in await entries(police.gateway, "referral.joined")] == [first.id]
    assert len((await people_of(police.gateway, first.id))["subject"]) == 1


async def test_twins_with_numbers_of_their_own_are_two_children(police: Sender) -> None:
    first = await police.concern(person("child-1", ONE))
    second = await police.concern(person("child-1", OTHER))
    assert first.id != second.id


async def test_both_twins_in_one_notification_are_on_one_referral(police: Sender) -> None:
    referral = await police.concern(person("child-1", ONE), person("child-2", OTHER))
    assert len((await people_of(police.gateway, referral.id))["subject"]) == 2


async def test_a_number_that_agrees_while_the_birth_date_differs_links_nobody_and_asks_a_person(
    police: Sender,
) -> None:
    first = await police.concern(person("child-1", ONE))
    second = await police.concern(person("child-1", ONE, born="2012-01-01", family="Other"))
    assert first.id != second.id
    async with police.gateway.store.reading() as work:
        kinds = [alert.kind for alert in await work.alerts.of_referral(second.id)]
    assert "uncertain_link" in kinds


async def test_a_child_without_any_number_is_known_by_name_and_birth_date(police: Sender) -> None:
    first, second = await police.concern(person()), await police.concern(person())
    assert first.id == second.id


async def test_a_child_of_another_birth_date_is_another(police: Sender) -> None:
    first, second = await police.concern(person()), await police.concern(person(born="2009-11-23"))
    assert first.id != second.id


def unborn(due: date) -> Person:
    return Person(ref="child-1", unborn=True, expected_date=due, mother="adult-1")


async def test_an_unborn_child_is_known_by_its_mother_and_its_expected_date(police: Sender, health: Sender) -> None:
    mother = person("adult-1", ONE, born="1995-05-05")
    first = await police.concern(unborn(date(2027, 1, 10)), adults=[mother])
    same = await health.concern(unborn(date(2027, 1, 20)), adults=[mother])
    assert same.id == first.id
    (child,) = (await people_of(police.gateway, first.id))["subject"]
    async with police.gateway.store.reading() as work:
        adults = [one.person_id for one in await work.referrals.persons(first.id) if one.part == "adult"]
    assert [child.mother] == adults
    another = await police.concern(unborn(date(2027, 9, 10)), adults=[mother])
    assert another.id != first.id


async def test_a_concern_that_names_no_child_opens_one_to_be_identified(police: Sender) -> None:
    (item,) = await police.send(notification(adults=(person("adult-1", ONE),)))
    async with police.gateway.store.reading() as work:
        assert (await work.referrals.get(str(item.referral_id))).child_unidentified


async def test_a_shared_adult_alone_joins_nothing(police: Sender) -> None:
    adult = person("adult-1", OTHER, born="1985-01-01")
    first = await police.concern(person("child-1", ONE), adults=[adult])
    second = await police.concern(person("child-1", nhs("9990000034")), adults=[adult])
    assert first.id != second.id


async def test_a_concern_after_closing_reopens_it_unrated_with_its_first_receipt_on_record(
    police: Sender, clock: Clock
) -> None:
    first = await police.concern(person("child-1", ONE))
    await rated_green(police.gateway, first.id)
    await closed(police.gateway, first.id)
    clock.pass_by(REOPEN_WITHIN)
    again = await police.concern(person("child-1", ONE))
    assert again.id == first.id
    assert (again.closed_at, again.rating, again.due_at) == (None, None, None)
    assert (again.received_at, again.reopened_at) == (first.received_at, clock())
    assert len(await entries(police.gateway, "referral.reopened")) == 1


async def test_a_concern_long_after_closing_opens_one_that_links_back(police: Sender, clock: Clock) -> None:
    first = await police.concern(person("child-1", ONE))
    await closed(police.gateway, first.id)
    clock.pass_by(REOPEN_WITHIN + timedelta(seconds=1))
    later = await police.concern(person("child-1", ONE))
    assert (later.id != first.id, later.linked_to) == (True, first.id)


async def test_an_update_refreshes_a_known_child_and_opens_nothing(police: Sender, health: Sender) -> None:
    referral = await police.concern(person("child-1", ONE))
    moved = person("child-1", ONE).model_copy(update={"gp": None, "language": "cy"})
    (item,) = await health.send(notification(moved, kind=ItemKind.UPDATE))
    assert (item.end_state, item.referral_id) == ("refreshed", None)
    (child,) = (await people_of(police.gateway, referral.id))["subject"]
    assert child.language == "cy"
    assert len(await referrals(police.gateway)) == 1


@pytest.mark.parametrize("kind", [ItemKind.UPDATE, ItemKind.CONCERN])
async def test_where_a_family_in_hiding_lives_is_confidential_wherever_the_child_is_known(
    police: Sender, health: Sender, kind: ItemKind
) -> None:
    referral = await police.concern(person("child-1", ONE))
    home = Address(lines=("1 Sample Street",), postcode="ZZ99 3VZ")
    told = notification(person("child-1", ONE).model_copy(update={"addresses": (home,)}), kind=kind)
    await health.send(told.model_copy(update={"handling": Handling(hidden_location=True)}))
    # A later source that does not know says the same place.
    await police.send(notification(person("child-1", ONE).model_copy(update={"addresses": (home,)})))
    (child,) = (await people_of(police.gateway, referral.id))["subject"]
    assert [one.confidential for one in child.addresses] == [True]


@pytest.mark.parametrize("kind", [ItemKind.UPDATE, ItemKind.CONTEXT])
async def test_what_is_no_concern_and_about_nobody_known_ends_visibly_and_adds_nobody(
    police: Sender, kind: ItemKind
) -> None:
    (item,) = await police.send(notification(person("child-1", ONE), kind=kind))
    assert (item.end_state, item.referral_id) == ("no_concern", None)
    assert await referrals(police.gateway) == []
    async with police.gateway.store.reading() as work:
        named = (await work._transaction.execute(select(func.count()).select_from(item_persons))).scalar_one()
    assert (named, item.referral_id) == (0, None)


async def test_context_that_speaks_of_danger_is_a_concern(police: Sender) -> None:
    told = notification(person("child-1", ONE), kind=ItemKind.CONTEXT)
    (item,) = await police.send(told.model_copy(update={"immediate_danger": "Synthetic danger."}))
    assert (item.kind, item.end_state) == ("concern", "referral")


async def test_the_items_of_one_message_end_each_in_its_own_way(police: Sender) -> None:
    items = await police.send(
        notification(person("child-1", ONE)),
        notification(person("child-1", ONE)),
        notification(person("child-1", OTHER), kind=ItemKind.UPDATE),
    )
    assert [item.end_state for item in items] == ["referral", "referral", "no_concern"]
    assert items[0].referral_id == items[1].referral_id
    assert [item.position for item in items] == [0, 1, 2]


def read_all(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in folder.glob("whole.sqlite3*")]


async def test_nobodys_words_are_readable_in_the_store(police: Sender, tmp_path: Path) -> None:
    await police.concern(person("child-1", ONE, family="Vermilionquill"))
    await police.gateway.store.close()
    kept = b"".join(await asyncio.to_thread(read_all, tmp_path))
    assert kept
    for secret in (b"Vermilionquill", ONE.value.encode(), b"Synthetic words"):
        assert secret not in kept


async def test_two_notifications_about_one_new_child_at_once_open_one_referral(police: Sender, health: Sender) -> None:
    found = await asyncio.gather(
        *(sender.concern(person("child-1", ONE)) for sender in (police, health, police, health))
    )
    assert len({referral.id for referral in found}) == 1


async def test_two_replicas_that_hear_of_one_new_child_at_once_open_one_referral(
    replicas: tuple[Gateway, Gateway],
) -> None:
    senders = [Sender(gateway=one, agency=agency) for one, agency in zip(replicas, ("police", "health"), strict=True)]
    for number in ("9990000018", "9990000026", "9990000034", "9990000042", "9990000050"):
        child = person("child-1", nhs(number))
        found = await asyncio.gather(*(sender.concern(child) for sender in senders * 2))
        assert len({referral.id for referral in found}) == 1
        assert len((await people_of(replicas[0], found[0].id))["subject"]) == 1
    await replicas[1].log.sequence()
    assert (await replicas[0].log.verify()).verified
