"""What an entry is made of, and what it never holds."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto.canonical import JsonInput
from gateway.log.entry import render
from gateway.log.events import MEANINGS, Event

NOW = datetime(2026, 11, 2, 9, 30, 0, 5, tzinfo=UTC)


def test_an_entry_is_canonical_json_of_the_members_that_the_wire_names() -> None:
    entry = render(
        Event.ENVELOPE_OPENED,
        actor="police.lead",
        now=NOW,
        random=os.urandom,
        referral="ref_1",
        subject="env_1",
        detail={"jkt": "abc", "n": 2},
    )
    value = json.loads(entry.text)
    assert value == {
        "v": 1,
        "id": entry.id,
        "event": "envelope.opened",
        "at": "2026-11-02T09:30:00.000005Z",
        "actor": "police.lead",
        "referral": "ref_1",
        "subject": "env_1",
        "detail": {"jkt": "abc", "n": 2},
    }
    assert entry.text == json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def test_the_commitment_is_the_one_of_the_wire_and_its_salt_is_fresh() -> None:
    first, second = (render(Event.HUB_STARTED, actor="hub", now=NOW, random=os.urandom) for _ in range(2))
    assert first.commitment == hmac.digest(first.salt, b"mash-log-v1\n" + first.text, hashlib.sha256)
    assert first.salt != second.salt
    assert first.id != second.id


def test_times_are_told_in_utc() -> None:
    at = datetime(2026, 7, 1, 12, tzinfo=timezone(timedelta(hours=1)))
    entry = render(Event.HUB_STARTED, actor="hub", now=at, random=os.urandom)
    assert json.loads(entry.text)["at"] == "2026-07-01T11:00:00.000000Z"


def test_a_time_without_its_zone_is_a_bug() -> None:
    with pytest.raises(ValueError, match="zone"):
        render(Event.HUB_STARTED, actor="hub", now=NOW.replace(tzinfo=None), random=os.urandom)


FREE: list[JsonInput] = ["she was seen", {"a name": 1}, ["x", {"y": "a b"}], "naïve", "line\nbreak", "tab\t"]


@pytest.mark.parametrize("free", FREE)
def test_free_text_is_refused_wherever_it_stands_and_is_not_repeated(free: JsonInput) -> None:
    with pytest.raises(ValueError, match="not free text") as caught:
        render(Event.HUB_STARTED, actor="hub", now=NOW, random=os.urandom, detail={"reason": free})
    assert "she was seen" not in str(caught.value)


@pytest.mark.parametrize("place", ["actor", "referral", "subject"])
def test_who_and_what_are_codes_too(place: str) -> None:
    named = {"actor": "hub", "referral": None, "subject": None, place: "two words"}
    with pytest.raises(ValueError, match=place):
        render(
            Event.HUB_STARTED,
            actor=str(named["actor"]),
            now=NOW,
            random=os.urandom,
            referral=named["referral"],
            subject=named["subject"],
        )


@given(st.floats())
def test_there_are_no_fractions_in_the_log(number: float) -> None:
    with pytest.raises(TypeError):
        render(Event.HUB_STARTED, actor="hub", now=NOW, random=os.urandom, detail={"n": number})


def test_every_event_has_its_sentence() -> None:
    assert set(MEANINGS) == set(Event)
    assert all(sentence.endswith(".") and len(sentence) > 20 for sentence in MEANINGS.values())
