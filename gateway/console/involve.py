"""Adding somebody whom the notification did not name."""

from __future__ import annotations

import re

from aiohttp import web

from gateway.console import case as cases
from gateway.console.page import Invalid, Visit, Wrong
from gateway.console.submissions import Done
from schemas.identifiers import IdentifierKind

_DATE = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")


async def form(visit: Visit) -> web.Response:
    """The form."""
    return await cases.shown(visit, "add_person.html", "Add somebody", await cases.load(visit))


async def send(visit: Visit) -> Done:
    """Add them."""
    typed = visit.form
    birth = birth_of(typed.text("birth_year"), typed.text("birth_month"), typed.text("birth_day"))
    wrongs = []
    if not (typed.text("given") or typed.text("family") or typed.text("nhs_number")):
        wrongs.append(Wrong(at="given", text="Give a name or an NHS number"))
    if birth is None:
        wrongs.append(Wrong(at="birth_day", text="Write the date in numbers, as far as it is known, such as 27 3 2019"))
    if typed.text("part") not in {"subject", "household"}:
        wrongs.append(Wrong(at="part", text="Choose what they are to this referral"))
    if not typed.text("because"):
        wrongs.append(Wrong(at="because", text="Say how the hub knows of this person"))
    if wrongs:
        raise Invalid(*wrongs)
    nhs = "".join(typed.text("nhs_number").split())
    await visit.gateway.involving.add(
        visit.person,
        visit.name(),
        relation=typed.text("relation"),
        given=typed.text("given"),
        family=typed.text("family"),
        birth_date=birth or None,
        identifiers=[(IdentifierKind.NHS, nhs)] if nhs else [],
        subject=typed.text("part") == "subject",
        because=typed.text("because"),
    )
    return Done(location=f"{cases.PATH}/{visit.name()}/people", notice="They are on the case.")


def birth_of(year: str, month: str, day: str) -> str | None:
    """The date to the year, the month or the day, ISO 8601; empty where nothing was typed; None where it is none."""
    if not (year or month or day):
        return ""
    parts = [year] + ([month.zfill(2)] if month or day else []) + ([day.zfill(2)] if day else [])
    text = "-".join(parts)
    return text if _DATE.fullmatch(text) else None
