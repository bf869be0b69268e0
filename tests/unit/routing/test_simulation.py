from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from routing import readership
from routing.reading_rules import Relation
from routing.simulation import Case, Simulation, sights
from schemas.disclosure import Audience
from schemas.hub import Hub, RecipientSection, Withhold
from schemas.persons import Contact
from schemas.vocabulary import DataCategory, Datum, HandlingMark, Rating, Role
from tests.unit.routing.builders import disclosure, group, person
from tests.unit.routing.test_hub_rules import GOOD

TEAM = RecipientSection(name="team", role=Role.RECEIVING_TEAM)
COUNCIL = next(one for one in GOOD.agencies if one.id == "council")
HUB = GOOD.model_copy(
    update={
        "agencies": (
            *(one for one in GOOD.agencies if one.id != "council"),
            COUNCIL.model_copy(update={"recipients": (*COUNCIL.recipients, TEAM)}),
        )
    }
)
CASE = Case(
    referral="ref_1",
    rating=Rating.GREEN,
    persons=[(person().model_copy(update={"contacts": (Contact(system="phone", value="01632 960000"),)}), frozenset())],
    notifications=[("health", frozenset({HandlingMark.SOURCE_PROTECTION}))],
    disclosures=[
        disclosure(
            "health",
            group("d1", DataCategory.HEALTH_HISTORY, Audience.SOCIAL_WORK_MANAGER, Audience.RECEIVING_TEAM),
            group("d2", DataCategory.HEALTH_MENTAL),
        )
    ],
    product=frozenset({"d1"}),
)
WITHHOLDS = st.lists(
    st.builds(
        Withhold,
        role=st.sampled_from([Role.COORDINATOR, Role.SCREENING_OFFICER, Role.PROFESSIONAL_LEAD, Role.RECEIVING_TEAM]),
        data=st.lists(st.sampled_from([*Datum, *DataCategory]), min_size=1, max_size=6).map(tuple),
        ratings=st.lists(st.sampled_from(list(Rating)), max_size=1).map(tuple),
        because=st.just("the hub says so"),
    ),
    min_size=1,
    max_size=4,
).map(tuple)


def withholding(*rows: Withhold) -> Hub:
    return HUB.model_copy(update={"withholds": rows})


def differences(before: Hub, after: Hub, *cases: Case) -> dict[str, tuple[int, int, tuple[str, ...], tuple[str, ...]]]:
    simulation = Simulation(before, after)
    for case in cases:
        simulation.look(case)
    return {one.reader: (one.more, one.less, one.more_in, one.less_in) for one in simulation.differences}


@given(WITHHOLDS)
def test_rows_of_the_hub_s_show_nobody_more_and_taking_them_away_gives_back_as_much(rows: tuple[Withhold, ...]) -> None:
    added = differences(HUB, withholding(*rows), CASE)
    taken = differences(withholding(*rows), HUB, CASE)
    assert all(more == 0 and more_in == () for more, _, more_in, _ in added.values())
    assert {name: (less, more, less_in, more_in) for name, (more, less, more_in, less_in) in added.items()} == taken


def test_nothing_changes_for_nobody_where_the_policy_stays() -> None:
    assert differences(HUB, HUB, CASE) == {}


def test_who_sees_less_is_told_by_count_and_reference_and_not_by_what() -> None:
    row = Withhold(
        role=Role.RECEIVING_TEAM, data=(DataCategory.HEALTH_HISTORY,), ratings=(Rating.GREEN,), because="not at green"
    )
    red = replace(CASE, referral="ref_2", rating=Rating.RED)
    found = differences(HUB, withholding(row), CASE, red, replace(CASE, referral="ref_3"))
    assert found == {"receiving team of council.team (receiving)": (0, 2, (), ("ref_1", "ref_3"))}


def test_a_recipient_that_becomes_another_sees_what_it_did_not() -> None:
    without = GOOD
    found = differences(without, HUB, CASE)
    assert set(found) == {"receiving team of council.team (receiving)"}
    assert found["receiving team of council.team (receiving)"][1] == 0


def test_everybody_who_may_read_is_asked_about() -> None:
    seen = sights(CASE, HUB)
    assert {f"group {digest}" for digest in ("d1", "d2")} < seen["social work manager (assigned)"]
    assert not any(sight.startswith("source") for sight in seen["screening officer of council (desk)"])
    assert any(sight.startswith("source") for sight in seen["screening officer of health (desk)"])
    relations = {reader.relation for reader in readership.of_notifications(HUB)}
    assert relations == {
        Relation.ASSIGNED, Relation.UNCARRIED, Relation.DESK, Relation.ASKED, Relation.RECEIVING
    }  # fmt: skip
