"""A thin event's detail: where it stands, and one message that says what both say, with nothing of either lost."""

from __future__ import annotations

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters import registry
from adapters.completing import Completing, completing
from adapters.port import FeedContext
from adapters.probation.detail import COMPLETING
from schemas.errors import Rejected, TooLarge
from schemas.vocabulary import ItemKind

URL = "https://details.example/registrations/1"
EVENT: dict[str, Any] = {
    "eventType": "probation-case.registration.added",
    "version": 1,
    "occurredAt": "2026-11-02T09:00:00.123456789Z",
    "detailUrl": URL,
    "additionalInformation": {"registerTypeCode": "RCCO", "level": "low"},
    "personReference": {"identifiers": [{"type": "CRN", "value": "X123456"}]},
}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def written(value: object) -> bytes:
    return json.dumps(value).encode()


def wrapped(event: dict[str, Any]) -> bytes:
    return written({"Type": "Notification", "MessageId": "m-1", "Message": json.dumps(event)})


def together(detail: dict[str, Any], event: dict[str, Any] | None = None) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(COMPLETING.completed(written(event or EVENT), written(detail)))
    return made


def test_the_adapter_of_events_can_be_completed_and_others_only_where_they_say_so() -> None:
    found = completing(registry.get("probation.event"))
    assert isinstance(found, Completing)
    assert completing(registry.get("police.ppn")) is None


@pytest.mark.parametrize("payload", [written(EVENT), wrapped(EVENT)])
def test_the_address_is_the_events_own(payload: bytes) -> None:
    assert COMPLETING.detail_url(payload) == URL


@given(st.binary(max_size=60) | JSON.map(written) | JSON.map(lambda value: wrapped({"detailUrl": value})))
def test_whatever_comes_the_address_is_text_and_nothing_is_raised(payload: bytes) -> None:
    assert isinstance(COMPLETING.detail_url(payload), str)


def test_members_of_the_detail_stand_beside_those_of_the_event() -> None:
    made = together({"notes": "some words", "level": "low", "person": {"name": "Alex Sample"}})
    assert made["additionalInformation"] == EVENT["additionalInformation"] | {
        "notes": "some words",
        "person": {"name": "Alex Sample"},
    }
    assert {key: made[key] for key in EVENT if key != "additionalInformation"} == {
        key: value for key, value in EVENT.items() if key != "additionalInformation"
    }


def test_where_both_say_something_else_the_events_stands_and_the_details_is_kept_apart() -> None:
    made = together({"level": "high", "eventType": "another", "detail": "words"})
    assert made["eventType"] == EVENT["eventType"]
    assert made["additionalInformation"] == EVENT["additionalInformation"] | {
        "eventType": "another",
        "detail": [{"level": "high"}, "words"],
    }


def test_a_wrapped_event_is_completed_out_of_its_wrapping_and_reads_as_a_message_of_its_own() -> None:
    adapter, context = registry.get("probation.event"), FeedContext(feed="f", agency="probation")
    whole = COMPLETING.completed(wrapped(EVENT), written({"notes": "some words"}))
    first, second = adapter.read(wrapped(EVENT), context), adapter.read(whole, context)
    assert first.native_id != second.native_id
    assert second.items[0].notification.kind is ItemKind.CONCERN
    assert second.items[0].notification.incident is not None
    assert "some words" in second.items[0].notification.incident.narrative
    assert first.items[0].notification.adults == second.items[0].notification.adults


def test_a_restriction_in_the_detail_reaches_handling() -> None:
    adapter, context = registry.get("probation.event"), FeedContext(feed="f", agency="probation")
    whole = COMPLETING.completed(written(EVENT), written({"limitedAccess": True}))
    assert adapter.read(whole, context).items[0].notification.handling.restricted


@given(st.dictionaries(st.text(max_size=5), JSON, max_size=4), JSON)
def test_nothing_of_either_is_lost_and_the_same_two_give_the_same_bytes(detail: dict[str, Any], more: object) -> None:
    event = EVENT | {"additionalInformation": more}
    made = COMPLETING.completed(written(event), written(detail))
    assert made == COMPLETING.completed(written(event), written(detail))
    text = made.decode()
    for value in (detail, more):
        for leaf in _texts(value):
            assert json.dumps(leaf, ensure_ascii=False) in text


def _texts(value: object) -> list[str]:
    if isinstance(value, dict):
        return [text for each in value.values() for text in _texts(each)]
    if isinstance(value, list):
        return [text for each in value for text in _texts(each)]
    return [value] if isinstance(value, str) else []


@given(st.binary(max_size=60) | st.just(b'{"a":1' + b"0" * 5_000 + b"}") | JSON.map(written))
def test_whatever_the_detail_is_it_is_taken_or_refused(detail: bytes) -> None:
    with suppress(Rejected, TooLarge):
        json.loads(COMPLETING.completed(written(EVENT), detail))


def test_numbers_keep_their_digits() -> None:
    detail = b'{"a": 1, "b": 1.10, "c": 1e400, "d": ' + b"7" * 5_000 + b', "e": 0.5}'
    made = json.loads(COMPLETING.completed(written(EVENT), detail))["additionalInformation"]
    assert (made["a"], made["b"], made["c"], made["d"], made["e"]) == (1, "1.10", "1e400", "7" * 5_000, 0.5)
