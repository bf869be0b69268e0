"""Entries that get their places in the work that they commit with, so that their proofs can commit with them too.

Everybody else's entries wait for the sequencer. Whoever must have the proof before it lets something go (a release)
takes the sequencer's lock for the rest of its work, and appends, places and signs in one.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from crypto import base64url, merkle
from crypto.checkpoint import Checkpoint, CheckpointKey, sign_checkpoint
from gateway.log.signers import CheckpointKeys
from gateway.store import Work
from gateway.store.records import CheckpointRecord, LogRecord
from gateway.store.repositories.places import Ahead
from schemas.envelope import LogProof

WAITING = 1_000
"""Entries that waited and are placed on the way, so that whoever does it is not held up for long."""
Nodes = Mapping[tuple[int, int], bytes]


class Placing:
    """Places entries at once. ``origin`` is the log's name; ``clock`` gives the aware UTC time of a checkpoint."""

    def __init__(self, keys: CheckpointKeys, *, origin: str, clock: Callable[[], datetime]) -> None:
        self._keys = keys
        self._origin = origin
        self._clock = clock
        # The nodes that the next append reads. A tree of one size and root has one set of them, whoever made it.
        self._edge: Nodes = {}
        self._signer: tuple[object, CheckpointKey] | None = None

    async def place(self, work: Work, entries: Sequence[LogRecord]) -> list[LogProof]:
        """The proofs of these new entries, which get the next places under a checkpoint; all commits with ``work``.

        (1) nobody else gives places until ``work`` ends; (2) the tree that they follow is the one that the last
        checkpoint signed; (3) entries that were committed before and wait for places get theirs first; (4) the key
        that signs is in force as this transaction sees it; (5) entries, nodes and checkpoint are written. Do nothing
        long after it.

        Raises:
            Unavailable: the store or the checkpoint key is not there now.
        """
        # (1) the sequencer's lock, and what lies ahead under it
        ahead = await work.places.take_over(WAITING)
        # (2) the tree as it was signed
        start = ahead.size
        edge = await self._read_edge(work, ahead)
        # (3) whoever waits, then these
        commitments = [*(commitment for _, commitment in ahead.waiting), *(entry.commitment for entry in entries)]
        leaves = [merkle.leaf_hash(commitment) for commitment in commitments]
        size, first = start + len(leaves), start + len(ahead.waiting)
        made = merkle.append(start, leaves, lambda level, index: edge[level, index])
        added = {(node.level, node.index): node.hash for node in made}
        nodes = {**edge, **added}

        def read(level: int, index: int) -> bytes:
            return nodes[level, index]

        # (4) a key in force
        key = await self._signing(work, ahead)
        root = merkle.root(size, read)
        note = sign_checkpoint(Checkpoint(origin=self._origin, size=size, root=root), key)
        # (5) written together
        placed = [(entry, first + offset) for offset, entry in enumerate(entries)]
        waited = [(name, start + offset) for offset, (name, _) in enumerate(ahead.waiting)]
        checkpoint = CheckpointRecord(size=size, root=root, note=note, at=self._clock())
        await work.places.add(placed, added, checkpoint, waited=waited)
        # Even if this work is rolled back: these nodes are looked at under exactly this root alone.
        self._edge = {place: nodes[place] for place in merkle.nodes_for_root(size)}
        paths = merkle.inclusions(range(first, size), size, read)
        spelt: dict[bytes, str] = {}
        return [_proof(entry, index, path, note, spelt) for (entry, index), path in zip(placed, paths, strict=True)]

    async def _read_edge(self, work: Work, ahead: Ahead) -> Nodes:
        if _holds(self._edge, ahead):
            return self._edge
        edge = await work.places.nodes(merkle.nodes_for_root(ahead.size))
        if not _holds(edge, ahead):
            raise RuntimeError("the stored tree is not the one that the last checkpoint signed")
        return edge

    async def _signing(self, work: Work, ahead: Ahead) -> CheckpointKey:
        # A key that another process revoked a moment ago signs nothing: changes of keys wait for this same lock.
        if self._signer is None or self._signer[0] != ahead.keys or self._signer[1] is not self._keys.checkpoint_key():
            await self._keys.reload(work)
            self._signer = (ahead.keys, self._keys.checkpoint_key())
        return self._signer[1]


def _holds(edge: Nodes, ahead: Ahead) -> bool:
    if edge.keys() != merkle.nodes_for_root(ahead.size):
        return False
    root = merkle.root(ahead.size, lambda level, index: edge[level, index])
    return hmac.compare_digest(root, ahead.root if ahead.root is not None else merkle.EMPTY_ROOT)


def _proof(entry: LogRecord, index: int, path: Sequence[bytes], note: str, spelt: dict[bytes, str]) -> LogProof:
    for node in path:
        if node not in spelt:
            spelt[node] = base64url.encode(node)
    return LogProof(
        index=index,
        entry=base64url.encode(entry.entry),
        salt=base64url.encode(entry.salt),
        path=tuple(spelt[node] for node in path),
        checkpoint=note,
    )
