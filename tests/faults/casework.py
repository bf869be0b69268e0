"""The manager: rates what a concern opened and asks two agencies, whatever breaks meanwhile."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Any

from gateway.store import Store
from sandbox.person import Person
from tests.faults.patience import PAUSE, until_done

ASKED = {"health": ["health_history"], "council": ["social_care_history"]}


@dataclass(kw_only=True)
class Manager:
    """Works on cases. ``cases`` are the referrals that were worked to their end."""

    person: Person
    store: Store
    cases: list[str] = field(default_factory=list)

    async def work(self, message_id: str) -> None:
        """Rate the referral of this message, ask every agency once, and wait until all have answered."""
        async with self.store.reading() as work:
            referral = str((await work.messages.items(message_id))[0].referral_id)
        rating = {"rating": "amber", "threshold": 2, "reasons": ["A reason"], "cites": [], "relax_reason": None}
        await until_done(lambda: self.person.post(f"/v1/referrals/{referral}/ratings", rating))
        await until_done(lambda: self._ask(referral))
        while await until_done(lambda: self._unanswered(referral)):  # noqa: ASYNC110 - what others do has no event here
            await asyncio.sleep(PAUSE)
        self.cases.append(referral)

    async def _ask(self, referral: str) -> None:
        """Ask whom the referral does not show as asked: what was committed before an answer was lost is there."""
        asked = {row["agency"] for row in await self._requests(referral)}
        missing = [
            {"agency": agency, "categories": wanted, "questions": ["What do you know?"]}
            for agency, wanted in ASKED.items()
            if agency not in asked
        ]
        if missing:
            body = {
                "agencies": missing,
                "persons": None,
                "purpose": "To decide whether this child needs protection",
                "legal_ground": "children_act_2004_s10",
                "necessity": "The referrer knows little",
            }
            await self.person.post(f"/v1/referrals/{referral}/requests", body)

    async def _unanswered(self, referral: str) -> list[str]:
        return [row["id"] for row in await self._requests(referral) if row["state"] != "answered"]

    async def _requests(self, referral: str) -> list[dict[str, Any]]:
        return list((await self.person.get(f"/v1/referrals/{referral}"))["requests"])
