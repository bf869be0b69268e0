"""Use cases over a whole gateway, without any wire."""

from tests.unit.gateway.fixtures import gateway, hub_file, issuer

__all__ = ["gateway", "hub_file", "issuer"]
