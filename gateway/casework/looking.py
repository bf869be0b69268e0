"""Who looked at a case and why: the hub tells its own manager, not its auditors alone."""

from __future__ import annotations

import json

from gateway.casework import shown
from gateway.casework.office import Office
from gateway.log.events import Event
from schemas.vocabulary import Role

_LOOKS = frozenset({Event.REFERRAL_VIEWED, Event.DISCLOSURE_VIEWED, Event.ENVELOPE_OPENED, Event.GLASS_BROKEN})


class LookingDesk:
    """Where looks are told from the log."""

    def __init__(self, office: Office) -> None:
        self._office = office

    async def looks(self, name: str) -> shown.Looks:
        """Everybody's looks at this referral, the latest first: events, no contents.

        Raises:
            Unknown: no such referral.
        """
        async with self._office.store.reading() as work:
            await self._office.referral_seen(work, name)
            entries = await work.log.of_referral(name)
        found = []
        for one in entries:
            if one.event not in _LOOKS:
                continue
            detail = json.loads(one.entry)["detail"]
            role = detail.get("role", "")
            found.append(
                shown.LookShown(
                    at=one.at,
                    who=one.actor,
                    what=one.event,
                    role=role if role in set(Role) else "",
                    subject=one.subject,
                    break_glass="break_glass" in detail or one.event == Event.GLASS_BROKEN,
                )
            )
        return shown.Looks(looks=tuple(reversed(found)))
