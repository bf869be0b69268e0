"""What an envelope's way tells of the thing that it brings: delivered and opened, as requests and products know it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from gateway.log import Log
from gateway.log.events import Event
from gateway.store import Work
from gateway.store.records import EnvelopeRecord
from routing import lifecycle
from routing.lifecycle import ProductState, RequestState, Software, Step
from schemas.envelope import EnvelopeKind


class Progress:
    """Records delivery and opening, in the unit of work of whoever saw it."""

    def __init__(self, log: Log) -> None:
        self._log = log

    async def delivered(self, work: Work, envelope: EnvelopeRecord, now: datetime) -> None:
        """The broker confirmed and routed it, or its reader took it from the mailbox."""
        await self._advance(work, envelope, Step.DELIVER_REQUEST, now)
        await self._log.append(
            work,
            event=Event.ENVELOPE_DELIVERED,
            actor="hub",
            now=now,
            referral=envelope.referral_id,
            subject=envelope.id,
            detail={"kind": envelope.kind, "recipient": envelope.recipient},
        )

    async def delivered_all(self, work: Work, envelopes: Sequence[EnvelopeRecord], now: datetime) -> None:
        """As :meth:`delivered`, for each; in one order, so that two relays wait for each other and never crosswise."""
        for envelope in sorted(envelopes, key=lambda one: (one.kind, one.subject, one.id)):
            await self.delivered(work, envelope, now)

    async def opened(self, work: Work, envelope: EnvelopeRecord, now: datetime) -> None:
        """Its key is about to be released: whatever was opened was delivered too."""
        await self._advance(work, envelope, Step.OPEN_REQUEST, now)

    async def _advance(self, work: Work, envelope: EnvelopeRecord, step: Step, now: datetime) -> None:
        if envelope.kind == EnvelopeKind.REQUEST:
            request = await work.requests.lock(envelope.subject)
            if request.state == RequestState.WITHDRAWN:
                return
            state = lifecycle.advance(RequestState(request.state), step, Software.HUB)
            await work.requests.save(replace(request, state=state))
        elif envelope.kind == EnvelopeKind.PRODUCT:
            product = await work.products.lock(envelope.subject)
            if product.state == ProductState.REVOKED:
                return
            reached = lifecycle.advance(ProductState(product.state), Step.DELIVER_PRODUCT, Software.HUB)
            await work.products.save(replace(product, state=reached, delivered_at=product.delivered_at or now))
