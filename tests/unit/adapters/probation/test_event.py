"""What a notification says that came as an HMPPS domain event."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.port import STATUS, Fate, FeedContext, Problem, Receipt
from adapters.probation.event import ADAPTER
from adapters.probation.registers import BY_CODE, REGISTERS
from schemas.errors import Rejected, TooLarge
from schemas.identifiers import IdentifierKind
from schemas.notification import Normalised, Notification
from schemas.vocabulary import Concern, ItemKind
from tests.conformance.checks import refusal
from tests.fixtures.regenerate import HERE, golden, natives, rendered

FILES = natives("probation.event")
FEED = FeedContext(feed="probation", agency="probation")


def native(name: str) -> bytes:
    return (HERE / "probation.event" / f"{name}.json").read_bytes()


def event(kind: str = "probation-case.registration.added", **more: object) -> dict[str, object]:
    return {
        "eventType": kind,
        "version": 1,
        "occurredAt": "2026-03-02T10:15:30Z",
        "personReference": {"identifiers": [{"type": "CRN", "value": "X900001"}]},
        **more,
    }


def item(content: object) -> Normalised:
    return ADAPTER.read(json.dumps(content).encode(), FEED).items[0]


def notification(content: object) -> Notification:
    return item(content).notification


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_event_reads_as_its_golden_file_says(path: Path) -> None:
    assert rendered("probation.event", path) == golden(path).read_text(encoding="utf-8")


def test_a_child_protection_registration_is_a_concern_about_an_adult() -> None:
    found = ADAPTER.read(native("registration-child-protection"), FEED).items[0]
    said = found.notification
    assert said.kind is ItemKind.CONCERN
    assert said.children == ()
    assert [(each.kind, each.value) for each in said.adults[0].identifiers] == [
        (IdentifierKind.CRN, "X900001"),
        (IdentifierKind.NOMS, "A9001ZZ"),
    ]
    assert said.adults[0].risk == "Child Protection; MAPPA Level 1; MAPPA Cat 2"
    assert said.concern is not None
    assert said.concern.source_grade == "Red"
    assert said.incident is not None
    assert "two young children" in said.incident.narrative
    assert {left.pointer: left.value for left in found.unmapped}["/additionalInformation/weight"] == "1.50"


def test_nanoseconds_are_cut_and_kept() -> None:
    found = ADAPTER.read(native("registration-child-protection"), FEED).items[0]
    assert found.notification.event_at == datetime(2026, 3, 2, 10, 15, 30, 123456, tzinfo=UTC)
    assert ("/occurredAt", "2026-03-02T10:15:30.123456789Z") in {(each.pointer, each.value) for each in found.unmapped}


@pytest.mark.parametrize(
    "text,hour",
    [("2026-07-02T10:00:00", 9), ("2026-07-02T10:00:00+02:00", 8), ("2026-07-02T10:00:00+01:00[Europe/London]", 9)],
)
def test_a_time_is_read_in_its_zone_else_as_london(text: str, hour: int) -> None:
    assert notification(event(occurredAt=text)).event_at == datetime(2026, 7, 2, hour, tzinfo=UTC)


def test_an_unreadable_time_is_flagged_and_listed() -> None:
    found = item(event(occurredAt="{created}"))
    assert found.notification.event_at is None
    assert {(flag.code, flag.field) for flag in found.notification.quality} == {("date.unread", "event_at")}
    assert ("/occurredAt", "{created}") in {(each.pointer, each.value) for each in found.unmapped}


def test_a_wrapped_event_is_known_by_the_wrappers_message_id() -> None:
    reading = ADAPTER.read(native("sns-mappa-restricted"), FEED)
    assert reading.native_id == "0f5b7f3e-2a0f-5d0c-9d2e-000000000001"
    assert reading.items[0].notification.referrer is not None
    assert any(mapped.pointer == "/Message/occurredAt" for mapped in reading.items[0].provenance)


def test_a_bare_event_is_known_by_its_meaning_not_by_its_spaces() -> None:
    content = event()
    spaced = ADAPTER.read(json.dumps(content, indent=3).encode(), FEED)
    assert spaced.native_id == ADAPTER.read(json.dumps(content).encode(), FEED).native_id
    assert spaced.native_id != ADAPTER.read(json.dumps(event(version=2)).encode(), FEED).native_id


@pytest.mark.parametrize(
    "kind,register,expected",
    [
        ("probation-case.registration.added", "RCCO", ItemKind.CONCERN),
        ("probation-case.registration.updated", "RCPR", ItemKind.CONCERN),
        ("probation-case.registration.added", "RCHD", ItemKind.CONCERN),
        ("probation-case.registration.added", "AVIS", ItemKind.CONCERN),
        ("probation-case.registration.added", "ZZZZ", ItemKind.CONCERN),
        ("probation-case.registration.deregistered", "RCCO", ItemKind.UPDATE),
        ("probation-case.personal-details.updated", "", ItemKind.UPDATE),
        ("probation-case.address.updated", "", ItemKind.UPDATE),
        ("OFFENDER_DETAILS_CHANGED", "", ItemKind.UPDATE),
        ("enforcement.breach.concluded", "", ItemKind.CONTEXT),
        ("prison-offender-events.prisoner.released", "", ItemKind.CONCERN),
        ("nobody.knows.this", "", ItemKind.CONCERN),
        *(
            ("probation-case.registration.added", code, ItemKind.CONCERN)
            for code in [
                "MAPP",
                "ADVP",
                "RSO",
                "ARSO",
                "STRG",
                "SGSO",
                "STALKING",
                "WEAPONS",
                "TERROR",
                "RVLN",
                "RVHR",
                "RHRH",
                "CSEP",
                "IMAR",
                "MSP",
            ]
        ),
        *(
            ("probation-case.registration.added", code, ItemKind.CONTEXT)
            for code in ["RMRH", "RLRH", "REG16", "AV2S", "INVI"]
        ),
        ("probation-case.registration.added", "DOFF", ItemKind.UPDATE),
        ("probation-case.registration.deleted", "RVHR", ItemKind.UPDATE),
        ("person.case-note.created", "", ItemKind.CONTEXT),
        ("prison-offender-events.prisoner.person-restriction.upserted", "", ItemKind.CONCERN),
        ("prison-offender-events.prisoner.person-restriction.deleted", "", ItemKind.CONTEXT),
        ("probation-case.prison-identifier.added", "", ItemKind.UPDATE),
    ],
)
def test_the_kind_follows_event_and_register(kind: str, register: str, expected: ItemKind) -> None:
    found = notification(event(kind, additionalInformation={"registerTypeCode": register}))
    assert found.kind is expected
    assert (found.concern is not None) is (expected is ItemKind.CONCERN)


@pytest.mark.parametrize(
    "reason,expected",
    [
        ("RELEASED", ItemKind.CONCERN),
        ("TEMPORARY_ABSENCE_RELEASE", ItemKind.CONCERN),
        ("TRANSFERRED", ItemKind.CONTEXT),
        ("SENT_TO_COURT", ItemKind.CONTEXT),
        ("RELEASED_TO_HOSPITAL", ItemKind.CONTEXT),
        ("", ItemKind.CONCERN),
    ],
)
def test_a_release_that_only_moves_somebody_is_context(reason: str, expected: ItemKind) -> None:
    found = event("prison-offender-events.prisoner.released", additionalInformation={"reason": reason})
    assert notification(found).kind is expected


@pytest.mark.parametrize(
    "kind,more,expected",
    [
        ("person.alert.created", {"alertCode": "CC1"}, ItemKind.CONCERN),
        ("person.alert.created", {"alertCode": "HA"}, ItemKind.CONTEXT),
        ("person.alert.updated", {"alertCode": "XNR"}, ItemKind.CONTEXT),
        ("person.alert.inactive", {"alertCode": "CC1"}, ItemKind.UPDATE),
        ("person.alert.created", {"alertCode": "ZZZ"}, ItemKind.CONCERN),
        ("person.alert.created", {}, ItemKind.CONCERN),
    ],
)
def test_an_alerts_event_follows_its_code(kind: str, more: dict[str, object], expected: ItemKind) -> None:
    assert notification(event(kind, additionalInformation=more)).kind is expected


def test_words_about_a_child_go_before_a_register_that_says_little() -> None:
    more = {"registerTypeCode": "RMRH", "registrationNotes": "Sees his two children at weekends."}
    assert notification(event(additionalInformation=more)).kind is ItemKind.CONCERN


def test_mappa_is_told_in_words_where_only_codes_come() -> None:
    found = ADAPTER.read(native("registration-codes-numeric-time"), FEED).items[0]
    said = found.notification
    assert said.adults[0].risk == "MAPPA; MAPPA level 3; MAPPA category 2"
    assert said.event_at == datetime(2026, 3, 2, 10, 15, 30, 123456, tzinfo=UTC)
    assert said.concern is not None
    assert said.concern.source_grade == "M3"
    assert said.incident is not None
    assert said.incident.occurred_on == "2026-03-02"
    assert ("/occurredAt", "1772446530123456789") in {(each.pointer, each.value) for each in found.unmapped}


def test_every_register_is_in_one_row() -> None:
    assert sum(len(row.meanings) for row in REGISTERS) == len(BY_CODE)
    assert all(code == code.upper() for code in BY_CODE)


def test_a_register_gives_its_category() -> None:
    found = notification(event(additionalInformation={"registerTypeCode": "ADVP"}))
    assert found.concern is not None
    assert found.concern.categories == (Concern.DOMESTIC_ABUSE,)


@pytest.mark.parametrize(
    "more",
    [
        {"limitedAccess": True},
        {"isLimitedAccess": "Y"},
        {"limitedAccessCase": True},
        {"lao": True},
        {"hasRestrictions": True},
        {"currentRestriction": "true"},
        {"restrictedTo": [{"email": "someone@example.org"}]},
        {"excludedFrom": ["team"]},
        {"restrictionMessage": "Ask the manager."},
        {"notes": "[REDACTED]"},
        {"notes": "**REDACTED**"},
    ],
)
def test_limited_access_restricts_the_handling(more: dict[str, object]) -> None:
    assert notification(event(additionalInformation=more)).handling.restricted


@pytest.mark.parametrize(
    "more", [{"limitedAccess": False}, {"isLao": False}, {"currentExclusion": "no"}, {"restrictedTo": []}, {}]
)
def test_open_cases_are_not_restricted(more: dict[str, object]) -> None:
    assert not notification(event(additionalInformation=more)).handling.restricted


def test_the_type_may_stand_in_the_wrappers_attributes_alone() -> None:
    wrapped = {
        "Type": "Notification",
        "MessageId": "m-1",
        "Message": '{"version": "1.0"}',
        "MessageAttributes": {"eventType": {"Type": "String", "Value": "probation-case.address.updated"}},
    }
    assert notification(wrapped).kind is ItemKind.UPDATE


@pytest.mark.parametrize(
    "payload,code,at",
    [
        (b"", "probation.event.json", ""),
        (b"{", "probation.event.json", ""),
        (b"[]", "probation.event.object", ""),
        (b"{}", "probation.event.event_type", "/eventType"),
        (b'{"eventType": 5.0e}', "probation.event.json", ""),
        (b'{"eventType": "a", "eventType": "b"}', "probation.event.duplicate_key", ""),
        (b'{"eventType": "a", "x": NaN}', "probation.event.json", ""),
        (b'{"eventType": "\\ud800"}', "probation.event.json", ""),
        ('{"eventType": "é"}'.encode("latin-1"), "probation.event.encoding", ""),
        (b'{"Type": "SubscriptionConfirmation", "Message": "x"}', "probation.event.sns_type", "/Type"),
        (b'{"Type": "Notification", "Message": {}}', "probation.event.message", "/Message"),
        (b'{"Type": "Notification", "Message": "hello"}', "probation.event.json", "/Message"),
        (b'{"Type": "Notification", "Message": "{}"}', "probation.event.event_type", "/Message/eventType"),
        (b'{"eventType": "a", "x": [{"k": 1, "\\u006b": 2}]}', "probation.event.duplicate_key", ""),
        (b'{"eventType": "a", "\\udc00": 1}', "probation.event.json", ""),
        (
            b'{"Type": "Notification", "Message": "{\\"a\\": 1, \\"a\\": 1}"}',
            "probation.event.duplicate_key",
            "/Message",
        ),
        (b'{"Type": "Notification", "Message": "{\\"a\\": \\"\\\\ud800\\"}"}', "probation.event.json", "/Message"),
    ],
)
def test_what_is_no_event_is_refused_with_its_place(payload: bytes, code: str, at: str) -> None:
    with pytest.raises(Rejected) as refused:
        ADAPTER.read(payload, FEED)
    assert (refused.value.code, refused.value.at) == (code, at)
    assert refused.value.detail


@pytest.mark.parametrize(
    "payload,code",
    [
        (b'{"a":' * 33 + b"1" + b"}" * 33, "probation.event.depth"),
        (b"[" * 100_000, "probation.event.depth"),
        (b"[" + b"1," * 50_001 + b"1]", "probation.event.values"),
        (b" " * (5 * 1024 * 1024 + 1), "probation.event.size"),
    ],
)
def test_every_size_has_its_limit(payload: bytes, code: str) -> None:
    with pytest.raises(TooLarge) as refused:
        ADAPTER.read(payload, FEED)
    assert refused.value.code == code


def test_brackets_and_commas_within_text_are_no_depth_and_no_values() -> None:
    assert notification(event(description="[" * 100 + "," * 100_001)).kind is ItemKind.CONCERN


def test_the_deepest_that_is_let_through_is_read() -> None:
    deep = b'{"eventType": "a", "x": ' + b"[" * 31 + b"]" * 31 + b"}"
    assert ADAPTER.read(deep, FEED).items
    with pytest.raises(TooLarge):
        ADAPTER.read(deep.replace(b"[", b"[[", 1).replace(b"]", b"]]", 1), FEED)


@pytest.mark.parametrize("key", ["limitedAccess", "LIMITEDACCESS", "x/restrictedTo/0"])
def test_what_restricts_is_known_by_its_whole_name(key: str) -> None:
    nested: object = "yes"
    for part in reversed(key.split("/")):
        nested = [nested] if part == "0" else {part: nested}
    assert isinstance(nested, dict)
    assert notification(event(**nested)).handling.restricted
    longer = {f"{name}Note": value for name, value in nested.items()}
    if "/" not in key:
        assert not notification(event(**longer)).handling.restricted


def test_an_accepted_event_is_answered_by_a_receipt_and_another_by_a_problem() -> None:
    at = datetime(2026, 3, 2, tzinfo=UTC)
    payload = native("sns-mappa-restricted")
    accepted = ADAPTER.answer(payload, Receipt(fate=Fate.ACCEPTED, at=at, message_id="msg_1"), FEED)
    assert accepted.media_type == "application/json"
    assert json.loads(accepted.body)["reference"] == "0f5b7f3e-2a0f-5d0c-9d2e-000000000001"
    problem = Problem(code="probation.event.json", at="/Message", detail="Send JSON.")
    refused = ADAPTER.answer(b"\xff", Receipt(fate=Fate.REFUSED, at=at, problem=problem), FEED)
    assert (refused.media_type, refused.status) == ("application/problem+json", STATUS[Fate.REFUSED])
    assert json.loads(refused.body)["pointer"] == "/Message"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None)
@given(payload=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused_and_always_answered(payload: bytes) -> None:
    refused = refusal(ADAPTER, payload)
    assert refused is None or refused.code.startswith("probation.event.")
    assert ADAPTER.answer(payload, Receipt(fate=Fate.REFUSED, at=datetime(2026, 1, 1, tzinfo=UTC)), FEED).body


@settings(max_examples=60, deadline=None)
@given(more=_JSON, person=_JSON, when=_JSON)
def test_whatever_an_event_carries_is_accounted_for(more: object, person: object, when: object) -> None:
    content = event(additionalInformation=more, personReference=person, occurredAt=when)
    found = item(content)
    listed = {each.pointer for each in found.unmapped} | {each.pointer for each in found.provenance}
    assert found == item(content)
    for pointer, value in _leaves(content, ""):
        assert pointer in listed or not value.strip()


def _leaves(value: object, pointer: str) -> list[tuple[str, str]]:
    if isinstance(value, dict):
        keys = {key: key.replace("~", "~0").replace("/", "~1") for key in value}
        return [leaf for key, each in value.items() for leaf in _leaves(each, f"{pointer}/{keys[key]}")]
    if isinstance(value, list):
        return [leaf for index, each in enumerate(value) for leaf in _leaves(each, f"{pointer}/{index}")]
    return [] if value is None or value == "" else [(pointer, str(value))]
