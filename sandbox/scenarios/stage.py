"""What a story is played on: a running hub, the agencies with their clients, the people who have signed in."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.agency import Agency, Asked, Client, Given, Opened
from sandbox.disclosure import Reply
from sandbox.failures import HubRefused, NothingArrived
from sandbox.hub import Hub
from sandbox.hub_keys import HubKeys
from sandbox.inbox import Delivery
from sandbox.person import Person

ARRIVAL_SECONDS = 20.0
_POLL_SECONDS = 0.1
_GONE = frozenset({404, 409, 410})


@dataclass(kw_only=True)
class Stage:
    """``people`` are by post: manager, screener, coordinator, police_lead, engineer, security, auditor, analyst."""

    hub: Hub
    hub_keys: HubKeys
    agencies: Mapping[str, Agency]
    people: Mapping[str, Person]
    openings: list[Opened] = field(default_factory=list)

    @property
    def manager(self) -> Person:
        """The social work manager."""
        return self.people["manager"]

    @property
    def managers_system(self) -> Client:
        """The manager's case system, which disclosures are delivered to."""
        return self.client("council.mash-managers")

    @property
    def team(self) -> Client:
        """The assessment team's system."""
        return self.client("council.assessment-team")

    def client(self, client_id: str) -> Client:
        """One client, such as ``police.lead``."""
        agency, _, name = client_id.partition(".")
        return self.agencies[agency][name]

    async def open(self, client: Client, delivery: Delivery) -> Opened:
        """Open an envelope, and count that its log proof held."""
        opened = await client.open(delivery)
        self.openings.append(opened)
        return opened

    async def feedback(self, *clients: str) -> tuple[Client, Opened]:
        """The feedback that reaches one of these clients of the referrer, opened.

        Raises:
            NothingArrived: none came in time.
        """
        until = time.monotonic() + ARRIVAL_SECONDS
        while time.monotonic() < until:
            for client in map(self.client, clients):
                for delivery in await client.pending():
                    if delivery.kind == "feedback":
                        return client, await self.open(client, delivery)
            await asyncio.sleep(_POLL_SECONDS)
        raise NothingArrived("no feedback reached the referrer")

    async def referrals(self) -> set[str]:
        """The ids of the referrals that the manager is shown."""
        shown = await self.manager.get("/v1/referrals")
        return {str(row["id"]) for row in shown["referrals"]}

    async def new_referral(self, before: set[str], message: str) -> str:
        """The referral that appeared since ``before`` and came from this message.

        Raises:
            NothingArrived: none appeared in time.
        """
        until = time.monotonic() + ARRIVAL_SECONDS
        while time.monotonic() < until:
            for candidate in await self.referrals() - before:
                shown = await self.manager.get(f"/v1/referrals/{candidate}")
                if not message or any(told["message"] == message for told in shown["notifications"]):
                    return candidate
            await asyncio.sleep(_POLL_SECONDS)
        raise NothingArrived("the notification opened no referral")


@dataclass(kw_only=True)
class Case:
    """One referral as its manager works on it, and as the leads who are asked see it."""

    stage: Stage
    id: str
    purpose: str
    legal_ground: str
    necessity: str
    given: list[Given] = field(default_factory=list)

    async def shown(self) -> dict[str, Any]:
        """The referral as its manager is shown it now."""
        return dict(await self.stage.manager.get(f"/v1/referrals/{self.id}"))

    async def rate(self, rating: str, threshold: int, *reasons: str, cites: tuple[str, ...] = ()) -> dict[str, Any]:
        """Rate, or rate again."""
        body = {"rating": rating, "threshold": threshold, "reasons": list(reasons), "cites": list(cites),
                "relax_reason": None}  # fmt: skip
        return dict(await self.stage.manager.post(f"/v1/referrals/{self.id}/ratings", body))

    async def ask(
        self, categories: Mapping[str, tuple[str, ...]], question: str, persons: list[str] | None = None
    ) -> list[dict[str, Any]]:
        """Ask these agencies for these categories; about everybody unless ``persons`` are named."""
        body = self.request_body(categories, question, persons)
        made = await self.stage.manager.post(f"/v1/referrals/{self.id}/requests", body)
        return list(made["requests"])

    def request_body(
        self, categories: Mapping[str, tuple[str, ...]], question: str, persons: list[str] | None = None
    ) -> dict[str, Any]:
        """What a manager authorises."""
        agencies = [
            {"agency": agency, "categories": list(wanted), "questions": [question]}
            for agency, wanted in categories.items()
        ]
        return {"agencies": agencies, "persons": persons, "purpose": self.purpose, "legal_ground": self.legal_ground,
                "necessity": self.necessity}  # fmt: skip

    async def asked(self, agency: str, request: str) -> Asked:
        """The request of this id as it reached the agency's lead: the latest form of it.

        Raises:
            NothingArrived: it did not reach the lead in time.
        """
        lead = self.stage.client(f"{agency}.lead")
        until = time.monotonic() + ARRIVAL_SECONDS
        while time.monotonic() < until:
            for found in reversed(await self._open_requests(lead)):
                if found.id == request:
                    return found
            await asyncio.sleep(_POLL_SECONDS)
        raise NothingArrived(f"{agency}: the request did not reach the lead")

    async def answer(self, agency: str, request: str, reply: Reply) -> Asked:
        """Let the agency's professional lead open the request, decide and answer."""
        asked = await self.asked(agency, request)
        owner = self.stage.agencies[agency]
        self.given.append(await owner["lead"].answer(asked, reply, lead=owner.spokesman))
        return asked

    async def disclosed(self) -> Opened:
        """The next disclosure that the manager's system receives, opened."""
        system = self.stage.managers_system
        return await self.stage.open(system, await system.next("disclosure"))

    async def _open_requests(self, lead: Client) -> list[Asked]:
        for delivery in await lead.pending():
            if delivery.kind != "request":
                continue
            try:
                opened = await self.stage.open(lead, delivery)
            except HubRefused as refusal:
                if refusal.status not in _GONE:
                    raise
                # The hub has sent the request anew, with an earlier due time: this form of it no longer opens.
                await lead.settle(delivery)
                continue
            await lead.asked(opened)
        return lead.requests
