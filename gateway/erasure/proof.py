"""The proof of an erasure: the ledger's line, what the log tells of it, and when no copy is left that could open it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import IO

from crypto.keys import Purpose
from gateway.erasure.keks import Keks
from gateway.erasure.ledger import Ledger
from gateway.log import Log
from gateway.log.custody import ErasureShown
from gateway.store import Reading, Store
from gateway.world import World
from routing import retention
from routing.retention import ForGood
from schemas.errors import Unknown


@dataclass(frozen=True, kw_only=True)
class Proofs:
    """Writes proofs."""

    world: World
    store: Store
    log: Log
    keks: Keks
    ledger: Ledger

    async def gone(self, subject: str) -> ForGood:
        """When what was erased is gone for good.

        Raises:
            Unknown: it was not erased.
        """
        async with self.store.reading() as work:
            return (await self.shown(work, subject))[1]

    async def write(self, file: IO[bytes], subject: str) -> ForGood:
        """Write the proof (see ``gateway.log.custody``); when what was erased is gone for good.

        Raises:
            Unknown: it was not erased. Conflict: the last checkpoint does not cover the log.
            Unavailable: the store, the ledger or the checkpoint key is not there now.
        """
        await self.log.sequence()
        async with self.store.reading() as work:
            shown, gone = await self.shown(work, subject)
            await self.log.export_erasure(work, file, subject, shown)
        return gone

    async def shown(self, work: Reading, subject: str) -> tuple[ErasureShown, ForGood]:
        """What a proof tells, and when what was erased is gone for good. Raises: Unknown: it was not erased."""
        done = await work.erasures.get(subject)
        if done is None or done.number is None:
            raise Unknown("erasure.not_done", "it was not erased: there is nothing to prove", at="id")
        text = self.ledger.text(done.number)
        line = json.loads(text)
        # When it was erased first: a database that was put back erased it again later.
        erased_at = datetime.fromisoformat(line["at"])
        versions = tuple(line.get("keks", ()))
        keks, now = self.keks, self.world.now()
        lives = await keks.lives(work, versions)
        gone = retention.for_good(erased_at, lives, backups=keks.backups, every=keks.every, now=now)
        rows = [row for row in await work.keys.all() if row.purpose == Purpose.AT_REST and row.version in versions]
        shown = ErasureShown(
            ledger=text, keks=rows, backups_end=erased_at + keks.backups, for_good=gone.at, fixed=gone.fixed
        )
        return shown, gone
