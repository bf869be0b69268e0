"""Openings, many at a time: what they read and write in a number of statements that does not grow with them.

What other work holds is passed over unless it is to be waited for (``patient``): then it is missing from the answer.
Envelopes are locked before what they bring, as everywhere.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import fields
from datetime import datetime
from typing import Any

from gateway.store.driver import Each, Once, Sql
from gateway.store.records import ClientRow, Openable, ScopeKey, Standings, Subject
from gateway.store.repositories.agencies import client_of
from gateway.store.transaction import Transaction

_OPENABLE, _CLIENT, _SCOPE = (tuple(one.name for one in fields(record)) for record in (Openable, ClientRow, ScopeKey))


def _among(names: Sequence[str], table: str, *, lock: str = "", octets: Collection[str] = ()) -> tuple[Sql, Sql]:
    """Rows by their keys, which come first, in the keys' order: passing over what is locked, and waiting for it."""
    selected = " ".join(("SELECT", ", ".join(names), "FROM", table, "WHERE", names[0]))
    order = f"ORDER BY {names[0]}"
    server = f"{selected} = ANY($1::text[]) {order} {lock}"
    swift = f"{server} SKIP LOCKED" if lock else server
    cells = ", ".join(f"iif({name} IS NULL, NULL, hex({name}))" if name in octets else name for name in names)
    rows = f"json_group_array(json_array({cells}))"
    among = "IN (SELECT value FROM json_each(?))"
    embedded = " ".join(("SELECT", rows, "FROM", table, "WHERE", names[0], among))
    places = frozenset(names.index(name) for name in octets)
    return (
        Sql(sqlite=embedded, postgresql=swift, octets=places),
        Sql(sqlite=embedded, postgresql=server, octets=places),
    )


_ENVELOPES = _among(
    _OPENABLE,
    "envelopes",
    lock="FOR NO KEY UPDATE",
    octets=("wrapped_key", "binding", "policy", "release"),
)
_AGENCIES = _among(("id", "status"), "agencies", lock="FOR SHARE")
_CLIENTS = _among(_CLIENT, "clients", lock="FOR SHARE")
_SCOPES = _among(_SCOPE, "scopes", octets=("wrapped",))
_REQUESTS = _among(("id", "state", "version"), "requests", lock="FOR NO KEY UPDATE")
_PRODUCTS = _among(("id", "state", "delivered_at"), "products", lock="FOR NO KEY UPDATE")
_RELEASE = Sql(
    sqlite="UPDATE envelopes SET state = column1, released_at = column2, released_to = column3, release = column4,"
    " release_until = column5, entry_id = column6 FROM (VALUES {rows}) WHERE id = column7",
    postgresql="UPDATE envelopes AS e SET state = r.state, released_at = r.released_at, released_to = r.released_to,"
    " release = r.release, release_until = r.release_until, entry_id = r.entry_id"
    " FROM unnest($1::text[], $2::timestamptz[], $3::text[], $4::bytea[], $5::timestamptz[], $6::text[], $7::text[])"
    " AS r(state, released_at, released_to, release, release_until, entry_id, id) WHERE e.id = r.id",
    writes="envelopes",
)
_REQUEST = Sql(
    sqlite="UPDATE requests SET state = column1, version = version + 1 FROM (VALUES {rows}) WHERE id = column2",
    postgresql="UPDATE requests AS q SET state = r.state, version = version + 1"
    " FROM unnest($1::text[], $2::text[]) AS r(state, id) WHERE q.id = r.id",
    writes="requests",
)
_PRODUCT = Sql(
    sqlite="UPDATE products SET state = column1, delivered_at = column2 FROM (VALUES {rows}) WHERE id = column3",
    postgresql="UPDATE products AS p SET state = r.state, delivered_at = r.delivered_at"
    " FROM unnest($1::text[], $2::timestamptz[], $3::text[]) AS r(state, delivered_at, id) WHERE p.id = r.id",
    writes="products",
)


class Openings:
    """Envelopes that are being opened, locked until this work ends."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def lock(self, envelope_ids: Collection[str], *, patient: bool) -> dict[str, Openable]:
        """Those of the envelopes that there are."""
        driver = self._transaction.driver
        (rows,) = await self._transaction.together(Once(_ENVELOPES[patient], (driver.texts(envelope_ids),)))
        return {str(row[0]): _openable(row, driver.moment) for row in rows}

    async def hold(self, envelopes: Collection[Openable], *, patient: bool) -> Standings:
        """What the opening of these asks about; agencies and clients stay as they are, as subjects do."""
        texts = self._transaction.driver.texts
        moment = self._transaction.driver.moment
        agencies, clients, scopes, requests, products = await self._transaction.together(
            Once(_AGENCIES[patient], (texts({one.agency for one in envelopes}),)),
            Once(_CLIENTS[patient], (texts({one.recipient for one in envelopes}),)),
            Once(_SCOPES[patient], (texts({one.scope for one in envelopes}),)),
            Once(_REQUESTS[patient], (texts({one.subject for one in envelopes if one.kind == "request"}),)),
            Once(_PRODUCTS[patient], (texts({one.subject for one in envelopes if one.kind == "product"}),)),
        )
        return Standings(
            agencies={str(name): str(status) for name, status in agencies},
            clients={str(row[0]): client_of(row) for row in clients},
            scopes={str(row[0]): _scope(row, moment) for row in scopes},
            requests={name: Subject(id=name, state=state, version=version) for name, state, version in requests},
            products={name: Subject(id=name, state=state, delivered_at=moment(at)) for name, state, at in products},
        )

    async def release(
        self, released: Sequence[tuple[Openable, bytes]], requests: Sequence[Subject], products: Sequence[Subject]
    ) -> None:
        """Write locked envelopes' releases, and how far their subjects have come with that."""
        instant = self._transaction.driver.instant
        releases = [
            (
                one.state,
                instant(one.released_at),
                one.released_to,
                release,
                instant(one.release_until),
                one.entry_id,
                one.id,
            )
            for one, release in released
        ]
        statements = [Each(_RELEASE, releases)]
        if requests:
            statements.append(Each(_REQUEST, [(one.state, one.id) for one in requests]))
        if products:
            statements.append(Each(_PRODUCT, [(one.state, instant(one.delivered_at), one.id) for one in products]))
        await self._transaction.together(*statements)


def _openable(row: Sequence[Any], moment: Any) -> Openable:  # noqa: ANN401 - the driver's
    values = dict(zip(_OPENABLE, row, strict=True))
    for name in ("token_expires_at", "released_at", "release_until"):
        values[name] = moment(values[name])
    return Openable(**values)


def _scope(row: Sequence[Any], moment: Any) -> ScopeKey:  # noqa: ANN401 - the driver's
    name, version, wrapped, created_at, destroyed_at = row
    created: datetime = moment(created_at)
    return ScopeKey(
        id=name, kek_version=version, wrapped=wrapped, created_at=created, destroyed_at=moment(destroyed_at)
    )
