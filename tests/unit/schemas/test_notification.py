from __future__ import annotations

import json
from dataclasses import FrozenInstanceError, fields
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from schemas.notification import Handling, Incident, Mapped, Normalised, Notification, QualityFlag, Unmapped
from schemas.persons import Person
from schemas.vocabulary import ItemKind, Marking


def notification(**more: object) -> Notification:
    return Notification.model_validate(
        {"native_id": "1", "format": "x/1", "kind": ItemKind.CONCERN, "kind_reason": "doubt"} | more,
    )


def test_a_concern_may_name_no_child() -> None:
    assert notification().children == ()


def test_everybody_named_is_listed_children_first() -> None:
    child, adult = Person(ref="child-1"), Person(ref="adult-1")
    assert notification(adults=(adult,), children=(child,)).people == (child, adult)


def test_handling_is_official_sensitive_unless_it_says_otherwise() -> None:
    assert notification().handling == Handling(marking=Marking.OFFICIAL_SENSITIVE)


def test_a_kind_needs_its_reason() -> None:
    with pytest.raises(ValidationError):
        Notification.model_validate({"native_id": "1", "format": "x/1", "kind": ItemKind.CONCERN})


def test_a_provenance_names_a_field() -> None:
    with pytest.raises(ValidationError):
        Mapped(field="", pointer="/a")


def test_a_notification_survives_json() -> None:
    made = notification(
        event_at=datetime(2026, 11, 2, 19, 40, tzinfo=UTC),
        children=(Person(ref="child-1", unborn=True),),
        incident=Incident(occurred_on="2026-11", narrative="x"),
    )
    assert Notification.model_validate_json(made.model_dump_json()) == made


def test_an_incident_without_a_zone_is_refused() -> None:
    with pytest.raises(ValidationError):
        Incident(occurred_at=datetime(2026, 11, 2))  # noqa: DTZ001 - that is the point


def rows(**more: object) -> dict[str, object]:
    return {
        "notification": notification().model_dump(mode="json"),
        "provenance": [{"field": "a", "pointer": "/a"} | more],
    }


def test_rows_of_provenance_are_read_from_json() -> None:
    assert Normalised.model_validate_json(json.dumps(rows())).provenance == (Mapped(field="a", pointer="/a"),)


@pytest.mark.parametrize("more", [{"extra": "x"}, {"pointer": 1}, {"field": ""}, {"field": None}])
def test_a_row_is_as_strict_as_a_model(more: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Normalised.model_validate_json(json.dumps(rows(**more)))


@pytest.mark.parametrize(
    "row",
    [Mapped(field="a", pointer="/a"), Unmapped(pointer="/a", value="x"), QualityFlag(code="odd")],
    ids=lambda row: type(row).__name__,
)
def test_a_row_never_changes(row: Mapped | Unmapped | QualityFlag) -> None:
    for field in fields(row):
        with pytest.raises(FrozenInstanceError):
            setattr(row, field.name, "other")


def test_what_a_row_refuses_is_not_told() -> None:
    with pytest.raises(ValidationError) as refused:
        Normalised.model_validate_json(json.dumps(rows(pointer={"secret": 1})))
    assert "secret" not in str(refused.value)
