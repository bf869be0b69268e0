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

    def entry(
        self,
        *,
        event: Event,
        actor: str,
        now: datetime,
        referral: str | None = None,
        subject: str | None = None,
        detail: Mapping[str, JsonInput] | None = None,
    ) -> LogRecord:
        """A new entry, for the caller to keep in the transaction of what it tells of; its place comes later.

        ``now`` is aware. ``actor``, ``referral``, ``subject`` and everything in ``detail`` are codes, ids, counts and
        digests.

        Raises:
            ValueError: free text, or a time without its zone: a bug of the caller.
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
        made = self.entry(event=event, actor=actor, now=now, referral=referral, subject=subject, detail=detail)
        await work.log.append(made)
        return made.id
