"""The log's rows as its verification reads them: all of them, in order, without an object for each value."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple

from gateway.store.direct.driver import Statements
from gateway.store.direct.statement import Query, Statement, reading

_TEXT = (
    "SELECT position, id, event, at, actor, referral_id, subject, entry, salt, commitment FROM log_entries"
    " WHERE position >= {number} AND position < {number} ORDER BY position"
)
# SQLite lets anybody write text where bytes belong: it is read as its bytes, and found like any other change.
_BYTES = "CAST(entry AS BLOB), CAST(salt AS BLOB), CAST(commitment AS BLOB)"
_ENTRIES = Statement(
    sqlite=reading(_TEXT.replace("entry, salt, commitment", _BYTES)).sqlite, postgres=reading(_TEXT).postgres
)
_NODES = reading(
    'SELECT hash FROM log_nodes WHERE level = {number} AND "index" >= {number} AND "index" < {number} ORDER BY "index"'
)


class Row(NamedTuple):
    """An entry as it is stored. ``at`` is the driver's own: microseconds since 1970, or an aware time."""

    position: int
    id: str
    event: str
    at: int | datetime
    actor: str
    referral: str | None
    subject: str | None
    entry: bytes
    salt: bytes
    commitment: bytes


async def entries(work: Statements, start: int, end: int) -> list[Row]:
    """The entries at the places from ``start`` up to, and without, ``end``."""
    (rows,) = await work.read(Query(_ENTRIES, (start, end)))
    return [Row._make(row) for row in rows]


async def nodes(work: Statements, start: int, end: int) -> dict[int, Sequence[bytes]]:
    """The stored nodes that these leaves complete: by level, from index ``start >> level`` on."""
    levels = [level for level in range(end.bit_length()) if end >> level > start >> level]
    queries = [Query(_NODES, (level, start >> level, end >> level)) for level in levels]
    found = await work.read(*queries)
    return {level: [row[0] for row in rows] for level, rows in zip(levels, found, strict=True)}


def agrees(row: Row) -> bool:
    """Tell whether the columns say what the entry says."""
    # The entry is canonical JSON: what stands before and after its detail follows from the columns, nearly always.
    head = f'{{"actor":"{row.actor}","at":"{_instant(row.at)}","detail":{{'
    referral = "null" if row.referral is None else f'"{row.referral}"'
    subject = "null" if row.subject is None else f'"{row.subject}"'
    tail = f'}},"event":"{row.event}","id":"{row.id}","referral":{referral},"subject":{subject},"v":1}}'
    return (row.entry.startswith(head.encode()) and row.entry.endswith(tail.encode())) or _says(row)


def _says(row: Row) -> bool:
    try:
        entry = json.loads(row.entry)
        told = (entry["id"], entry["event"], entry["at"], entry["actor"], entry["referral"], entry["subject"])
    except (ValueError, KeyError, TypeError):
        return False
    return told == (row.id, row.event, _instant(row.at), row.actor, row.referral, row.subject)


def _instant(at: int | datetime) -> str:
    if isinstance(at, int):
        seconds, microseconds = divmod(at, 1_000_000)
    else:
        seconds, microseconds = int(at.replace(microsecond=0).timestamp()), at.microsecond
    return f"{_second(seconds)}.{microseconds:06d}Z"


@lru_cache(maxsize=4096)
def _second(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
