"""Rating and rating again: no rating is chosen for the manager, and what it does is shown before it is done."""

from __future__ import annotations

from aiohttp import web

from gateway.console import case as cases
from gateway.console import words
from gateway.console.case import Case
from gateway.console.changed import check_unchanged, differences
from gateway.console.form import Form
from gateway.console.page import Go, Invalid, Visit, Wrong, see_other
from gateway.console.submissions import Done
from schemas.vocabulary import Rating

LEVELS = (
    ("1", "1: universal", "Needs that universal services meet"),
    ("2", "2: early help", "Additional needs"),
    ("3", "3: targeted", "Multiple or complex needs"),
    ("4", "4: specialist", "Acute need, or significant harm"),
)


async def form(visit: Visit) -> web.Response:
    """The form."""
    return await _form(visit, await cases.load(visit))


async def send(visit: Visit) -> Go:
    """Go on to the check page, if the form is complete."""
    wrongs = _incomplete(visit.form)
    if wrongs:
        raise Invalid(*wrongs)
    check_unchanged(visit, await cases.load(visit))
    return Go(location=f"{visit.path}/check")


async def check(visit: Visit) -> web.Response:
    """Old and new rating side by side, the due time, which requests are re-dated."""
    case = await cases.load(visit)
    draft = await visit.console.drafts.find(visit.person.subject, f"{case.path}/rate")
    if draft is None or _incomplete(draft.form):
        see_other(f"{case.path}/rate")
    rating = Rating(draft.form.text("rating"))
    foreseen = await visit.gateway.rating.foreseen(
        visit.person, case.view.id, rating, relax_reason=draft.form.text("relax_reason") or None
    )
    due = foreseen.due_at
    return await cases.shown(
        visit,
        "rate_check.html",
        "Check the rating",
        case,
        typed=draft.form,
        typed_id=draft.id,
        new=rating,
        then_due=due,
        sooner=foreseen.redated,
        reasons=_reasons(draft.form),
        relaxed=case.view.due_at is not None and due > case.view.due_at,
    )


async def give(visit: Visit) -> Done:
    """Rate."""
    referral = visit.name()
    path = f"{cases.PATH}/{referral}/rate"
    draft = await visit.console.drafts.find(visit.person.subject, path)
    if draft is None:
        raise Invalid(Wrong(at="main-content", text="There is nothing to send any more. Fill in the form again"))
    if draft.id != visit.form.text("typed"):
        raise Invalid(Wrong(at="main-content", text="You changed this in another window. Check it as it is now"))
    rated = await visit.gateway.rating.rate(
        visit.person,
        referral,
        rating=Rating(draft.form.text("rating")),
        threshold=int(draft.form.text("threshold")),
        reasons=_reasons(draft.form),
        cites=draft.form.all("cites"),
        relax_reason=draft.form.text("relax_reason") or None,
    )
    await visit.drop(path)
    case = f"{cases.PATH}/{referral}"
    first = rated.previous is None
    return Done(
        location=f"{case}/ask" if first else case,
        notice=f"Rated {rated.rating}." + (" Now say whom to ask." if first else ""),
    )


async def _form(visit: Visit, case: Case) -> web.Response:
    scheme = [(str(rule.rating), words.FILTERS["rating"](rule.rating), _gives(rule.hours, rule.clock))
              for rule in visit.gateway.hub.ratings]  # fmt: skip
    last = case.view.ratings[-1] if case.view.ratings else None
    return await cases.shown(
        visit,
        "rate.html",
        "Rate again" if case.view.rating else "Rate",
        case,
        scheme=scheme,
        levels=LEVELS,
        level=str(last.threshold) if last else "",
        citable=[(one.disclosure, one.agency) for one in case.view.requests if one.disclosure],
        differences=differences(visit, case),
    )


def _gives(hours: float, clock: str) -> str:
    if clock == "working":
        return f"The decision is due {hours:g} working hours after receipt"
    return f"The decision is due {hours:g} hours after receipt, nights included"


def _reasons(typed: Form) -> list[str]:
    """One reason for each paragraph."""
    return [line.strip() for line in typed.text("reasons").split("\n\n") if line.strip()]


def _incomplete(typed: Form) -> list[Wrong]:
    wrongs = []
    if typed.text("rating") not in set(Rating):
        wrongs.append(Wrong(at="rating", text="Choose a rating"))
    if typed.text("threshold") not in {value for value, _, _ in LEVELS}:
        wrongs.append(Wrong(at="threshold", text="Choose a level of need"))
    if not typed.text("reasons"):
        wrongs.append(Wrong(at="reasons", text="Say why"))
    return wrongs
