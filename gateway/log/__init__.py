"""The transparency log: what the hub did, in a Merkle tree over salted commitments that anyone can verify offline."""

from gateway.log.entry import HUB
from gateway.log.events import Event
from gateway.log.log import Log, origin_of
from gateway.log.placing import Disagrees
from gateway.log.verification import Verification

__all__ = ["HUB", "Disagrees", "Event", "Log", "Verification", "origin_of"]
