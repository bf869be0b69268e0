"""A long log, made quickly in an empty store: whole, with its tree and its signed checkpoints."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from crypto import merkle
from crypto.checkpoint import Checkpoint, CheckpointKey, CheckpointVerifier, generate_checkpoint_key, sign_checkpoint
from gateway.log import Event
from gateway.log.recorder import Recorder
from gateway.store import Reading, Store
from gateway.store.direct import places
from gateway.store.records import CheckpointRecord, KeyRow, LogRecord

ORIGIN = "long.mash.log"
BEGAN = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
TOGETHER = 10_000
_APART = timedelta(seconds=31, microseconds=127_001)
_DIGEST = "HkVD50z-b0TF3S-n6hZW1yYj4lyBhyRnrk2JaS04Gqc"
# What a hub's entries are and how long they are: the most frequent of the acceptance scenarios, 305 bytes on average.
_KINDS: tuple[tuple[Event, str, str, dict[str, str]], ...] = (
    (Event.MESSAGE_ACCEPTED, "education.school", "msg", {"digest": _DIGEST + "A" * 21, "feed": "school-csv"}),
    (Event.REFERRAL_CREATED, "hub", "msg", {}),
    (Event.REFERRAL_VIEWED, "person:m.adeyemi", "", {"role": "social_work_manager"}),
    (Event.REQUEST_SENT, "person:m.adeyemi", "req", {"agency": "police", "digest": _DIGEST,
     "due_at": "2026-11-26T07:40:08.492448+00:00", "ground": "children_act_2004_s10"}),
    (Event.DISCLOSURE_RECEIVED, "council.lead", "dis", {"decision": "disclose", "request": "req_67y8wdmrrn414w2k9bm8",
     "signed": _DIGEST}),
    (Event.ENVELOPE_SEALED, "hub", "env", {"about": "dis_2p26efj9pfbhdn8c0xffy3carb", "kind": "disclosure",
     "policy": _DIGEST, "recipient": "council.mash-managers"}),
    (Event.ENVELOPE_DELIVERED, "hub", "env", {"kind": "request", "recipient": "police.lead"}),
    (Event.ENVELOPE_OPENED, "council.assessment-team", "env", {"about": "prd_1wpb6t6w1934bn8bbryw9kxx7x",
     "key": _DIGEST, "kind": "product", "policy": _DIGEST}),
)  # fmt: skip


@dataclass(kw_only=True)
class OneKey:
    """The keys of a log that has one."""

    key: CheckpointKey = field(default_factory=lambda: generate_checkpoint_key(ORIGIN))

    async def reload(self, work: Reading) -> bool:  # noqa: ARG002 - the port's signature
        """They never change."""
        return False

    def take(self, rows: Sequence[KeyRow]) -> bool:  # noqa: ARG002 - the port's signature
        """They never change."""
        return False

    def checkpoint_key(self) -> CheckpointKey:
        """The one."""
        return self.key

    def checkpoint_verifiers(self) -> tuple[CheckpointVerifier, ...]:
        """Of the one."""
        return (self.key.verifier(),)

    def former_checkpoint_verifiers(self) -> tuple[CheckpointVerifier, ...]:
        """None was before it."""
        return ()


def drafts(count: int, random: Callable[[int], bytes] = os.urandom) -> Iterator[LogRecord]:
    """So many entries of a hub that works, one every half a minute, on referrals of some ten entries each."""
    recorder = Recorder(random)
    for number in range(count):
        event, actor, prefix, detail = _KINDS[number % len(_KINDS)]
        yield recorder.draft(
            event=event,
            actor=actor,
            now=BEGAN + number * _APART,
            referral=f"ref_{number // 10:026d}" if number % 8 else None,
            subject=f"{prefix}_{number:026d}" if prefix else None,
            detail=detail,
        )


async def make(store: Store, key: CheckpointKey, count: int, *, each: int = 1_000) -> bytes:
    """A whole log of ``count`` entries in the empty store, with a checkpoint after every ``each``; its root."""
    entries, size, root = drafts(count), 0, merkle.EMPTY_ROOT
    nodes: dict[tuple[int, int], bytes] = {}

    def read(level: int, index: int) -> bytes:
        return nodes[level, index]

    while size < count:
        async with store.direct() as work:
            for _ in range(max(1, TOGETHER // each)):
                part = [next(entries) for _ in range(min(each, count - size))]
                placed = [replace(one, position=place) for place, one in enumerate(part, size)]
                grown = merkle.grown(size, [merkle.leaf_hash(one.commitment) for one in part], read)
                nodes.update(grown)
                size += len(part)
                root = merkle.root(size, read)
                note = sign_checkpoint(Checkpoint(origin=key.name, size=size, root=root), key)
                checkpoint = CheckpointRecord(size=size, root=root, note=note, at=part[-1].at)
                await work.write(*places.save(work.dialect, placed, grown, checkpoint, waited=[]))
                if size == count:
                    break
            await work.commit()
        edge = {place: nodes[place] for place in merkle.nodes_for_root(size)}
        nodes.clear()
        nodes.update(edge)
    return root
