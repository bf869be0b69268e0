from __future__ import annotations

import pytest

from routing import traces
from routing.severity import Severity
from routing.traces import Places
from schemas.notification import Handling, Incident, Notification
from schemas.persons import Address, Person
from tests.unit.routing.builders import NOW, notification, person

HOME = Address(lines=("Flat 3", "12 Ash Street", "Testborough"), postcode="zz1 1ab")


def living(ref: str, *addresses: Address) -> Person:
    return person(ref).model_copy(update={"addresses": addresses})


def at(place: str) -> Notification:
    return notification(person()).model_copy(update={"incident": Incident(place=place)})


def test_one_home_is_spelt_in_one_way_however_it_is_written() -> None:
    other = Address(lines=("FLAT 3, 12 Ash Street", "London"), postcode="ZZ11AB")
    found = [traces.places(notification(living("child-1", one))) for one in (HOME, other)]
    assert found[0] == found[1] == Places(homes=("flat312ashstreet/zz11ab",), areas=("zz11ab",))


@pytest.mark.parametrize(
    "address",
    [
        Address(lines=("12 Ash Street",)),
        Address(lines=("The Cottage",), postcode="ZZ1 1AB"),
        HOME.model_copy(update={"confidential": True}),
        HOME.model_copy(update={"use": "old"}),
    ],
)
def test_what_names_no_household_or_is_confidential_is_no_home(address: Address) -> None:
    assert traces.places(notification(living("child-1", address))).homes == ()


def test_a_property_reference_is_a_home_by_itself() -> None:
    assert traces.places(notification(living("child-1", Address(uprn="100012345678")))).homes == ("uprn/100012345678",)


def test_where_a_family_hides_nothing_is_kept() -> None:
    item = notification(living("child-1", HOME)).model_copy(update={"handling": Handling(hidden_location=True)})
    assert traces.places(item) == Places()


@pytest.mark.parametrize(
    "place, scenes",
    [
        ("12 Ash Street, ZZ1 1AB, second floor", ("12ashstreet/zz11ab",)),
        ("High Street, ZZ1 1AB", ()),
        ("12 Ash Street", ()),
        ("", ()),
    ],
)
def test_a_scene_counts_where_it_names_a_household(place: str, scenes: tuple[str, ...]) -> None:
    assert traces.places(at(place)).scenes == scenes


def test_what_happened_at_home_is_a_home_alone() -> None:
    item = notification(living("child-1", Address(lines=("12 Ash Street",), postcode="ZZ1 1AB")))
    scene = item.model_copy(update={"incident": Incident(place="12 Ash Street, ZZ1 1AB")})
    assert traces.places(scene) == traces.places(item)


def test_a_trace_says_who_lives_there_who_does_not_and_who_is_alleged_by_the_hubs_ids_alone() -> None:
    adults = (
        person("adult-1"),
        person("adult-2").model_copy(update={"in_household": False, "alleged_perpetrator": True}),
        person("adult-3").model_copy(update={"in_household": True}),
    )
    item = notification(person(), adults=adults, grade="red")
    known = {"child-1": "per-c", "adult-1": "per-1", "adult-2": "per-2", "adult-3": "per-3"}
    places = Places(homes=("home",), scenes=("scene",), areas=("area",)).hashed(str.upper)
    trace = traces.of(item, known, places, item_id="i", message_id="m", referral_id="r", at=NOW, agency="police")
    assert trace.severity is Severity.HIGH
    assert trace.children == {"per-c"}
    assert trace.residents == {"per-1", "per-3"}
    assert trace.others == trace.alleged == {"per-2"}
    assert trace.adults == {"per-1", "per-2", "per-3"}
    assert trace.places == {"HOME", "SCENE"}
    assert trace.areas == {"AREA"}


def test_who_is_not_known_to_the_hub_leaves_no_trace() -> None:
    found = traces.parts(notification(person(), adults=(person("adult-1"),)), {"child-1": "per-c"})
    assert found.children == {"per-c"}
    assert not found.residents | found.others
