from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.port import Fate, FeedContext, Receipt
from adapters.schools import table
from adapters.schools.csv import ADAPTER, RULES
from schemas.errors import MashError, Rejected, TooLarge
from schemas.identifiers import Validity
from schemas.notification import Normalised
from schemas.vocabulary import Concern, ItemKind
from tests.fixtures.regenerate import context, golden, natives

FIXTURES = natives("schools.csv")
EXPORT, CLASS_LIST = (
    next(path for path in FIXTURES if path.name == name).read_bytes()
    for name in ("safeguarding-export.csv", "class-list.csv")
)
AT = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)


def feed(**options: object) -> FeedContext:
    return FeedContext(feed="school", agency="marshside-academy", options=options)


def read(payload: bytes | str, **options: object) -> tuple[Normalised, ...]:
    return ADAPTER.read(payload.encode() if isinstance(payload, str) else payload, feed(**options)).items


def refusal(payload: bytes, **options: object) -> MashError | None:
    try:
        ADAPTER.read(payload, feed(**options))
    except MashError as error:
        return error
    return None


@pytest.mark.parametrize("native", FIXTURES, ids=lambda path: path.stem)
def test_each_fixture_reads_as_its_golden_file_says(native: Path) -> None:
    reading = ADAPTER.read(native.read_bytes(), context()).model_dump(mode="json")
    assert reading == json.loads(golden(native).read_text(encoding="utf-8"))


def test_an_export_has_an_item_for_each_row_and_blank_and_instruction_rows_are_none() -> None:
    items = read(EXPORT)
    assert [item.notification.kind for item in items] == [ItemKind.CONCERN] * 4
    assert [item.notification.native_id for item in items] == ["SG-1001", "SG-1002", "SG-1002#row-6", "SG-1003"]


def test_a_row_carries_the_concern_the_child_and_the_parents() -> None:
    made = read(EXPORT)[0].notification
    (child,) = made.children
    assert (child.names[0].given, child.names[0].family) == (("Morgan",), "Testcase")
    assert [each.validity for each in child.identifiers] == [Validity.VALID, Validity.VALID]
    assert made.concern is not None
    assert made.concern.categories == (Concern.NEGLECT,)
    assert made.concern.factors == ("Hygiene", "Hunger")
    assert made.incident is not None
    assert made.incident.occurred_at == datetime(2026, 11, 2, 8, 55, tzinfo=UTC)
    assert 'Said "there was no breakfast".' in made.incident.narrative
    assert made.immediate_danger == ""
    assert made.adults[0].relation == "mother"
    assert made.consent is not None
    assert (made.consent.informed, made.consent.given) == (True, False)
    assert made.referrer is not None
    assert made.referrer.role == "Designated safeguarding lead"


def test_a_formula_is_just_text() -> None:
    incident = read(EXPORT)[1].notification.incident
    assert incident is not None
    assert incident.narrative == '=HYPERLINK("http://example.invalid")'


def test_categories_between_commas_are_read_where_all_are_known_and_kept_whole_where_not() -> None:
    second, third = (item.notification.concern for item in read(EXPORT)[1:3])
    assert second is not None
    assert third is not None
    assert second.categories == (Concern.DOMESTIC_ABUSE, Concern.SELF_HARM)
    assert third.categories == (Concern.OTHER,)
    assert third.source_categories == ("Something new",)


def test_a_row_that_names_no_child_is_a_concern_all_the_same() -> None:
    made = read(EXPORT)[3].notification
    assert made.children == ()
    assert made.kind is ItemKind.CONCERN


def test_a_school_that_is_none_is_flagged_and_not_taken_for_one() -> None:
    item = read(EXPORT)[2]
    assert item.notification.children[0].school is not None
    assert item.notification.children[0].school.identifiers == ()
    assert "school.unknown" in {flag.code for flag in item.notification.quality}
    assert "888888" in {each.value for each in item.unmapped}


def test_a_class_list_is_an_update_or_context_unless_a_column_nobody_mapped_tells_a_story() -> None:
    kinds = [item.notification.kind for item in read(CLASS_LIST)]
    assert kinds == [ItemKind.UPDATE, ItemKind.UPDATE, ItemKind.CONTEXT, ItemKind.CONCERN]


@pytest.mark.parametrize("header", ["Safeguarding?", "Cause for concern", "CP risk", "Disclosure made"])
def test_an_unmapped_header_that_speaks_of_safeguarding_makes_a_filled_row_a_concern(header: str) -> None:
    row = "First name,Last name,DOB,{}\nMorgan,Testcase,2012-05-06,{}\n"
    assert read(row.format(header, "x"))[0].notification.kind is ItemKind.CONCERN
    assert read(row.format(header, ""))[0].notification.kind is ItemKind.UPDATE


def test_an_empty_row_of_a_safeguarding_export_is_a_concern() -> None:
    made = read("First name,Last name,DOB,Category\nMorgan,Testcase,2012-05-06,\n")[0].notification
    assert made.kind is ItemKind.CONCERN


def test_every_row_of_the_rules_has_a_reason() -> None:
    assert all(rule.because for rule in RULES)


TEXT = "First name,Last name,DOB\nZo\u00eb,Testcase,02/01/2010\n"


@pytest.mark.parametrize(
    "payload, guessed",
    [
        (TEXT.encode(), False),
        (b"\xef\xbb\xbf" + TEXT.encode(), False),
        (TEXT.encode("utf-16"), False),
        (b"\xfe\xff" + TEXT.encode("utf-16-be"), False),
        (TEXT.encode("utf-16-le"), True),
        (TEXT.encode("utf-16-be"), True),
        (TEXT.encode("cp1252"), True),
    ],
)
def test_each_encoding_gives_the_same_names_and_a_guess_is_flagged(payload: bytes, guessed: bool) -> None:
    made = read(payload)[0].notification
    assert made.children[0].names[0].given == ("Zo\u00eb",)
    assert ("text.charset_guessed" in {flag.code for flag in made.quality}) is guessed


def test_the_feeds_character_set_is_taken_at_its_word() -> None:
    made = read(TEXT.encode("cp1252"), charset="cp1252")[0].notification
    assert made.children[0].names[0].given == ("Zo\u00eb",)
    assert made.quality == ()


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_each_delimiter_and_line_ending_is_found(delimiter: str, ending: str) -> None:
    payload = TEXT.replace(",", delimiter).replace("\n", ending)
    assert read(payload)[0].notification.children[0].birth_date == "2010-01-02"


def test_dates_of_both_forms_stand_in_one_file() -> None:
    items = read("First name,Last name,DOB\nA,Testcase,2010-01-02\nB,Testcase,02/01/2010\n")
    assert [item.notification.children[0].birth_date for item in items] == ["2010-01-02", "2010-01-02"]


def test_the_feeds_column_map_reads_headers_of_its_own() -> None:
    payload = "Vorname,Worry\nMorgan,Something happened\n"
    assert refusal(payload.encode()) is not None
    made = read(payload, columns={"Vorname": "given", "Worry": "narrative"})[0].notification
    assert made.incident is not None
    assert made.incident.narrative == "Something happened"


def test_an_export_id_that_all_rows_share_is_the_files_own_identity() -> None:
    payload = b"Export ID,Incident ID,Narrative\nE-7,1,x\nE-7,2,y\n"
    assert ADAPTER.read(payload, feed()).native_id == "E-7"
    assert ADAPTER.read(payload.replace(b"E-7,2", b"E-8,2"), feed()).native_id.startswith("sha256:")


def test_items_of_one_file_never_share_an_identity() -> None:
    items = read("Incident ID,Narrative\n7,a\n7,b\n7,c\n,d\n,e\n")
    ids = [item.notification.native_id for item in items]
    assert len(set(ids)) == len(ids) == 5


def test_cells_beyond_the_header_and_text_above_it_are_kept() -> None:
    left = {each.value for item in read("Made on Monday\nIncident ID,Narrative\n1,a,extra\n") for each in item.unmapped}
    assert left == {"Made on Monday", "extra"}


def test_a_school_alone_makes_no_child_and_is_not_lost() -> None:
    item = read("Incident ID,Narrative,School URN\n1,a,999001\n")[0]
    assert item.notification.children == ()
    assert "999001" in {each.value for each in item.unmapped}
    assert not any(each.field.startswith("children") for each in item.provenance)


def test_a_time_that_cannot_be_is_flagged() -> None:
    flags = {
        (flag.code, flag.field) for flag in read("Incident ID,Date,Time\n1,04/11/2026,07:70\n")[0].notification.quality
    }
    assert flags == {("date.unread", "incident.occurred_at")}


@pytest.mark.parametrize(
    "payload, options, code, at",
    [
        (b"", {}, "schools.csv.header", "row[1]"),
        (b"a,b\n1,2\n", {}, "schools.csv.header", "row[1]"),
        (b"First name,Last name\n", {}, "schools.csv.empty", "row[1]"),
        (b"First name,Last name\n,\n , \n", {}, "schools.csv.empty", "row[1]"),
        (b'First name,Last name\n"A,B\n', {}, "schools.csv.malformed", "row[2]"),
        (b"First name,Last name\n\x81\x8d,B\n", {}, "schools.csv.encoding", "row[1]"),
        (b"First name,Last name\nA,B\n", {"charset": "klingon"}, "schools.csv.options", "options.charset"),
        (b"First name,Last name\nA,B\n", {"delimiter": "ab"}, "schools.csv.options", "options.delimiter"),
        (b"First name,Last name\nA,B\n", {"columns": {"x": "y"}}, "schools.csv.options", "options.columns.x"),
    ],
)
def test_each_refusal_names_its_reason_and_its_place(
    payload: bytes, options: dict[str, object], code: str, at: str
) -> None:
    error = refusal(payload, **options)
    assert isinstance(error, Rejected)
    assert (error.code, error.at) == (code, at)
    assert error.detail


def test_each_limit_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    head = b"First name,Last name\n"
    cell = refusal(head + b"A," + b"x" * 200_000 + b"\n")
    wide = refusal(head + b"," * 500 + b"\n")
    with monkeypatch.context() as lower:
        lower.setattr(table, "MOST_CELLS", 5)
        cells = refusal(head + b"A,B\n" * 2)
    monkeypatch.setattr(table, "MOST_ROWS", 3)
    rows = refusal(head + b"A,B\n" * 9)
    size = refusal(head + b"x" * table.LARGEST)
    found = [cell, wide, cells, rows, size]
    assert all(isinstance(error, TooLarge) for error in found)
    assert [error.code for error in found if error] == [
        "schools.csv.cell",
        "schools.csv.columns",
        "schools.csv.cells",
        "schools.csv.rows",
        "schools.csv.size",
    ]


def test_blank_rows_by_the_thousand_are_passed_over_and_rows_keep_their_numbers() -> None:
    items = read("First name,Last name\n" + ",\n" * 20_000 + "A,Testcase\n")
    assert items[0].provenance[0].pointer == "row[20002]/First name"


@pytest.mark.parametrize("cell", ["Neglect;", ";", "Neglect; FGM", "|", " Neglect "])
def test_a_cell_with_separators_is_listed_as_it_was_sent(cell: str) -> None:
    item = read(f"Incident ID,Category,Linked Categories\n1,{cell},{cell}\n")[0]
    concern = item.notification.concern
    carried = (*concern.source_categories, *concern.factors) if concern is not None else ()
    assert cell.strip() in {*carried, *(each.value for each in item.unmapped)}


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12)


@given(st.lists(st.lists(CELLS, min_size=4, max_size=6), min_size=1, max_size=5))
def test_whatever_stands_in_a_cell_is_carried_or_listed(rows: list[list[str]]) -> None:
    sheet = io.StringIO(newline="")
    writer = csv.writer(sheet)
    writer.writerow(["First name", "DOB", "Category", "Colour", "Incident ID", "Notes"])
    writer.writerows(rows)
    payload = sheet.getvalue().encode()
    if refusal(payload, charset="utf-8") is not None:
        return
    dumps = []
    for item in read(payload, charset="utf-8"):
        dumps += list(_texts(item.notification.model_dump()))
        dumps += [each.value.strip() for each in item.unmapped]
    for record in list(csv.reader(io.StringIO(payload.decode(), newline="")))[1:]:
        for text in record:
            assert not text.strip() or text.strip() in dumps


def _texts(dumped: object) -> list[str]:
    if isinstance(dumped, dict):
        return [text for each in dumped.values() for text in _texts(each)]
    if isinstance(dumped, list | tuple):
        return [text for each in dumped for text in _texts(each)]
    return [str(dumped).strip()]


@given(st.data())
def test_no_mutation_of_a_file_raises_anything_but_our_errors(data: st.DataObject) -> None:
    payload = bytearray(data.draw(st.sampled_from([EXPORT, CLASS_LIST])))
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(payload) - 1))
        payload[place : place + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=8))
    error = refusal(bytes(payload))
    assert error is None or error.code.startswith("schools.csv.")


@given(st.binary(max_size=300))
def test_no_bytes_raise_anything_but_our_errors(payload: bytes) -> None:
    error = refusal(payload)
    assert error is None or error.code.startswith("schools.csv.")


@pytest.mark.parametrize("fate", list(Fate))
def test_an_answer_is_json_whatever_the_bytes_are(fate: Fate) -> None:
    answer = ADAPTER.answer(b"\xff\x00", Receipt(fate=fate, at=AT), feed())
    assert json.loads(answer.body)["fate"] == fate.value


@pytest.mark.parametrize("native", FIXTURES, ids=lambda path: path.stem)
def test_reading_twice_gives_equal_results(native: Path) -> None:
    assert ADAPTER.read(native.read_bytes(), feed()) == ADAPTER.read(native.read_bytes(), feed())
