"""A gateway on SQLite and on PostgreSQL, and a second process of the same hub, for erasure."""

from __future__ import annotations

from tests.ports.opening.conftest import another, clock, database_url, gateway, hub_pairs

__all__ = ["another", "clock", "database_url", "gateway", "hub_pairs"]
