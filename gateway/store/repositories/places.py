"""Places in the log's tree for entries that are placed in the work that they commit with."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gateway.store.driver import Each, Once, Sql
from gateway.store.records import CheckpointRecord, LogRecord
from gateway.store.repositories.log import SEQUENCER_LOCK
from gateway.store.transaction import Transaction

_LOCK = Sql(sqlite="", postgresql="SELECT pg_advisory_xact_lock($1)")
_LAST = Sql(
    sqlite="SELECT size, root FROM log_checkpoints ORDER BY size DESC LIMIT 1",
    postgresql="SELECT size, root FROM log_checkpoints ORDER BY size DESC LIMIT 1",
)
_WAITING = Sql(
    sqlite="SELECT id, commitment FROM log_entries WHERE position IS NULL ORDER BY at, id LIMIT ?",
    postgresql="SELECT id, commitment FROM log_entries WHERE position IS NULL ORDER BY at, id LIMIT $1",
)
_PLACE = Sql(
    sqlite="UPDATE log_entries SET position = column1 FROM (VALUES {rows}) WHERE id = column2 AND position IS NULL",
    postgresql="UPDATE log_entries AS e SET position = r.position FROM unnest($1::bigint[], $2::text[])"
    " AS r(position, id) WHERE e.id = r.id AND e.position IS NULL",
    writes="log_entries",
)
_KEYS = Sql(
    sqlite="SELECT kid, state FROM keys WHERE purpose = 'checkpoint' ORDER BY kid",
    postgresql="SELECT kid, state FROM keys WHERE purpose = 'checkpoint' ORDER BY kid",
)
_NODES = Sql(
    sqlite='SELECT n.level, n."index", n.hash FROM json_each(?) AS j CROSS JOIN log_nodes AS n'
    " ON n.level = json_extract(j.value, '$[0]') AND n.\"index\" = json_extract(j.value, '$[1]')",
    postgresql='SELECT n.level, n."index", n.hash FROM unnest($1::int[], $2::bigint[]) AS j(level, place)'
    ' JOIN log_nodes AS n ON n.level = j.level AND n."index" = j.place',
)
_ENTRY = Sql(
    sqlite="INSERT INTO log_entries"
    " (id, event, at, actor, referral_id, subject, entry, salt, commitment, position)"
    " VALUES {rows}",
    postgresql="INSERT INTO log_entries"
    " (id, event, at, actor, referral_id, subject, entry, salt, commitment, position)"
    " SELECT * FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::text[], $5::text[], $6::text[],"
    " $7::bytea[], $8::bytea[], $9::bytea[], $10::bigint[])",
    writes="log_entries",
)
_NODE = Sql(
    sqlite='INSERT INTO log_nodes (level, "index", hash) VALUES {rows}',
    postgresql='INSERT INTO log_nodes (level, "index", hash)'
    " SELECT * FROM unnest($1::int[], $2::bigint[], $3::bytea[])",
    writes="log_nodes",
)
_CHECKPOINT = Sql(
    sqlite="INSERT INTO log_checkpoints (size, root, note, at) VALUES (?, ?, ?, ?)",
    postgresql="INSERT INTO log_checkpoints (size, root, note, at) VALUES ($1, $2, $3, $4)",
    writes="log_checkpoints",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """The tree that the next entry follows: its size, its signed root (None of an empty log), and the log's keys.

    ``waiting`` are committed entries without a place, by time: ids and commitments. ``keys`` are the kids and states
    of the keys that sign checkpoints, as they stand.
    """

    size: int
    root: bytes | None
    waiting: tuple[tuple[str, bytes], ...]
    keys: tuple[tuple[str, str], ...]


class Places:
    """Whoever took over gives places until its work ends."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def take_over(self, limit: int) -> Ahead:
        """Be the one sequencer of this hub until this work ends (others wait), and see what lies ahead.

        At most ``limit`` of the entries that wait are told.
        """
        lock = [Once(_LOCK, (SEQUENCER_LOCK,))] if self._transaction.dialect == "postgresql" else []
        *_, last, waiting, keys = await self._transaction.together(
            *lock, Once(_LAST), Once(_WAITING, (limit,)), Once(_KEYS)
        )
        size, root = (int(last[0][0]), bytes(last[0][1])) if last else (0, None)
        return Ahead(
            size=size,
            root=root,
            waiting=tuple((str(name), bytes(commitment)) for name, commitment in waiting),
            keys=tuple((str(kid), str(state)) for kid, state in keys),
        )

    async def nodes(self, places: Collection[tuple[int, int]]) -> dict[tuple[int, int], bytes]:
        """The hashes of those tree nodes, named (level, index), that are stored."""
        wanted: tuple[Any, ...] = (json.dumps(list(places)),)
        if self._transaction.dialect == "postgresql":
            wanted = ([level for level, _ in places], [index for _, index in places])
        (rows,) = await self._transaction.together(Once(_NODES, wanted))
        return {(int(level), int(index)): bytes(value) for level, index, value in rows}

    async def add(
        self,
        entries: Sequence[tuple[LogRecord, int]],
        nodes: Mapping[tuple[int, int], bytes],
        checkpoint: CheckpointRecord,
        *,
        waited: Sequence[tuple[str, int]],
    ) -> None:
        """Keep new entries with their places, the nodes that they completed, and the checkpoint over them.

        Those that ``waited`` are there already: their ids, with the places that they get now.
        """
        instant = self._transaction.driver.instant
        placed = [Each(_PLACE, [(place, name) for name, place in waited])] if waited else []
        await self._transaction.together(
            *placed,
            Each(
                _ENTRY,
                [
                    (
                        one.id,
                        one.event,
                        instant(one.at),
                        one.actor,
                        one.referral_id,
                        one.subject,
                        one.entry,
                        one.salt,
                        one.commitment,
                        position,
                    )
                    for one, position in entries
                ],
            ),
            Each(_NODE, [(level, index, value) for (level, index), value in nodes.items()]),
            Once(_CHECKPOINT, (checkpoint.size, checkpoint.root, checkpoint.note, instant(checkpoint.at))),
        )
