"""One disclosure, opened: what its owner released to this reader, and the people whom the owner named besides."""

from __future__ import annotations

from aiohttp import web

from gateway.casework.shown import DisclosureShown, PersonShown, ReferralShown
from gateway.console import case as cases
from gateway.console.page import Invalid, Visit, Wrong
from gateway.console.submissions import Done
from schemas.disclosure import AdditionalPerson
from schemas.identifiers import IdentifierKind


async def disclosure(visit: Visit) -> web.Response:
    """The disclosure, as policy shows it. That it was opened is recorded."""
    shown = await visit.gateway.viewing.disclosure(visit.person, visit.name())
    case = await cases.load(visit, str(shown.referral))
    unknown = _unknown(shown, case.view)
    return await cases.shown(visit, "disclosure.html", "Disclosure", case, shown=shown, unknown=len(unknown))


async def add_people(visit: Visit) -> Done:
    """Make those whom the owner named subjects of the case, as far as they are not on it."""
    shown = await visit.gateway.viewing.disclosure(visit.person, visit.name())
    case = await cases.load(visit, str(shown.referral))
    unknown = _unknown(shown, case.view)
    if not unknown:
        raise Invalid(Wrong(at="main-content", text="They are on the case already"))
    for one in unknown:
        await visit.gateway.involving.add(
            visit.person,
            case.view.id,
            relation=one.relation,
            given=one.given,
            family=one.family,
            birth_date=one.birth_date,
            identifiers=[(IdentifierKind(kind), value) for kind, value in one.identifiers],
            subject=True,
            because=f"named by {visit.console.rendering.agency(shown.agency)} as living in the household",
        )
    number = len(unknown)
    said = "1 child is" if number == 1 else f"{number} children are"
    return Done(
        location=f"{case.path}/people",
        notice=f"{said} on the case now. Ask about them too.",
    )


def _unknown(shown: DisclosureShown, view: ReferralShown) -> list[AdditionalPerson]:
    """Those whom the owner named and who are no subjects of the case, by name and birth."""
    known = {_key(person) for person in view.subjects}
    return [
        one
        for one in shown.additional_persons
        if (f"{one.given} {one.family}".strip().lower(), one.birth_date or "") not in known
    ]


def _key(person: PersonShown) -> tuple[str, str]:
    name = person.names[0] if person.names else None
    spoken = " ".join((*name.given, name.family)).strip().lower() if name else ""
    return spoken, person.birth_date or ""
