"""A whole gateway for the guards of the hot path, with the clock of a test."""

from tests.unit.gateway.conftest import clock, rsa_pairs
from tests.unit.gateway.fixtures import gateway, hub_file, issuer

__all__ = ["clock", "gateway", "hub_file", "issuer", "rsa_pairs"]
