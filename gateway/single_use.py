"""What counts once: the id of a proof, until what it came in has expired."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from schemas.errors import Unauthenticated

DPOP = "dpop"


class Replayed(Unauthenticated):
    """It was used before. The reason is for the log alone."""

    def __init__(self, reason: str) -> None:
        super().__init__("credential.invalid", "present a valid credential")
        self.reason = reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """The single use of a proof: a digest of its key and its id, and the aware UTC time until which it is remembered.

    It is used up in the same transaction as what the proof was made for, or in one before.
    """

    digest: str
    expires_at: datetime
