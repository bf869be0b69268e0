"""The hub's keys moved from one master key to another, whole or not at all: a file to a token, and back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from crypto.master import Master
from gateway.keys.ceremony import require_none_open
from gateway.keys.changing import HELD_UNDER
from gateway.log.events import Event
from gateway.log.recorder import Recorder
from gateway.store import Store
from schemas.errors import Conflict


async def move(
    store: Store, source: Master, target: Master, *, random: Callable[[int], bytes], now: datetime, actor: str
) -> int:
    """Wrap every key of the hub under ``target``, in one transaction with its log entry; how many that were.

    Asked again after it was done it does nothing: a command that was stopped half way is simply given again. Processes
    that run on keep the keys that they hold, and can make none until they are started again with the new master key.
    Backups from before still open with the old one: it is kept until the last of them is gone.

    Raises:
        Rejected: ``source`` does not open the stored keys; nothing was changed.
        Conflict: the keys are wrapped under a third master key, or shares of this one wait for their officers.
        Unavailable: the store or a token is not there; nothing was changed.
    """
    to = target.id
    async with store.work() as work:
        # The lock that every change of keys takes: none is made between the reading and the writing.
        await work.log.lock_sequencer()
        held = await work.settings.get(HELD_UNDER)
        if held == to:
            return 0
        if held not in {None, source.id}:
            raise Conflict("keys.master.moved", "the keys are wrapped under a third master key", at="master key")
        await require_none_open(work)
        rows = [row for row in await work.keys.all() if row.wrapped is not None]
        for row in rows:
            secret = source.unwrap(row.wrapped or b"", kid=row.kid)
            await work.keys.save(replace(row, wrapped=target.wrap(secret, kid=row.kid, random=random)))
        await work.settings.put(HELD_UNDER, to)
        await Recorder(random).append(
            work,
            event=Event.MASTER_MOVED,
            actor=actor,
            now=now,
            detail={"from": source.id, "to": to, "keys": len(rows)},
        )
        await work.commit()
    return len(rows)
