from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from sandbox import people
from schemas.identifiers import IdentifierKind, Validity, identifier


@given(st.integers(0, 999_000))
def test_every_nhs_number_is_valid_and_nobodys(serial: int) -> None:
    number = people.nhs_number(serial)
    assert number.startswith("999")
    assert identifier(IdentifierKind.NHS, number).validity is Validity.VALID


@given(st.integers(8_000_000, 9_999_999), st.integers(0, 99), st.integers(0, 999))
def test_every_upn_is_valid(school: int, year: int, serial: int) -> None:
    assert identifier(IdentifierKind.UPN, people.upn(school, year, serial)).validity is Validity.VALID


@given(st.integers(1960, 2026), st.integers(1, 9_999_999))
def test_every_pnc_id_is_valid_and_canonical(year: int, serial: int) -> None:
    held = identifier(IdentifierKind.PNC, people.pnc_id(year, serial))
    assert (held.validity, held.value) == (Validity.VALID, people.pnc_id(year, serial))


@given(st.dates(date(2025, 1, 1), date(2030, 12, 31)), st.integers(1, 60))
def test_somebody_is_as_old_as_the_story_says_whatever_the_day(today: date, years: int) -> None:
    born = people.years_before(today, years)
    assert today.year - born.year - ((today.month, today.day) < (born.month, born.day)) == years
