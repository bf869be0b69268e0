"""What the tests declare on a broker that they share with others, so that they can take it away again.

AMQP can't list names, so the client library's own declarations are watched while a test runs. A process of its own
is not seen: a test that starts one adds the names by ``expect``.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import aiormq.channel
import pytest

from tests.services import probe


@dataclass
class Declared:
    """The names under one prefix that were declared so far."""

    prefix: str
    queues: set[str] = field(default_factory=set)
    exchanges: set[str] = field(default_factory=set)

    def expect(self, *, queues: tuple[str, ...] = (), exchanges: tuple[str, ...] = ()) -> None:
        """Add names that another process declares."""
        self.queues |= set(queues)
        self.exchanges |= set(exchanges)

    def watch(self, patch: pytest.MonkeyPatch) -> None:
        """Note every queue and exchange of this prefix that this process declares from now on."""
        channel = aiormq.channel.Channel
        patch.setattr(channel, "queue_declare", self._noting(channel.queue_declare, self.queues))
        patch.setattr(channel, "exchange_declare", self._noting(channel.exchange_declare, self.exchanges))

    def _noting(self, declare: Callable[..., Any], names: set[str]) -> Callable[..., Any]:
        @functools.wraps(declare)
        async def noted(channel: aiormq.channel.Channel, name: str = "", **options: object) -> object:
            # Both declarations take the name first; aio-pika passes a queue's by keyword.
            given = name or str(options.pop("queue", "") or options.pop("exchange", ""))
            if given.startswith(self.prefix):
                names.add(given)
            return await declare(channel, given, **options)

        return noted

    def sweep(self, url: str) -> None:
        """Delete all of it."""
        probe.delete_from_broker(url, queues=frozenset(self.queues), exchanges=frozenset(self.exchanges))
