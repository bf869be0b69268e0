from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.port import Fate, FeedContext, Receipt
from adapters.schools import json as schools_json
from adapters.schools.json import ADAPTER
from adapters.strict_json import leaves, parse
from schemas.errors import MashError, Rejected, TooLarge
from schemas.notification import Normalised
from schemas.vocabulary import Concern, ItemKind, LegalGround
from tests.fixtures.regenerate import context, golden, natives

FIXTURES = natives("schools.json")
CONCERNS, ATTENDANCE = (
    next(path for path in FIXTURES if path.name == f"{name}.json").read_bytes() for name in ("concerns", "attendance")
)
AT = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)


def feed(**options: object) -> FeedContext:
    return FeedContext(feed="school", agency="marshside-academy", options=options)


def read(payload: bytes | dict[str, Any] | list[Any], **options: object) -> tuple[Normalised, ...]:
    raw = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    return ADAPTER.read(raw, feed(**options)).items


def refusal(payload: bytes) -> MashError | None:
    try:
        ADAPTER.read(payload, feed())
    except MashError as error:
        return error
    return None


def concern(**record: object) -> dict[str, Any]:
    made = {"record": "concern", "id": "1", "narrative": "x", "categories": ["Neglect"], **record}
    return {"format": "mash.school/1", "records": [made]}


@pytest.mark.parametrize("native", FIXTURES, ids=lambda path: path.stem)
def test_each_fixture_reads_as_its_golden_file_says(native: Path) -> None:
    reading = ADAPTER.read(native.read_bytes(), context()).model_dump(mode="json")
    assert reading == json.loads(golden(native).read_text(encoding="utf-8"))


def test_a_concern_carries_pupils_adults_and_what_happened() -> None:
    reading = ADAPTER.read(CONCERNS, feed())
    assert reading.native_id == "MARSHSIDE-2026-11-02-01"
    made = reading.items[0].notification
    assert [child.relation for child in made.children] == ["", "sibling", "pupil who was told"]
    assert made.children[0].parental_responsibility == ("adult-1",)
    assert made.children[1].school is not None
    assert made.children[1].school.name == "Eastgate Primary"
    assert made.adults[1].alleged_perpetrator is True
    assert made.concern is not None
    assert made.concern.categories == (Concern.PHYSICAL, Concern.OTHER)
    assert made.concern.level_of_need == 3
    assert "Initial child protection conference, 2026-03-12, no plan" in made.concern.factors
    assert made.incident is not None
    assert made.incident.injuries == "Left upper arm\ntwo round bruises, yellow"
    assert made.event_at == made.incident.occurred_at == datetime(2026, 11, 2, 8, 55, tzinfo=UTC)
    assert made.actions_taken[0] == "2026-11-02 09:20: Pat Example: Spoke to Morgan alone."
    assert made.consent is not None
    assert (made.consent.informed, made.consent.legal_ground) == (False, LegalGround.CHILDREN_ACT_1989_S47)


def test_what_must_be_handled_with_care_reaches_the_handling() -> None:
    made = read(CONCERNS)[0].notification
    assert (made.handling.restricted, made.handling.hidden_location) == (True, True)
    assert made.handling.caveat == "Not to be shared with Lee Placeholder"
    assert made.children[0].addresses[0].confidential
    doubtful = read(concern(handling={"source_protection": "ask first"}))[0].notification
    assert doubtful.handling.source_protection


def test_a_concern_may_name_no_child_yet() -> None:
    made = read(CONCERNS)[1].notification
    assert made.children == ()
    assert made.kind is ItemKind.CONCERN
    assert made.incident is not None
    assert made.incident.occurred_on == "2026-11-01"


def test_the_feeds_own_words_for_categories_go_first() -> None:
    made = read(concern(categories=["Sorge"]), categories={"Sorge": "neglect"})[0].notification
    assert made.concern is not None
    assert made.concern.categories == (Concern.NEGLECT,)


def test_attendance_and_missing_education_are_judged_by_the_rows() -> None:
    kinds = [item.notification.kind for item in read(ATTENDANCE)]
    concerning, update = ItemKind.CONCERN, ItemKind.UPDATE
    assert kinds == [update, concerning, concerning, update, concerning]
    missing = read(ATTENDANCE)[2].notification
    assert missing.actions_taken == ("2026-10-09: Rang home", "2026-10-12: Visited the flat")
    assert missing.concern is not None
    assert missing.concern.categories == (Concern.SCHOOL_ATTENDANCE,)


@pytest.mark.parametrize(
    "member, value, kind",
    [
        ("persistent_absence", True, ItemKind.CONCERN),
        ("persistent_absence", "no", ItemKind.UPDATE),
        ("attendance_percent", 49.5, ItemKind.CONCERN),
        ("absence_percent", "12%", ItemKind.UPDATE),
        ("days_absent", 10, ItemKind.CONCERN),
        ("marks", "Y5", ItemKind.CONCERN),
        ("narrative", "Grandmother rang and said that nobody had seen him since Friday.", ItemKind.CONCERN),
        ("narrative", "Ill again.", ItemKind.UPDATE),
        ("sessions", [{"date": "2026-11-02", "code": "O", "comment": "scared to come"}], ItemKind.CONCERN),
        (
            "sessions",
            [{"date": f"2026-11-{day:02d}", "code": "O"} for day in (2, 3, 4, 5, 6, 9, 10, 11, 12, 13)],
            ItemKind.CONCERN,
        ),
    ],
)
def test_each_member_of_an_attendance_record_is_judged(member: str, value: object, kind: ItemKind) -> None:
    record = {"record": "attendance", "id": "1", "pupil": {"upn": "T999123456001"}, member: value}
    (item,) = read({"format": "mash.school/1", "records": [record]})
    assert item.notification.kind is kind


@pytest.mark.parametrize(
    "payload, code, at",
    [
        (b"", "schools.json.json", ""),
        (b"{", "schools.json.json", ""),
        (b"\xff{}", "schools.json.encoding", ""),
        (b'{"a": 1, "a": 2}', "schools.json.duplicate_key", ""),
        (b'{"a": NaN}', "schools.json.json", ""),
        (b"[]", "schools.json.empty", ""),
        (b'{"data": []}', "schools.json.empty", "/data"),
        (b"{}", "schools.json.form", "/data"),
        (b"[1]", "schools.json.form", "/0"),
        (b'{"data": [{"surname": "x"}, {"colour": "green"}]}', "schools.json.form", "/data/1"),
        (b'{"format": "mash.school/2", "records": []}', "schools.json.version", "/format"),
        (b'{"format": "mash.school/1", "records": []}', "schools.json.records", "/records"),
        (b'{"format": "mash.school/1", "records": {}}', "schools.json.records", "/records"),
        (b'{"format": "mash.school/1", "records": [7]}', "schools.json.shape", "/records/0/record"),
        (b'{"format": "mash.school/1", "school": "x", "records": [7]}', "schools.json.shape", "/school"),
        (CONCERNS[: len(CONCERNS) // 2], "schools.json.json", ""),
        (b"PK\x03\x04\x00\xff", "schools.json.encoding", ""),
    ],
)
def test_each_refusal_names_its_reason_and_its_place(payload: bytes, code: str, at: str) -> None:
    error = refusal(payload)
    assert isinstance(error, Rejected)
    assert (error.code, error.at) == (code, at)
    assert error.detail


def test_each_limit_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(schools_json, "MOST_RECORDS", 2)
    deep = refusal(b'{"data":' * 500 + b"1" + b"}" * 500)
    many = refusal(b"[" + b"1," * 100_002 + b"1]")
    size = refusal(b" " * (5 * 1024 * 1024 + 1))
    students = refusal(b'[{"surname": "a"}, {"surname": "b"}, {"surname": "c"}]')
    records = refusal(b'{"format": "mash.school/1", "records": [1, 2, 3]}')
    found = [deep, many, size, students, records]
    assert all(isinstance(error, TooLarge) for error in found)
    assert [error.code.rpartition(".")[2] for error in found if error] == [
        "depth",
        "values",
        "size",
        "records",
        "records",
    ]


@given(st.data())
def test_no_mutation_of_a_file_raises_anything_but_our_errors(data: st.DataObject) -> None:
    payload = bytearray(data.draw(st.sampled_from([path.read_bytes() for path in FIXTURES])))
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(payload) - 1))
        payload[place : place + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=8))
    error = refusal(bytes(payload))
    assert error is None or error.code.startswith("schools.json.")


NAMES = st.sampled_from(
    [
        *(
            "format",
            "records",
            "record",
            "id",
            "pupils",
            "pupil",
            "narrative",
            "categories",
            "adults",
            "data",
            "contacts",
        ),
        *("surname", "forename", "date_of_birth", "contact_details", "addresses", "home", "student", "attendance_code"),
        *("relationship", "attendance", "sessions", "date", "in_lea_care", "a/b~c", "", "mash.school/1", "concern"),
    ]
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | NAMES
    | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=25,
)


@given(VALUES)
def test_no_document_raises_anything_but_our_errors_and_none_loses_a_value(document: object) -> None:
    for whole in (
        document,
        {"data": [{"surname": "x", "more": document}]},
        concern(more=document),
        {"student": document, "attendance_code": document},
    ):
        payload = json.dumps(whole).encode()
        if refusal(payload) is not None:
            continue
        items = read(payload)
        known = {each.pointer for item in items for each in item.provenance}
        known |= {each.pointer for item in items for each in item.unmapped}
        wanted = {pointer for pointer, text in leaves(parse(payload.decode(), family="x")).items() if text.strip()}
        assert wanted <= known


@pytest.mark.parametrize("fate", list(Fate))
def test_an_answer_is_json_whatever_the_bytes_are(fate: Fate) -> None:
    answer = ADAPTER.answer(b"\xff\x00", Receipt(fate=fate, at=AT), feed())
    assert json.loads(answer.body)["fate"] == fate.value


def test_what_a_category_follows_from_is_listed_as_it_stood() -> None:
    record = {"record": "missing_education", "id": "1", "pupil": {"upn": "T999123456001"}}
    (item,) = read({"format": "mash.school/1", "records": [record]})
    assert ("/records/0/record", "missing_education") in {(each.pointer, each.value) for each in item.unmapped}
