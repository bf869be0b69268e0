"""Appending to the log, in the transaction of what is recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from crypto.canonical import JsonInput
from gateway.log.entry import render
from gateway.log.events import Event
from gateway.store import Work
from gateway.store.records import LogRecord


class Recorder:
    """Writes entries. ``random`` gives that many random bytes: ids and salts are drawn from it."""

    def __init__(self, random: Callable[[int], bytes]) -> None:
        self._random = random

    async def append(
        self,
        work: Work,
        *,
        event: Event,
        actor: str,
        now: datetime,
        referral: str | None = None,
        subject: str | None = None,
        detail: Mapping[str, JsonInput] | None = None,
    ) -> str:
        """The id of a new entry (see ``entry``), which commits with ``work`` or not at all.

        Raises:
            ValueError: as ``entry``.
        """
        record = self.draft(event=event, actor=actor, now=now, referral=referral, subject=subject, detail=detail)
        await work.log.append(record)
        return record.id

    def draft(
        self,
        *,
        event: Event,
        actor: str,
        now: datetime,
        referral: str | None = None,
        subject: str | None = None,
        detail: Mapping[str, JsonInput] | None = None,
    ) -> LogRecord:
        """A new entry that is nowhere as yet: ``append`` and ``Placing.place`` take it from here.

        Raises:
            ValueError: as ``append``.
        """
        entry = render(
            event, actor=actor, now=now, random=self._random, referral=referral, subject=subject, detail=detail
        )
        return LogRecord(
            id=entry.id,
            event=entry.event,
            at=entry.at,
            actor=entry.actor,
            referral_id=entry.referral,
            subject=entry.subject,
            entry=entry.text,
            salt=entry.salt,
            commitment=entry.commitment,
        )
