"""What one agency is handed of a chain of custody: its own part, and nothing of anybody else's."""

from __future__ import annotations

import pytest

from gateway.log import Event
from routing.custody import ROWS, may_see, relations

KNOWN = relations(
    agency="health", sent=["msg_1"], asked=["req_1"], owned=["dis_1"], received=["env_1"], keys=["signing-1"]
)

SEEN = [
    ("message.accepted", "health.gp", "msg_1"),
    ("message.duplicate", "hub", "msg_1"),
    ("request.sent", "person:manager", "req_1"),
    ("disclosure.received", "health.lead", "dis_1"),
    ("envelope.opened", "health.lead", "env_1"),
    ("key.promoted", "hub", "signing-1"),
    ("agency.enrolled", "operator", "health"),
]
HELD_BACK = [
    ("message.accepted", "police.desk", "msg_2"),
    ("message.replayed", "person:engineer", "msg_1"),
    ("request.sent", "person:manager", "req_2"),
    ("disclosure.viewed", "person:manager", "dis_1"),
    ("envelope.opening_refused", "health.lead", "env_1"),
    ("envelope.sealed", "person:manager", "env_1"),
    ("envelope.opened", "council.team", "env_2"),
    ("rating.given", "person:manager", "rat_1"),
    ("decision.made", "person:manager", "dec_1"),
    ("referral.viewed", "person:manager", None),
    ("key.revoked", "operator:somebody", "signing-1"),
    ("key.created", "hub", "at_rest-1"),
    ("agency.suspended", "operator", "police"),
    ("disclosure.received", "healthy.lead", "dis_1"),
]


@pytest.mark.parametrize("event, actor, subject", SEEN)
def test_an_agency_sees_what_it_took_part_in(event: str, actor: str, subject: str) -> None:
    assert may_see("health", KNOWN, event=event, actor=actor, subject=subject)


@pytest.mark.parametrize("event, actor, subject", HELD_BACK)
def test_an_agency_sees_nothing_else(event: str, actor: str, subject: str | None) -> None:
    assert not may_see("health", KNOWN, event=event, actor=actor, subject=subject)


def test_the_rows_name_events_that_there_are_and_their_reasons() -> None:
    assert {event for row in ROWS for event in row.events} <= set(Event)
    assert all(row.because for row in ROWS)
