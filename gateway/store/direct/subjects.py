"""How far the requests and products that envelopes bring have come: read and kept from other work, and written."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from gateway.store.direct.driver import Found, Statements
from gateway.store.direct.rows import Rows
from gateway.store.direct.selected import Selected
from gateway.store.direct.statement import Write
from gateway.store.records import Subject
from gateway.store.tables.exchange import products, requests

REQUEST = (requests.c.id, requests.c.state, requests.c.version)
PRODUCT = (products.c.id, products.c.state, products.c.delivered_at)
_REQUESTS: Rows[Subject] = Rows(requests, ("id", "state", "version"), lambda one: (one.id, one.state, one.version))
_PRODUCTS: Rows[Subject] = Rows(
    products, ("id", "state", "delivered_at"), lambda one: (one.id, one.state, one.delivered_at)
)
_HELD_REQUESTS = Selected(REQUEST, "FROM requests WHERE id {among} ORDER BY id {locked}")
_HELD_PRODUCTS = Selected(PRODUCT, "FROM products WHERE id {among} ORDER BY id {locked}")


async def hold(
    work: Statements, request_ids: Collection[str], product_ids: Collection[str]
) -> tuple[dict[str, Subject], dict[str, Subject]]:
    """Those of the requests and products that there are, by id, kept from other work until this one ends."""
    asked, made = await work.read(_HELD_REQUESTS.query(list(request_ids)), _HELD_PRODUCTS.query(list(product_ids)))
    return requests_of(work.dialect, _HELD_REQUESTS, asked), products_of(work.dialect, _HELD_PRODUCTS, made)


def requests_of(dialect: str, selected: Selected, found: Found) -> dict[str, Subject]:
    """What a query of ``REQUEST`` found, by id."""
    return {
        name: Subject(id=name, state=state, version=number) for name, state, number in selected.rows(dialect, found)
    }


def products_of(dialect: str, selected: Selected, found: Found) -> dict[str, Subject]:
    """What a query of ``PRODUCT`` found, by id."""
    return {name: Subject(id=name, state=state, delivered_at=at) for name, state, at in selected.rows(dialect, found)}


def save(dialect: str, moved_requests: Iterable[Subject], moved_products: Iterable[Subject]) -> Sequence[Write]:
    """How far they have come since they were read and kept; requests over the versions that they were read as."""
    return (
        _REQUESTS.update(dialect, ("state",), ("id", "version"), moved_requests, also="version = version + 1"),
        _PRODUCTS.update(dialect, ("state", "delivered_at"), ("id",), moved_products),
    )
