"""A manager's own words on their way out: they tell no reader where a family is that hides."""

from __future__ import annotations

from collections.abc import Iterable

from gateway.casework.office import Office
from gateway.casework.protection import Protection
from gateway.store import Reading
from routing import whereabouts
from schemas.errors import Refused


async def tell_no_place(
    office: Office, work: Reading, referral: str, guarded: Protection, texts: Iterable[str], *, at: str
) -> None:
    """Return if none of these words tells a place that their readers may not know.

    Raises:
        Refused: they do (``handling.hidden_location``).
    """
    people = [one.person for one in await office.dossier.people(work, referral)]
    if any(whereabouts.told(text, people, hidden=guarded.hidden) for text in texts):
        raise Refused("handling.hidden_location", "your words tell where a family is that hides: take that out", at=at)
