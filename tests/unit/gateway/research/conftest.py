"""A whole gateway on each of the two databases."""

from __future__ import annotations

from tests.unit.gateway.fixtures import gateway_on_both as gateway

__all__ = ["gateway"]
