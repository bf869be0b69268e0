"""What notifications say that came as prison alerts."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.port import Fate, FeedContext, Receipt
from adapters.probation.alert import ADAPTER, MAX_ALERTS
from schemas.errors import Rejected, TooLarge
from schemas.identifiers import IdentifierKind
from schemas.notification import Normalised, Notification
from schemas.vocabulary import Concern, ItemKind
from tests.conformance.checks import refusal
from tests.fixtures.regenerate import HERE, golden, natives, rendered

FIXTURES = natives("probation.alert")
FEED = FeedContext(feed="alerts", agency="prison")
AT = datetime(2026, 3, 2, 10, 15, tzinfo=UTC)


def fixture(name: str) -> tuple[Normalised, ...]:
    return ADAPTER.read((HERE / "probation.alert" / f"{name}.json").read_bytes(), FEED).items


def read(content: object) -> Notification:
    return ADAPTER.read(json.dumps(content).encode(), FEED).items[0].notification


def alert(code: str, kind: str = "", **more: object) -> dict[str, object]:
    return {"offenderNo": "A9006ZZ", "alertType": kind, "alertCode": code, "active": True, **more}


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_alerts_read_as_their_golden_file_says(path: Path) -> None:
    assert rendered("probation.alert", path) == golden(path).read_text(encoding="utf-8")


def test_a_level_of_contact_is_a_concern_about_the_prisoner() -> None:
    said = fixture("contact-level")[0].notification
    assert said.kind is ItemKind.CONCERN
    assert [(each.kind, each.value) for each in said.adults[0].identifiers] == [(IdentifierKind.NOMS, "A9005ZZ")]
    assert said.adults[0].risk == "Child Communication Measures: Child contact L1"
    assert said.event_at == datetime(2026, 2, 1, 9, 30, tzinfo=UTC)
    assert said.concern is not None
    assert said.concern.source_categories == ("Child contact L1", "CC1")
    assert said.concern.factors == ("Ends: 2026-08-01",)
    assert said.incident is not None
    assert said.incident.occurred_on == "2026-02-01"
    assert said.incident.officer == "Ola Example"


def test_each_alert_of_a_list_is_judged_by_itself() -> None:
    items = [item.notification for item in fixture("list-flat")]
    assert [said.kind for said in items] == [ItemKind.CONCERN, ItemKind.CONTEXT, ItemKind.UPDATE]
    assert len({said.native_id for said in items}) == 3
    assert items[0].concern is not None
    assert items[0].concern.categories == (Concern.DOMESTIC_ABUSE,)
    assert items[0].incident is not None
    assert items[0].incident.officer == "OLA EXAMPLE"


def test_what_stands_around_a_list_goes_with_every_alert() -> None:
    items = [item.notification for item in fixture("prisoner-restricted")]
    assert [said.kind for said in items] == [ItemKind.CONCERN, ItemKind.CONTEXT]
    assert all(said.handling.restricted for said in items)
    assert {said.adults[0].names[0].family for said in items} == {"LUND"}
    assert {said.adults[0].identifiers[0].value for said in items} == {"A9007ZZ"}
    first, second = fixture("prisoner-restricted")
    assert "/prisonId" in {left.pointer for left in first.unmapped}
    assert "/prisonId" not in {left.pointer for left in second.unmapped}


@pytest.mark.parametrize(
    "content,kind",
    [
        *((alert(code, "C"), ItemKind.CONCERN) for code in ("CC1", "CC2", "CC3", "CC4", "cc1", "CPC", "CNEW")),
        (alert("CSIP", "C"), ItemKind.CONTEXT),
        (alert("RCC", "R"), ItemKind.CONCERN),
        (alert("SOR", "S"), ItemKind.CONCERN),
        (alert("PL3", "P"), ItemKind.CONCERN),
        (alert("XGANG", "X"), ItemKind.CONCERN),
        (alert("XTACT", "X"), ItemKind.CONCERN),
        (alert("OCYP", "O"), ItemKind.CONCERN),
        (alert("XNR", "X"), ItemKind.CONTEXT),
        (alert("HA", "H"), ItemKind.CONTEXT),
        (alert("HA", "H", comment="His baby died."), ItemKind.CONCERN),
        (alert("TG", "T"), ItemKind.CONTEXT),
        (alert("RTP", "R"), ItemKind.CONCERN),
        (alert("ZZZ"), ItemKind.CONCERN),
        (alert("CC1", "C", active=False), ItemKind.UPDATE),
        (alert("CC1", "C", active="maybe", expired=True), ItemKind.UPDATE),
        (alert("CC1", "C", expired=True), ItemKind.CONCERN),  # contradicts itself: doubt means concern
        ({"prisonNumber": "A9006ZZ", "alertCode": {"code": "SC", "alertTypeCode": "S"}}, ItemKind.CONCERN),
        ({"data": [{"offenderNo": "A9006ZZ", "type": "M", "code": "MAS"}]}, ItemKind.CONTEXT),
        ({"data": {"offenderNo": "A9006ZZ", "type": "M", "code": "MAS"}}, ItemKind.CONTEXT),
        ({"content": [alert("MAS", "M")], "totalElements": 1}, ItemKind.CONTEXT),
    ],
)
def test_the_kind_follows_code_type_and_words(content: object, kind: ItemKind) -> None:
    assert read(content).kind is kind


def test_a_thousand_alerts_are_read_and_no_more() -> None:
    around = {"restrictedTo": [{"team": str(number)} for number in range(50)], "restrictionMessage": "Ask first."}
    many = [alert("CC1", "C") for _ in range(MAX_ALERTS)]
    last = ADAPTER.read(json.dumps({**around, "alerts": many}).encode(), FEED).items[-1]
    assert last.notification.handling.restricted
    assert last.notification.handling.caveat == "Ask first."
    assert len(last.unmapped) < 10
    with pytest.raises(TooLarge) as refused:
        ADAPTER.read(json.dumps([*many, many[0]]).encode(), FEED)
    assert refused.value.code == "probation.alert.alerts"


def test_a_changed_alert_is_another_message() -> None:
    assert read(alert("CC1", "C", alertId=1)).native_id != read(alert("CC1", "C", alertId=1, comment="x")).native_id


@pytest.mark.parametrize(
    "payload,code,at",
    [
        (b"", "probation.alert.json", ""),
        (b"{}", "probation.alert.shape", ""),
        (b'"CC1"', "probation.alert.shape", ""),
        (b"[]", "probation.alert.empty", ""),
        (b'{"content": []}', "probation.alert.empty", "/content"),
        (b'{"alertCode": {"description": "x"}}', "probation.alert.shape", ""),
        (b'[{"alertCode": "CC1"}, {"alertCode": " "}]', "probation.alert.code", "/1"),
        (b'{"alerts": [{"alertCode": "CC1"}, 5]}', "probation.alert.code", "/alerts/1"),
    ],
)
def test_what_is_no_alert_is_refused_with_its_place(payload: bytes, code: str, at: str) -> None:
    with pytest.raises(Rejected) as refused:
        ADAPTER.read(payload, FEED)
    assert (refused.value.code, refused.value.at) == (code, at)
    assert refused.value.detail


_KEYS = st.sampled_from(
    ["alertCode", "code", "alerts", "data", "offenderNo", "active", "comment", "description", "a/b"]
)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=150)
@given(_JSON)
def test_any_shape_is_read_or_refused(content: object) -> None:
    payload = json.dumps(content).encode()
    error = refusal(ADAPTER, payload)
    assert error is None or error.code.startswith("probation.alert.")
    assert ADAPTER.answer(payload, Receipt(fate=Fate.REFUSED, at=AT), FEED).body
