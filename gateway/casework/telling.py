"""What the hub was told about a referral: the notifications that opened and joined it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gateway.intake.working_set import ITEM_PLACE
from gateway.store import Reading
from gateway.strongbox import Strongbox
from schemas.notification import Normalised, Notification
from schemas.vocabulary import Concern


@dataclass(frozen=True, kw_only=True)
class Told:
    """One notification of a referral, with the message that brought it."""

    message_id: str
    agency: str
    received_at: datetime
    notification: Notification

    @property
    def categories(self) -> tuple[Concern, ...]:
        """The canonical categories of concern."""
        return self.notification.concern.categories if self.notification.concern else ()

    @property
    def narrative(self) -> str:
        """The words of the incident."""
        return self.notification.incident.narrative if self.notification.incident else ""


class Telling:
    """Opens notifications."""

    def __init__(self, strongbox: Strongbox) -> None:
        self._strongbox = strongbox

    async def told(self, work: Reading, referral: str) -> list[Told]:
        """Every notification of a referral, in the order of receipt."""
        found = []
        items = await work.messages.items_of_referral(referral)
        messages = {one.id: one for one in await work.messages.get_many([item.message_id for item in items])}
        for item in items:
            message = messages[item.message_id]
            normalised = await self._strongbox.take(work, message.scope, ITEM_PLACE, item.id, item.sealed, Normalised)
            found.append(
                Told(
                    message_id=message.id,
                    agency=message.agency,
                    received_at=message.received_at,
                    notification=normalised.notification,
                )
            )
        return found
