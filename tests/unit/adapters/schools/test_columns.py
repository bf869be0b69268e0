from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.schools import columns
from schemas.errors import Rejected


@pytest.mark.parametrize(
    "header, field",
    [
        ("CHILD_FIRST_NAME", "given"),
        ("Pupil first name", "given"),
        ("Legal Surname", "family"),
        ("PERSON_DOB", "birth_date"),
        ("child-date-of-birth", "birth_date"),
        ("NHS No.", "nhs_number"),
        ("Student Name", "full_name"),
        ("PARENT_2_EMAIL", "parent_2_email"),
        ("Parent/Carer 1 Name", "parent_1_name"),
        ("CHILD_SCHOOL_URN", "school_urn"),
        ("Concern Type", "category"),
        ("Action taken", "action"),
        ("Favourite colour", None),
        ("parent_12_name", None),
        ("", None),
    ],
)
def test_a_header_is_known_by_its_letters_and_digits_alone(header: str, field: str | None) -> None:
    assert columns.field_of(header) == field


def test_no_synonym_stands_for_two_fields_and_each_is_spelt_plainly() -> None:
    words = [word for synonyms in columns.SYNONYMS.values() for word in synonyms]
    assert len(words) == len(set(words))
    assert all(word == columns.plain(word) for word in words)


def test_every_field_about_a_concern_can_be_named_by_a_header() -> None:
    assert set(columns.SYNONYMS) >= columns.SAFEGUARDING


def test_the_feeds_own_map_goes_before_the_synonyms() -> None:
    own = columns.column_map({"columns": {"Worry!": "narrative", "Incident": "incident_id"}})
    assert columns.fields_of(["worry", "INCIDENT", "DOB"], own) == ("narrative", "incident_id", "birth_date")


@pytest.mark.parametrize(
    "options", [{"columns": {"Worry": "worry"}}, {"columns": "x"}, {"columns": {"a": "parent_0_name"}}]
)
def test_a_column_map_that_names_no_field_of_ours_is_refused(options: dict[str, object]) -> None:
    with pytest.raises(Rejected) as caught:
        columns.column_map(options)
    assert caught.value.code == "schools.csv.options"


def test_the_first_column_that_claims_a_field_has_it() -> None:
    assert columns.fields_of(["DOB", "Date of birth"], {}) == ("birth_date", None)


def test_a_class_list_with_notes_is_no_safeguarding_export() -> None:
    assert not columns.is_safeguarding_export(("given", "family", "narrative", None))
    assert not columns.is_safeguarding_export((None, None))
    assert columns.is_safeguarding_export(("given", "category"))
    assert columns.is_safeguarding_export(("narrative", "action"))


@given(st.text(max_size=60))
def test_no_header_makes_the_reader_raise(header: str) -> None:
    columns.field_of(header)
    columns.speaks_of_safeguarding(header)
