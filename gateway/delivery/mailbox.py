"""The mailbox: for agencies without a broker, the same envelopes over HTTPS."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.delivery.progress import Progress
from gateway.store import Store
from gateway.store.records import ClientRow, EnvelopeRecord, EnvelopeState
from gateway.world import World
from schemas import opaque
from schemas.errors import Unknown

_OPENS = frozenset({EnvelopeState.SEALED, EnvelopeState.RELEASED})


@dataclass(frozen=True, kw_only=True)
class Page:
    """Envelopes that wait for one recipient, oldest first."""

    messages: tuple[EnvelopeRecord, ...]


class MailboxDesk:
    """Where recipients fetch what waits for them."""

    def __init__(self, world: World, store: Store, progress: Progress) -> None:
        self._world = world
        self._store = store
        self._progress = progress

    async def page(self, client: ClientRow, limit: int) -> Page:
        """What waits for this client; fetching changes nothing. What opens no more is passed over."""
        async with self._store.reading() as work:
            waiting = await work.mailbox.page(client.client_id, limit, states=_OPENS)
            found = {one.id: one for one in await work.envelopes.get_many([row.id for row in waiting])}
        return Page(messages=tuple(found[row.id] for row in waiting))

    async def acknowledge(self, client: ClientRow, name: str) -> None:
        """Take one off: it was delivered. A second time changes nothing.

        Raises:
            Unknown: nothing of this name ever waited for this client.
        """
        if not opaque.is_name(name, opaque.Prefix.ENVELOPE):
            raise Unknown("envelope.unknown", at="id")
        now = self._world.now()
        async with self._store.work() as work:
            envelope = await work.envelopes.lock(name)
            if envelope.recipient != client.client_id:
                raise Unknown("envelope.unknown", at="id")
            if await work.mailbox.ack(name, client.client_id, now):
                await self._progress.delivered(work, [envelope], now)
            await work.commit()
