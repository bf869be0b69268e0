"""Callers without a valid credential: counted per minute, and one entry of the log tells of a minute of them."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from gateway.log import Log
from gateway.log.events import Event
from gateway.store import Store
from gateway.world import World


class Refusals:
    """Counts in memory and writes once a minute, so that a flood of strangers costs no commit each."""

    def __init__(self, world: World, store: Store, log: Log) -> None:
        self._world = world
        self._store = store
        self._log = log
        self._counts: Counter[tuple[datetime, str, str]] = Counter()

    async def unauthenticated(self, door: str, reason: str) -> None:
        """Somebody was turned away at this door (a feed's name, a route's) for this reason (a code)."""
        minute = self._world.now().replace(second=0, microsecond=0)
        self._counts[minute, door, reason] += 1

    async def flush(self, *, everything: bool = False) -> None:
        """Write the minutes that are over (or everything, at the end) to the store and the log.

        Raises:
            Unavailable: the store is not there; the counts are kept for the next time.
        """
        now = self._world.now().replace(second=0, microsecond=0)
        due = {key: count for key, count in self._counts.items() if everything or key[0] < now}
        if not due:
            return
        async with self._store.work() as work:
            for (minute, door, reason), count in due.items():
                await work.refusals.add(minute, door, reason, count)
                await self._log.append(
                    work,
                    event=Event.CALLER_REFUSED,
                    actor="hub",
                    now=self._world.now(),
                    detail={"door": door, "reason": reason, "count": count, "minute": minute.isoformat()},
                )
            await work.commit()
        for key, count in due.items():
            self._counts[key] -= count
            if not self._counts[key]:
                del self._counts[key]
