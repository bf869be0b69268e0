from __future__ import annotations

import pytest

from routing.severity import ROWS, Severity, severity
from schemas.notification import Notification
from schemas.vocabulary import Concern
from tests.unit.routing.builders import notification, person

CHILD = person()


@pytest.mark.parametrize(
    "item, expected",
    [
        (notification(CHILD), Severity.LOW),
        (notification(CHILD, categories=(Concern.SCHOOL_ATTENDANCE,)), Severity.LOW),
        (notification(CHILD, categories=(Concern.NEGLECT,)), Severity.MODERATE),
        (notification(CHILD, categories=(Concern.SEXUAL,)), Severity.HIGH),
        (notification(CHILD, categories=(Concern.SEXUAL,), grade=" Green "), Severity.LOW),
        (notification(CHILD, categories=(Concern.NEGLECT,), level=2), Severity.LOW),
        (notification(CHILD, level=3), Severity.MODERATE),
        (notification(CHILD, level=4), Severity.HIGH),
        (notification(CHILD, grade="amber"), Severity.MODERATE),
        (notification(CHILD, grade="RED"), Severity.HIGH),
        (notification(CHILD, grade="green", danger="now"), Severity.HIGH),
        (notification(CHILD, grade="green", injuries="a bruise", categories=(Concern.PHYSICAL,)), Severity.HIGH),
        (notification(CHILD, grade="green", injuries="a graze", categories=(Concern.OTHER,)), Severity.LOW),
    ],
)
def test_a_concern_is_as_grave_as_its_sender_says_and_else_as_its_kind_is(
    item: Notification, expected: Severity
) -> None:
    assert severity(item) is expected


def test_every_row_has_a_reason_of_its_own() -> None:
    assert len({row.because for row in ROWS}) == len(ROWS)
