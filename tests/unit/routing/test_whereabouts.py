from __future__ import annotations

import pytest

from routing.whereabouts import told
from schemas.persons import Address, Contact, Organisation
from tests.unit.routing.builders import person

SOMEBODY = person().model_copy(
    update={
        "addresses": (
            Address(lines=("1 Vermilion Passage", "Testborough"), postcode="ZZ99 3WZ"),
            Address(lines=("Flat 7, 12 Umber Row",), postcode="ZZ99 3VZ", confidential=True),
        ),
        "contacts": (Contact(system="phone", value="01632 960 123"),),
        "school": Organisation(name="St Sample's Primary"),
        "gp": Organisation(name="Sample Surgery"),
    }
)


@pytest.mark.parametrize(
    "text",
    [
        "They moved to 1, Vermilion Passage.",
        "postcode zz993wz",
        "Ring +44 1632 960123",
        "She goes to St. Samples' Primary now",
        "registered with the SAMPLE SURGERY",
        "flat 7 12 Umber row",
        "somewhere in Umber Row",
    ],
)
def test_a_place_on_record_is_found_however_it_is_spelt(text: str) -> None:
    assert told(text, [SOMEBODY], hidden=True)


@pytest.mark.parametrize("text", ["", "The mother fled in May.", "Testborough has 1632 schools", "ZZ99"])
def test_words_that_tell_no_place_on_record_are_left_alone(text: str) -> None:
    assert not told(text, [SOMEBODY], hidden=True)


def test_of_a_family_that_does_not_hide_only_a_confidential_address_is_one() -> None:
    assert told("at 12 Umber Row, ZZ99 3VZ", [SOMEBODY], hidden=False)
    assert not told("1 Vermilion Passage, ZZ99 3WZ, 01632 960123, Sample Surgery", [SOMEBODY], hidden=False)
