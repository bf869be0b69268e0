"""The log's rows as its verification reads them: a page of thousands in a few long values, made by the database.

A value for each row and column costs more than hashing what is in it. Whoever finds a page that does not hold reads its
rows (``log_rows``) to tell which.
"""

from __future__ import annotations

from typing import NamedTuple

from gateway.store.direct.driver import Statements
from gateway.store.direct.statement import Query, Statement

# An entry is canonical JSON: what stands before and after its detail follows from the columns. The places tell that
# none is missing or there twice. Only bytes are compared, since text would be counted in characters: where SQLite was
# given text instead, the page does not hold, and its rows tell.
_SQLITE_HEAD = """CAST('{"actor":"' || actor || '","at":"' || strftime('%Y-%m-%dT%H:%M:%S.', at / 1000000, 'unixepoch')
 || substr(1000000 + at % 1000000, 2) || 'Z","detail":{' AS BLOB)"""
_SQLITE_TAIL = """CAST('},"event":"' || event || '","id":"' || id || '","referral":'
 || ifnull('"' || referral_id || '"', 'null') || ',"subject":' || ifnull('"' || subject || '"', 'null')
 || ',"v":1}' AS BLOB)"""
_SQLITE = f"""SELECT CAST(group_concat(entry, char(10)) AS BLOB), CAST(group_concat(salt, '') AS BLOB),
 CAST(group_concat(commitment, '') AS BLOB), group_concat(place),
 sum(length(salt) = 32 AND length(commitment) = 32 AND event <> 'erasure.done'
 AND instr(entry, head) = 1 AND substr(entry, -length(tail)) = tail)
 FROM (SELECT entry, salt, commitment, position - ?1 AS place, event, {_SQLITE_HEAD} AS head, {_SQLITE_TAIL} AS tail
 FROM log_entries WHERE position >= ?1 AND position < ?2 ORDER BY position)"""
_POSTGRES_HEAD = """convert_to('{"actor":"' || actor || '","at":"'
 || to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US') || 'Z","detail":{', 'UTF8')"""
_POSTGRES_TAIL = """convert_to('},"event":"' || event || '","id":"' || id || '","referral":'
 || coalesce('"' || referral_id || '"', 'null') || ',"subject":' || coalesce('"' || subject || '"', 'null')
 || ',"v":1}', 'UTF8')"""
_POSTGRES = f"""SELECT string_agg(entry, '\\x0a'::bytea), string_agg(salt, ''), string_agg(commitment, ''),
 string_agg(place::text, ','),
 count(*) FILTER (WHERE length(salt) = 32 AND length(commitment) = 32 AND event <> 'erasure.done'
 AND substr(entry, 1, length(head)) = head AND substr(entry, length(entry) - length(tail) + 1) = tail)
 FROM (SELECT entry, salt, commitment, position - $1::bigint AS place, event,
 {_POSTGRES_HEAD} AS head, {_POSTGRES_TAIL} AS tail
 FROM log_entries WHERE position >= $1::bigint AND position < $2::bigint ORDER BY position) AS rows"""
_ENTRIES = Statement(sqlite=_SQLITE, postgres=_POSTGRES)
_NODES = Statement(
    sqlite="SELECT CAST(group_concat(hash, '') AS BLOB), sum(length(hash) = 32)"
    ' FROM (SELECT hash FROM log_nodes WHERE level = ? AND "index" >= ? AND "index" < ? ORDER BY "index")',
    postgres="SELECT string_agg(hash, ''), count(*) FILTER (WHERE length(hash) = 32)"
    ' FROM (SELECT hash FROM log_nodes WHERE level = $1::integer AND "index" >= $2::bigint AND "index" < $3::bigint'
    ' ORDER BY "index") AS rows',
)


class Page(NamedTuple):
    """The entries at the places from ``start`` on, and what is needed of each: salts and commitments have 32 bytes.

    Their columns say what they say, none is erased and none tells of an erasure.
    """

    start: int
    entries: list[bytes]
    salts: bytes
    commitments: bytes


async def page(work: Statements, start: int, end: int) -> Page | None:
    """The entries at the places from ``start`` up to, and without, ``end``; None unless they are a ``Page``."""
    (((joined, salts, commitments, places, sound),),) = await work.read(Query(_ENTRIES, (start, end)))
    if sound != end - start or places != ",".join(map(str, range(end - start))):
        return None
    entries = joined.split(b"\n")
    return Page(start, entries, salts, commitments) if len(entries) == end - start else None


async def nodes(work: Statements, start: int, end: int) -> dict[int, bytes]:
    """The stored nodes that these leaves complete, one after another by level, from index ``start >> level`` on.

    A level is empty unless each of its nodes has 32 bytes.
    """
    spans = {level: (start >> level, end >> level) for level in range(end.bit_length())}
    spans = {level: (first, last) for level, (first, last) in spans.items() if first < last}
    found = await work.read(*(Query(_NODES, (level, first, last)) for level, (first, last) in spans.items()))
    return {
        level: joined if sound == last - first else b""
        for (level, (first, last)), ((joined, sound),) in zip(spans.items(), found, strict=True)
    }
