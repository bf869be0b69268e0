"""Asking agencies: the rules propose whom and for what, with their reasons; the manager changes it and sends it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from aiohttp import web

from gateway.casework.asking import Wanted, Why
from gateway.console import case as cases
from gateway.console.case import Case
from gateway.console.changed import check_unchanged, differences
from gateway.console.form import Form
from gateway.console.page import Invalid, Visit, Wrong
from gateway.console.submissions import Done
from routing.asking import RULES, Proposal, lead_of
from schemas.hub import AgencySection
from schemas.vocabulary import DataCategory, LegalGround


@dataclass(frozen=True, kw_only=True)
class Askable:
    """An agency that may be asked. ``because`` is why the rules would; empty where they would not."""

    agency: str
    name: str
    because: str
    categories: tuple[DataCategory, ...]
    proposed: tuple[DataCategory, ...]

    @property
    def field(self) -> str:
        """The name of the field with its categories."""
        return f"categories-{self.agency}"


async def form(visit: Visit) -> web.Response:
    """The form, as the rules propose it."""
    case = await cases.load(visit)
    proposals = await visit.gateway.asking.propose(visit.person, case.view.id)
    everybody = [*case.view.subjects, *case.view.household]
    asked = {one.agency for one in case.view.requests}
    return await cases.shown(
        visit,
        "ask.html",
        "Ask agencies",
        case,
        askables=_askables(visit.gateway.hub.agencies, proposals),
        everybody=[(one.person, one) for one in everybody],
        asked=asked,
        grounds=list(LegalGround),
        before=await _before(visit, case),
        differences=differences(visit, case),
    )


async def send(visit: Visit) -> Done:
    """Send one signed request to each agency that is ticked; all of them or none."""
    typed, case = visit.form, await cases.load(visit)
    wrongs = _incomplete(typed)
    if wrongs:
        raise Invalid(*wrongs)
    check_unchanged(visit, case)
    questions = tuple(line.strip() for line in typed.text("questions").split("\n") if line.strip())
    wanted = [
        Wanted(
            agency=agency,
            categories=tuple(
                DataCategory(one) for one in typed.all(f"categories-{agency}") if one in set(DataCategory)
            ),
            questions=questions,
        )
        for agency in typed.all("agencies")
    ]
    why = Why(
        purpose=typed.text("purpose"),
        legal_ground=LegalGround(typed.text("legal_ground")),
        necessity=typed.text("necessity"),
    )
    made = await visit.gateway.asking.ask(visit.person, case.view.id, wanted, typed.all("persons"), why)
    # What was said of purpose and ground stands in the next form of this case, to be changed or left.
    await visit.console.drafts.keep(visit.person.subject, _said_path(case), _said(typed))
    names = ", ".join(visit.console.rendering.agency(one.agency) for one in made)
    return Done(location=case.path, notice=f"Asked: {names}.")


def _askables(agencies: Sequence[AgencySection], proposals: Sequence[Proposal]) -> list[Askable]:
    proposed = {one.agency: one for one in proposals}
    found = []
    for agency in agencies:
        if lead_of(agency) is None:
            continue
        proposal = proposed.get(agency.id)
        held = [category for rule in RULES if rule.asks is agency.sector for category in rule.categories]
        wanted = proposal.categories if proposal else ()
        found.append(
            Askable(
                agency=agency.id,
                name=agency.name,
                because=proposal.because if proposal else "",
                categories=tuple(dict.fromkeys([*wanted, *held])),
                proposed=wanted,
            )
        )
    return sorted(found, key=lambda one: not one.because)


def _incomplete(typed: Form) -> list[Wrong]:
    wrongs = []
    if not typed.all("agencies"):
        wrongs.append(Wrong(at="agencies", text="Tick at least one agency"))
    wrongs += [
        Wrong(at=f"categories-{agency}", text="Tick what you ask this agency for")
        for agency in typed.all("agencies")
        if not typed.all(f"categories-{agency}")
    ]
    if not typed.all("persons"):
        wrongs.append(Wrong(at="persons", text="Tick at least one person to ask about"))
    if not typed.text("purpose"):
        wrongs.append(Wrong(at="purpose", text="Say what you need this for"))
    if typed.text("legal_ground") not in set(LegalGround):
        wrongs.append(Wrong(at="legal_ground", text="Choose the legal ground: without one nothing is asked"))
    if not typed.text("necessity"):
        wrongs.append(Wrong(at="necessity", text="Say why it is necessary"))
    return wrongs


def _said_path(case: Case) -> str:
    return f"{case.path}/ask#said"


def _said(typed: Form) -> Form:
    return Form(fields={name: typed.all(name) for name in ("purpose", "legal_ground", "necessity") if typed.has(name)})


async def _before(visit: Visit, case: Case) -> Form:
    """What the manager said of purpose, ground and necessity when they last asked in this case."""
    draft = await visit.console.drafts.find(visit.person.subject, _said_path(case))
    return draft.form if draft else Form()
