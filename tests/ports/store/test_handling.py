"""Marks of handling reach from what was said of one person to everybody beside them, and no further."""

from __future__ import annotations

from dataclasses import replace

from gateway.casework.protection import cases_of
from gateway.store import Store, Work
from gateway.store.direct import opening
from schemas.vocabulary import HandlingMark, Rating
from tests.ports.store import samples

HIDDEN, RESTRICTED, PROTECTED = "hidden_location", "restricted", "source_protection"
PEOPLE = {
    "ref_1": ("per_mother", "per_child"),
    "ref_2": ("per_mother", "per_sibling"),
    "ref_3": ("per_sibling",),
    "ref_9": ("per_stranger",),
}


async def borough(work: Work, *marks: str, of: str = "per_child", on: str | None = None) -> None:
    """A mother with a child on one referral and with a sibling on another, who is also on one alone; and a stranger.

    One item with these marks names ``of``: on a referral, or on none.
    """
    for person in sorted({person for people in PEOPLE.values() for person in people}):
        await samples.keep(work, samples.person(person))
    for referral, people in PEOPLE.items():
        await samples.keep(work, replace(samples.referral(referral), rating="red" if referral == "ref_1" else None))
        for number, who in enumerate(people):
            await work.referrals.link_person(samples.part(referral, who, ref=f"p{number}"))
    await samples.keep(work, samples.message("msg_1", native="n1"))
    item = replace(samples.item("itm_1", referral=on), handling=tuple(sorted(marks)))
    await samples.keep(work, item, people=[of])


async def test_marks_of_a_person_are_those_of_every_item_that_names_them(store: Store) -> None:
    async with store.work() as work:
        await borough(work, HIDDEN, RESTRICTED)
        await work.commit()
    async with store.reading() as reading:
        assert await reading.handling.of_persons("ref_1") == {"per_child": {HIDDEN, RESTRICTED}}
        assert await reading.handling.of_persons("ref_2") == {}
        assert await reading.handling.of_persons("ref_9") == {}


async def test_beside_a_person_is_whoever_shares_a_referral_with_them(store: Store) -> None:
    async with store.work() as work:
        await borough(work, HIDDEN, of="per_mother")
        await work.commit()
    async with store.reading() as reading:
        reached = {name: set(await reading.handling.beside(name)) for name in PEOPLE}
    assert reached == {
        "ref_1": {"per_mother", "per_child"},
        "ref_2": {"per_mother", "per_sibling"},
        "ref_3": {"per_sibling"},
        "ref_9": set(),
    }


async def test_an_opening_is_judged_by_the_case_as_it_is_now(store: Store) -> None:
    async with store.work() as work:
        await borough(work, HIDDEN, RESTRICTED, of="per_mother")
        for number, referral in enumerate(PEOPLE):
            kind = "request" if referral != "ref_2" else "product"
            await work.envelopes.add(replace(samples.envelope(f"env_{number}"), referral_id=referral, kind=kind))
        await work.commit()
    async with store.reading() as reading:
        (rows,) = await reading.sets.read(opening.cases([f"env_{number}" for number in range(len(PEOPLE))]))
    cases = cases_of(rows)
    assert {name: case.rating for name, case in cases.items()} == dict.fromkeys(PEOPLE) | {"ref_1": Rating.RED}
    # A product tells of no place: of it only the marks of its own notifications are read.
    assert {name: case.protection.hidden for name, case in cases.items()} == {
        "ref_1": True, "ref_2": False, "ref_3": True, "ref_9": False
    }  # fmt: skip
    assert cases["ref_1"].protection.of_person("per_mother") == {HandlingMark.HIDDEN_LOCATION, HandlingMark.RESTRICTED}
    assert cases["ref_1"].protection.of_person("per_child") == {HandlingMark.HIDDEN_LOCATION}


async def test_a_source_that_asked_for_protection_on_a_referral_is_protected_on_it(store: Store) -> None:
    async with store.work() as work:
        await borough(work, PROTECTED, on="ref_1")
        for number, referral in enumerate(PEOPLE):
            sample = samples.envelope(f"env_{number}")
            await work.envelopes.add(replace(sample, referral_id=referral, kind="product"))
        await work.commit()
    async with store.reading() as reading:
        (rows,) = await reading.sets.read(opening.cases([f"env_{number}" for number in range(len(PEOPLE))]))
    protected = {
        name for name, case in cases_of(rows).items() if HandlingMark.SOURCE_PROTECTION in case.protection.marks
    }
    assert protected == {"ref_1"}
