"""What an envelope's way tells of the thing that it brings: delivered and opened, as requests and products know it.

Whatever was opened was delivered too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from gateway.log import Log
from gateway.log.events import Event
from gateway.store import Work
from gateway.store.direct import subjects
from gateway.store.records import EnvelopeRecord, LogRecord, Subject
from routing import lifecycle
from routing.lifecycle import ProductState, RequestState, Software, Step
from schemas.envelope import EnvelopeKind
from schemas.errors import Unknown


class Progress:
    """Records delivery, in the unit of work of whoever saw it; ``gateway.delivery.opening`` records its own."""

    def __init__(self, log: Log) -> None:
        self._log = log

    async def delivered(self, work: Work, envelopes: Sequence[EnvelopeRecord], now: datetime) -> None:
        """The broker confirmed and routed these, or their reader took them from the mailbox.

        In sets, and in one order, so that two that do this wait for each other and never crosswise.

        Raises:
            Unknown: ``request.unknown``, ``product.unknown``.
            Conflict: no row of the lifecycle allows it.
        """
        if not envelopes:
            return
        asked = {one.subject for one in envelopes if one.kind == EnvelopeKind.REQUEST}
        made = {one.subject for one in envelopes if one.kind == EnvelopeKind.PRODUCT}
        requests, products = await subjects.hold(work.sets, asked, made)
        moved_requests, moved_products = _asked(asked, requests), _made(made, products, now)
        await work.sets.write(*subjects.save(work.sets.dialect, moved_requests, moved_products))
        await self._log.append_all(work, [self._entry(one, now) for one in envelopes])

    def _entry(self, envelope: EnvelopeRecord, now: datetime) -> LogRecord:
        return self._log.draft(
            event=Event.ENVELOPE_DELIVERED,
            actor="hub",
            now=now,
            referral=envelope.referral_id,
            subject=envelope.id,
            detail={"kind": envelope.kind, "recipient": envelope.recipient},
        )


def _asked(names: Iterable[str], requests: Mapping[str, Subject]) -> list[Subject]:
    moved = []
    for name in names:
        if name not in requests:
            raise Unknown("request.unknown", "there is no such request")
        reached = request_reached(requests[name].state, Step.DELIVER_REQUEST)
        if reached is not None:
            moved.append(replace(requests[name], state=reached))
    return moved


def _made(names: Iterable[str], products: Mapping[str, Subject], now: datetime) -> list[Subject]:
    moved = []
    for name in names:
        if name not in products:
            raise Unknown("product.unknown", "there is no such product")
        product = products[name]
        reached = product_reached(product.state)
        if reached is not None:
            moved.append(replace(product, state=reached, delivered_at=product.delivered_at or now))
    return moved


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
