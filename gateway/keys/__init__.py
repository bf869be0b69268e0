"""The hub's own keys: made, kept wrapped under a master key, published, promoted, retired, revoked."""

from gateway.keys.keys import Keys, Rotation
from gateway.keys.master import MasterKey
from gateway.keys.policy import JWKS_CACHE, REFRESH_EVERY, RevocationReason

__all__ = ["JWKS_CACHE", "REFRESH_EVERY", "Keys", "MasterKey", "RevocationReason", "Rotation"]
