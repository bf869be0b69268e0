"""Everything that a hub keeps: the rows of its store, and the very bytes of its database."""

from __future__ import annotations

import base64
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path

from sqlalchemy import select

from gateway.bootstrap import Gateway
from gateway.store.tables import metadata

Rows = Mapping[str, list[tuple[object, ...]]]
CREDENTIALS = frozenset({"seen"})
"""What a call uses up before its work begins: ids of proofs and assertions."""


BESIDE = frozenset({"rounds", "traces", "trace_places"})
"""Where the watch notes by itself how far it came, and what it works out of what is kept, whatever anybody calls."""
_WATCHED = "retention."


async def rows(gateway: Gateway, *, without: Collection[str] = CREDENTIALS | BESIDE) -> Rows:
    """Every row of every table, in an order of its own, after what was committed got its place in the log."""
    await gateway.log.sequence()
    found: dict[str, list[tuple[object, ...]]] = {}
    async with gateway.store._connections.reading.connect() as connection:
        for name, table in metadata.tables.items():
            if name not in without:
                got = await connection.execute(select(table))
                found[name] = sorted((tuple(row) for row in got), key=repr)
    if without:
        found["settings"] = [row for row in found["settings"] if not str(row[0]).startswith(_WATCHED)]
    return found


async def everything(gateway: Gateway) -> bytes:
    """Every byte at rest: each value of each row, and of SQLite the database's own files, the write-ahead log too."""
    parts = [_bytes(value) for table in (await rows(gateway, without=())).values() for row in table for value in row]
    parts += [path.read_bytes() for path in _files(gateway)]
    return b"\n".join(parts)


def _files(gateway: Gateway) -> Iterable[Path]:
    url = gateway.settings.database_url
    if not url.startswith("sqlite"):
        return ()
    path = Path(url.partition("///")[2])
    return tuple(path.parent.glob(f"{path.name}*"))


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode()


def found_in(haystack: bytes, phrases: Iterable[str]) -> list[str]:
    """Those of the phrases that stand in these bytes: in clear, in hexadecimal, or in base64 at any offset."""
    lowered = haystack.lower()
    return [
        phrase
        for phrase in phrases
        if phrase.lower().encode() in lowered
        or phrase.encode().hex().encode() in lowered
        or any(form in haystack for form in _base64(phrase.encode()))
    ]


def _base64(phrase: bytes) -> Iterable[bytes]:
    """How a phrase looks inside base64, for each of the three places where it may begin."""
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + phrase)
        # The first and last characters mix with whatever stands beside the phrase.
        inner = encoded[(0, 2, 3)[offset] : -4]
        yield inner
        yield inner.replace(b"+", b"-").replace(b"/", b"_")
