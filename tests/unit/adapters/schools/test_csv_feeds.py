"""What one school's office can say of its own CSV in the feed's options, and what is no CSV of a school's."""

from __future__ import annotations

import gzip
import io
import time
import zipfile
from pathlib import Path

import pytest

from adapters.port import FeedContext
from adapters.schools.csv import ADAPTER
from schemas.errors import MashError, Rejected, TooLarge
from schemas.notification import Normalised

ROW = "First name,Last name,DOB\nMorgan,Testcase,{}\n"


def read(payload: bytes | str, **options: object) -> tuple[Normalised, ...]:
    raw = payload.encode() if isinstance(payload, str) else payload
    return ADAPTER.read(raw, FeedContext(feed="school", agency="marshside-academy", options=options)).items


def refusal(payload: bytes | str, **options: object) -> MashError:
    with pytest.raises((Rejected, TooLarge)) as caught:
        read(payload, **options)
    error: MashError = caught.value
    return error


def born(payload: str, **options: object) -> str | None:
    return read(payload, **options)[0].notification.children[0].birth_date


@pytest.mark.parametrize(
    "text, options, date",
    [
        ("04/05/12", {}, None),
        ("04/05/12", {"two_digit_years_from": 1990}, "2012-05-04"),
        ("04/05/12", {"two_digit_years_from": "1990"}, "2012-05-04"),
        ("04/05/2012", {"dates": "month-first"}, "2012-04-05"),
        ("41033", {}, None),
        ("41033", {"columns": {"DOB": {"field": "birth_date", "dates": "excel"}}}, "2012-05-04"),
        ("04/05/2012", {"columns": {"DOB": {"field": "birth_date", "dates": "month-first"}}}, "2012-04-05"),
    ],
)
def test_dates_are_read_as_the_options_say(text: str, options: dict[str, object], date: str | None) -> None:
    assert born(ROW.format(text), **options) == date


def test_the_column_map_takes_a_field_by_our_name_or_by_any_heading_that_we_know() -> None:
    payload = "Vorname;Nachname;Geboren\nMorgan;Testcase;04/05/2012\n"
    mapped = {"Vorname": "given", "NACHNAME": "Legal Surname", "geboren": "date of birth"}
    made = read(payload, columns=mapped)[0].notification.children[0]
    assert (made.names[0].given, made.names[0].family, made.birth_date) == (("Morgan",), "Testcase", "2012-05-04")


@pytest.mark.parametrize(
    "options, at, says",
    [
        ({"columns": {"Vorname": "forname"}}, "options.columns.Vorname", 'did you mean "given"'),
        ({"columns": {"DOB": "birthdate of the pupil's cat"}}, "options.columns.DOB", "schools-csv.md"),
        ({"columns": {"DOB": 3}}, "options.columns.DOB", "a field that there is not"),
        ({"columns": ["DOB"]}, "options.columns", "Your heading"),
        ({"columns": {"DOB": {"field": "birth_date", "dates": "julian"}}}, "options.columns.DOB", '"excel"'),
        ({"columns": {"Sex": {"field": "sex", "dates": "excel"}}}, "options.columns.Sex", "holds no dates"),
        ({"columns": {"DOB": {"field": "birth_date", "form": "x"}}}, "options.columns.DOB", "nothing else"),
        ({"dates": "american"}, "options.dates", "day-first"),
        ({"two_digit_years_from": "90"}, "options.two_digit_years_from", "such as 1990"),
        ({"charset": "klingon"}, "options.charset", "windows-1252"),
    ],
)
def test_a_wrong_option_is_refused_in_words_that_an_office_understands(
    options: dict[str, object], at: str, says: str
) -> None:
    error = refusal(ROW.format("2012-05-04"), **options)
    assert (error.code, error.at) == ("schools.csv.options", at)
    assert says in error.detail


@pytest.mark.parametrize(
    "name, text",
    [
        ("ISO-8859-15", "Zo\u00eb\u20ac"),
        ("Windows-1252", "Zo\u00eb\u20ac"),
        ("iso-8859-1", "Zo\u00eb"),
        ("utf-8", "Zo\u00eb"),
    ],
)
def test_the_feeds_character_set_is_taken_by_its_usual_names(name: str, text: str) -> None:
    payload = f"First name,Last name\n{text},Testcase\n".encode(name)
    assert read(payload, charset=name)[0].notification.children[0].names[0].given == (text,)


@pytest.mark.parametrize(
    "cell, formula",
    [
        ('=HYPERLINK("http://example.invalid")', True),
        ("@SUM(1)", True),
        ("+cmd|' /C calc'!A0", True),
        ("-2+3+cmd|' /C calc'!A0", True),
        ("+44 1632 960001", False),
        ("-", False),
        ("-5", False),
        ("a=b", False),
    ],
)
def test_a_formula_is_kept_as_it_is_and_flagged(cell: str, formula: bool) -> None:
    item = read(f'First name,Last name,Locker\nMorgan,Testcase,"{cell.replace(chr(34), chr(34) * 2)}"\n')[0]
    assert cell in {each.value for each in item.unmapped}
    assert ("cell.formula" in {flag.code for flag in item.notification.quality}) is formula


def test_a_workbook_an_archive_and_a_pdf_are_refused_unopened() -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b"0" * 3_000_000)
    for payload in (bomb.getvalue(), gzip.compress(b"0" * 3_000_000), b"\xd0\xcf\x11\xe0" + b"x" * 90, b"%PDF-1.7\n"):
        error = refusal(payload)
        assert (error.code, error.at) == ("schools.csv.container", "row[1]")
        assert "CSV" in error.detail


@pytest.mark.parametrize(
    "header",
    [
        "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,HOME_POST,URN",
        "LAchildID,UPN,PersonBirthDate,CINreferralDate,ReferralSource,PrimaryNeedCode",
    ],
)
def test_a_return_of_a_local_authority_is_no_schools_list(header: str) -> None:
    error = refusal(f"{header}\n{','.join('1' for _ in header.split(','))}\n")
    assert (error.code, error.at) == ("schools.csv.foreign", "row[1]")


def test_a_hundred_megabytes_are_refused_before_they_are_looked_at() -> None:
    payload = b"First name,Last name\n" + b"A,B\n" * 25_000_000
    started = time.perf_counter()
    assert refusal(payload).code == "schools.csv.size"
    assert time.perf_counter() - started < 0.5


def test_five_thousand_marks_take_time_in_proportion() -> None:
    def seconds(rows: int) -> float:
        head = "UPN,Session Date,Attendance Code,Surname\n"
        body = "".join(f"T9991234{each % 97:05d},{1 + each % 28:02d}/09/2026,O,Testcase\n" for each in range(rows))
        started = time.perf_counter()
        assert len(read(head + body)) == rows
        return time.perf_counter() - started

    seconds(100)
    assert seconds(4_800) < 12 * max(seconds(1_200), 0.05)


def test_csv_is_written_in_one_place_which_lets_no_formula_leave_the_hub() -> None:
    root = Path(__file__).parents[4]
    writing = [
        path.relative_to(root).as_posix()
        for package in ("schemas", "adapters", "routing", "crypto", "gateway")
        for path in sorted((root / package).rglob("*.py"))
        if any(name in path.read_text(encoding="utf-8") for name in ("csv.writer", "DictWriter"))
    ]
    # Whoever writes another puts an apostrophe before every cell that table._FORMULA matches, as this one does.
    assert writing == ["gateway/evaluation/exporting.py"]
