"""Whether a hub's configuration makes sense as a whole, beyond what the schema says of each field.

One line a problem, each with its place in the file, so that an operator mends them all in one go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from routing.asking import lead_of
from schemas.hub import Hub
from schemas.vocabulary import Rating, Role

LONGEST_PERIOD_HOURS = 24 * 366
"""A rating that gives more than a year gives none."""

_THIS_HOST = frozenset({"127.0.0.1", "::1", "localhost"})
_NEEDED = (Rating.RED, Rating.AMBER, Rating.GREEN)


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What is wrong and where: ``at`` is a path of the file, such as ``feeds[2].agency``."""

    at: str
    detail: str

    def __str__(self) -> str:
        return f"{self.at}: {self.detail}"


def problems(hub: Hub) -> tuple[Problem, ...]:
    """Everything that does not fit together in ``hub``, in the order of the rules; empty where all does."""
    return tuple(problem for rule in RULES for problem in rule(hub))


def _people(hub: Hub) -> Iterator[Problem]:
    if Role.SOCIAL_WORK_MANAGER not in hub.people.roles.values():
        yield Problem(at="people.roles", detail="nobody could rate: make some claim a social_work_manager")


def _working_hours(hub: Hub) -> Iterator[Problem]:
    hours = hub.working_hours
    if not hours.days or not set(hours.days) <= set(range(7)):
        yield Problem(at="working_hours.days", detail="name working days, 0 (Monday) to 6")
    if hours.opens.tzinfo is not None or hours.closes.tzinfo is not None:
        yield Problem(at="working_hours", detail="times are on the hub's own wall clock, without a zone")
    elif hours.opens >= hours.closes:
        yield Problem(at="working_hours.opens", detail="the day must open before it closes")


def _ratings(hub: Hub) -> Iterator[Problem]:
    held = {rule.rating: rule for rule in hub.ratings}
    for rating in _NEEDED:
        if rating not in held:
            yield Problem(at="ratings", detail=f"the scheme needs {rating}")
    yield from _unique("ratings", "rating", [rule.rating for rule in hub.ratings])
    for position, rule in enumerate(hub.ratings):
        if max(rule.hours, rule.reply_hours) > LONGEST_PERIOD_HOURS:
            yield Problem(at=f"ratings[{position}]", detail="no period is longer than a year")
        if rule.reply_hours > rule.hours:
            yield Problem(at=f"ratings[{position}].reply_hours", detail="replies come before the decision")
    for worse, better in pairwise(held[rating] for rating in Rating if rating in held):
        if worse.clock == better.clock and worse.hours > better.hours:
            yield Problem(at="ratings", detail=f"{worse.rating} must not give more time than {better.rating}")


def _agencies(hub: Hub) -> Iterator[Problem]:
    yield from _unique("agencies", "id", [agency.id for agency in hub.agencies])
    for position, agency in enumerate(hub.agencies):
        yield from _unique(f"agencies[{position}].recipients", "name", [one.name for one in agency.recipients])
    if not any(lead_of(agency) for agency in hub.agencies):
        yield Problem(at="agencies", detail="nobody could be asked: give some agency a professional_lead")


def _feeds(hub: Hub) -> Iterator[Problem]:
    yield from _unique("feeds", "name", [feed.name for feed in hub.feeds])
    known = {agency.id for agency in hub.agencies}
    for position, feed in enumerate(hub.feeds):
        if feed.agency not in known:
            yield Problem(at=f"feeds[{position}].agency", detail="no such agency")
        if feed.authentication == "mllp-tls" and hub.mllp is None:
            yield Problem(at=f"feeds[{position}].authentication", detail="this hub does not listen for MLLP")
    by_place = [position for position, feed in enumerate(hub.feeds) if feed.authentication == "loopback"]
    if by_place and hub.mllp is not None and hub.mllp.host not in _THIS_HOST:
        yield Problem(
            at=f"feeds[{by_place[0]}].authentication", detail="listen for MLLP on this host alone, or use mllp-tls"
        )
    for position in by_place[1:]:
        yield Problem(
            at=f"feeds[{position}].authentication", detail="another feed takes what comes from this host already"
        )


def _lives(hub: Hub) -> Iterator[Problem]:
    if hub.broker.queue_hours >= hub.tokens.open_hours:
        yield Problem(at="broker.queue_hours", detail="a message must not outlive the token that opens it")


RULES: tuple[Callable[[Hub], Iterable[Problem]], ...] = (_people, _working_hours, _ratings, _agencies, _feeds, _lives)


def _unique(place: str, field: str, values: Sequence[str]) -> Iterator[Problem]:
    for position, value in enumerate(values):
        if value in values[:position]:
            yield Problem(at=f"{place}[{position}].{field}", detail="is there twice")
