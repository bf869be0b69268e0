"""What an envelope's way tells of the thing that it brings: delivered and opened, as requests and products know it.

Whatever was opened was delivered too.
"""

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
    """Records delivery, in the unit of work of whoever saw it; ``gateway.delivery.opening`` records its own."""

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

    async def _advance(self, work: Work, envelope: EnvelopeRecord, step: Step, now: datetime) -> None:
        if envelope.kind == EnvelopeKind.REQUEST:
            request = await work.requests.lock(envelope.subject)
            state = request_reached(request.state, step)
            if state is not None:
                await work.requests.save(replace(request, state=state))
        elif envelope.kind == EnvelopeKind.PRODUCT:
            product = await work.products.lock(envelope.subject)
            state = product_reached(product.state)
            if state is not None:
                await work.products.save(replace(product, state=state, delivered_at=product.delivered_at or now))


def request_reached(state: str, step: Step) -> str | None:
    """The state of a request, in this one, after its envelope took this step; None: it was withdrawn, and stays so.

    Raises:
        Conflict: no row of the lifecycle allows it.
    """
    if state == RequestState.WITHDRAWN:
        return None
    return lifecycle.advance(RequestState(state), step, Software.HUB)


def product_reached(state: str) -> str | None:
    """The state of a product, in this one, that reached its reader; None: it was revoked, and stays so.

    Raises:
        Conflict: no row of the lifecycle allows it.
    """
    if state == ProductState.REVOKED:
        return None
    return lifecycle.advance(ProductState(state), Step.DELIVER_PRODUCT, Software.HUB)
