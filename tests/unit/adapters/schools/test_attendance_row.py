from __future__ import annotations

from datetime import date, timedelta

import pytest

from adapters.port import FeedContext
from adapters.schools.csv import ADAPTER
from schemas.notification import Normalised
from schemas.vocabulary import Concern, ItemKind
from tests.fixtures.regenerate import natives

ATTENDANCE, MISSING = (
    next(path for path in natives("schools.csv") if path.name == f"{name}.csv").read_bytes()
    for name in ("attendance", "missing-education")
)
WEEKDAYS = [day for day in (date(2026, 9, 7) + timedelta(days=each) for each in range(30)) if day.weekday() < 5]
HEAD = "UPN,Session Date,Session,Attendance Code\n"


def read(payload: bytes | str) -> tuple[Normalised, ...]:
    raw = payload.encode() if isinstance(payload, str) else payload
    return ADAPTER.read(raw, FeedContext(feed="school", agency="marshside-academy")).items


def kinds(payload: bytes | str) -> list[ItemKind]:
    return [item.notification.kind for item in read(payload)]


def sessions(*codes: str, upn: str = "T999123456001") -> str:
    return "".join(
        f"{upn},{day:%d/%m/%Y},{half},{code}\n"
        for day, code in zip(WEEKDAYS, codes, strict=False)
        for half in ("AM", "PM")
    )


def test_figures_of_attendance_are_an_update_unless_a_rule_makes_them_a_concern() -> None:
    assert kinds(ATTENDANCE) == [ItemKind.UPDATE, ItemKind.CONCERN, ItemKind.CONCERN]
    severe, run = (item.notification for item in read(ATTENDANCE)[1:])
    assert "severe" in severe.kind_reason
    assert "ten school days" in run.kind_reason
    assert severe.concern is not None
    assert severe.concern.categories == (Concern.SCHOOL_ATTENDANCE,)
    assert "Attendance %: 41.2" in severe.concern.factors


def test_children_missing_education_are_concerns_with_what_the_school_did() -> None:
    assert kinds(MISSING) == [ItemKind.CONCERN, ItemKind.CONCERN, ItemKind.UPDATE]
    notified, lost = (item.notification for item in read(MISSING)[:2])
    assert notified.actions_taken == ("Rang home on 9 November.\nVisited on 12 November; nobody there.",)
    assert "not known" in lost.kind_reason
    assert lost.concern is not None
    assert "Destination: Unknown" in lost.concern.factors


def test_the_row_of_the_tenth_day_tells_and_no_other() -> None:
    found = kinds(HEAD + sessions(*"OGNUOOOOOOOO"))
    assert [place for place, kind in enumerate(found) if kind is ItemKind.CONCERN] == [18]
    assert kinds(HEAD + sessions(*"OGNUOOOOO")).count(ItemKind.CONCERN) == 0
    assert kinds(HEAD + sessions(*"OGNUO/OOOOOOO")).count(ItemKind.CONCERN) == 0


def test_each_pupil_has_a_run_of_its_own() -> None:
    payload = HEAD + sessions(*"OOOOO") + sessions(*"OOOOOOOOOO", upn="A999123456009")
    assert kinds(payload).count(ItemKind.CONCERN) == 1


def test_marks_without_a_pupil_make_no_run() -> None:
    assert kinds(HEAD + sessions(*"OOOOOOOOOO", upn="")).count(ItemKind.CONCERN) == 0


@pytest.mark.parametrize(
    "header, cell, kind",
    [
        ("Missing education", "yes", ItemKind.CONCERN),
        ("Missing education", "Since Monday", ItemKind.CONCERN),
        ("Missing education", "No", ItemKind.UPDATE),
        ("Persistent absence", "PA", ItemKind.CONCERN),
        ("Persistent absence", "n", ItemKind.UPDATE),
        ("Attendance", "88.0%", ItemKind.UPDATE),
        ("Absence", "51%", ItemKind.CONCERN),
        ("Attendance Code", "Y5", ItemKind.CONCERN),
        ("Grounds for removal", "Whereabouts unknown", ItemKind.CONCERN),
        ("Grounds for removal", "Moved abroad", ItemKind.UPDATE),
        ("Leaving date", "2026-09-01", ItemKind.UPDATE),
        ("Days absent in a row", "10 days", ItemKind.CONCERN),
    ],
)
def test_each_column_is_judged_by_the_rows(header: str, cell: str, kind: ItemKind) -> None:
    assert kinds(f"UPN,Surname,{header}\nT999123456001,Testcase,{cell}\n") == [kind]


def test_a_leaver_without_a_destination_is_a_concern_where_the_file_has_a_column_for_it() -> None:
    row = "UPN,Surname,Leaving date,Destination\nT999123456001,Testcase,2026-09-01,{}\n"
    assert kinds(row.format("")) == [ItemKind.CONCERN]
    assert kinds(row.format("Northport School")) == [ItemKind.UPDATE]


def test_marks_that_no_code_set_has_or_that_were_retired_are_flagged() -> None:
    flags = [{flag.code for flag in item.notification.quality} for item in read(HEAD + sessions("A", "H", "O"))[::2]]
    assert flags == [{"attendance.code_unknown"}, {"attendance.code_retired"}, set()]


def test_a_figure_that_is_none_is_flagged_and_kept() -> None:
    item = read("UPN,Surname,Attendance\nT999123456001,Testcase,good\n")[0]
    assert "attendance.unread" in {flag.code for flag in item.notification.quality}
    assert "good" in {each.value for each in item.unmapped}
