"""Recomputing the whole log from its entries: what ``mash log verify`` says."""

from __future__ import annotations

import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from crypto import merkle
from crypto.checkpoint import Checkpoint, verify_checkpoint
from crypto.commitment import commit
from crypto.failure import SealFailed
from gateway.log.entry import instant
from gateway.log.signers import CheckpointKeys
from gateway.store import Reading, Store
from gateway.store.records import CheckpointRecord, LogRecord

BATCH = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """What was found. ``entries`` are those with a place, ``waiting`` those without one as yet.

    ``first_bad`` is the place (from 0) of the first entry that does not hold, or the size of the first checkpoint that
    does not; ``problem`` is a code for what is wrong with it; both None where all holds.
    """

    entries: int
    checkpoints: int
    waiting: int
    verified: bool
    root: bytes
    first_bad: int | None = None
    problem: str | None = None


class _Broken(Exception):
    """The first thing that does not hold."""

    def __init__(self, place: int, problem: str) -> None:
        super().__init__(problem)
        self.place = place
        self.problem = problem


class _Recomputed:
    """The tree as the entries make it; keeps only the nodes that further leaves and roots need."""

    def __init__(self) -> None:
        self.size = 0
        self._nodes: dict[tuple[int, int], bytes] = {}

    def append(self, leaves: Sequence[bytes]) -> dict[tuple[int, int], bytes]:
        """Add leaf hashes; the complete nodes that they made."""
        made = merkle.append(self.size, leaves, lambda level, index: self._nodes[level, index])
        added = {(node.level, node.index): node.hash for node in made}
        nodes = {**self._nodes, **added}
        self.size += len(leaves)
        self._nodes = {place: nodes[place] for place in merkle.nodes_for_root(self.size)}
        return added

    def root(self) -> bytes:
        """The root over all leaves so far."""
        return merkle.root(self.size, lambda level, index: self._nodes[level, index])


async def verify(store: Store, keys: CheckpointKeys, *, origin: str, waiting_limit: int = 10_000) -> Verification:
    """Recompute all that was given a place, as one consistent look sees it.

    (1) places follow one another without a gap; (2) each commitment is that of its entry under its salt;
    (3) the columns that queries use say what the entry says; (4) every stored node of the tree is the recomputed one;
    (5) every checkpoint is signed by a key of this log over the recomputed root of its size, so that all agree;
    (6) the last checkpoint covers every entry and is signed by a key that is still in force.

    Raises:
        Unavailable: the store is not there.
    """
    tree, seen = _Recomputed(), 0
    async with store.reading() as work:
        await keys.reload(work)
        size = await work.log.size()
        checkpoints = await work.log.checkpoints()
        waiting = len(await work.log.unsequenced(waiting_limit))
        place: int | None = None
        problem: str | None = None
        try:
            for start, end in _stretches(size, checkpoints):
                await _stretch(work, tree, start, end)
                if seen < len(checkpoints) and checkpoints[seen].size == end:
                    _check_signed(checkpoints[seen], tree.root(), keys, origin)
                    seen += 1
            _check_last(checkpoints, size, keys, origin)
        except _Broken as broken:
            place, problem = broken.place, broken.problem
    return Verification(
        entries=size,
        checkpoints=len(checkpoints),
        waiting=waiting,
        verified=problem is None,
        root=tree.root(),
        first_bad=place,
        problem=problem,
    )


def _stretches(size: int, checkpoints: Sequence[CheckpointRecord]) -> list[tuple[int, int]]:
    """The places between one checkpoint and the next, in pieces that fit into memory."""
    ends = {checkpoint.size for checkpoint in checkpoints if 0 < checkpoint.size <= size}
    return list(pairwise(sorted({0, size, *ends, *range(0, size, BATCH)})))


async def _stretch(work: Reading, tree: _Recomputed, start: int, end: int) -> None:
    entries = await work.log.entries(start, end)
    for place, entry in enumerate(entries, start=start):
        if entry.position != place:
            raise _Broken(place, "log.gap")  # (1)
        if not hmac.compare_digest(commit(entry.salt, entry.entry), entry.commitment):
            raise _Broken(place, "log.commitment")  # (2)
        if not _columns_agree(entry):
            raise _Broken(place, "log.columns")  # (3)
    if len(entries) != end - start:
        raise _Broken(start + len(entries), "log.gap")  # (1)
    added = tree.append([merkle.leaf_hash(entry.commitment) for entry in entries])
    stored = await work.log.nodes(added.keys())
    wrong = [(index << level, level) for (level, index), value in added.items() if stored.get((level, index)) != value]
    if wrong:
        raise _Broken(min(wrong)[0], "log.node")  # (4)


def _columns_agree(record: LogRecord) -> bool:
    try:
        entry = json.loads(record.entry)
        told = (entry["id"], entry["event"], entry["at"], entry["actor"], entry["referral"], entry["subject"])
    except (ValueError, KeyError, TypeError):
        return False
    return told == (
        record.id,
        record.event,
        instant(record.at),
        record.actor,
        record.referral_id,
        record.subject,
    )


def _check_signed(record: CheckpointRecord, root: bytes, keys: CheckpointKeys, origin: str) -> None:
    verifiers = (*keys.checkpoint_verifiers(), *keys.former_checkpoint_verifiers())
    expected = Checkpoint(origin=origin, size=record.size, root=root)
    if record.root != root:
        raise _Broken(record.size, "log.checkpoint.root")  # (5)
    for verifier in verifiers:
        try:
            if verify_checkpoint(record.note, verifier, origin=origin) == expected:
                return
        except SealFailed:
            continue
    raise _Broken(record.size, "log.checkpoint.signature")  # (5)


def _check_last(checkpoints: Sequence[CheckpointRecord], size: int, keys: CheckpointKeys, origin: str) -> None:
    last = checkpoints[-1] if checkpoints else None
    if last is None:
        if size:
            raise _Broken(0, "log.checkpoint.missing")  # (6)
        return
    if last.size != size:
        raise _Broken(min(last.size, size), "log.checkpoint.size")  # (6)
    for verifier in keys.checkpoint_verifiers():
        try:
            verify_checkpoint(last.note, verifier, origin=origin)
        except SealFailed:
            continue
        return
    raise _Broken(size, "log.checkpoint.former_key")  # (6)
