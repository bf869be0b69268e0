"""What a notification says that came from OASys."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.port import Fate, FeedContext, Receipt
from adapters.probation.oasys import ADAPTER
from schemas.errors import Rejected, TooLarge
from schemas.identifiers import IdentifierKind
from schemas.notification import Normalised, Notification
from schemas.vocabulary import ItemKind
from tests.conformance.checks import refusal
from tests.fixtures.regenerate import HERE, golden, natives, rendered

FIXTURES = natives("probation.oasys")
FEED = FeedContext(feed="assessments", agency="probation")
AT = datetime(2026, 3, 2, 10, 15, tzinfo=UTC)


def native(name: str) -> Normalised:
    return ADAPTER.read((HERE / "probation.oasys" / f"{name}.json").read_bytes(), FEED).items[0]


def read(content: object) -> Notification:
    return ADAPTER.read(json.dumps(content).encode(), FEED).items[0].notification


def assessment(**answers: object) -> dict[str, object]:
    return {"crn": "X900003", "assessments": [answers]}


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: path.stem)
def test_an_assessment_reads_as_its_golden_file_says(path: Path) -> None:
    assert rendered("probation.oasys", path) == golden(path).read_text(encoding="utf-8")


def test_a_conference_is_a_concern_about_the_adult_and_the_case_stays_restricted() -> None:
    said = native("full-children").notification
    assert said.kind is ItemKind.CONCERN
    assert "conference" in said.kind_reason
    assert said.handling.restricted
    assert said.event_at == datetime(2026, 2, 11, 16, 5, tzinfo=UTC)
    adult = said.adults[0]
    assert [(each.kind, each.value) for each in adult.identifiers] == [
        (IdentifierKind.CRN, "X900003"),
        (IdentifierKind.NOMS, "A9003ZZ"),
    ]
    assert adult.notes == ("risk of suicide now: Yes",)
    assert said.concern is not None
    assert said.concern.factors == (
        "Child protection conference: Yes",
        "Risk to identifiable children: Don't know",
        "Local authority key worker: Example duty team",
    )
    assert said.incident is not None
    assert "Anyone else present: Two children aged 4 and 7" in said.incident.narrative
    assert said.incident.officer == "Ola Example"


def test_levels_come_by_group_and_by_level_and_grade_the_concern_by_children() -> None:
    said = native("summary-levels").notification
    assert said.adults[0].risk == (
        "overall: HIGH; children in the community: MEDIUM; knownAdult in the community: HIGH;"
        " public in the community: LOW; Children in custody: LOW; Public in custody: LOW;"
        " Known adult in custody: MEDIUM"
    )
    assert said.adults[0].notes == (
        "risk to self, suicide: YES",
        "risk to self, suicide now: YES",
        "risk to self, suicide now: Low in mood since release.",
    )
    assert said.concern is not None
    assert said.concern.source_grade == "children in the community: MEDIUM"


def test_a_plan_that_speaks_of_a_newborn_is_a_concern_and_a_redacted_answer_restricts() -> None:
    said = native("plan").notification
    assert said.kind is ItemKind.CONCERN
    assert said.handling.restricted
    assert "value.redacted" in {each.code for each in said.quality}


def test_needs_are_context_and_name_those_that_were_found() -> None:
    said = native("needs").notification
    assert said.kind is ItemKind.CONTEXT
    assert said.adults[0].notes == ("need (IDENTIFIED_NEED): Drug misuse",)
    assert ("identifier.missing", "adults[0].identifiers") in {(each.code, each.field) for each in said.quality}


@pytest.mark.parametrize(
    "content,kind",
    [
        (assessment(childProtectionConferences="No", riskChildrenCommunity="Low"), ItemKind.CONTEXT),
        (assessment(childProtectionConferences="Don't know", riskChildrenCommunity="Low"), ItemKind.CONCERN),
        (assessment(riskToIdentifiableChildren="Yes"), ItemKind.CONCERN),
        (assessment(riskToIdentifiableChildren="N/A", riskChildrenCommunity="Low"), ItemKind.CONTEXT),
        (assessment(riskChildrenCommunity="Very High"), ItemKind.CONCERN),
        (assessment(riskChildrenCommunity="not sure"), ItemKind.CONCERN),
        (assessment(riskChildrenCommunity="Low", riskChildrenCustody="Medium"), ItemKind.CONCERN),
        (assessment(riskChildrenCommunity="Low", riskKnownAdultCommunity="High"), ItemKind.CONCERN),
        (assessment(riskChildrenCommunity="Low", riskPublicCommunity="Medium"), ItemKind.CONTEXT),
        (assessment(riskChildrenCommunity="Low", natureOfRisk="Shouts at his daughter"), ItemKind.CONCERN),
        (assessment(concernsRiskOfSuicide="Yes"), ItemKind.CONTEXT),
        (assessment(riskPublicCommunity="Medium"), ItemKind.CONCERN),
        (assessment(currentOffenceDetails="Theft"), ItemKind.CONCERN),
        (assessment(OVP={"ovpRisk": "High"}), ItemKind.CONTEXT),
        ({"crn": "X900003", "timeline": [{"assessmentPk": 1, "status": "COMPLETE"}]}, ItemKind.CONTEXT),
        ({"riskInCommunity": {"HIGH": ["Children"]}}, ItemKind.CONCERN),
        ({"riskInCommunity": {"LOW": ["Children"]}}, ItemKind.CONTEXT),
        ({"riskInCommunity": {"children": "Low"}}, ItemKind.CONTEXT),
        ({"overallRiskLevel": "VERY_HIGH"}, ItemKind.CONCERN),
    ],
)
def test_the_kind_follows_what_is_said_of_children(content: object, kind: ItemKind) -> None:
    said = read(content)
    assert said.kind is kind
    assert (said.concern is not None) is (kind is ItemKind.CONCERN)


def test_the_latest_of_several_assessments_gives_the_time() -> None:
    several = [
        {"dateCompleted": "2026-01-01T09:00:00"},
        {"dateCompleted": "2026-07-01T09:00:00"},
        {"dateCompleted": "x"},
    ]
    assert read({"assessments": several}).event_at == datetime(2026, 7, 1, 8, 0, tzinfo=UTC)


def test_a_redacted_name_is_nobodys() -> None:
    said = read({**assessment(), "forename": "REDACTED", "familyName": "**REDACTED**", "prisNumber": "REDACTED"})
    assert said.adults[0].names == ()
    assert [each.value for each in said.adults[0].identifiers] == ["X900003"]
    assert said.handling.restricted


@pytest.mark.parametrize(
    "payload,code",
    [
        (b"", "probation.oasys.json"),
        (b"[]", "probation.oasys.object"),
        (b"{}", "probation.oasys.shape"),
        (b'{"crn": "X900003", "assessments": "none"}', "probation.oasys.shape"),
        (b'{"eventType": "probation-case.registration.added"}', "probation.oasys.shape"),
        (b'{"summary": {"contactTypes": []}}', "probation.oasys.shape"),
        (b'{"needs": [], "needs": []}', "probation.oasys.duplicate_key"),
    ],
)
def test_what_is_no_assessment_is_refused(payload: bytes, code: str) -> None:
    with pytest.raises(Rejected) as refused:
        ADAPTER.read(payload, FEED)
    assert refused.value.code == code
    assert refused.value.detail


def test_every_size_has_its_limit() -> None:
    with pytest.raises(TooLarge):
        ADAPTER.read(b'{"needs": [' + b"1," * 50_001 + b"1]}", FEED)


_KEYS = st.sampled_from(
    [
        "assessments",
        "summary",
        "riskInCommunity",
        "HIGH",
        "children",
        "riskToSelf",
        "needs",
        "name",
        "crn",
        "data",
        "~/",
    ]
)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=4),
    max_leaves=20,
)


@settings(max_examples=150)
@given(st.dictionaries(_KEYS, _JSON, max_size=5))
def test_any_shape_is_read_or_refused(content: dict[str, object]) -> None:
    payload = json.dumps(content).encode()
    error = refusal(ADAPTER, payload)
    assert error is None or error.code.startswith("probation.oasys.")
    assert ADAPTER.answer(payload, Receipt(fate=Fate.REFUSED, at=AT), FEED).body
