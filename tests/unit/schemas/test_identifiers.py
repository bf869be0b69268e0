from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.identifiers import Identifier, IdentifierKind, Validity, identifier

DIGITS = "0123456789"
UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
PNC_LETTERS = "ZABCDEFGHJKLMNPQRTUVWXY"


def digits(count: int) -> st.SearchStrategy[str]:
    return st.text(DIGITS, min_size=count, max_size=count)


def validity(kind: IdentifierKind, text: str) -> Validity:
    return identifier(kind, text).validity


# Each check digit is worked out here from the rule's own words, not by the code that is tested.
def nhs_check(nine: str) -> str | None:
    rest = 0
    for place, digit in enumerate(nine):
        rest += (10 - place) * int(digit)
    check = 11 - rest % 11
    if check == 11:
        return "0"
    return None if check == 10 else str(check)


@given(digits(9))
def test_one_check_digit_at_most_makes_an_nhs_number_valid(nine: str) -> None:
    good = [last for last in DIGITS if validity(IdentifierKind.NHS, nine + last) is Validity.VALID]
    check = nhs_check(nine)
    assert good == ([check] if check is not None else [])


@given(digits(9).filter(lambda nine: nhs_check(nine) is not None), st.data())
def test_a_single_wrong_digit_in_an_nhs_number_never_passes(nine: str, data: st.DataObject) -> None:
    number = nine + str(nhs_check(nine))
    place = data.draw(st.integers(0, 9))
    other = data.draw(st.sampled_from([digit for digit in DIGITS if digit != number[place]]))
    wrong = number[:place] + other + number[place + 1 :]
    assert validity(IdentifierKind.NHS, wrong) is Validity.CHECK_FAILED


@pytest.mark.parametrize("text", ["999 000 4714", "999-000-4714", " 9990004714 ", "999\u00a0000\u00a04714"])
def test_blanks_and_hyphens_in_an_nhs_number_are_dropped(text: str) -> None:
    made = identifier(IdentifierKind.NHS, text)
    assert (made.value, made.validity) == ("9990004714", Validity.VALID)
    assert made.sure


@pytest.mark.parametrize("text", ["", "999000471", "99900047144", "999000471X", "9.99E+09"])
def test_what_has_not_the_shape_of_an_nhs_number_is_malformed_and_keeps_its_text(text: str) -> None:
    made = identifier(IdentifierKind.NHS, text)
    assert made.validity is Validity.MALFORMED
    assert made.value == text
    assert not made.sure


def upn_letter(rest: str) -> str:
    values = [int(each) if each in DIGITS else UPN_LETTERS.index(each) for each in rest]
    return UPN_LETTERS[sum(value * (place + 2) for place, value in enumerate(values)) % 23]


@given(digits(12))
def test_exactly_one_letter_makes_a_upn_valid(rest: str) -> None:
    good = [letter for letter in UPN_LETTERS if validity(IdentifierKind.UPN, letter + rest) is Validity.VALID]
    assert good == [upn_letter(rest)]


@given(digits(11), st.sampled_from(UPN_LETTERS))
def test_a_final_letter_means_a_temporary_upn_which_is_never_sure(eleven: str, last: str) -> None:
    made = identifier(IdentifierKind.UPN, upn_letter(eleven + last) + eleven + last)
    assert made.validity is Validity.TEMPORARY
    assert not made.sure


@pytest.mark.parametrize("text", ["UN1", "I999123456001", "T99912345600", "T9991234560012", "T99912345600S"])
def test_what_has_not_the_shape_of_a_upn_is_malformed(text: str) -> None:
    assert validity(IdentifierKind.UPN, text) is Validity.MALFORMED


@given(st.integers(1950, 2049), st.integers(0, 9_999_999))
def test_a_pnc_id_has_one_good_letter_and_one_canonical_spelling(year: int, serial: int) -> None:
    letter = PNC_LETTERS[int(f"{year % 100:02d}{serial:07d}") % 23]
    canonical = f"{year}/{serial:07d}{letter}"
    for text in (canonical, canonical.lower(), f"{year}/{serial}{letter}", f"{year % 100:02d}/{serial}{letter}"):
        made = identifier(IdentifierKind.PNC, text)
        assert (made.value, made.validity) == (canonical, Validity.VALID)
    others = [each for each in PNC_LETTERS if each != letter]
    assert {validity(IdentifierKind.PNC, f"{year}/{serial:07d}{each}") for each in others} == {Validity.CHECK_FAILED}


def test_a_pnc_id_without_its_stroke_is_read_too() -> None:
    assert identifier(IdentifierKind.PNC, "20110123456H").value == "2011/0123456H"


@given(st.integers(0, 99), st.integers(1, 999_999))
def test_a_cro_number_has_one_good_letter(year: int, serial: int) -> None:
    letter = PNC_LETTERS[int(f"{year:02d}{serial:06d}") % 23]
    made = identifier(IdentifierKind.CRO, f"{serial}/{year:02d}{letter.lower()}")
    assert (made.value, made.validity) == (f"{serial:06d}/{year:02d}{letter}", Validity.VALID)
    wrong = next(each for each in PNC_LETTERS if each != letter)
    assert validity(IdentifierKind.CRO, f"{serial}/{year:02d}{wrong}") is Validity.CHECK_FAILED


@given(st.integers(0, 99), st.integers(1, 999_999))
def test_a_special_file_has_its_letter_over_the_serial_without_leading_zeros(year: int, serial: int) -> None:
    letter = PNC_LETTERS[int(f"{year:02d}{serial}") % 23]
    made = identifier(IdentifierKind.CRO, f"SF{year:02d}/{serial}{letter}")
    assert (made.value, made.validity) == (f"SF{year:02d}/{serial}{letter}", Validity.VALID)


@pytest.mark.parametrize("kind", [IdentifierKind.PNC, IdentifierKind.CRO])
@pytest.mark.parametrize("text", ["", "nothing", "2011/01234567H", "SF1/1A", "2011/H"])
def test_what_has_not_the_shape_of_a_police_number_is_malformed(kind: IdentifierKind, text: str) -> None:
    assert validity(kind, text) is Validity.MALFORMED


@pytest.mark.parametrize(
    "kind, good, bad",
    [
        (IdentifierKind.ASN, "26/99AB/01/12345678901C", "26/99AB/01/1234"),
        (IdentifierKind.CRN, "x123456", "X12345"),
        (IdentifierKind.CRN, "XX123456", "XXX123456"),
        (IdentifierKind.NOMS, "a1234bc", "A1234B"),
        (IdentifierKind.ODS, "R1L", "R1L4567890"),
        (IdentifierKind.URN, "999001", "99900"),
        (IdentifierKind.LAESTAB, "999/4001", "9994"),
    ],
)
def test_a_shape_without_a_check_digit_is_valid_or_malformed(kind: IdentifierKind, good: str, bad: str) -> None:
    assert validity(kind, good) is Validity.VALID
    assert validity(kind, bad) is Validity.MALFORMED


def test_a_local_number_is_kept_as_it_is_and_nothing_is_said_of_it() -> None:
    made = identifier(IdentifierKind.LOCAL, " ab-1 2 ", issuer="Northmarsh Police")
    assert (made.value, made.validity, made.issuer) == ("ab-1 2", Validity.UNCHECKED, "Northmarsh Police")
    assert not made.sure


def test_traced_means_verified_and_does_not_mend_a_failed_check() -> None:
    made = identifier(IdentifierKind.NHS, "9990004715", verified=True)
    assert made.verified
    assert not made.sure


@given(st.sampled_from(IdentifierKind), st.text(max_size=30))
def test_no_text_makes_the_reader_raise_and_a_canonical_spelling_stays_as_it_is(
    kind: IdentifierKind,
    text: str,
) -> None:
    once = identifier(kind, text)
    if once.validity is not Validity.MALFORMED:
        again = identifier(kind, once.value)
        assert (again.value, again.validity) == (once.value, once.validity)


def test_an_identifier_survives_json() -> None:
    made = identifier(IdentifierKind.UPN, "T999123456001", issuer="Marshside Academy")
    assert Identifier.model_validate_json(made.model_dump_json()) == made


@pytest.mark.parametrize("kind", [kind for kind in IdentifierKind if kind is not IdentifierKind.LOCAL])
def test_digits_of_another_script_are_never_valid(kind: IdentifierKind) -> None:
    foreign = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
    for text in ("9990000018", "X123456", "A1234BC", "12345", "1234567", "2002/0073319Z", "H801200001001"):
        assert identifier(kind, text.translate(foreign)).validity is Validity.MALFORMED
