"""How a hub does, in figures: rows, each with its formula. What happened comes in as facts, a period as two times.

A *round* is what one receipt began: a referral, or a closed one that was opened again. The hub's clocks run by rounds,
and so do its figures. What lies in a period is said by each row; it holds its first moment and not its last.
Source: the hub's metrics; the definition of a re-referral is that of the Department for Education's children in need
census (a referral within 12 months of an earlier one of the same child).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from statistics import median

from routing.repeats import months_before
from schemas.vocabulary import Outcome, Rating, RefusalReason, ReplyDecision

ALL = "all"
_GRAVITY = {Rating.BLUE: 0, Rating.GREEN: 1, Rating.AMBER: 2, Rating.RED: 3}
_HOUR = timedelta(hours=1)
_WITHHELD = frozenset({ReplyDecision.REFUSE, ReplyDecision.PARTIAL})
REFERRED_AGAIN_MONTHS = 12


@dataclass(frozen=True, kw_only=True)
class Rated:
    """A rating, and the due time that it led to. ``threshold`` is the level of need that the manager saw, 1 to 4."""

    at: datetime
    rating: Rating
    threshold: int
    due_at: datetime


@dataclass(frozen=True, kw_only=True)
class Round:
    """What came of one receipt. ``outcomes`` are those of its last decision; None where nobody can read them any more.

    ``decided_at`` is its first decision. ``told_at``: when the first referrer was told. ``level`` is what the referrer
    said of the need, 1 to 4. ``earlier``: when the last round before this one, of any of its children, was received.
    """

    referral: str
    received_at: datetime
    ratings: tuple[Rated, ...] = ()
    decided_at: datetime | None = None
    outcomes: tuple[Outcome, ...] | None = None
    feedback_due_at: datetime
    told_at: datetime | None = None
    level: int | None = None
    earlier: datetime | None = None

    @property
    def in_force(self) -> Rated | None:
        """The rating under which it was decided."""
        given = [one for one in self.ratings if self.decided_at is not None and one.at <= self.decided_at]
        return given[-1] if given else None


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request to an agency that was not taken back; ``answered_at`` is its first answer that is no question."""

    agency: str
    due_at: datetime
    answered_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Answer:
    """An owner's answer that is no question; ``reasons`` for what it withholds (None: nobody can read it any more)."""

    at: datetime
    decision: ReplyDecision
    reasons: frozenset[RefusalReason] | None = frozenset()


@dataclass(frozen=True, kw_only=True)
class Facts:
    """All that happened in or around a period."""

    rounds: Sequence[Round] = ()
    requests: Sequence[Asked] = ()
    answers: Sequence[Answer] = ()


@dataclass(frozen=True, kw_only=True)
class Period:
    """From ``begins`` to before ``ends`` (aware)."""

    begins: datetime
    ends: datetime

    def holds(self, moment: datetime | None) -> bool:
        """Whether a moment lies in it."""
        return moment is not None and self.begins <= moment < self.ends


@dataclass(frozen=True, kw_only=True)
class Figure:
    """One figure of a metric, for a group. A share: ``count`` of ``of``, in percent. A time: hours, of ``of`` rounds.

    What is ``suppressed`` has no ``value``, and counts only as far as they give nobody away.
    """

    metric: str
    group: str
    count: int | None
    of: int | None
    value: float | None
    suppressed: bool = False


Member = tuple[str, bool]
"""A group, and whether what is asked holds of this one in it."""


@dataclass(frozen=True, kw_only=True)
class Share:
    """A row: out of what, in which group, and what is counted."""

    metric: str
    formula: str
    of: Callable[[Facts, Period], Iterator[Sequence[Member]]]


@dataclass(frozen=True, kw_only=True)
class Time:
    """A row: one number of the hours from receipt to decision."""

    metric: str
    formula: str
    of_hours: Callable[[Sequence[float]], float]


def _decided(facts: Facts, period: Period) -> Iterator[Round]:
    return (one for one in facts.rounds if period.holds(one.decided_at))


def _on_time(facts: Facts, period: Period) -> Iterator[Sequence[Member]]:
    for one in _decided(facts, period):
        rated = one.in_force
        if rated is not None and one.decided_at is not None:
            held = one.decided_at <= rated.due_at
            yield ((ALL, held), (str(rated.rating), held))


def _replies(facts: Facts, period: Period) -> Iterator[Sequence[Member]]:
    for one in facts.requests:
        if period.holds(one.due_at):
            held = one.answered_at is not None and one.answered_at <= one.due_at
            yield ((ALL, held), (one.agency, held))


def _re_rated(*, up: bool) -> Callable[[Facts, Period], Iterator[Sequence[Member]]]:
    def counted(facts: Facts, period: Period) -> Iterator[Sequence[Member]]:
        for one in _decided(facts, period):
            steps = [_GRAVITY[rated.rating] for rated in one.ratings]
            changes = [later - earlier for earlier, later in pairwise(steps)]
            yield ((ALL, any((change > 0) is up and change != 0 for change in changes)),)

    return counted


def _referred_again(facts: Facts, period: Period) -> Iterator[Sequence[Member]]:
    for one in facts.rounds:
        if period.holds(one.received_at):
            since = months_before(one.received_at, REFERRED_AGAIN_MONTHS)
            yield ((ALL, one.earlier is not None and one.earlier >= since),)


def _no_further_action(facts: Facts, period: Period) -> Iterator[Sequence[Member]]:
    for one in _decided(facts, period):
        if one.outcomes is not None:
            yield ((ALL, Outcome.NO_FURTHER_ACTION in one.outcomes),)


def _fed_back(facts: Facts, period: Period) -> Iterator[Sequence[Member]]:
    for one in facts.rounds:
        if period.holds(one.feedback_due_at):
            yield ((ALL, one.told_at is not None and one.told_at <= one.feedback_due_at),)


def _refused(facts: Facts, period: Period) -> Iterator[Sequence[Member]]:
    for one in facts.answers:
        if period.holds(one.at) and one.reasons is not None:
            held = one.reasons if one.decision in _WITHHELD else frozenset()
            yield ((ALL, bool(held)), *((str(reason), reason in held) for reason in RefusalReason))


def _agreed(facts: Facts, period: Period) -> Iterator[Sequence[Member]]:
    for one in facts.rounds:
        if one.ratings and period.holds(one.ratings[0].at) and one.level is not None:
            yield ((ALL, one.level == one.ratings[0].threshold),)


def percentile_90(hours: Sequence[float]) -> float:
    """The 90th percentile by nearest rank: the smallest value that at least nine in ten do not exceed."""
    return sorted(hours)[math.ceil(0.9 * len(hours)) - 1]


# fmt: off
ROWS: tuple[Share | Time, ...] = (
    Share(metric="decided_on_time", of=_on_time,
          formula="rounds decided in the period by the due time of the rating in force / rounds decided in the period"),
    Time(metric="hours_to_decision_median", of_hours=median,
         formula="median of hours from receipt to first decision, rounds decided in the period, by rating in force"),
    Time(metric="hours_to_decision_90th", of_hours=percentile_90,
         formula="90th percentile (nearest rank) of the same hours"),
    Share(metric="replies_on_time", of=_replies,
          formula="requests due in the period, not taken back, answered by then / requests due in the period"),
    Share(metric="re_rated_up", of=_re_rated(up=True),
          formula="rounds decided in the period with a rating graver than the one before it / rounds decided in it"),
    Share(metric="re_rated_down", of=_re_rated(up=False),
          formula="rounds decided in the period with a rating less grave than the one before / rounds decided in it"),
    Share(metric="referred_again", of=_referred_again,
          formula="rounds received in the period of a child with another received in the 12 months before / received"),
    Share(metric="no_further_action", of=_no_further_action,
          formula="rounds decided in the period whose last decision is no further action / rounds decided in it"),
    Share(metric="feedback_on_time", of=_fed_back,
          formula="rounds whose feedback was due in the period and given by then / feedback due in the period"),
    Share(metric="refused", of=_refused,
          formula="answers received in the period that withhold for this reason / answers received in the period"),
    Share(metric="levels_agree", of=_agreed,
          formula="rounds first rated in the period whose threshold is the referrer's level / those with a level"),
)
# fmt: on


def figures(facts: Facts, period: Period) -> tuple[Figure, ...]:
    """Every metric in the order of the rows: all first, then its groups by name. Nothing counted gives no value."""
    found: list[Figure] = []
    for row in ROWS:
        found += _share(row, facts, period) if isinstance(row, Share) else _times(row, facts, period)
    return tuple(found)


def _share(row: Share, facts: Facts, period: Period) -> Iterator[Figure]:
    count: dict[str, int] = {ALL: 0}
    of: dict[str, int] = {ALL: 0}
    for members in row.of(facts, period):
        for group, held in members:
            count[group] = count.get(group, 0) + held
            of[group] = of.get(group, 0) + 1
    for group in _in_order(of):
        value = round(100 * count[group] / of[group], 1) if of[group] else None
        yield Figure(metric=row.metric, group=group, count=count[group], of=of[group], value=value)


def _times(row: Time, facts: Facts, period: Period) -> Iterator[Figure]:
    hours: dict[str, list[float]] = {ALL: []}
    for one in _decided(facts, period):
        rated = one.in_force
        if rated is not None and one.decided_at is not None:
            spent = (one.decided_at - one.received_at) / _HOUR
            hours[ALL].append(spent)
            hours.setdefault(str(rated.rating), []).append(spent)
    for group in _in_order(hours):
        value = round(row.of_hours(hours[group]), 1) if hours[group] else None
        yield Figure(metric=row.metric, group=group, count=None, of=len(hours[group]), value=value)


def _in_order(groups: Iterable[str]) -> list[str]:
    return sorted(groups, key=lambda group: (group != ALL, group))
