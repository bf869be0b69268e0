"""What FHIR says of plans: whose they are, since when, and what they make of the message."""

from __future__ import annotations

import time

import pytest

from schemas.vocabulary import ItemKind
from tests.unit.adapters.nhs.test_fhir import MOTHER, PATIENT, SUBJECT, bundle, flag, one


@pytest.mark.parametrize(
    "plan, status, kind",
    [
        ({"code": "342191000000101"}, "child protection plan from 2026-01-05", ItemKind.CONCERN),
        ({"code": "764841000000100"}, "looked after child from 2026-01-05", ItemKind.UPDATE),
        ({"code": "1", "display": "Looked-after child"}, "looked after child from 2026-01-05", ItemKind.UPDATE),
    ],
)
def test_a_plan_is_the_childs_legal_status(plan: dict[str, str], status: str, kind: ItemKind) -> None:
    team = {
        "resourceType": "CareTeam",
        "status": "active",
        "category": [{"coding": [plan]}],
        "subject": SUBJECT,
        "period": {"start": "2026-01-05T09:00:00Z"},
        "name": "Example Council",
    }
    read = one(bundle(PATIENT, team, kind="collection"))
    assert (read.children[0].legal_status, read.kind) == (status, kind)
    assert read.referrer is not None
    assert read.referrer.agency == "Example Council"
    ended = one(bundle(PATIENT, {**team, "period": {"start": "2026-01-05", "end": "2026-02-01"}}, kind="collection"))
    assert ended.children[0].legal_status == f"{status} until 2026-02-01 (ended)"
    assert ended.kind is ItemKind.UPDATE


def test_an_unborn_childs_plan_is_the_childs_and_not_the_mothers() -> None:
    plan = {
        "resourceType": "CarePlan",
        "status": "active",
        "category": [{"coding": [{"code": "818901000000100"}]}],
        "subject": SUBJECT,
    }
    read = one(bundle(MOTHER, plan, kind="collection"))
    assert [child.legal_status for child in read.children] == ["unborn child protection plan"]
    assert [adult.legal_status for adult in read.adults] == [""]
    assert read.kind is ItemKind.CONCERN


def test_a_plan_is_told_of_its_own_subject_alone() -> None:
    plan = {"resourceType": "CarePlan", "status": "active", "category": [{"coding": [{"code": "342191000000101"}]}]}
    read = one(bundle(PATIENT, {**PATIENT, "id": "q"}, {**plan, "subject": {"reference": "Patient/q"}}))
    assert [child.legal_status for child in read.children] == ["", "child protection plan"]
    assert one(bundle(PATIENT, plan)).children[0].legal_status == "child protection plan"


def test_a_message_of_many_people_and_plans_takes_linear_time() -> None:
    people = [{"resourceType": "Patient", "id": str(number)} for number in range(1_000)]
    plans = [
        flag("342191000000101", category="x", subject={"reference": f"Patient/{number}"}) for number in range(1_000)
    ]
    started = time.process_time()
    assert one(bundle(*people, *plans)).children[999].legal_status == "child protection plan"
    assert time.process_time() - started < 8
