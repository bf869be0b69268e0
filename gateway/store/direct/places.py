"""What giving places in the log's tree reads and writes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from gateway.store.direct.driver import Statements
from gateway.store.direct.intake import ENTRIES
from gateway.store.direct.rows import Rows
from gateway.store.direct.selected import Selected, columns_of
from gateway.store.direct.statement import Query, Statement, Write, reading
from gateway.store.records import CheckpointRecord, KeyRow, LogRecord
from gateway.store.repositories.log import SEQUENCER_LOCK
from gateway.store.tables.keys import keys
from gateway.store.tables.log import log_checkpoints, log_entries, log_nodes

Place = tuple[int, int]
"""A node of the tree: level and index."""
_LAST = reading(
    "SELECT c.size, c.root, (SELECT max(position) FROM log_entries) FROM (SELECT 1) AS one LEFT JOIN "
    "(SELECT size, root FROM log_checkpoints ORDER BY size DESC LIMIT 1) AS c ON true"
)
_WAITING = Selected(
    [log_entries.c.id, log_entries.c.commitment],
    "FROM log_entries WHERE position IS NULL ORDER BY at, id LIMIT {number}",
)
_SIGNING = Selected([keys.c.kid, keys.c.state], "FROM keys WHERE purpose = 'checkpoint'")
_KEYS = Selected(columns_of(keys, KeyRow), "FROM keys")
_KEY_NAMES = tuple(one.name for one in columns_of(keys, KeyRow))
_NODES = Statement(
    sqlite='SELECT n.level, n."index", n.hash FROM json_each(?) AS l JOIN json_each(?) AS i ON i.key = l.key'
    ' CROSS JOIN log_nodes AS n ON n.level = l.value AND n."index" = i.value',
    postgres='SELECT n.level, n."index", n.hash FROM unnest($1::integer[], $2::bigint[]) AS j(level, place)'
    ' JOIN log_nodes AS n ON n.level = j.level AND n."index" = j.place',
)
_PLACE = Statement(
    sqlite="UPDATE log_entries SET position = ? WHERE id = ? AND position IS NULL",
    postgres="UPDATE log_entries SET position = fresh.position FROM unnest($1::bigint[], $2::text[])"
    " AS fresh(position, id) WHERE log_entries.id = fresh.id AND log_entries.position IS NULL",
)
_NODE: Rows[tuple[int, int, bytes]] = Rows(log_nodes, ("level", "index", "hash"), tuple[int, int, bytes])
_CHECKPOINT = Rows.of_records(log_checkpoints, CheckpointRecord)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """The tree that the next entry follows: its signed size and root (None of an empty log), and the log's keys.

    ``entries`` is how many there must be by the last place that was given: as many as the tree has, unless somebody
    took entries or checkpoints away.
    ``waiting`` are committed entries without a place, by time: ids and commitments. ``keys`` are the kids and states
    of the keys that sign checkpoints, as they stand.
    """

    size: int
    root: bytes | None
    entries: int
    waiting: Sequence[tuple[str, bytes]]
    keys: tuple[tuple[str, str], ...]


async def take_over(work: Statements, limit: int) -> Ahead:
    """Be the one sequencer of this hub until ``work`` ends (others wait), and see what lies ahead.

    At most ``limit`` of the entries that wait are told.
    """
    await work.hold([SEQUENCER_LOCK])
    ((last,), waiting, signing) = await work.read(Query(_LAST), _WAITING.query(limit), _SIGNING.query())
    size, root, place = last
    return Ahead(
        size=size or 0,
        root=root,
        entries=0 if place is None else place + 1,
        waiting=[(name, commitment) for name, commitment in _WAITING.rows(work.dialect, waiting)],
        keys=tuple(sorted((kid, state) for kid, state in _SIGNING.rows(work.dialect, signing))),
    )


async def nodes(work: Statements, places: Collection[Place]) -> dict[Place, bytes]:
    """The hashes of those tree nodes that are stored."""
    levels, indexes = [level for level, _ in places], [index for _, index in places]
    (rows,) = await work.read(Query(_NODES, (levels, indexes)))
    return {(level, index): value for level, index, value in rows}


async def all_keys(work: Statements) -> list[KeyRow]:
    """Every key of the hub, in no order."""
    (rows,) = await work.read(_KEYS.query())
    return [KeyRow(**dict(zip(_KEY_NAMES, row, strict=True))) for row in _KEYS.rows(work.dialect, rows)]


def save(
    dialect: str,
    entries: Iterable[LogRecord],
    grown: Mapping[Place, bytes],
    checkpoint: CheckpointRecord,
    *,
    waited: Sequence[tuple[int, str]],
) -> tuple[Write, ...]:
    """New entries with their places, the nodes that they completed, and the checkpoint over them.

    Those that ``waited`` are there already: the places that they get now, with their ids. It is ``whole``: an entry
    never gets a second place.
    """
    return (
        Write(_PLACE, log_entries.name, waited, whole=True),
        ENTRIES.insert(dialect, entries),
        _NODE.insert(dialect, ((level, index, value) for (level, index), value in grown.items())),
        _CHECKPOINT.insert(dialect, [checkpoint]),
    )
