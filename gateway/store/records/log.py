"""The tamper-evident log's rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class LogRecord:
    """One entry. ``position`` is its leaf's index, from 0, once the sequencer has given it one."""

    id: str
    event: str
    at: datetime
    actor: str
    referral_id: str | None
    subject: str | None
    entry: bytes
    salt: bytes
    commitment: bytes
    position: int | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class CheckpointRecord:
    """A signed checkpoint (``note``) of the tree of ``size`` leaves; ``root`` is its 32-byte hash."""

    size: int
    root: bytes
    note: str
    at: datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class CosignatureRecord:
    """A witness's line under the checkpoint of ``size``; ``at`` is when it came, ``seen_at`` what the witness says."""

    witness: str
    size: int
    line: str
    at: datetime
    seen_at: datetime
