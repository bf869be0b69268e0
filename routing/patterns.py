"""Patterns of emerging harm (core component 5): rows with the hub's numbers, over the traces of concerns.

Each row looks around somebody whom the latest concern names: a child, its family, one adult, one place. A child's
family are the adults who were ever named as living with it and whoever was named with those (see ``families``), so that
it stays one when it moves, when agencies name one sibling each, and when a new child is born to it. Every finding shows
the messages that it rests on.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from routing.families import families
from routing.repeats import months_before
from routing.severity import Severity
from routing.traces import Trace
from schemas.hub import ResearchRule


class Around(StrEnum):
    """Whom or what a row looks around."""

    CHILD = "child"
    FAMILY = "family"
    ADULT = "adult"
    PLACE = "place"


class Kind(StrEnum):
    """What a pattern is called, gravest first."""

    ADULT_ALLEGED = "alleged_in_families"
    RISING = "rising"
    WEIGHT = "weight"
    ADULT = "adult_in_families"
    PLACE = "place"
    MASKED = "masked"
    MOVING = "moving"
    FAMILY = "family"
    AGENCIES = "agencies"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """A pattern that stands: around which ``subject`` (an id, or a keyed hash of a place), oldest evidence first.

    Two kinds that ``tell`` the same say the same of it in two ways, such as that a family's concerns add up.
    """

    kind: Kind
    tells: str
    around: Around
    subject: str
    count: int
    because: str
    evidence: tuple[str, ...]


Measure = Callable[[Sequence[Trace], str, ResearchRule], int]
"""How much there is of it, in these traces (oldest first) around this subject."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """A pattern: what of a neighbourhood counts, in how many months, and each measure with its least.

    ``most``: more than that of the first measure is no pattern any more.
    """

    kind: Kind
    tells: str
    around: Around
    months: Callable[[ResearchRule], int]
    counts: Callable[[Trace, str], bool] = lambda _trace, _subject: True
    measures: tuple[tuple[Measure, Callable[[ResearchRule], int]], ...]
    most: Callable[[ResearchRule], int | None] = lambda _: None
    because: str
    """``{n}`` notifications, ``{agencies}``, ``{children}``, ``{families}``, ``{months}``; ``{least}`` of the first."""


def _notifications(traces: Sequence[Trace], _subject: str, _rule: ResearchRule) -> int:
    return len(_each_message_once(traces))


def _agencies(traces: Sequence[Trace], _subject: str, _rule: ResearchRule) -> int:
    return len({trace.agency for trace in traces})


def _weight(traces: Sequence[Trace], _subject: str, rule: ResearchRule) -> int:
    weights = {Severity.LOW: rule.low, Severity.MODERATE: rule.moderate, Severity.HIGH: rule.high}
    return sum(weights[trace.severity] for trace in _each_message_once(traces))


def _families(traces: Sequence[Trace], subject: str, _rule: ResearchRule) -> int:
    return len(families(traces, apart_from=subject))


def _alleged(traces: Sequence[Trace], subject: str, _rule: ResearchRule) -> int:
    return sum(subject in trace.alleged for trace in traces)


def _rises(traces: Sequence[Trace], _subject: str, _rule: ResearchRule) -> int:
    """How long the run of the latest concerns is that never fall and have risen; 1 where there is none.

    A run that did not begin at the lowest step, or has not come to the gravest, counts one less.
    """
    run = _run(traces)
    if run[-1].severity == run[0].severity:
        return 1
    whole = run[0].severity is Severity.LOW and run[-1].severity is Severity.HIGH
    return len(run) if whole else len(run) - 1


def _areas(traces: Sequence[Trace], _subject: str, _rule: ResearchRule) -> int:
    return len(frozenset[str]().union(*(trace.areas for trace in traces)))


def _run(traces: Sequence[Trace]) -> list[Trace]:
    """The latest of these messages, back to the last that was graver than the one after it."""
    messages = _each_message_once(traces)
    first = next((at for at in range(len(messages) - 1, 0, -1) if messages[at - 1].severity > messages[at].severity), 0)
    return messages[first:]


_ADDS_UP, _RISES, _ALLEGED, _NAMED, _PLACE = "adds up", "rises", "alleged", "named", "place"

# fmt: off
ROWS: tuple[Row, ...] = (
    Row(kind=Kind.ADULT_ALLEGED, tells=_ALLEGED, around=Around.ADULT, months=lambda rule: rule.adult_months,
        measures=((_families, lambda rule: rule.alleged_families), (_alleged, lambda _: 1)),
        because="one adult, alleged to have harmed, is named with children of {families} families in {months} months: "
                "from {least} on"),
    Row(kind=Kind.RISING, tells=_RISES, around=Around.FAMILY, months=lambda rule: rule.rising_months,
        measures=((_rises, lambda rule: rule.rising),),
        because="concerns of one family grow graver, {count} steps in a row in {months} months: from {least} on"),
    Row(kind=Kind.WEIGHT, tells=_ADDS_UP, around=Around.FAMILY, months=lambda rule: rule.weight_months,
        measures=((_weight, lambda rule: rule.weight),),
        because="{n} notifications of one family weigh {count} in {months} months: from {least} on"),
    Row(kind=Kind.ADULT, tells=_NAMED, around=Around.ADULT, months=lambda rule: rule.adult_months,
        measures=((_families, lambda rule: rule.adult_families),),
        because="one adult is named with children of {families} families in {months} months: from {least} on"),
    Row(kind=Kind.PLACE, tells=_PLACE, around=Around.PLACE, months=lambda rule: rule.place_months,
        measures=((_families, lambda rule: rule.place_families),),
        # More families than that live in a hostel, or in a block whose flats nobody numbers.
        most=lambda rule: rule.place_most,
        because="children of {families} families are named at one place in {months} months: from {least} on"),
    Row(kind=Kind.MASKED, tells=_ADDS_UP, around=Around.FAMILY, months=lambda rule: rule.masked_months,
        counts=lambda trace, _: trace.severity is Severity.LOW,
        measures=((_notifications, lambda rule: rule.masked), (_agencies, lambda rule: rule.masked_agencies)),
        because="{n} low notifications of one family, about {children} children from {agencies} agencies in {months} "
                "months, none of them much by itself: from {least} on"),
    Row(kind=Kind.MOVING, tells=_ADDS_UP, around=Around.FAMILY, months=lambda rule: rule.moving_months,
        measures=((_notifications, lambda rule: rule.moving), (_areas, lambda rule: rule.moving_postcodes)),
        because="{n} notifications of one family under {areas} postcodes in {months} months: from {least} on"),
    Row(kind=Kind.FAMILY, tells=_ADDS_UP, around=Around.FAMILY, months=lambda rule: rule.family_months,
        measures=((_notifications, lambda rule: rule.family),),
        because="{n} notifications of one family, about {children} children from {agencies} agencies in {months} "
                "months: from {least} on"),
    Row(kind=Kind.AGENCIES, tells=_ADDS_UP, around=Around.CHILD, months=lambda rule: rule.agencies_months,
        measures=((_agencies, lambda rule: rule.agencies),),
        because="{agencies} agencies speak of one child in {months} months: from {least} on"),
)
# fmt: on


@dataclass(frozen=True, kw_only=True)
class Neighbourhood:
    """The traces (the latest concern's own included) of its family, and by child, adult and place that it names."""

    family: Sequence[Trace]
    by_child: Mapping[str, Sequence[Trace]]
    by_adult: Mapping[str, Sequence[Trace]]
    by_place: Mapping[str, Sequence[Trace]]


def find(latest: Trace, beside: Neighbourhood, rule: ResearchRule) -> tuple[Finding, ...]:
    """The patterns that ``latest`` is part of, as things stood when it came: in the order of the rows."""
    found: list[Finding] = []
    for row in ROWS:
        months = row.months(rule)
        since = months_before(latest.at, months)
        for subject, traces in _around(row.around, latest, beside):
            counted = _in_order(one for one in traces if since <= one.at <= latest.at and row.counts(one, subject))
            if latest.message_id not in {one.message_id for one in counted}:
                continue
            finding = _measured(row, subject, counted, rule, months)
            if finding is not None:
                found.append(finding)
    return tuple(found)


def kinds_that_tell(what: str) -> tuple[Kind, ...]:
    """The kinds of pattern that tell the same as a finding (its ``tells``), itself included."""
    return tuple(row.kind for row in ROWS if row.tells == what)


def is_news(finding: Finding, before: Sequence[Sequence[str]]) -> bool:
    """Whether it says more than ``before``: the evidence of each earlier alert that tells the same.

    It does where most of its evidence is in none of them: what was alerted once is not alerted with every message more.
    """
    told = frozenset(message for evidence in before for message in evidence)
    return sum(message not in told for message in finding.evidence) * 2 >= len(finding.evidence)


def _measured(row: Row, subject: str, counted: Sequence[Trace], rule: ResearchRule, months: int) -> Finding | None:
    measured = [(measure(counted, subject, rule), least(rule)) for measure, least in row.measures]
    count, least = measured[0]
    most = row.most(rule)
    if any(value < asked for value, asked in measured) or (most is not None and count > most):
        return None
    because = row.because.format(
        n=_notifications(counted, subject, rule),
        count=count,
        least=least,
        months=months,
        agencies=_agencies(counted, subject, rule),
        children=len({child for one in counted for child in one.children}),
        families=_families(counted, subject, rule),
        areas=_areas(counted, subject, rule),
    )
    evidence = _run(counted) if row.kind is Kind.RISING else _each_message_once(counted)
    return Finding(
        kind=row.kind,
        tells=row.tells,
        around=row.around,
        subject=subject,
        count=count,
        because=because,
        evidence=tuple(one.message_id for one in evidence),
    )


def _around(around: Around, latest: Trace, beside: Neighbourhood) -> Iterator[tuple[str, Sequence[Trace]]]:
    match around:
        case Around.CHILD:
            for child in sorted(latest.children):
                yield child, beside.by_child.get(child, ())
        case Around.FAMILY:
            if latest.children:
                yield min(latest.children), beside.family
        case Around.ADULT:
            for adult in sorted(latest.adults):
                yield adult, beside.by_adult.get(adult, ())
        case Around.PLACE:
            for place in sorted(latest.places):
                yield place, beside.by_place.get(place, ())


def _in_order(traces: Iterator[Trace]) -> list[Trace]:
    """Each trace once, oldest first."""
    return sorted({one.item_id: one for one in traces}.values(), key=lambda one: (one.at, one.message_id, one.item_id))


def _each_message_once(traces: Sequence[Trace]) -> list[Trace]:
    """Of several items of one message the gravest: a batch that says one thing twice said it once."""
    gravest: dict[str, Trace] = {}
    for one in traces:
        held = gravest.setdefault(one.message_id, one)
        if one.severity > held.severity:
            gravest[one.message_id] = one
    return list(gravest.values())


def earliest(latest: datetime, rule: ResearchRule) -> datetime:
    """From when on traces may count for any row."""
    return months_before(latest, max(row.months(rule) for row in ROWS))
