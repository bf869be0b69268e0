from __future__ import annotations

import pytest

from adapters.local_authority import cin_codes
from adapters.local_authority.cin_codes import Referred
from schemas.persons import Sex
from schemas.vocabulary import Concern, Outcome, Sector


@pytest.mark.parametrize(
    "told, code",
    [
        (Referred(sector=Sector.POLICE), "6"),
        (Referred(sector=Sector.HEALTH, role="General  Practitioner"), "3A"),
        (Referred(sector=Sector.HEALTH, role="Health Visitor"), "3B"),
        (Referred(sector=Sector.HEALTH, role="A&E"), "3E"),
        (Referred(sector=Sector.HEALTH, role="midwife"), "10"),
        (Referred(sector=Sector.POLICE, role="GP"), "6"),
        (Referred(sector=Sector.EDUCATION, format="schools.csv/1"), "2A"),
        (Referred(sector=Sector.EDUCATION), "10"),
        (Referred(sector=Sector.PROBATION), "7"),
        (Referred(sector=Sector.HOUSING), "4"),
        (Referred(sector=Sector.YOUTH_JUSTICE), "5B"),
        (Referred(sector=Sector.VOLUNTARY), "8"),
        (Referred(sector=Sector.LOCAL_AUTHORITY), "10"),
    ],
)
def test_the_source_is_what_the_first_notification_tells_or_unknown(told: Referred, code: str) -> None:
    assert cin_codes.source(told) == code


@pytest.mark.parametrize(
    "words, code",
    [
        ("WBRI", "WBRI"),
        ("wbri", "WBRI"),
        ("White - British", "WBRI"),
        ("A", "WBRI"),
        ("W1", "WBRI"),
        ("A1", "AIND"),
        ("H", "AIND"),
        ("Refused", "REFU"),
        ("", "NOBT"),
        ("Martian", "NOBT"),
    ],
)
def test_an_ethnicity_is_read_from_codes_and_words_and_never_guessed(words: str, code: str) -> None:
    assert cin_codes.ethnicity(words) == code


def test_a_disability_that_no_row_knows_is_left_out() -> None:
    assert cin_codes.disability("Hearing") == "HEAR"
    assert cin_codes.disability("NONE") == "NONE"
    assert cin_codes.disability("uses a wheelchair on some days") is None


def test_abuse_or_neglect_is_the_need_where_nothing_else_was_notified() -> None:
    assert cin_codes.need([Concern.SEXUAL, Concern.EMOTIONAL]) == "N1"
    assert cin_codes.need([Concern.SEXUAL, Concern.GANGS]) == "N0"
    assert cin_codes.need([]) == "N0"


def test_every_sex_has_a_code_and_no_further_action_stands_alone() -> None:
    assert set(cin_codes.SEXES) == {*Sex, None}
    assert not cin_codes.no_further_action([])
    assert not cin_codes.no_further_action([Outcome.NO_FURTHER_ACTION, Outcome.SECTION_17])


def test_every_row_has_its_reason() -> None:
    assert all(rule.because and rule.code for rule in cin_codes.SOURCES)
