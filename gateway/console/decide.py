"""Deciding: outcomes, reasons, evidence, and every voice that is missing acknowledged by itself."""

from __future__ import annotations

from aiohttp import web

from gateway.console import case as cases
from gateway.console.case import Case
from gateway.console.changed import check_unchanged, differences
from gateway.console.form import Form
from gateway.console.page import Invalid, Visit, Wrong
from gateway.console.submissions import Done
from routing.lifecycle import RequestState
from routing.products import AskedRequest, MissingVoice, missing_voices
from schemas.vocabulary import Outcome


async def form(visit: Visit) -> web.Response:
    """The form."""
    case = await cases.load(visit)
    return await cases.shown(
        visit,
        "decide.html",
        "Decide",
        case,
        outcomes=list(Outcome),
        missing=_missing(case),
        evidence=_evidence(case),
        differences=differences(visit, case),
    )


async def send(visit: Visit) -> Done:
    """Decide."""
    typed, case = visit.form, await cases.load(visit)
    wrongs = _incomplete(typed, _missing(case))
    if wrongs:
        raise Invalid(*wrongs)
    check_unchanged(visit, case)
    await visit.gateway.deciding.decide(
        visit.person,
        case.view.id,
        outcomes=[Outcome(one) for one in typed.all("outcomes")],
        rationale=typed.text("rationale"),
        evidence=typed.all("evidence"),
        acknowledged=typed.all("missing"),
    )
    return Done(location=f"{case.path}/release", notice="Decided. Now say what the receiving team needs.")


def _missing(case: Case) -> tuple[MissingVoice, ...]:
    return missing_voices(
        [
            AskedRequest(request_id=one.id, agency=one.agency, state=RequestState(one.state))
            for one in case.view.requests
        ]
    )


def _evidence(case: Case) -> list[tuple[str, str, str | None]]:
    """What there is to consider: an opaque name, what it is, and from whom."""
    told: list[tuple[str, str, str | None]] = [
        (one.message, "Notification", one.agency) for one in case.view.notifications
    ]
    return told + [(one.disclosure, "Disclosure", one.agency) for one in case.view.requests if one.disclosure]


def _incomplete(typed: Form, missing: tuple[MissingVoice, ...]) -> list[Wrong]:
    wrongs = []
    chosen = typed.all("outcomes")
    if not chosen or not set(chosen) <= set(Outcome):
        wrongs.append(Wrong(at="outcomes", text="Choose at least one outcome"))
    if not typed.text("rationale"):
        wrongs.append(Wrong(at="rationale", text="Say why"))
    if not typed.all("evidence"):
        wrongs.append(Wrong(at="evidence", text="Tick what you considered"))
    wrongs += [
        Wrong(at=f"missing-{voice.request_id}", text=f"Acknowledge that one agency has not answered: {voice.agency}")
        for voice in missing
        if voice.request_id not in typed.all("missing")
    ]
    return wrongs
