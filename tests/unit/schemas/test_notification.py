from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from schemas.notification import Handling, Incident, Mapped, Notification
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
