"""The one sequencer of a hub: gives committed entries their place in the tree and signs a checkpoint over it.

An entry commits with the state that it records, without a place. The sequencer takes what was committed, one run at a
time across all processes (the store's lock sees to that), and many callers of one process share a run.
"""

from __future__ import annotations

import asyncio

from gateway.log.placing import WAITING, Placing
from gateway.store import Store


class Sequencer:
    """Gives places."""

    def __init__(self, store: Store, placing: Placing) -> None:
        self._store = store
        self._placing = placing
        self._turn = asyncio.Lock()
        self._asked = 0
        self._covered = 0

    async def sequence(self) -> None:
        """Every entry that was committed before this call has a place and is under a stored, signed checkpoint.

        Raises:
            Unavailable: the store or the checkpoint key is not there now; the entries wait, nothing was lost.
            Disagrees: somebody changed the stored tree, and the entries wait.
        """
        self._asked += 1
        ticket = self._asked
        async with self._turn:
            if self._covered >= ticket:
                return  # a run that began after we asked has done it for us
            upto = self._asked
            while await self._run():
                pass
            self._covered = upto

    async def _run(self) -> bool:
        async with self._store.reading() as reading:
            if not await reading.log.is_waiting():
                return False
        async with self._store.direct() as work:
            placed = await self._placing.place(work, ())
            if not placed.writes:
                return False  # another process was first
            await work.commit(*placed.writes)
        return placed.waited == WAITING
