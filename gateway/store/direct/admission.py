"""What letting callers in reads and writes: which proofs were used, and who stands."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from gateway.store.direct.driver import Found
from gateway.store.direct.rows import Rows
from gateway.store.direct.selected import Selected, columns_of
from gateway.store.direct.statement import Query, Write
from gateway.store.records import ClientRow
from gateway.store.tables.identities import clients
from gateway.store.tables.upkeep import seen

_Use = tuple[str, str, datetime]
_SEEN: Rows[_Use] = Rows(seen, ("kind", "value_hash", "expires_at"), tuple[str, str, datetime])
_USED = Selected([seen.c.value_hash], "FROM seen WHERE kind = {text} AND value_hash {among}")
CLIENT = columns_of(clients, ClientRow)
_NAMES = tuple(one.name for one in fields(ClientRow))
_STANDING = Selected(
    CLIENT,
    "FROM clients JOIN agencies ON agencies.id = clients.agency AND agencies.status = 'active' "
    "WHERE clients.state = 'active' AND clients.client_id {among}",
)


def uses_of(kind: str, hashes: Collection[str]) -> Query:
    """Which of these values were seen before; see ``used``."""
    return _USED.query(kind, list(hashes))


def used(dialect: str, found: Found) -> set[str]:
    """The answer to ``uses_of``."""
    return {str(row[0]) for row in _USED.rows(dialect, found)}


def use_up(dialect: str, kind: str, values: Mapping[str, datetime]) -> Write:
    """Values that were not seen before, each until its time; ``whole``: a rival's is not used up twice.

    In one order, so that two works with the same values never wait for each other in a circle.
    """
    return _SEEN.insert_new(dialect, ((kind, *one) for one in sorted(values.items())), whole=True)


def standing_of(client_ids: Collection[str]) -> Query:
    """Those of the clients that are active, of agencies that are; see ``standing``."""
    return _STANDING.query(list(client_ids))


def standing(dialect: str, found: Found) -> dict[str, ClientRow]:
    """The answer to ``standing_of``, by id."""
    return {str(row[0]): client(row) for row in _STANDING.rows(dialect, found)}


def client(row: Sequence[Any]) -> ClientRow:
    """The client whose columns are ``CLIENT``."""
    return ClientRow(**dict(zip(_NAMES, row, strict=True)))
