"""How an agency with a broker answers: published to the hub's exchange, under the user that the broker has checked."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import aio_pika
from aio_pika.abc import AbstractConnection

EXCHANGE = "mash.in"


def user_of(broker_url: str) -> str:
    """The user that this URL signs in as."""
    return unquote(urlsplit(broker_url).username or "guest")


class Publisher:
    """Publishes with confirms; what the broker could not route is an error."""

    def __init__(self, connection: AbstractConnection, *, prefix: str, user: str) -> None:
        self._connection = connection
        self._exchange = prefix + EXCHANGE
        self._user = user

    async def answer(self, agency: str, request: str, sealed: str) -> None:
        """Publish the sealed answer to a request. Source: the wire, section 4."""
        channel = await self._connection.channel(on_return_raises=True)
        try:
            exchange = await channel.get_exchange(self._exchange, ensure=False)
            message = aio_pika.Message(
                sealed.encode("ascii"),
                headers={"request": request},
                content_type="application/jose",
                user_id=self._user,
                delivery_mode=aio_pika.DeliveryMode.PERSISTENT,
            )
            await exchange.publish(message, f"agency.{agency}.disclosures", mandatory=True)
        finally:
            await channel.close()
