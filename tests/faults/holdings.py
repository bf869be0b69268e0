"""What a store holds when a campaign is over, read into plain values for the reckoning."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, create_async_engine

from crypto import base64url, merkle
from crypto.failure import SealFailed
from gateway.bootstrap import Gateway
from gateway.intake.intake import BYTES_PLACE
from gateway.store.records import FeedCounts
from gateway.store.tables import metadata

Row = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A checkpoint that somebody saw while the campaign ran: the tree's size and its root (32 bytes)."""

    size: int
    root: bytes


@dataclass(frozen=True, kw_only=True)
class Holdings:
    """The rows that matter. ``opened`` is the SHA-256 (hex) of what each message's sealed bytes open to.

    ``ends`` are the end states of each message's items; ``forks`` the sizes of seen trees that the log does not
    continue; ``log_problem`` is empty where the log verifies with nothing waiting.
    """

    messages: tuple[Row, ...]
    ends: Mapping[str, tuple[str, ...]]
    opened: Mapping[str, str]
    events: tuple[Row, ...]
    envelopes: tuple[Row, ...]
    outbox: tuple[Row, ...]
    requests: tuple[Row, ...]
    counts: tuple[FeedCounts, ...]
    forks: tuple[int, ...]
    log_problem: str


async def holdings(gateway: Gateway, seen: Sequence[Seen]) -> Holdings:
    """Read them, through a gateway that does not serve."""
    await gateway.log.sequence()
    verified = await gateway.log.verify()
    driver = gateway.settings.database_url.replace("sqlite:", "sqlite+aiosqlite:", 1)
    engine = create_async_engine(driver)
    async with engine.connect() as connection:
        messages, items, entries, envelopes, outbox, requests = [
            await _rows(connection, name)
            for name in ("messages", "items", "log_entries", "envelopes", "outbox", "requests")
        ]
    await engine.dispose()
    ends: dict[str, tuple[str, ...]] = {}
    for item in items:
        ends[item["message_id"]] = (*ends.get(item["message_id"], ()), item["end_state"])
    async with gateway.store.reading() as work:
        opened = {}
        for row in messages:
            place = f"{BYTES_PLACE}.{row['id']}"
            body = await gateway.vault.open(work, row["scope"], row["sealed"], aad=place)
            opened[row["id"]] = hashlib.sha256(body).hexdigest()
        counts = [await work.messages.counts(feed) for feed in gateway.feeds]
    waiting = f"{verified.waiting} entries wait" if verified.waiting else ""
    return Holdings(
        messages=messages,
        ends=ends,
        opened=opened,
        events=tuple(json.loads(row["entry"]) for row in entries),
        envelopes=envelopes,
        outbox=outbox,
        requests=requests,
        counts=tuple(counts),
        forks=tuple([one.size for one in seen if not await _continues(gateway, one)]),
        log_problem=waiting if verified.verified else f"{verified.problem} at {verified.first_bad}",
    )


async def last_seen(gateway: Gateway) -> Seen | None:
    """The checkpoint that stands now, or None of an empty log."""
    found = await gateway.log.checkpoint()
    return None if found is None else Seen(size=found.size, root=found.root)


async def _continues(gateway: Gateway, seen: Seen) -> bool:
    """Whether the log as it stands begins with the tree that was seen."""
    latest = await gateway.log.checkpoint()
    if latest is None or latest.size < seen.size:
        return False
    proof = await gateway.log.consistency(seen.size, latest.size)
    path = [base64url.decode(node) for node in proof]
    try:
        merkle.verify_consistency(seen.size, latest.size, path, seen.root, latest.root)
    except SealFailed:
        return False
    return True


async def _rows(connection: AsyncConnection, table: str) -> tuple[Row, ...]:
    found = await connection.execute(select(metadata.tables[table]))
    return tuple(dict(row) for row in found.mappings())
