"""Records of the console."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True, slots=True)
class SessionRecord:
    """A sign-in, by the hash of what the browser holds. It is kept for a while after its end, to know whose it was."""

    id: str
    subject: str
    started_at: datetime
    seen_at: datetime
    ends_at: datetime
    ended_at: datetime | None = None
    scope: str
    sealed: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class DraftRecord:
    """What somebody typed into the form at this path and has not sent. ``id`` changes with every saving."""

    subject: str
    path: str
    id: str
    saved_at: datetime
    scope: str
    sealed: bytes


@dataclass(frozen=True, kw_only=True, slots=True)
class SubmissionRecord:
    """A form that was sent, once. ``location`` None: it is being worked on, or broke off in the middle."""

    form: str
    session: str
    at: datetime
    location: str | None = None
    notice: str | None = None
