"""What the console keeps: sessions, drafts, and forms that were sent."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, update

from gateway.store.records import DraftRecord, SessionRecord, SubmissionRecord
from gateway.store.shape import Shape
from gateway.store.tables.console import console_drafts, console_sessions, console_submissions
from gateway.store.transaction import Transaction

SESSIONS = Shape(console_sessions, SessionRecord)
DRAFTS = Shape(console_drafts, DraftRecord)
SUBMISSIONS = Shape(console_submissions, SubmissionRecord)


class Console:
    """Rows of people's sittings at the console."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def begin(self, session: SessionRecord) -> None:
        """Keep a new session."""
        await self._transaction.add(SESSIONS, session)

    async def session(self, session_id: str) -> SessionRecord | None:
        """Return a session, whether or not it still holds, or None."""
        return await self._transaction.first(SESSIONS, console_sessions.c.id == session_id)

    async def seen(self, session_id: str, at: datetime) -> None:
        """Note that its person did something."""
        there = (console_sessions.c.id == session_id, console_sessions.c.ended_at.is_(None))
        await self._transaction.change(update(console_sessions).where(*there).values(seen_at=at))

    async def end(self, session_id: str, at: datetime) -> bool:
        """End a session; False if it had ended."""
        there = (console_sessions.c.id == session_id, console_sessions.c.ended_at.is_(None))
        return await self._transaction.change(update(console_sessions).where(*there).values(ended_at=at)) == 1

    async def save_draft(self, draft: DraftRecord) -> None:
        """Keep what was typed, over what the same person had typed there before."""
        await self._transaction.put(DRAFTS, draft)

    async def draft(self, subject: str, path: str) -> DraftRecord | None:
        """Return what this person typed there, or None."""
        return await self._transaction.first(DRAFTS, console_drafts.c.subject == subject, console_drafts.c.path == path)

    async def drop_draft(self, subject: str, path: str) -> None:
        """Forget what this person typed there."""
        there = (console_drafts.c.subject == subject, console_drafts.c.path == path)
        await self._transaction.change(delete(console_drafts).where(*there))

    async def claim(self, submission: SubmissionRecord) -> bool:
        """Take a form for sent; False if it was before. Of two at once, one gets True."""
        return await self._transaction.add_new(SUBMISSIONS, submission)

    async def submission(self, form: str) -> SubmissionRecord | None:
        """Return what became of a form, or None."""
        return await self._transaction.first(SUBMISSIONS, console_submissions.c.form == form)

    async def settle(self, submission: SubmissionRecord) -> None:
        """Note where a form led."""
        await self._transaction.save(
            SUBMISSIONS, submission, ("location", "notice"), console_submissions.c.form == submission.form
        )

    async def unclaim(self, form: str) -> None:
        """Give a form back that had no effect."""
        await self._transaction.change(delete(console_submissions).where(console_submissions.c.form == form))

    async def sweep(self, *, ended: datetime, saved: datetime, sent: datetime) -> int:
        """Forget sessions that had to end by then, drafts that were saved and forms that were sent by then."""
        gone = await self._transaction.change(delete(console_sessions).where(console_sessions.c.ends_at <= ended))
        gone += await self._transaction.change(delete(console_drafts).where(console_drafts.c.saved_at <= saved))
        return gone + await self._transaction.change(
            delete(console_submissions).where(console_submissions.c.at <= sent)
        )
