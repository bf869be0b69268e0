"""Whether a hub's configuration makes sense as a whole, beyond what the schema says of each field.

One line a problem, each with its place in the file, so that an operator mends them all in one go.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from urllib.parse import urlsplit

from routing import bulk_opening
from routing.asking import lead_of
from schemas.hub import Hub
from schemas.timing import WorkingHours
from schemas.vocabulary import Datum, Rating, Role

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


def _console(hub: Hub) -> Iterator[Problem]:
    if hub.console is None:
        return
    address = urlsplit(hub.hub.public_url)
    if address.scheme != "https" and address.hostname not in _THIS_HOST:
        yield Problem(at="console", detail="people's browsers reach the hub by https: give public_url so")


def _working_hours(hub: Hub) -> Iterator[Problem]:
    yield from _hours("working_hours", hub.working_hours)
    for position, agency in enumerate(hub.agencies):
        if agency.working_hours is not None:
            yield from _hours(f"agencies[{position}].working_hours", agency.working_hours)


def _hours(place: str, hours: WorkingHours) -> Iterator[Problem]:
    if not hours.days or not set(hours.days) <= set(range(7)):
        yield Problem(at=f"{place}.days", detail="name working days, 0 (Monday) to 6")
    if hours.opens.tzinfo is not None or hours.closes.tzinfo is not None:
        yield Problem(at=place, detail="times are on the hub's own wall clock, without a zone")
    elif hours.opens >= hours.closes:
        yield Problem(at=f"{place}.opens", detail="the day must open before it closes")


def _withholds(hub: Hub) -> Iterator[Problem]:
    known = {agency.id for agency in hub.agencies}
    for number, row in enumerate(hub.withholds):
        if row.agency and row.agency not in known:
            yield Problem(at=f"withholds[{number}].agency", detail="it would keep nothing from anybody: no such agency")
        if Datum.NAMES in row.data and row.role in {Role.PROFESSIONAL_LEAD, Role.RECEIVING_TEAM}:
            yield Problem(at=f"withholds[{number}].data", detail="without names nobody could find whom it is about")


def _engineers(hub: Hub) -> Iterator[Problem]:
    known = {agency.id for agency in hub.agencies}
    for agency, of in hub.people.engineers.items():
        if unknown := {agency, *of} - known:
            yield Problem(at=f"people.engineers.{agency}", detail=f"no such agency: {', '.join(sorted(unknown))}")


def _bulk_openings(hub: Hub) -> Iterator[Problem]:
    for who in bulk_opening.uncovered(hub.bulk_openings):
        yield Problem(at="bulk_openings", detail=f"nobody opens in bulk unseen: give a rule for a {who}")


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


def _reply_clocks(hub: Hub) -> Iterator[Problem]:
    held = {rule.rating: rule for rule in hub.ratings}
    for position, agency in enumerate(hub.agencies):
        for rating, hours in agency.reply_hours.items():
            place = f"agencies[{position}].reply_hours.{rating}"
            if rating not in held:
                yield Problem(at=place, detail="the scheme has no such rating")
            elif hours > held[rating].hours:
                yield Problem(at=place, detail="replies come before the decision")


def _steps(hub: Hub) -> Iterator[Problem]:
    held = {rule.rating for rule in hub.ratings}
    yield from _unique("steps", "rating", [f"{row.step} {row.rating or 'all'}" for row in hub.steps])
    for position, row in enumerate(hub.steps):
        if row.rating is not None and row.rating not in held:
            yield Problem(at=f"steps[{position}].rating", detail="the scheme has no such rating")
        if row.step == "screen" and row.rating is not None:
            yield Problem(
                at=f"steps[{position}].rating", detail="most are screened before they are rated: leave it out"
            )
        if row.hours > LONGEST_PERIOD_HOURS:
            yield Problem(at=f"steps[{position}].hours", detail="no period is longer than a year")


def _reminders(hub: Hub) -> Iterator[Problem]:
    if len(set(hub.chase.at)) != len(hub.chase.at):
        yield Problem(at="chase.at", detail="name each part of the time once")
    if max(hub.escalation.after_minutes, hub.escalation.every_minutes) > LONGEST_PERIOD_HOURS * 60:
        yield Problem(at="escalation", detail="no period is longer than a year")


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
        if feed.authentication == "mesh" and hub.mesh is None:
            yield Problem(at=f"feeds[{position}].authentication", detail="this hub has no [mesh] mailbox")
        if feed.authentication == "console" and hub.console is None:
            yield Problem(at=f"feeds[{position}].authentication", detail="this hub has no [console]")
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


def _mesh(hub: Hub) -> Iterator[Problem]:
    if hub.mesh is not None:
        wrong = list(_of_server(hub.mesh.url))
        yield from (Problem(at="mesh.url", detail=detail) for detail in wrong)
        if not wrong and urlsplit(hub.mesh.url).path not in {"", "/"}:
            yield Problem(at="mesh.url", detail="name the server alone, without a path")
        if bool(hub.mesh.certificate) != bool(hub.mesh.private_key):
            yield Problem(at="mesh.certificate", detail="a certificate and its private key go together")
    taken: dict[str, list[tuple[str, ...]]] = {}
    for position, feed in enumerate(hub.feeds):
        if feed.authentication != "mesh":
            if feed.workflows or feed.senders:
                yield Problem(at=f"feeds[{position}].workflows", detail="only a feed of authentication mesh takes them")
            continue
        if not feed.workflows:
            yield Problem(at=f"feeds[{position}].workflows", detail="name the workflow ids that this feed takes")
        for workflow in feed.workflows:
            others = taken.setdefault(workflow, [])
            if any(not other or not feed.senders or set(other) & set(feed.senders) for other in others):
                yield Problem(at=f"feeds[{position}].workflows", detail="another feed takes this from this sender")
            others.append(feed.senders)


def _details(hub: Hub) -> Iterator[Problem]:
    for position, feed in enumerate(hub.feeds):
        if feed.detail is None:
            continue
        place, section = f"feeds[{position}].detail", feed.detail
        by_token = section.authentication == "client-credentials"
        if by_token and not (section.token_url and section.client):
            yield Problem(at=f"{place}.token_url", detail="say where the token comes from, and for which client")
        for name, url in (("url", section.url), ("token_url", section.token_url if by_token else "")):
            wrong = list(_of_server(url)) if url or name == "url" else []
            yield from (Problem(at=f"{place}.{name}", detail=detail) for detail in wrong)
            if url and not wrong and section.network == "loopback" and urlsplit(url).hostname not in _THIS_HOST:
                yield Problem(at=f"{place}.{name}", detail="the network is this host, and the address is another's")
            if url.startswith("http:") and section.network != "loopback":
                yield Problem(at=f"{place}.network", detail="say loopback for an address of this host")


def _of_server(url: str) -> Iterator[str]:
    """What is wrong with the address of a server that the hub calls."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        yield "write an address such as https://server.example"
        return
    if parts.scheme not in {"http", "https"} or not parts.hostname or not url.isascii() or "\\" in url:
        yield "write an address such as https://server.example"
    elif parts.scheme == "http" and parts.hostname not in _THIS_HOST:
        yield "use https; plain http is for this host alone"
    if "@" in parts.netloc or parts.query or parts.fragment:
        yield "leave out user, query and fragment"


RULES: tuple[Callable[[Hub], Iterable[Problem]], ...] = (
    _people,
    _console,
    _working_hours,
    _withholds,
    _engineers,
    _bulk_openings,
    _ratings,
    _reply_clocks,
    _steps,
    _reminders,
    _agencies,
    _feeds,
    _mesh,
    _details,
    _lives,
)


def _unique(place: str, field: str, values: Sequence[str]) -> Iterator[Problem]:
    for position, value in enumerate(values):
        if value in values[:position]:
            yield Problem(at=f"{place}[{position}].{field}", detail="is there twice")
