"""What a hub's numbers find in a generated year of a borough, and what they cost: recall, and alerts a working day."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from random import Random

from gateway.research.borough.background import year
from gateway.research.borough.happening import Happening
from gateway.research.borough.households import borough
from gateway.research.borough.planted import Planted, plant
from gateway.research.borough.writing import write
from routing import families, patterns, repeats, traces
from routing.families import Family
from routing.patterns import Finding, Kind, Neighbourhood
from routing.traces import Trace
from schemas.hub import RepeatRule, ResearchRule
from schemas.vocabulary import ItemKind

BEGINS = datetime(2025, 1, 1, tzinfo=UTC)
"""The year that is measured; one more goes before it, so that it begins with a history."""
DAYS = 365
_BANK_HOLIDAYS = frozenset(
    date.fromisoformat(f"2025-{day}")
    for day in ("01-01", "04-18", "04-21", "05-05", "05-26", "08-25", "12-25", "12-26")
)
"""England's, of 2025."""
_FAMILIES_PER_NOTIFICATION = 2


@dataclass(frozen=True, kw_only=True)
class Raised:
    """A pattern that was found, and when. All that one notification raises are one alert with several reasons."""

    at: datetime
    finding: Finding


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What came of a year. ``flags`` are the notifications on whose referrals a repeat was shown besides.

    A flag is no work of its own: whoever screens the referral has it before them.
    """

    notifications: int
    working_days: int
    planted: Sequence[Planted]
    found: Sequence[int]
    raised: Sequence[Raised]
    flags: int

    @property
    def recall(self) -> float:
        """The part of the planted patterns that was found."""
        return len(self.found) / len(self.planted) if self.planted else 1.0

    @property
    def alerts(self) -> int:
        """How many alerts there were."""
        return len({one.finding.evidence[-1] for one in self.raised})

    @property
    def per_day(self) -> float:
        """Alerts a working day."""
        return self.alerts / self.working_days

    @property
    def without_evidence(self) -> int:
        """Reasons that rest on fewer than two messages, or say nothing."""
        return sum(len(one.finding.evidence) < 2 or not one.finding.because for one in self.raised)

    def by_kind(self) -> dict[str, tuple[int, int]]:
        """For each kind of planted pattern how many were found, of how many."""
        all_of, found = Counter(one.kind for one in self.planted), set(self.found)
        return {
            kind: (sum(one.number in found for one in self.planted if one.kind == kind), count)
            for kind, count in all_of.items()
        }

    def reasons_by_kind(self) -> dict[str, int]:
        """How many alerts had a reason of each kind."""
        counted = Counter(str(one.finding.kind) for one in self.raised)
        return {str(kind): counted[str(kind)] for kind in Kind}


def evaluate(seed: int, notifications: int, planted: int, rule: ResearchRule, repeat_rule: RepeatRule) -> Outcome:
    """Make a borough and its two years from ``seed``, put the second through the rules, and count.

    A pattern is found where, by its last message, one alert holds at least half of its messages and two at least.
    """
    random = Random(seed)
    made = borough(random, max(40, notifications * _FAMILIES_PER_NOTIFICATION))
    patterns_planted = plant(random, made, BEGINS, planted)
    hidden = sum(len(one.happenings) for one in patterns_planted)
    before = year(random, made, BEGINS - timedelta(days=DAYS), notifications)
    told = [*before, *year(random, made, BEGINS, notifications - hidden)]
    told += [happening for one in patterns_planted for happening in one.happenings]
    told.sort(key=lambda one: one.at)
    seen = [_trace(random, happening, number) for number, happening in enumerate(told)]
    raised, flags = search(seen, rule, repeat_rule, since=BEGINS)
    messages: dict[int, list[str]] = defaultdict(list)
    for happening, trace in zip(told, seen, strict=True):
        if happening.planted is not None:
            messages[happening.planted].append(trace.message_id)
    return Outcome(
        notifications=sum(happening.at >= BEGINS for happening in told),
        working_days=sum(_works(BEGINS.date() + timedelta(days=day)) for day in range(DAYS)),
        planted=patterns_planted,
        found=_found(patterns_planted, messages, raised),
        raised=raised,
        flags=flags,
    )


def search(
    seen: Iterable[Trace], rule: ResearchRule, repeat_rule: RepeatRule, *, since: datetime
) -> tuple[list[Raised], int]:
    """What these traces (oldest first) raise from ``since`` on, and how many of them show a repeat on a referral."""
    memory = _Memory(rule)
    raised: list[Raised] = []
    flags = 0
    for trace in seen:
        memory.add(trace)
        found = memory.alerts(trace)
        if trace.at >= since:
            raised += [Raised(at=trace.at, finding=one) for one in found]
            flags += memory.repeats(trace, repeat_rule)
    return raised, flags


class _Memory:
    """What a hub's store holds of traces and alerts, in memory."""

    def __init__(self, rule: ResearchRule) -> None:
        self._rule = rule
        self._by_child: dict[str, list[Trace]] = defaultdict(list)
        self._by_adult: dict[str, list[Trace]] = defaultdict(list)
        self._by_place: dict[str, list[Trace]] = defaultdict(list)
        self._told: dict[tuple[str, str], list[tuple[str, ...]]] = defaultdict(list)

    def add(self, trace: Trace) -> None:
        for held, names in (
            (self._by_child, trace.children),
            (self._by_adult, trace.adults),
            (self._by_place, trace.places),
        ):
            for name in names:
                held[name].append(trace)

    def alerts(self, trace: Trace) -> list[Finding]:
        beside = Neighbourhood(
            family=self._family(trace), by_child=self._by_child, by_adult=self._by_adult, by_place=self._by_place
        )
        news = []
        for one in patterns.find(trace, beside, self._rule):
            before = [evidence for message in one.evidence for evidence in self._told[one.tells, message]]
            if patterns.is_news(one, before):
                news.append(one)
                for message in one.evidence:
                    self._told[one.tells, message].append(one.evidence)
        return news

    def _family(self, trace: Trace) -> list[Trace]:
        family = families.of_concern(trace)
        found = self._naming(family)
        for _ in range(families.STEPS):
            family = families.widened(family, found)
            found = self._naming(family)
        return found

    def _naming(self, family: Family) -> list[Trace]:
        of_children = [one for child in sorted(family.children) for one in self._by_child[child]]
        of_adults = [
            one for adult in sorted(family.residents) for one in self._by_adult[adult] if adult in one.residents
        ]
        return of_children + of_adults

    def repeats(self, trace: Trace, rule: RepeatRule) -> bool:
        return any(
            repeats.assess(
                [
                    repeats.PastNotification(
                        at=one.at, agency=one.agency, kind=ItemKind.CONCERN, message_id=one.message_id
                    )
                    for one in self._by_child[child]
                ],
                trace.at,
                rule,
            )
            for child in trace.children
        )


def _trace(random: Random, happening: Happening, number: int) -> Trace:
    name = f"message-{number}"
    written = write(random, happening, name)
    return traces.of(
        written.notification,
        written.known,
        traces.places(written.notification),
        item_id=name,
        message_id=name,
        referral_id=name,
        at=happening.at,
        agency=happening.agency,
    )


def _found(planted: Sequence[Planted], messages: dict[int, list[str]], raised: Sequence[Raised]) -> list[int]:
    by_message: dict[str, list[Raised]] = defaultdict(list)
    for one in raised:
        for message in one.finding.evidence:
            by_message[message].append(one)
    return [
        pattern.number
        for pattern in planted
        if _is_found(messages[pattern.number], pattern.happenings[-1].at, by_message)
    ]


def _is_found(own: Sequence[str], last: datetime, by_message: dict[str, list[Raised]]) -> bool:
    held = [
        len(set(own).intersection(one.finding.evidence))
        for message in own
        for one in by_message[message]
        if one.at <= last
    ]
    return max(held, default=0) >= max(2, len(own) / 2)


def _works(day: date) -> bool:
    return day.weekday() < 5 and day not in _BANK_HOLIDAYS
