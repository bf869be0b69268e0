"""How entries get their places in the tree: whoever holds the sequencer's lock places what waits, and its own entries.

The sequencer has none of its own. Whoever must have the proof before it lets something go (a release) places its
entries in the work that they commit with, and holds the lock for the rest of it.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from crypto import base64url, merkle
from crypto.checkpoint import Checkpoint, CheckpointKey, sign_checkpoint
from gateway.log.signers import CheckpointKeys
from gateway.store.direct import Statements, Write, places
from gateway.store.direct.places import Ahead
from gateway.store.records import CheckpointRecord, LogRecord
from schemas.envelope import LogProof

WAITING = 1_000
"""Entries that waited and are placed on the way, so that whoever does it is not held up for long."""
Nodes = Mapping[tuple[int, int], bytes]


class Disagrees(RuntimeError):
    """What is stored is not what was signed. ``Log.verify`` tells where."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """What is to be committed, the proofs that hold then, and how many entries that waited are among the placed."""

    proofs: Sequence[LogProof]
    writes: tuple[Write, ...]
    waited: int


NOTHING_PLACED = Placed(proofs=(), writes=(), waited=0)


class Placing:
    """Places entries. ``origin`` is the log's name; ``clock`` gives the aware UTC time of a checkpoint."""

    def __init__(self, keys: CheckpointKeys, *, origin: str, clock: Callable[[], datetime]) -> None:
        self._keys = keys
        self._origin = origin
        self._clock = clock
        # The nodes that the next append reads. A tree of one size and root has one set of them, whoever made it.
        self._edge: Nodes = {}
        self._signer: tuple[object, CheckpointKey] | None = None

    async def place(self, work: Statements, entries: Sequence[LogRecord]) -> Placed:
        """Places for these new entries under a checkpoint; they are given once ``work`` has committed the writes.

        (1) nobody else gives places until ``work`` ends; (2) the tree that they follow is the one that the last
        checkpoint signed; (3) entries that were committed before and wait for places get theirs first; (4) the key
        that signs is in force as this transaction sees it. Do nothing long after it.

        Raises:
            Unavailable: the store or the checkpoint key is not there now.
            Disagrees: somebody changed the tree: no entry gets a place in it.
        """
        # (1) the sequencer's lock, and what lies ahead under it
        ahead = await places.take_over(work, WAITING)
        if not ahead.waiting and not entries:
            return NOTHING_PLACED
        # (2) the tree as it was signed
        start = ahead.size
        edge = await self._read_edge(work, ahead)
        # (3) whoever waits, then these
        commitments = [*(commitment for _, commitment in ahead.waiting), *(entry.commitment for entry in entries)]
        size, first = start + len(commitments), start + len(ahead.waiting)
        added = merkle.grown(start, [merkle.leaf_hash(one) for one in commitments], lambda *node: edge[node])
        nodes = {**edge, **added}

        def read(level: int, index: int) -> bytes:
            return nodes[level, index]

        # (4) a key in force
        key = await self._signing(work, ahead)
        root = merkle.root(size, read)
        note = sign_checkpoint(Checkpoint(origin=self._origin, size=size, root=root), key)
        # Even if this work is rolled back: these nodes are looked at under exactly this root alone.
        self._edge = {node: nodes[node] for node in merkle.nodes_for_root(size)}
        placed = [replace(entry, position=place) for place, entry in enumerate(entries, first)]
        paths = merkle.inclusions(range(first, size), size, read)
        spelt: dict[bytes, str] = {}
        return Placed(
            proofs=[_proof(entry, path, note, spelt) for entry, path in zip(placed, paths, strict=True)],
            writes=places.save(
                work.dialect,
                placed,
                added,
                CheckpointRecord(size=size, root=root, note=note, at=self._clock()),
                waited=[(place, name) for place, (name, _) in enumerate(ahead.waiting, start)],
            ),
            waited=len(ahead.waiting),
        )

    async def _read_edge(self, work: Statements, ahead: Ahead) -> Nodes:
        if _holds(self._edge, ahead):
            return self._edge
        edge = await places.nodes(work, merkle.nodes_for_root(ahead.size))
        if not _holds(edge, ahead):
            raise Disagrees("the stored tree is not the one that the last checkpoint signed")
        return edge

    async def _signing(self, work: Statements, ahead: Ahead) -> CheckpointKey:
        # A key that another process revoked a moment ago signs nothing: changes of keys wait for this same lock.
        if self._signer is None or self._signer[0] != ahead.keys or self._signer[1] is not self._keys.checkpoint_key():
            self._keys.take(await places.all_keys(work))
            self._signer = (ahead.keys, self._keys.checkpoint_key())
        return self._signer[1]


def _holds(edge: Nodes, ahead: Ahead) -> bool:
    if ahead.entries != ahead.size or edge.keys() != merkle.nodes_for_root(ahead.size):
        return False
    root = merkle.root(ahead.size, lambda level, index: edge[level, index])
    return hmac.compare_digest(root, ahead.root if ahead.root is not None else merkle.EMPTY_ROOT)


def _proof(entry: LogRecord, path: Sequence[bytes], note: str, spelt: dict[bytes, str]) -> LogProof:
    if entry.position is None:
        raise AssertionError("an entry that was placed knows where")
    for node in path:
        if node not in spelt:
            spelt[node] = base64url.encode(node)
    return LogProof(
        index=entry.position,
        entry=base64url.encode(entry.entry),
        salt=base64url.encode(entry.salt),
        path=tuple(spelt[node] for node in path),
        checkpoint=note,
    )
