"""A whole gateway for the tests of its intake."""

from tests.unit.gateway.fixtures import gateway, hub_file, issuer

__all__ = ["gateway", "hub_file", "issuer"]
