"""The reckoning sees each thing that a campaign could break: a clean ledger holds, and every tampering is named."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from gateway.store.records import FeedCounts
from tests.faults.holdings import Holdings
from tests.faults.readers import Bookshelf
from tests.faults.reckoning import broken
from tests.faults.senders import Ledger
from tests.faults.traffic import MLLP, Ending, Letter, digest

SENT, AGAINST, ENVELOPE, CASE = b"synthetic", b"other bytes", "env_1", "ref_1"
KEY, OTHER = (MLLP, digest(SENT)), (MLLP, digest(AGAINST))


def ledger() -> Ledger:
    made = Ledger()
    letter = Letter(number=1, feed=MLLP, body=SENT, ending=Ending.ACCEPTED, again=1, other=AGAINST)
    made.letters[KEY] = made.contradictions[OTHER] = letter
    made.attempts[KEY], made.attempts[OTHER] = 3, 1
    made.answers[KEY], made.answers[OTHER] = [b"AA", b"AA"], [b"AE"]
    return made


def shelf() -> Bookshelf:
    made = Bookshelf()
    made.releases[ENVELOPE] = [b"release", b"release"]
    return made


def held() -> Holdings:
    first = {"id": "msg_1", "feed": MLLP, "digest": KEY[1], "fate": "accepted", "reason_code": None}
    second = {"id": "msg_2", "feed": MLLP, "digest": OTHER[1], "fate": "quarantined", "reason_code": "message.conflict"}
    return Holdings(
        messages=({**first, "conflict_with": None}, {**second, "conflict_with": "msg_1"}),
        ends={"msg_1": ("no_concern",)},
        opened={"msg_1": KEY[1], "msg_2": OTHER[1]},
        events=(
            event("message.accepted", "msg_1"),
            event("message.duplicate", "msg_1"),
            event("message.conflict", "msg_2"),
            event("envelope.sealed", ENVELOPE),
            event("envelope.opened", ENVELOPE),
        ),
        envelopes=({"id": ENVELOPE, "state": "released"},),
        outbox=(),
        requests=({"referral_id": CASE, "agency": "health"}, {"referral_id": CASE, "agency": "council"}),
        counts=(counts(),),
        forks=(),
        log_problem="",
    )


def event(name: str, subject: str) -> dict[str, str]:
    return {"event": name, "subject": subject}


def counts(**changed: int) -> FeedCounts:
    whole = {"received": 3, "accepted": 1, "duplicate": 1, "quarantined": 1, "refused": 0}
    ends = {"items": 1, "referral": 0, "refreshed": 0, "no_concern": 1}
    return FeedCounts(feed=MLLP, **{**whole, **ends, **changed})


def test_a_campaign_that_held_is_found_to_hold() -> None:
    assert broken(held(), ledger(), shelf(), [CASE]) == []


def _row(place: int, **changed: object) -> Callable[[Holdings], Holdings]:
    def change(whole: Holdings) -> Holdings:
        rows = [dict(row) for row in whole.messages]
        rows[place].update(changed)
        return replace(whole, messages=tuple(rows))

    return change


@pytest.mark.parametrize(
    "change,said",
    [
        (lambda whole: replace(whole, messages=whole.messages[1:]), "is there 0 times"),
        (lambda whole: replace(whole, messages=(*whole.messages, whole.messages[0])), "is there 2 times"),
        (lambda whole: replace(whole, opened={**whole.opened, "msg_1": "0"}), "opens to other bytes"),
        (lambda whole: replace(whole, ends={}), "no visible end"),
        (_row(0, fate="quarantined"), "should be accepted"),
        (_row(1, reason_code=None), "without a reason"),
        (_row(1, conflict_with=None), "kept as a conflict"),
        (_row(1, digest="0"), "nobody sent it"),
        (lambda whole: replace(whole, counts=(counts(accepted=2),)), "do not reconcile"),
        (lambda whole: replace(whole, counts=(counts(received=5, duplicate=3),)), "5 received"),
        (lambda whole: replace(whole, counts=(counts(received=2, duplicate=0),)), "2 received"),
        (lambda whole: replace(whole, log_problem="leaf at 3"), "does not verify"),
        (lambda whole: replace(whole, forks=(9,)), "does not continue the tree of 9"),
        (lambda whole: replace(whole, events=whole.events[1:]), "told of 0 times"),
        (lambda whole: replace(whole, events=(*whole.events, whole.events[1])), "2 told"),
        (lambda whole: replace(whole, events=whole.events[:-1]), "envelope.opened is told 0 times"),
        (lambda whole: replace(whole, events=(*whole.events, whole.events[-1])), "envelope.opened is told 2 times"),
        (lambda whole: replace(whole, envelopes=({"id": ENVELOPE, "state": "sealed"},)), "is sealed"),
        (lambda whole: replace(whole, requests=(*whole.requests, whole.requests[0])), "was asked 2 times"),
        (
            lambda whole: replace(whole, outbox=({"envelope_id": ENVELOPE, "parked_reason": "unroutable"},)),
            "never left: unroutable",
        ),
    ],
)
def test_what_the_store_lost_doubled_or_changed_is_named(change: Callable[[Holdings], Holdings], said: str) -> None:
    assert any(said in one for one in broken(change(held()), ledger(), shelf(), [CASE]))


def test_two_answers_to_one_message_are_named() -> None:
    told = ledger()
    told.answers[KEY] = [b"AA", b"AA of another time"]
    assert any("in 2 ways" in one for one in broken(held(), told, shelf(), [CASE]))


def test_a_second_release_a_theft_and_a_refusal_are_named() -> None:
    read = shelf()
    read.releases[ENVELOPE].append(b"another release")
    read.stolen.append(ENVELOPE)
    read.refused.append("env_2: an opening: 409")
    said = " ".join(broken(held(), ledger(), read, [CASE]))
    assert "2 different releases" in said
    assert "somebody else opened" in said
    assert "a reader was refused" in said
