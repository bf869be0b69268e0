"""Whether anything waits to leave, asked again and again."""

from __future__ import annotations

from datetime import datetime

from gateway.store.direct.rows import to_microseconds
from gateway.store.direct.statement import Query, reading

_DUE = reading("SELECT 1 FROM outbox WHERE parked_reason IS NULL AND next_at <= {moment} LIMIT 1")


def due(dialect: str, now: datetime) -> Query:
    """A row if anything may leave at ``now``."""
    return Query(_DUE, (to_microseconds(now) if dialect == "sqlite" else now,))
