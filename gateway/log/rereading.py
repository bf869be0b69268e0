"""One pass over the log's entries in their order: the tree that they make, and what was stored and signed beside it.

It is quick where all holds, page by page; where a page does not, its rows tell what and where. The steps are numbered
as in ``gateway.log.verification``.
"""

from __future__ import annotations

import contextlib
import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from crypto.checkpoint import Checkpoint, verify_checkpoint
from crypto.commitment import SALT_BYTES, commit_all
from crypto.failure import SealFailed
from gateway.log.events import Event
from gateway.log.recomputed import Recomputed
from gateway.log.signers import CheckpointKeys
from gateway.store.direct import log_pages, log_rows
from gateway.store.records import CheckpointRecord
from schemas.errors import Rejected

_NO_SALT = bytes(SALT_BYTES)


class Broken(Exception):
    """The first thing that does not hold."""

    def __init__(self, place: int, problem: str) -> None:
        super().__init__(problem)
        self.place = place
        self.problem = problem


class Part(NamedTuple):
    """The entries from ``start`` up to ``end``, None where they are no page; what is stored and signed over them."""

    start: int
    end: int
    page: log_pages.Page | None
    nodes: Mapping[int, bytes]
    checkpoints: Sequence[CheckpointRecord]


class Rereading:
    """The pass. ``seen`` are checkpoints that somebody kept elsewhere.

    Raises:
        Rejected: one of ``seen`` is no checkpoint that a key of this log signed.
    """

    def __init__(self, keys: CheckpointKeys, origin: str, seen: Sequence[str]) -> None:
        self.tree = Recomputed()
        self._keys, self._origin = keys, origin
        self._seen: defaultdict[int, set[bytes]] = defaultdict(set)
        for note in seen:
            kept = _signed(note, keys, origin)
            if kept is None:
                raise Rejected("log.seen.signature", "no checkpoint that a key of this log signed", at="--seen")
            self._seen[kept.size].add(kept.root)
        self._erased: set[int] = set()
        self._told: set[int] = set()

    def require_reach(self, size: int) -> None:
        """No checkpoint that was kept is of a longer log than this one, or of another empty one."""
        if any(kept > size for kept in self._seen):
            raise Broken(size, "log.seen.longer")  # (7) an old database was put back, or the end was cut off
        self._check_kept(0, self.tree.root())

    def require_told(self) -> None:
        """Nothing is erased of which the log does not tell."""
        untold = self._erased - self._told
        if untold:
            raise Broken(min(untold), "log.commitment")  # (2)

    def holding(self, parts: Sequence[Part]) -> int:
        """How many of these parts hold, up to the first that does not."""
        return next((number for number, part in enumerate(parts) if not self.holds(part)), len(parts))

    def holds(self, part: Part) -> bool:
        """Go on over this part where all of it holds and nothing in it is or tells of an erasure; else tell so."""
        if part.page is None:
            return False  # (1), (3)
        commitments = commit_all(part.page.salts, part.page.entries)
        if b"".join(commitments) != part.page.commitments:
            return False  # (2)
        tree, made = self.tree.copy(), defaultdict[int, list[bytes]](list)
        signed = {one.size: one for one in part.checkpoints}
        try:
            for end in self._ends(signed, part.start, part.end):
                for level, _, hashes in tree.append(commitments[tree.size - part.start : end - part.start]):
                    made[level] += hashes
                self._check_roots(tree, signed)
        except Broken:
            return False  # (5), (7)
        if any(b"".join(hashes) != part.nodes.get(level) for level, hashes in made.items()):
            return False  # (4)
        self.tree = tree
        return True

    def look(
        self,
        rows: Sequence[log_rows.Row],
        stored: Mapping[int, Sequence[bytes]],
        checkpoints: Sequence[CheckpointRecord],
        end: int,
    ) -> None:
        """Go on over these entries up to ``end``, and the nodes that are stored over them by their levels.

        Raises:
            Broken: what does not hold, and where.
        """
        start = self.tree.size
        for place, row in enumerate(rows, start=start):
            if row.position != place:
                raise Broken(place, "log.gap")  # (1)
        if len(rows) != end - start:
            raise Broken(start + len(rows), "log.gap")  # (1)
        self._check_rows(rows, start)
        signed = {one.size: one for one in checkpoints}
        for piece_end in self._ends(signed, start, end):
            piece = [row.commitment for row in rows[self.tree.size - start : piece_end - start]]
            # From the leaves up: a node is wrong wherever one below it is.
            for level, first, hashes in self.tree.append(piece):
                offset = first - (start >> level)
                found = stored.get(level, ())[offset : offset + len(hashes)]
                if found != hashes:
                    padded = [*found, *[b""] * (len(hashes) - len(found))]
                    wrong = next(n for n, (one, two) in enumerate(zip(padded, hashes, strict=True)) if one != two)
                    raise Broken((first + wrong) << level, "log.node")  # (4)
            self._check_roots(self.tree, signed)

    def _ends(self, signed: Mapping[int, CheckpointRecord], start: int, end: int) -> list[int]:
        return sorted({one for one in (*signed, *self._seen) if start < one < end} | {end})

    def _check_rows(self, rows: Sequence[log_rows.Row], start: int) -> None:
        salts = b"".join(row.salt if len(row.salt) == SALT_BYTES else _NO_SALT for row in rows)
        expected = commit_all(salts, [row.entry for row in rows])
        for place, (row, commitment) in enumerate(zip(rows, expected, strict=True), start=start):
            if commitment != row.commitment or len(row.salt) != SALT_BYTES:
                if row.salt or row.entry:
                    raise Broken(place, "log.commitment")  # (2)
                self._erased.add(place)
            elif not log_rows.agrees(row):
                raise Broken(place, "log.columns")  # (3)
            elif row.event == Event.ERASURE_DONE:
                self._told.update(json.loads(row.entry)["detail"]["leaves"])

    def _check_roots(self, tree: Recomputed, signed: Mapping[int, CheckpointRecord]) -> None:
        checkpoint = signed.get(tree.size)
        if checkpoint is None and tree.size not in self._seen:
            return
        root = tree.root()
        if checkpoint is not None and checkpoint.root != root:
            raise Broken(checkpoint.size, "log.checkpoint.root")  # (5)
        if checkpoint is not None:
            told = Checkpoint(origin=self._origin, size=checkpoint.size, root=root)
            if _signed(checkpoint.note, self._keys, self._origin) != told:
                raise Broken(checkpoint.size, "log.checkpoint.signature")  # (5)
        self._check_kept(tree.size, root)

    def _check_kept(self, size: int, root: bytes) -> None:
        if any(kept != root for kept in self._seen.get(size, ())):
            raise Broken(size, "log.seen.forked")  # (7)


def _signed(note: str, keys: CheckpointKeys, origin: str) -> Checkpoint | None:
    for verifier in (*keys.checkpoint_verifiers(), *keys.former_checkpoint_verifiers()):
        with contextlib.suppress(SealFailed):
            return verify_checkpoint(note, verifier, origin=origin)
    return None
