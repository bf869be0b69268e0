"""A referral's history across agencies: one line of time out of what its other pages show, and who looked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from aiohttp import web

from gateway.casework.shown import LookShown, ReferralShown
from gateway.console import case as cases
from gateway.console import words
from gateway.console.page import Visit

Agency = Callable[[str | None], str]
_MOST_LOOKS = 100
_LOOKED = {
    "referral.viewed": "the referral",
    "disclosure.viewed": "a disclosure",
    "envelope.opened": "an envelope, by its system",
    "glass.broken": "said why they must look in",
}


@dataclass(frozen=True, kw_only=True)
class Happened:
    """One thing that happened. ``more`` tells nothing of anybody."""

    at: datetime
    what: str
    who: str = ""
    more: str = ""
    href: str = ""
    link: str = ""


@dataclass(frozen=True, kw_only=True)
class Looked:
    """One look, in words."""

    at: datetime
    who: str
    role: str
    what: str
    break_glass: bool
    times: int = 1


async def history(visit: Visit) -> web.Response:
    """The history, the latest first."""
    case = await cases.load(visit)
    looks, more = None, 0
    if cases.may_read_looks(visit):
        found = (await visit.gateway.looking.looks(case.view.id)).looks
        together = _together([_look(one, visit.person.actor) for one in found])
        looks, more = together[:_MOST_LOOKS], max(0, len(together) - _MOST_LOOKS)
    events = happened(case.view, agency=visit.console.rendering.agency)
    return await cases.shown(visit, "history.html", "History", case, "history", events=events, looks=looks, more=more)


def happened(view: ReferralShown, *, agency: Agency) -> list[Happened]:
    """Everything that the view tells of, the latest first."""
    spoken = words.FILTERS
    found = [
        Happened(
            at=one.received_at,
            what="Notification",
            who=agency(one.agency),
            more=", ".join(spoken["concern"](concern) for concern in one.categories or ()),
        )
        for one in view.notifications
    ]
    for rated in view.ratings or ():
        before = f" (before: {spoken['rating'](rated.previous)})" if rated.previous else ""
        found.append(Happened(at=rated.at, what=f"Rated {rated.rating}{before}", more=f"Level {rated.threshold}"))
    for asked in view.requests:
        found.append(Happened(at=asked.asked_at, what="Request sent", who=agency(asked.agency)))
        if asked.answered_at and asked.decision and asked.disclosure:
            found.append(
                Happened(
                    at=asked.answered_at,
                    what=spoken["decision"](asked.decision),
                    who=agency(asked.agency),
                    href=f"/console/disclosures/{asked.disclosure}",
                    link="Open",
                )
            )
    for decided in view.decisions or ():
        outcomes = ", ".join(spoken["outcome"](one) for one in decided.outcomes)
        found.append(Happened(at=decided.at, what="Decided", more=outcomes))
    for product in view.products or ():
        for at, what in (
            (product.delivered_at, "Product delivered"),
            (product.accepted_at, "Product accepted by a person"),
            (product.acted_at, "Product acted on"),
        ):
            if at:
                found.append(Happened(at=at, what=what, who=product.recipient, more=f"Version {product.version}"))
    found += [Happened(at=told.at, what="Referrer told the outcome") for told in view.feedback or ()]
    return sorted(found, key=lambda one: one.at, reverse=True)


def _look(look: LookShown, me: str) -> Looked:
    who = "You" if look.who == me else look.who.removeprefix("person:")
    return Looked(
        at=look.at, who=who, role=look.role, what=_LOOKED.get(look.what, look.what), break_glass=look.break_glass
    )


def _together(looks: Sequence[Looked]) -> list[Looked]:
    """Looks of one person at one kind of thing, one after another, as one line with how many they were."""
    found: list[Looked] = []
    for one in looks:
        last = found[-1] if found else None
        if last is not None and (last.who, last.role, last.what) == (one.who, one.role, one.what):
            found[-1] = replace(last, times=last.times + 1)
        else:
            found.append(one)
    return found
