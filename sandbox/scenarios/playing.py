"""The first story again for somebody who sits at the console: the police have notified, and the agencies answer.

The manager is a person now. Everybody else is as in the story: each lead answers what it is asked, as soon as it has
been asked, and the assessment team accepts what it is sent.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sandbox.agency import Asked, Client
from sandbox.disclosure import Reply
from sandbox.failures import HubRefused, NotTrusted
from sandbox.inbox import Delivery
from sandbox.natives import police
from sandbox.people import Character, nhs_number, years_before
from sandbox.scenarios import drugs_warrant_cast as told
from sandbox.scenarios.stage import Stage

LEADS = ("police", "health", "council", "education", "probation")
LOOK_SECONDS = 1.0


def family() -> told.Cast:
    """Another family than the story's, in the same plight, so that it is a case of its own."""
    today = datetime.now(UTC).date()
    first = told.cast(today)
    child = Character(given="Jaden", family="Thorne", born=years_before(today, 17), sex="1", nhs=nhs_number(201_950))
    younger = (
        Character(given="Poppy", family="Marsh", born=years_before(today, 7), sex="2", nhs=nhs_number(201_960)),
        Character(given="Reuben", family="Marsh", born=years_before(today, 3), sex="1", nhs=nhs_number(201_970)),
    )
    mother = replace(first.mother, given="Carla", family="Thorne")
    stepfather = Character(given="Lee", family="Marsh", born=years_before(today, 41), sex="1")
    return told.Cast(child=child, mother=mother, stepfather=stepfather, younger=younger)


@dataclass(kw_only=True)
class Playing:
    """The story as somebody plays it."""

    stage: Stage
    family: told.Cast

    async def begin(self) -> str:
        """Let the police notify; the name of the referral.

        Raises:
            NothingArrived: the notification opened none.
        """
        before = await self.stage.referrals()
        notice = told.warrant(self.family, datetime.now(UTC), f"PPN-{secrets.token_hex(5).upper()}")
        notice = replace(notice, address=("3 Quarry Terrace", "Northshire"), postcode="ZZ99 5VZ")
        sent = await self.stage.client("police.desk").notify("police-ppn", police.notice(notice), police.MEDIA_TYPE)
        return await self.stage.new_referral(before, sent.headers.get("Mash-Message-Id", ""))

    async def go_on(self) -> None:
        """Answer and accept, again and again, until cancelled."""
        while True:
            for agency in LEADS:
                await self._answer(agency)
            await self._accept()
            await asyncio.sleep(LOOK_SECONDS)

    async def _answer(self, agency: str) -> None:
        owner = self.stage.agencies[agency]
        lead = owner["lead"]
        for delivery in await lead.pending():
            if delivery.kind != "request":
                continue
            try:
                asked = await lead.asked(await self.stage.open(lead, delivery))
                await lead.answer(asked, self._reply(agency, asked), lead=owner.spokesman)
            except (HubRefused, NotTrusted):
                # Taken back or sent anew meanwhile: this form of it opens no more.
                await lead.settle(delivery)

    async def _accept(self) -> None:
        team: Client = self.stage.team
        for delivery in await team.pending():
            await self._take_on(team, delivery)

    async def _take_on(self, team: Client, delivery: Delivery) -> None:
        try:
            opened = await self.stage.open(team, delivery)
            product = str(opened.content["product"])
            await team.accept(product, by="Duty social worker", action="A visit today", acted_on=False)
        except (HubRefused, NotTrusted):
            await team.settle(delivery)

    def _reply(self, agency: str, asked: Asked) -> Reply:
        """What the agency holds, cut to what it was asked for: an owner answers nothing else."""
        children = {child.given for child in self.family.younger}
        about_siblings_alone = bool(asked.given_names) and asked.given_names <= children
        replies: Mapping[str, Reply] = {
            "police": told.NOTHING_HELD if about_siblings_alone else told.police_reply(),
            "health": told.siblings_health_reply() if about_siblings_alone else told.health_reply(),
            "council": told.council_reply(self.family),
            "education": told.education_reply(),
        }
        reply = replies.get(agency, told.NOTHING_HELD)
        wanted = set(asked.claims["categories"])
        groups = tuple(group for group in reply.groups if group.category in wanted)
        if reply.groups and not groups:
            return told.NOTHING_HELD
        return replace(reply, groups=groups)
