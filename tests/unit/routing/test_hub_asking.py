from __future__ import annotations

from routing import asking, hub_asking
from routing.asking import Picture
from schemas.asking import AskingRow
from schemas.vocabulary import Concern, DataCategory, Rating, Sector
from tests.unit.routing.builders import CORE_FIVE, person

CHILD = person("child-1")
UNBORN = CHILD.model_copy(update={"ref": "unborn-1", "unborn": True, "birth_date": None, "mother": "adult-1"})
MOTHER = person("adult-1")
FATHER = person("adult-2")


def picture(*concerns: Concern, rating: Rating = Rating.AMBER, unborn: bool = False) -> Picture:
    children = (UNBORN,) if unborn else (CHILD,)
    return Picture(children=children, adults=(MOTHER, FATHER), concerns=frozenset(concerns), rating=rating)


def row(**changed: object) -> AskingRow:
    made = {"asks": "police", "categories": ["police_incidents"], "because": "the borough agreed on it"}
    return AskingRow.model_validate(made | changed)


def asked(seen: Picture, *rows: AskingRow) -> dict[str, tuple[tuple[str, ...], tuple[DataCategory, ...]]]:
    proposals = asking.propose(seen, CORE_FIVE, hub_asking.rules(rows))
    return {one.agency: (one.persons, one.categories) for one in proposals}


def test_without_rows_of_its_own_a_hub_asks_as_built_in() -> None:
    assert hub_asking.rules(()) == asking.RULES


def test_a_sectors_own_rows_stand_in_place_of_the_built_in_ones_and_the_others_stay() -> None:
    plain = asked(picture())
    own = asked(picture(), row(about="children"))
    assert own.pop("police") == (("child-1",), (DataCategory.POLICE_INCIDENTS,))
    del plain["police"]
    assert own == plain


def test_two_rows_of_a_sector_are_one_proposal_with_both_reasons() -> None:
    rows = (row(about="children"), row(about="adults", categories=["police_convictions"], because="adults"))
    assert asked(picture(), *rows)["police"] == (
        ("child-1", "adult-1", "adult-2"),
        (DataCategory.POLICE_INCIDENTS, DataCategory.POLICE_CONVICTIONS),
    )
    (said,) = [
        one.because for one in asking.propose(picture(), CORE_FIVE, hub_asking.rules(rows)) if one.agency == "police"
    ]
    assert said == "the borough agreed on it; adults"


def test_a_row_may_be_for_a_concern_a_rating_or_an_unborn_child() -> None:
    gangs = row(concerns=["gangs", "drugs"])
    assert "police" not in asked(picture(Concern.NEGLECT), gangs)
    assert "police" in asked(picture(Concern.NEGLECT, Concern.DRUGS), gangs)
    reds = row(ratings=["red"])
    assert "police" not in asked(picture(), reds)
    assert "police" in asked(picture(rating=Rating.RED), reds)
    expected = row(unborn=True, about="children_and_mothers_to_be")
    assert "police" not in asked(picture(), expected)
    assert asked(picture(unborn=True), expected)["police"][0] == ("unborn-1", "adult-1")


def test_a_row_about_nobody_who_is_named_asks_nobody() -> None:
    seen = Picture(children=(CHILD,), adults=(), concerns=frozenset(), rating=Rating.RED)
    assert "police" not in asked(seen, row(about="adults"))


def test_a_sector_that_should_be_asked_and_has_no_lead_is_a_gap_by_the_hubs_rows_too() -> None:
    others = tuple(one for one in CORE_FIVE if one.sector is not Sector.POLICE)
    gaps = asking.gaps(picture(), others, hub_asking.rules((row(),)))
    assert [(one.sector, one.because) for one in gaps] == [(Sector.POLICE, "the borough agreed on it")]
    assert asking.gaps(picture(), others, hub_asking.rules((row(ratings=["red"]),))) == ()
