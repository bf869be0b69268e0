"""Forms that were sent: each has one effect, however often and from however many windows it comes.

A form is claimed before its effect and settled after it, in works of their own. So of two that come at once one has the
effect and the other is led to the same place. Where a process dies in between, nobody knows whether the effect came
about: the form has none again, and its sender is asked to look.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from gateway.store import Store
from gateway.store.records import SubmissionRecord
from gateway.world import World
from schemas.errors import Conflict

PATIENCE = timedelta(seconds=20)
_LOOK_EVERY = 0.05


@dataclass(frozen=True, kw_only=True)
class Done:
    """Where a form led, and the notice that the place shows."""

    location: str
    notice: str = ""


class Submissions:
    """Who came first."""

    def __init__(self, *, world: World, store: Store) -> None:
        self._world = world
        self._store = store

    async def claim(self, form: str, session: str) -> Done | None:
        """None: go ahead, and settle or give back. Else it was sent before, and led there.

        Raises:
            Conflict: it was sent before, and how that ended is not known.
        """
        async with self._store.work() as work:
            first = await work.console.claim(SubmissionRecord(form=form, session=session, at=self._world.now()))
            await work.commit()
        if first:
            return None
        return await self._wait(form, session)

    async def settle(self, form: str, session: str, done: Done) -> None:
        """Note where it led."""
        async with self._store.work() as work:
            await work.console.settle(
                SubmissionRecord(
                    form=form, session=session, at=self._world.now(), location=done.location, notice=done.notice
                )
            )
            await work.commit()

    async def give_back(self, form: str) -> None:
        """It had no effect: it may be sent again."""
        async with self._store.work() as work:
            await work.console.unclaim(form)
            await work.commit()

    async def notice(self, form: str, session: str) -> str:
        """What to tell the person of this session about a form of theirs; nothing about anybody else's."""
        async with self._store.reading() as work:
            found = await work.console.submission(form)
        return found.notice or "" if found is not None and found.session == session else ""

    async def _wait(self, form: str, session: str) -> Done | None:
        until = asyncio.get_running_loop().time() + PATIENCE.total_seconds()
        while asyncio.get_running_loop().time() < until:
            async with self._store.reading() as work:
                found = await work.console.submission(form)
            if found is None:
                return await self.claim(form, session)  # the first had no effect, and this one may
            if found.location is not None:
                return Done(location=found.location, notice=found.notice or "")
            await asyncio.sleep(_LOOK_EVERY)
        raise Conflict(
            "form.unfinished", "it was sent before, and how that ended is not known: look before you send it"
        )
