"""Releasing a product: which parts go to which team, and before it goes, what that reader will see of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from aiohttp import web

from gateway.console import case as cases
from gateway.console.case import Case
from gateway.console.form import Form
from gateway.console.page import Go, Invalid, Visit, Wrong, see_other
from gateway.console.submissions import Done
from schemas.vocabulary import Role


async def form(visit: Visit) -> web.Response:
    """The form: each owner's parts, released or waiting for their owner."""
    case = await cases.load(visit)
    choices = (await visit.gateway.products.choices(visit.person, case.view.id)).parts
    teams = _teams(visit)
    return await cases.shown(
        visit,
        "release.html",
        "Release to a team",
        case,
        teams=teams,
        released=[one for one in choices if one.released],
        waiting=sorted({one.agency for one in choices if not one.released}),
        disclosed=bool(choices),
    )


async def send(visit: Visit) -> Go:
    """Go on to what the reader will see."""
    typed = visit.form
    wrongs = []
    if typed.text("recipient") not in {value for value, _ in _teams(visit)}:
        wrongs.append(Wrong(at="recipient", text="Choose the team that receives it"))
    if not typed.text("summary"):
        wrongs.append(Wrong(at="summary", text="Write a summary for the team"))
    if wrongs:
        raise Invalid(*wrongs)
    return Go(location=f"{visit.path}/check")


async def check(visit: Visit) -> web.Response:
    """What this reader will see, cut by the policy that will cut it."""
    case = await cases.load(visit)
    draft = await visit.console.drafts.find(visit.person.subject, f"{case.path}/release")
    if draft is None:
        see_other(f"{case.path}/release")
    preview = await visit.gateway.previewing.product(
        visit.person, case.view.id, recipient=draft.form.text("recipient"), parts=_parts(draft.form)
    )
    decisions = sorted(case.view.decisions or (), key=lambda one: one.at)
    return await cases.shown(
        visit,
        "release_check.html",
        "What the team will see",
        case,
        preview=preview,
        outcomes=decisions[-1].outcomes if decisions else (),
        summary=draft.form.text("summary"),
        typed_id=draft.id,
    )


async def give(visit: Visit) -> Done:
    """Send it."""
    case: Case = await cases.load(visit)
    path = f"{case.path}/release"
    draft = await visit.console.drafts.find(visit.person.subject, path)
    if draft is None:
        raise Invalid(Wrong(at="main-content", text="There is nothing to send any more. Fill in the form again"))
    if draft.id != visit.form.text("typed"):
        raise Invalid(Wrong(at="main-content", text="You changed this in another window. Check it as it is now"))
    made = await visit.gateway.products.send(
        visit.person,
        case.view.id,
        recipient=draft.form.text("recipient"),
        summary=draft.form.text("summary"),
        parts=_parts(draft.form),
    )
    await visit.drop(path)
    return Done(
        location=case.path, notice=f"Released, version {made.version}. It can be called back until it is opened."
    )


def _teams(visit: Visit) -> list[tuple[str, str]]:
    return [
        (f"{agency.id}.{one.name}", f"{agency.name}: {one.name.replace('-', ' ')}")
        for agency in visit.gateway.hub.agencies
        for one in agency.recipients
        if one.role is Role.RECEIVING_TEAM
    ]


def _parts(typed: Form) -> Mapping[str, Sequence[str] | None]:
    """The ticked groups by disclosure; a tick says ``disclosure:digest``."""
    parts: dict[str, list[str]] = {}
    for tick in typed.all("parts"):
        disclosure, _, digest = tick.partition(":")
        parts.setdefault(disclosure, []).append(digest)
    return parts
