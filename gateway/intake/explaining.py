"""Opening the explanation of a link."""

from __future__ import annotations

from gateway.intake.notes import LinkNote
from gateway.intake.persons import LINK_PLACE
from gateway.store import Reading
from gateway.store.records import LinkRecord
from gateway.strongbox import Strongbox
from schemas.errors import Unknown


async def explained(work: Reading, strongbox: Strongbox, link: LinkRecord) -> LinkNote | None:
    """Why this link was made; None where the person was erased."""
    if link.sealed is None:
        return None
    name = f"{link.item_id}/{link.ref}"
    try:
        return await strongbox.take(work, link.person_id, LINK_PLACE, name, link.sealed, LinkNote)
    except Unknown:
        return None
