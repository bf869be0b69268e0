"""How long what is kept: the longest row that fits, to the end of its year, and never what is open or held."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from pydantic import ValidationError

from routing import retention
from routing.retention import Facts, KekLife, Standing
from schemas.hub import Hub
from schemas.persons import Person
from schemas.retention import RETENTION_CLASSES, Retention, RetentionClass
from schemas.vocabulary import Concern, Outcome
from tests.gateway import borough

CLOSED = Facts(
    received_at=datetime(2026, 11, 2, tzinfo=UTC),
    closed_at=datetime(2026, 11, 20, tzinfo=UTC),
    outcomes=frozenset({Outcome.NO_FURTHER_ACTION}),
    concerns=frozenset({Concern.NEGLECT}),
    births=(date(2016, 2, 29),),
    looked_after=False,
)
NOW = datetime(2026, 12, 1, tzinfo=UTC)


def outcome(*outcomes: Outcome) -> Callable[[Facts], Facts]:
    return lambda facts: replace(facts, outcomes=frozenset(outcomes))


@pytest.mark.parametrize(
    "change, name, year",
    [
        (outcome(Outcome.NO_FURTHER_ACTION), "no-further-action", 2033),
        (outcome(Outcome.EARLY_HELP), "early-help", 2035),
        (outcome(Outcome.SECTION_17), "section-17", 2042),
        (outcome(Outcome.SECTION_47), "child-protection", 2042),
        (outcome(Outcome.NO_FURTHER_ACTION, Outcome.SECTION_47), "child-protection", 2042),
        (lambda facts: replace(facts, looked_after=True), "looked-after", 2092),
        (lambda facts: replace(facts, concerns=frozenset({Concern.SEXUAL})), "sexual-abuse", 2102),
        (lambda facts: replace(outcome(Outcome.SECTION_17)(facts), births=(None,)), "section-17", 2052),
        (lambda facts: replace(outcome(Outcome.SECTION_17)(facts), births=()), "section-17", 2052),
        (lambda facts: replace(outcome(Outcome.SECTION_17)(facts), births=(date(2010, 1, 1), date(2020, 1, 1))),
         "section-17", 2046),
        (lambda facts: replace(outcome(Outcome.SECTION_47)(facts), births=(date(2001, 1, 1),)), "child-protection",
         2037),
        (outcome(), "sexual-abuse", 2102),
    ],
)  # fmt: skip
def test_the_longest_class_that_fits_keeps_it_to_the_end_of_its_year(
    change: Callable[[Facts], Facts], name: str, year: int
) -> None:
    facts = change(CLOSED)
    found = retention.judge(facts, RETENTION_CLASSES, NOW)
    until = datetime(year, 1, 1, tzinfo=UTC)
    assert (found.standing, found.name, found.until) == (Standing.KEPT, name, until)
    assert found.because.startswith(f"{name}: ")
    last = datetime(year - 1, 12, 31, 23, 59, tzinfo=UTC)
    assert retention.judge(facts, RETENTION_CLASSES, last).standing is Standing.KEPT
    assert retention.judge(facts, RETENTION_CLASSES, until).standing is Standing.DUE


def test_what_is_open_held_or_linked_to_something_open_is_never_due() -> None:
    late = datetime(2200, 1, 1, tzinfo=UTC)
    for change, standing in (
        ({"closed_at": None}, Standing.OPEN),
        ({"held": True}, Standing.HELD),
        ({"links_open": True}, Standing.LINKED),
    ):
        assert retention.judge(replace(CLOSED, **change), RETENTION_CLASSES, late).standing is standing


@pytest.mark.parametrize("of, year", [("quarantined", 2028), ("never_linked", 2029)])
def test_messages_without_a_referral_have_a_class_too(of: str, year: int) -> None:
    received = datetime(2026, 3, 1, tzinfo=UTC)
    assert of in {"quarantined", "never_linked"}
    for at, held, standing in (
        (datetime(year - 1, 12, 31, tzinfo=UTC), False, Standing.KEPT),
        (datetime(year, 1, 1, tzinfo=UTC), False, Standing.DUE),
        (datetime(year, 1, 1, tzinfo=UTC), True, Standing.HELD),
    ):
        found = retention.judge_message(of, received, RETENTION_CLASSES, at, held=held)  # type: ignore[arg-type]
        assert found.standing is standing


def test_nothing_that_began_later_is_due_before_its_shortest_period_is_over() -> None:
    years = retention.least_years(RETENTION_CLASSES, "referral")
    first = retention.begins(years, datetime(2033, 1, 1, tzinfo=UTC))
    assert (years, first) == (6, datetime(2027, 1, 1, tzinfo=UTC))
    closed = replace(CLOSED, closed_at=first)
    assert retention.judge(closed, RETENTION_CLASSES, datetime(2033, 12, 31, tzinfo=UTC)).standing is Standing.KEPT


@pytest.mark.parametrize(
    "told, day",
    [
        ({"birth_date": "2016"}, date(2016, 12, 31)),
        ({"birth_date": "2016-02"}, date(2016, 2, 29)),
        ({"birth_date": "2016-02-03"}, date(2016, 2, 3)),
        ({"birth_date": "2016-02-31"}, None),
        ({"birth_date": "2016-13"}, None),
        ({"unborn": True, "expected_date": date(2027, 5, 1)}, date(2027, 5, 1)),
        ({}, None),
    ],
)
def test_a_birth_that_is_known_in_part_counts_as_its_last_day(told: dict[str, object], day: date | None) -> None:
    assert retention.born(Person.model_validate({"ref": "child-1", **told})) == day


def test_a_legal_status_tells_who_is_looked_after() -> None:
    assert retention.is_looked_after(Person(ref="c", legal_status="Looked After Child, from 2026-01-01"))
    assert not retention.is_looked_after(Person(ref="c", legal_status="child protection plan"))


def row(**changed: object) -> RetentionClass:
    return RetentionClass.model_validate({"name": "r", "years": 1, "because": "b", **changed})


def test_a_file_that_leaves_something_without_a_class_is_refused() -> None:
    nothing_decided = tuple(one for one in RETENTION_CLASSES if one.name != "no-further-action")
    no_quarantine = tuple(one for one in RETENTION_CLASSES if one.of != "quarantined")
    twice = (*RETENTION_CLASSES, RETENTION_CLASSES[0])
    for classes in (nothing_decided, no_quarantine, twice):
        with pytest.raises(ValidationError):
            Retention(classes=classes)
    for wrong in ({}, {"of": "quarantined", "looked_after": True}, {"of": "quarantined", "birthday": 18}):
        with pytest.raises(ValidationError):
            row(**wrong)
    assert row(looked_after=True).birthday is None


DAY = timedelta(days=1)
LIFE = KekLife(version=1, promoted_at=NOW - 3 * DAY, retired=False, emptied_at=None, destroyed_at=None)


@pytest.mark.parametrize(
    "erased_at, due",
    [
        (None, None),
        (LIFE.promoted_at - DAY, None),
        (LIFE.promoted_at + DAY, LIFE.promoted_at + 7 * DAY),
        (LIFE.promoted_at + 9 * DAY, LIFE.promoted_at + 9 * DAY),
    ],
)
def test_an_erasure_has_the_key_rotated_and_no_more_often_than_once_in_a_while(
    erased_at: datetime | None, due: datetime | None
) -> None:
    assert retention.rotation_due(LIFE.promoted_at, erased_at, every=7 * DAY) == due


@pytest.mark.parametrize(
    "lives, days, fixed",
    [
        ([], 35, True),
        ([LIFE], 4 + 35, False),
        ([replace(LIFE, promoted_at=NOW - 90 * DAY)], 35, False),
        ([replace(LIFE, retired=True)], 35, False),
        ([replace(LIFE, retired=True, emptied_at=NOW + 2 * DAY)], 37, True),
        ([replace(LIFE, retired=True, emptied_at=NOW + 2 * DAY, destroyed_at=NOW + 40 * DAY)], 40, True),
        ([replace(LIFE, emptied_at=NOW + DAY), replace(LIFE, retired=True)], 36, False),
    ],
)
def test_what_was_erased_is_gone_once_its_backups_and_the_keys_that_wrapped_it_are(
    lives: list[KekLife], days: int, *, fixed: bool
) -> None:
    found = retention.for_good(NOW, lives, backups=35 * DAY, every=7 * DAY, now=NOW)
    assert (found.at, found.fixed) == (NOW + days * DAY, fixed)


def test_keys_are_kept_for_no_shorter_than_backups() -> None:
    made = borough.document(http=1, mllp=2, issuer="https://id.example", channel="mailbox", prefix="")
    Hub.model_validate_json(json.dumps({**made, "keys": {"destroy_days": 40}, "retention": {"backup_days": 40}}))
    with pytest.raises(ValidationError):
        Hub.model_validate_json(json.dumps({**made, "keys": {"destroy_days": 39}, "retention": {"backup_days": 40}}))
