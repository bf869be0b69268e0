from __future__ import annotations

from routing.asking import RULES, Picture, Proposal, gaps, propose
from schemas.persons import Person
from schemas.vocabulary import Concern, DataCategory, Rating, Sector
from tests.unit.routing.builders import CORE_FIVE, COUNCIL, HEALTH, POLICE, agency, notification, person

CHILD = person("child-1")
ADULT = person("adult-1", born="1980-01-01")
WARRANT = Picture.of(notification(CHILD, adults=(ADULT,), categories=(Concern.DRUGS,)), Rating.AMBER)
UNBORN = Person(ref="child-1", unborn=True, mother="adult-1")
EXPECTING = Picture.of(notification(UNBORN, adults=(ADULT,), categories=(Concern.UNBORN_CHILD,)), Rating.AMBER)


def by_agency(proposals: tuple[Proposal, ...]) -> dict[str, Proposal]:
    return {proposal.agency: proposal for proposal in proposals}


def test_a_drugs_warrant_asks_the_five_core_agencies() -> None:
    proposals = by_agency(propose(WARRANT, CORE_FIVE))
    assert set(proposals) == {"council", "police", "health", "schools", "probation"}
    assert all(proposal.recipient == "lead" and proposal.because for proposal in proposals.values())


def test_each_agency_is_asked_in_its_own_field_about_the_people_it_may_know() -> None:
    proposals = by_agency(propose(WARRANT, CORE_FIVE))
    assert proposals["probation"].persons == ("adult-1",)
    assert proposals["probation"].because == "adults in the household"
    assert proposals["schools"].persons == ("child-1",)
    assert proposals["police"].persons == ("child-1", "adult-1")
    assert proposals["health"].persons == ("child-1",)
    assert proposals["health"].categories == (DataCategory.HEALTH_HISTORY,)


def test_an_unborn_child_asks_health_about_the_mother_and_no_school() -> None:
    proposals = by_agency(propose(EXPECTING, CORE_FIVE))
    assert set(proposals) >= {"council", "police", "health"}
    assert "schools" not in proposals
    assert proposals["health"].persons == ("child-1", "adult-1")
    assert DataCategory.MATERNITY in proposals["health"].categories


def test_probation_is_not_asked_where_no_adult_is_named() -> None:
    alone = Picture.of(notification(CHILD), Rating.AMBER)
    assert "probation" not in by_agency(propose(alone, CORE_FIVE))


def test_nobody_is_asked_about_nobody() -> None:
    assert propose(Picture.of(notification(), Rating.RED), CORE_FIVE) == ()


def test_two_agencies_of_one_sector_are_both_asked() -> None:
    hospital = agency("hospital", Sector.HEALTH)
    assert {"health", "hospital"} <= set(by_agency(propose(WARRANT, [HEALTH, hospital])))


def test_an_agency_without_a_lead_is_not_asked_and_the_gap_shows() -> None:
    without = (POLICE, COUNCIL, agency("surgery", Sector.HEALTH, lead=False))
    assert "surgery" not in by_agency(propose(WARRANT, without))
    missing = gaps(WARRANT, without)
    assert {gap.sector for gap in missing} == {Sector.HEALTH, Sector.EDUCATION, Sector.PROBATION}
    assert all(gap.because for gap in missing)
    assert gaps(WARRANT, CORE_FIVE) == ()


def test_the_nature_of_the_concern_brings_in_others() -> None:
    others = (agency("yot", Sector.YOUTH_JUSTICE), agency("homes", Sector.HOUSING))
    assert set(by_agency(propose(WARRANT, others))) == {"yot"}
    home = Picture.of(notification(CHILD, categories=(Concern.NEGLECT,)), Rating.RED)
    assert set(by_agency(propose(home, others))) == {"homes"}


def test_mental_health_is_asked_about_only_where_it_is_part_of_the_concern() -> None:
    mind = Picture.of(notification(CHILD, categories=(Concern.SELF_HARM,)), Rating.AMBER)
    assert DataCategory.HEALTH_MENTAL in by_agency(propose(mind, [HEALTH]))["health"].categories
    assert DataCategory.HEALTH_MENTAL not in by_agency(propose(WARRANT, [HEALTH]))["health"].categories


def test_every_row_asks_for_something_with_a_reason() -> None:
    assert all(rule.categories and rule.because for rule in RULES)
