"""What people typed and have not sent: sealed, for the one who typed it, for a week."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from crypto import base64url
from gateway.console.day_scopes import DayScopes
from gateway.console.form import Form, FormNote
from gateway.store import Store
from gateway.store.records import DraftRecord
from gateway.strongbox import Strongbox
from gateway.world import World
from schemas.errors import Unknown

PLACE = "console_drafts.sealed"
_ID_BYTES = 16


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A form as it was typed. ``id`` changes with every saving: whoever confirms it, confirms this one."""

    id: str
    form: Form
    saved_at: datetime


class Drafts:
    """Keeps one draft for each person and form."""

    def __init__(self, *, world: World, store: Store, strongbox: Strongbox, scopes: DayScopes) -> None:
        self._world = world
        self._store = store
        self._strongbox = strongbox
        self._scopes = scopes

    async def keep(self, subject: str, path: str, form: Form) -> str:
        """Keep what was typed; the draft's id."""
        now, name = self._world.now(), base64url.encode(self._world.random(_ID_BYTES))
        async with self._store.work() as work:
            scope = await self._scopes.of(work, now)
            await work.console.save_draft(
                DraftRecord(
                    subject=subject,
                    path=path,
                    id=name,
                    saved_at=now,
                    scope=scope,
                    sealed=await self._strongbox.put(work, scope, PLACE, name, form.note()),
                )
            )
            await work.commit()
        return name

    async def find(self, subject: str, path: str) -> Draft | None:
        """What this person typed there, or None."""
        async with self._store.reading() as work:
            record = await work.console.draft(subject, path)
            if record is None:
                return None
            try:
                note = await self._strongbox.take(work, record.scope, PLACE, record.id, record.sealed, FormNote)
            except Unknown:
                return None  # its day is over: nobody can read it any more
        return Draft(id=record.id, form=Form.of(note.fields), saved_at=record.saved_at)

    async def drop(self, subject: str, *paths: str) -> None:
        """Forget what this person typed there."""
        async with self._store.work() as work:
            for path in paths:
                await work.console.drop_draft(subject, path)
            await work.commit()
