"""A referral as its pages show it: the view that the desk gives, and the few words that all its pages say of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from aiohttp import web

from gateway.casework.shown import PersonShown, ReferralShown
from gateway.console import words
from gateway.console.next_step import NextStep, next_step
from gateway.console.page import Visit
from routing.lifecycle import ReferralState, RequestState
from routing.permissions import Action

PATH = "/console/referrals"
DECIDED = frozenset({ReferralState.DECIDED, ReferralState.PRODUCT_SENT, ReferralState.CLOSED})
_TABS = (
    ("summary", "Summary"),
    ("people", "People"),
    ("requests", "Requests"),
    ("disclosures", "Disclosures"),
    ("decisions", "Decisions"),
    ("history", "History"),
)


@dataclass(frozen=True, kw_only=True)
class Case:
    """One referral, as one person is shown it."""

    view: ReferralShown
    me: str
    next: NextStep

    @property
    def path(self) -> str:
        """The address of its pages."""
        return f"{PATH}/{self.view.id}"

    @property
    def reference(self) -> str:
        """What people call it: it says nothing of anybody."""
        return words.reference(self.view.id)

    @property
    def mine(self) -> bool:
        """Whether the person is its manager."""
        return self.view.assigned_to == self.me

    @property
    def decided(self) -> bool:
        """Whether the decision's clock has stopped."""
        return self.view.state in DECIDED

    @property
    def answered(self) -> int:
        """How many requests were answered."""
        return sum(one.state == RequestState.ANSWERED for one in self.view.requests)

    @property
    def tabs(self) -> Sequence[tuple[str, str]]:
        """Its pages."""
        return _TABS

    @property
    def basis(self) -> str:
        """How it stood when a form was opened, by metadata alone: rating, due time, owner, state and counts."""
        view = self.view
        due = view.due_at.isoformat() if view.due_at else ""
        counts = (len(view.requests), self.answered, len(view.ratings or ()), len(view.decisions or ()))
        return "|".join([view.rating or "", due, view.assigned_to or "", view.state, *map(str, counts)])

    def facts(self, person: PersonShown) -> list[tuple[str, str]]:
        """What is known of a person, as lines."""
        aliases = [" ".join((*name.given, name.family)).strip() for name in person.names[1:]]
        found = [
            ("Relation", person.relation.replace("_", " ")),
            ("Born", words.long_day(person.birth_date or "")),
            ("Expected", words.long_day(person.expected_date or "")),
            ("Sex", (person.sex or "").capitalize()),
            ("Also known as", "; ".join(aliases)),
            *(words.identifier(one.kind, one.value) for one in person.identifiers),
            *(("Address", ", ".join((*one.lines, one.postcode)).strip(", ")) for one in person.addresses),
        ]
        return [(key, value) for key, value in found if value]


async def load(visit: Visit, name: str = "") -> Case:
    """The referral of this address, cut to the visitor's role; the look is recorded.

    Raises:
        Unknown: there is none of that name.
    """
    view = await visit.gateway.viewing.referral(visit.person, name or visit.name())
    step = next_step(view, me=visit.person.subject, may=visit.may, path=f"{PATH}/{view.id}")
    return Case(view=view, me=visit.person.subject, next=step)


async def shown(visit: Visit, template: str, title: str, case: Case, tab: str = "", **more: Any) -> web.Response:  # noqa: ANN401 - whatever the template is given
    """A page of a referral."""
    return await visit.page(
        template, title=f"{title}: referral {case.reference}", case=case, view=case.view, tab=tab, **more
    )


async def summary(visit: Visit) -> web.Response:
    """What it is about, and what comes next."""
    return await shown(visit, "summary.html", "Summary", await load(visit), "summary")


async def people(visit: Visit) -> web.Response:
    """Who is on it."""
    return await shown(visit, "people.html", "People", await load(visit), "people")


async def requests(visit: Visit) -> web.Response:
    """Who was asked, and who has answered."""
    return await shown(visit, "requests.html", "Requests", await load(visit), "requests")


async def disclosures(visit: Visit) -> web.Response:
    """What agencies sent, each sealed until it is opened."""
    return await shown(visit, "disclosures.html", "Disclosures", await load(visit), "disclosures")


async def decisions(visit: Visit) -> web.Response:
    """Ratings, decisions, products and feedback."""
    return await shown(visit, "decisions.html", "Decisions", await load(visit), "decisions")


def may_read_looks(visit: Visit) -> bool:
    """Whether the visitor is told who looked."""
    return visit.may(Action.READ_WHO_LOOKED)
