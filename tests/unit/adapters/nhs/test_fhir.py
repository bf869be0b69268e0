"""FHIR to canonical notifications: who, what, how sure, and in whose confidence."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest

from adapters.nhs.fhir import ADAPTER
from adapters.port import FeedContext
from schemas.errors import Rejected, TooLarge
from schemas.notification import Notification
from schemas.vocabulary import Concern, ItemKind
from tests.fixtures.regenerate import golden, natives, rendered
from tests.unit.adapters.nhs.test_fhir_tree import as_xml

CONTEXT = FeedContext(feed="fhir", agency="health")
PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "id": "p",
    "name": [{"family": "Alder", "given": ["Rowan"]}],
    "gender": "female",
    "birthDate": "2015-03-14",
}
MOTHER: dict[str, Any] = {**PATIENT, "birthDate": "1995-03-14"}
HEADER: dict[str, Any] = {"resourceType": "MessageHeader", "source": {"endpoint": "https://a.example.org"}}
SUBJECT = {"reference": "Patient/p"}


def bundle(*resources: dict[str, Any], kind: str = "message", **more: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    held = [HEADER, *resources] if kind == "message" else list(resources)
    return {
        "resourceType": "Bundle",
        "id": "b1",
        "type": kind,
        "timestamp": "2026-03-02T10:15:00Z",
        "entry": [{"resource": each} for each in held],
        **more,
    }


def flag(code: str = "", *, status: str = "active", category: str = "SG", **more: Any) -> dict[str, Any]:  # noqa: ANN401
    coded = {"code": {"coding": [{"code": code}]}} if code else {}
    return {
        "resourceType": "Flag",
        "status": status,
        "category": [{"coding": [{"code": category}]}],
        "subject": SUBJECT,
        **coded,
        **more,
    }


@pytest.mark.parametrize("native", natives("nhs.fhir"), ids=lambda path: path.stem)
def test_a_message_reads_as_its_golden_file_says(native: Path) -> None:
    assert rendered("nhs.fhir", native) == golden(native).read_text(encoding="utf-8")


def every(resource: dict[str, Any], **options: object) -> list[Notification]:
    context = FeedContext(feed="fhir", agency="health", options=options)
    return [item.notification for item in ADAPTER.read(json.dumps(resource).encode(), context).items]


def one(resource: dict[str, Any], **options: object) -> Notification:
    (only,) = every(resource, **options)
    return only


@pytest.mark.parametrize(
    "native", [path for path in natives("nhs.fhir") if path.suffix == ".json"], ids=lambda p: p.stem
)
def test_the_same_resource_reads_alike_in_both_syntaxes(native: Path) -> None:
    payload = native.read_bytes()
    content = json.loads(payload)
    for each in (content, *content.get("entry", ())):
        _without_split_values(each)
    told = ADAPTER.read(json.dumps(content).encode(), CONTEXT)
    assert ADAPTER.read(as_xml(content), CONTEXT) == told


def _without_split_values(value: object) -> None:
    """Drop what JSON writes beside a value, which :func:`as_xml` does not know."""
    if isinstance(value, dict):
        for key in [key for key in value if key.startswith("_")]:
            del value[key]
        for each in value.values():
            _without_split_values(each)
    elif isinstance(value, list):
        for each in value:
            _without_split_values(each)


@pytest.mark.parametrize(
    "resources, kind",
    [
        ((PATIENT, flag("697949003")), ItemKind.CONCERN),
        ((PATIENT, flag()), ItemKind.CONCERN),
        ((PATIENT, flag("U")), ItemKind.CONCERN),
        ((PATIENT, flag("861931000000100")), ItemKind.UPDATE),
        ((PATIENT, flag("697949003", status="inactive")), ItemKind.UPDATE),
        ((PATIENT, flag("697949003", period={"end": "2026-03-01"})), ItemKind.UPDATE),
        ((PATIENT, flag("697949003", period={"end": "2026-03-02T09:00:00Z"})), ItemKind.CONCERN),
        ((PATIENT, flag("x", category="RA")), ItemKind.UPDATE),
        ((PATIENT, {"resourceType": "ServiceRequest", "status": "active", "subject": SUBJECT}), ItemKind.CONCERN),
        ((PATIENT, {"resourceType": "ServiceRequest", "status": "revoked", "subject": SUBJECT}), ItemKind.UPDATE),
        ((PATIENT, {"resourceType": "Communication", "status": "completed"}), ItemKind.CONCERN),
        ((PATIENT, {"resourceType": "Appointment", "status": "booked"}), ItemKind.CONTEXT),
        (
            (PATIENT, {"resourceType": "Appointment", "description": "Disclosed physical abuse"}),
            ItemKind.CONCERN,
        ),
        ((PATIENT, {"resourceType": "Encounter", "status": "finished"}), ItemKind.CONTEXT),
        ((PATIENT, {"resourceType": "Condition", "code": {"coding": [{"code": "T74.1"}]}}), ItemKind.CONCERN),
        (
            (
                PATIENT,
                {
                    "resourceType": "Condition",
                    "verificationStatus": {"coding": [{"code": "refuted"}]},
                    "code": {"coding": [{"code": "T74.1"}]},
                },
            ),
            ItemKind.UPDATE,
        ),
        ((PATIENT,), ItemKind.UPDATE),
        (({"resourceType": "Basic"},), ItemKind.CONCERN),
    ],
)
def test_doubt_means_concern_and_an_ended_flag_does_not(resources: tuple[dict[str, Any], ...], kind: ItemKind) -> None:
    read = one(bundle(*resources))
    assert read.kind is kind, read.kind_reason
    assert (read.concern is not None) is (kind is ItemKind.CONCERN)


def test_an_answer_to_a_message_is_context_unless_it_speaks_of_a_concern() -> None:
    header = {**HEADER, "response": {"identifier": "1", "code": "ok"}}
    asked = {"resourceType": "ServiceRequest", "status": "active", "subject": SUBJECT}
    told = bundle(PATIENT, asked)
    told["entry"][0]["resource"] = header
    assert one(told).kind is ItemKind.CONTEXT
    told["entry"].append({"resource": flag("697949003")})
    assert one(told).kind is ItemKind.CONCERN


def test_categories_come_from_codes_and_the_feeds_own_go_first() -> None:
    read = one(bundle(PATIENT, flag("702953007"), flag("919461000000108"), flag("H1")), concern_codes={"H1": "gangs"})
    assert read.concern is not None
    assert read.concern.categories == (Concern.NEGLECT, Concern.CHILD_SEXUAL_EXPLOITATION, Concern.GANGS)
    assert read.concern.source_categories == ("702953007", "919461000000108", "H1")


def test_a_mother_whose_unborn_child_is_meant_is_the_adult_and_the_child_has_no_birth_date() -> None:
    due = {
        "resourceType": "Observation",
        "status": "final",
        "code": {"coding": [{"code": "161714006"}]},
        "valueDateTime": "2026-09-10",
    }
    read = one(bundle(MOTHER, flag("878111000000109"), due))
    (child,), (mother,) = read.children, read.adults
    assert child.unborn
    assert child.mother == mother.ref == "adult-1"
    assert (str(child.expected_date), child.birth_date, mother.relation) == ("2026-09-10", None, "mother")
    assert read.concern is not None
    assert read.concern.categories == (Concern.UNBORN_CHILD,)


def test_a_patient_without_birth_date_whose_mother_is_named_is_the_unborn_child() -> None:
    bare = {"resourceType": "Patient", "id": "p"}
    mother = {
        "resourceType": "RelatedPerson",
        "patient": SUBJECT,
        "relationship": [{"coding": [{"code": "MTH"}]}],
        "name": [{"family": "Elm"}],
        "birthDate": "2001-02-03",
    }
    read = one(bundle(bare, mother, flag("878111000000109")))
    assert [(child.unborn, child.mother) for child in read.children] == [(True, "adult-1")]
    assert [adult.relation for adult in read.adults] == ["mother"]


@pytest.mark.parametrize("code", ["R", "V", "REDACTED", "NOPAT", "something new"])
def test_a_restricted_record_hides_every_address_in_the_message(code: str) -> None:
    home = {"line": ["1 Elsewhere"], "postalCode": "ZZ99 3WZ"}
    patient = {**PATIENT, "meta": {"security": [{"code": code, "display": "keep close"}]}, "address": [home]}
    sibling = {**PATIENT, "id": "s", "address": [home]}
    read = one(bundle(patient, sibling))
    assert (read.handling.restricted, read.handling.hidden_location) == (True, True)
    assert read.handling.caveat == "keep close"
    assert [address.confidential for child in read.children for address in child.addresses] == [True, True]
    assert read.kind is ItemKind.CONCERN


def test_a_label_on_a_clinical_resource_restricts_and_one_on_the_bundle_hides_too() -> None:
    label = {"security": [{"code": "R"}]}
    seen = one(bundle(PATIENT, {"resourceType": "Encounter", "meta": label}))
    assert (seen.handling.restricted, seen.handling.hidden_location) == (True, False)
    seen = one(bundle(PATIENT, meta=label))
    assert (seen.handling.restricted, seen.handling.hidden_location) == (True, True)
    assert not one(bundle({**PATIENT, "meta": {"security": [{"code": "N"}]}})).handling.restricted


def test_an_address_that_says_so_itself_is_confidential() -> None:
    said = {"url": "https://example.org/confidential-address", "valueBoolean": True}
    home = {"line": ["1 Elsewhere"], "extension": [said]}
    read = one({**PATIENT, "address": [home]})
    assert read.children[0].addresses[0].confidential
    assert read.handling.hidden_location
    said["valueBoolean"] = False
    assert not one({**PATIENT, "address": [home]}).children[0].addresses[0].confidential


def test_references_are_followed_by_url_by_id_and_into_what_is_contained() -> None:
    patient = {
        **PATIENT,
        "contained": [{"resourceType": "PractitionerRole", "id": "r", "organization": {"reference": "urn:uuid:AB"}}],
        "generalPractitioner": [{"reference": "Practitioner/nobody"}, {"reference": "#r"}],
    }
    told = bundle(patient)
    told["entry"].append(
        {"fullUrl": "urn:uuid:ab", "resource": {"resourceType": "Organization", "name": "Quay Surgery"}}
    )
    gp = one(told).children[0].gp
    assert gp is not None
    assert gp.name == "Quay Surgery"


@pytest.mark.parametrize(
    "subject, number, family",
    [
        ({"identifier": {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9994100009"}}, "9994100009", ""),
        ({"reference": "https://x/personal-demographics/FHIR/R4/Patient/9994100009"}, "9994100009", ""),
        ({"reference": "Patient/9994100009", "display": "Rowan Alder"}, "", "Rowan Alder"),
        ({"identifier": {"system": "https://a.example.org", "value": "A1"}, "display": "Ash"}, "A1", "Ash"),
    ],
)
def test_a_subject_outside_the_message_is_a_person_where_its_reference_says_who(
    subject: dict[str, Any], number: str, family: str
) -> None:
    plan = {"resourceType": "CarePlan", "status": "active", "category": [{"coding": [{"code": "342191000000101"}]}]}
    read = one(bundle(flag("697949003", subject=subject), {**plan, "subject": subject}, kind="collection"))
    assert len(read.people) == 1
    (child,) = read.children
    assert [each.value for each in child.identifiers] == ([number] if number else [])
    assert [name.family for name in child.names] == ([family] if family else [])
    assert child.legal_status == "child protection plan"


def test_a_subject_that_only_points_outside_is_nobody() -> None:
    assert one(flag("697949003", subject={"reference": "Patient/1"})).people == ()


def test_cases_in_a_collection_are_items_of_their_own_and_share_the_directory() -> None:
    surgery = {"resourceType": "Organization", "id": "o", "name": "Quay Surgery"}
    patients = [
        {**PATIENT, "id": f"p{number}", "generalPractitioner": [{"reference": "Organization/o"}]} for number in range(3)
    ]
    flagged = flag("697949003", subject={"reference": "Patient/p1"})
    read = every(bundle(*patients, flagged, surgery, kind="collection", meta={"versionId": "2"}))
    assert [each.kind for each in read] == [ItemKind.UPDATE, ItemKind.CONCERN, ItemKind.UPDATE]
    assert [each.native_id for each in read] == [f"Bundle/b1/_history/2#{number}" for number in (1, 2, 3)]
    assert [each.children[0].gp.name for each in read if each.children[0].gp] == ["Quay Surgery"] * 3
    assert len(every(bundle(*patients, flagged, surgery))) == 1


def test_a_changed_resource_is_another_message_and_the_same_one_is_not() -> None:
    assert one({**PATIENT, "meta": {"versionId": "4"}}).native_id == "Patient/p/_history/4"
    first, again, changed = (one(each).native_id for each in (PATIENT, PATIENT, {**PATIENT, "gender": "male"}))
    assert first == again != changed
    assert one(bundle(PATIENT)).native_id == "b1"
    assert one(bundle(PATIENT, identifier={"value": "x-9"})).native_id == "x-9"


def test_a_consent_counts_only_where_somebody_gave_or_refused_it() -> None:
    def consent(status: str, code: str) -> Notification:
        policy = {"coding": [{"code": code}]}
        return one(bundle(PATIENT, {"resourceType": "Consent", "status": status, "policyRule": policy}))

    assert consent("active", "IMPLIED").consent is None
    assert consent("inactive", "OPTOUT").consent is None
    refused = consent("active", "OPTOUT").consent
    assert refused is not None
    assert refused.given is False


@pytest.mark.parametrize(
    "resource, code, at",
    [
        ({"resourceType": "OperationOutcome"}, "unsupported", "OperationOutcome"),
        (bundle(PATIENT, kind="batch-response"), "bundle_type", "Bundle.type"),
        ({"resourceType": "Bundle", "entry": []}, "no_bundle_type", "Bundle.type"),
        ({"resourceType": "Bundle", "type": "message"}, "empty", "Bundle.entry"),
        ({"resourceType": "Bundle", "type": "collection", "entry": [{"fullUrl": "x"}]}, "empty", "Bundle.entry"),
        (
            {"resourceType": "Bundle", "type": "message", "entry": [{"resource": PATIENT}]},
            "message_header",
            "Bundle.entry.resource",
        ),
        (
            {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": {"id": "1"}}]},
            "resource_type",
            "Bundle.entry.resource",
        ),
    ],
)
def test_what_is_no_message_is_refused_with_its_place(resource: dict[str, Any], code: str, at: str) -> None:
    with pytest.raises(Rejected) as refused:
        one(resource)
    assert (refused.value.code, refused.value.at) == (f"nhs.fhir.{code}", at)


def test_more_cases_than_a_hub_can_take_at_once_are_refused() -> None:
    with pytest.raises(TooLarge):
        every(bundle(*({**PATIENT, "id": str(number)} for number in range(1_001)), kind="collection"))


def test_more_people_or_values_than_anybody_sends_are_refused() -> None:
    patient = {"resourceType": "Patient"}
    kin = {"resourceType": "RelatedPerson"}
    for payload in (
        bundle(*[patient] * 600, *[kin] * 401),
        {**PATIENT, "contact": [{"name": {"family": "A"}}] * 1_000},
    ):
        with pytest.raises(TooLarge) as refused:
            every(payload)
        assert refused.value.code == "nhs.fhir.people"
    with pytest.raises(TooLarge) as refused:
        every({**PATIENT, "name": [{"family": "A"}] * 24_001})
    assert refused.value.code == "nhs.fhir.values"


def test_many_cases_and_a_large_directory_take_linear_time() -> None:
    surgeries = [{"resourceType": "Organization", "id": str(number), "name": "S"} for number in range(3_000)]
    patients = [
        {**PATIENT, "id": str(number), "generalPractitioner": [{"reference": f"Organization/{number}"}]}
        for number in range(900)
    ]
    started = time.process_time()
    assert len(every(bundle(*patients, *surgeries, kind="collection"))) == 900
    assert time.process_time() - started < 8
