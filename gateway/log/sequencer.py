"""The one sequencer of a hub: gives committed entries their place in the tree and signs a checkpoint over it.

An entry commits with the state that it records, without a place. The sequencer takes what was committed, one run at a
time across all processes (the store's lock sees to that), and many callers of one process share a run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime

from crypto import merkle
from crypto.checkpoint import Checkpoint, sign_checkpoint
from gateway.log.signers import CheckpointKeys
from gateway.store import Store, Work

BATCH = 1_000
"""Entries that one transaction gives a place, so that no writer waits long for the store."""


class Sequencer:
    """Gives places. ``origin`` is the log's name; ``clock`` gives the aware UTC time of a checkpoint."""

    def __init__(self, store: Store, keys: CheckpointKeys, *, origin: str, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._keys = keys
        self._origin = origin
        self._clock = clock
        self._turn = asyncio.Lock()
        self._asked = 0
        self._covered = 0

    async def sequence(self) -> None:
        """Every entry that was committed before this call has a place and is under a stored, signed checkpoint.

        Raises:
            Unavailable: the store or the checkpoint key is not there now; the entries wait, nothing was lost.
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
        async with self._store.reading() as work:
            if not await work.log.unsequenced(1):
                return False
        async with self._store.work() as work:
            await work.log.lock_sequencer()
            entries = await work.log.unsequenced(BATCH)
            if not entries:
                return False  # another process was first
            start = await work.log.size()
            leaves = [merkle.leaf_hash(entry.commitment) for entry in entries]
            size = start + len(leaves)
            needed = merkle.nodes_for_append(start, len(leaves)) | merkle.nodes_for_root(size)
            have = await work.log.nodes(needed)  # those that this run adds are not there yet
            made = merkle.append(start, leaves, lambda level, index: have[level, index])
            added = {(node.level, node.index): node.hash for node in made}
            nodes = {**have, **added}
            await work.log.sequence([(entry.id, start + offset) for offset, entry in enumerate(entries)])
            await work.log.add_nodes(added)
            await self._sign(work, size, merkle.root(size, lambda level, index: nodes[level, index]))
            await work.commit()
        return len(entries) == BATCH

    async def _sign(self, work: Work, size: int, root: bytes) -> None:
        # A key that another process revoked a moment ago signs nothing: changes of keys wait for this same lock.
        await self._keys.reload(work)
        note = sign_checkpoint(Checkpoint(origin=self._origin, size=size, root=root), self._keys.checkpoint_key())
        await work.log.add_checkpoint(size, root, note, self._clock())
