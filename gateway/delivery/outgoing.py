"""What is handed to the broker, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum


class Outcome(Enum):
    """What became of a publish: the broker has it; no queue takes it; or nobody can tell, so that it is tried again."""

    SENT = "sent"
    UNROUTABLE = "unroutable"
    AWAY = "away"


@dataclass(frozen=True, kw_only=True, slots=True)
class Outgoing:
    """One message: its routing key, its bytes, and the headers and the id that go with them."""

    key: str
    body: bytes
    headers: Mapping[str, str]
    message_id: str
    content_type: str = "application/jose"
