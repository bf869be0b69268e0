"""Witnesses cosign the log's checkpoints: whoever rewrote or forked the log would need them too.

Beside the work, never in its way: a witness that is away raises an alarm and holds nothing up.
Source: C2SP tlog-witness v0.1 (add-checkpoint).
"""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import aiohttp
import structlog

from crypto import base64url
from crypto.cosignature import Cosigner, parse_cosigner, verify_cosignature
from crypto.failure import SealFailed
from gateway.log.events import Event
from gateway.log.log import Log
from gateway.store import Store
from gateway.store.records import AlarmRecord, CheckpointRecord, CosignatureRecord
from gateway.world import World
from schemas import opaque
from schemas.errors import MashError, Unavailable
from schemas.hub import WitnessSection

ALARM = "witness"
_LARGEST_ANSWER = 16 * 1024
_PATIENCE = aiohttp.ClientTimeout(total=10)
_logger = structlog.get_logger(__name__)


class Objected(Exception):
    """The witness saw another history of this log. Its ``code`` says what it answered."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, kw_only=True)
class Reply:
    """A witness's answer."""

    status: int
    text: str


Send = Callable[[str, bytes], Awaitable[Reply]]


@dataclass(kw_only=True)
class Witnessing:
    """Sends every newer checkpoint to every witness of the hub's file, and keeps what they sign."""

    sections: tuple[WitnessSection, ...]
    world: World
    store: Store
    log: Log
    send: Send
    _since: datetime | None = None

    async def once(self) -> None:
        """One round: each witness for itself."""
        latest = await self.log.checkpoint()
        self._since = self._since or self.world.now()
        if latest is not None:
            await asyncio.gather(*(self._witness(section, latest) for section in self.sections))

    async def _witness(self, section: WitnessSection, latest: CheckpointRecord) -> None:
        cosigner = parse_cosigner(section.key)
        async with self.store.reading() as work:
            last = await work.log.last_cosignature(cosigner.name)
        if last is not None and last.size >= latest.size:
            return
        try:
            kept = await self._cosigned(section, cosigner, latest, last.size if last else 0)
        except Objected as error:
            await self._alarm(cosigner, error.code)
        except (MashError, SealFailed, aiohttp.ClientError, TimeoutError) as error:
            _logger.warning("witness.away", witness=cosigner.name, kind=type(error).__name__)
            away = self.world.now() - max(filter(None, (self._since, last.at if last else None)))
            if away >= timedelta(minutes=section.alarm_minutes):
                await self._alarm(cosigner, "witness.away")
        else:
            await self._keep(kept)

    async def _cosigned(
        self, section: WitnessSection, cosigner: Cosigner, latest: CheckpointRecord, old: int
    ) -> CosignatureRecord:
        url = f"{section.url.rstrip('/')}/add-checkpoint"
        reply = await self.send(url, await self._request(old, latest))
        if reply.status == 409:
            seen = reply.text.strip()
            if not (seen.isascii() and seen.isdecimal() and len(seen) < 19):
                raise Objected("witness.conflict")
            if int(seen) > latest.size:
                # It saw more than we have: this database was set back, or another hub signs with our key.
                raise Objected("witness.ahead")
            reply = await self.send(url, await self._request(int(seen), latest))
        if reply.status in {409, 422}:
            raise Objected("witness.fork")
        if reply.status != 200:
            raise Unavailable("witness.refused", at=str(reply.status))
        found = verify_cosignature(latest.note, reply.text.splitlines(), cosigner)
        return CosignatureRecord(
            witness=cosigner.name, size=latest.size, line=found.line, at=self.world.now(), seen_at=found.at
        )

    async def _request(self, old: int, latest: CheckpointRecord) -> bytes:
        path = await self.log.consistency(old, latest.size) if 0 < old < latest.size else ()
        steps = [base64.b64encode(base64url.decode(step)).decode() for step in path]
        return "\n".join([f"old {old}", *steps, "", latest.note]).encode()

    async def _keep(self, kept: CosignatureRecord) -> None:
        now = self.world.now()
        async with self.store.work() as work:
            await work.log.keep_cosignature(replace(kept, at=now))
            if await work.alarms.clear(ALARM, kept.witness, now):
                await self.log.append(
                    work,
                    event=Event.ALARM_CLEARED,
                    actor="hub",
                    now=now,
                    subject=kept.witness,
                    detail={"kind": ALARM},
                )
            await work.commit()

    async def _alarm(self, cosigner: Cosigner, code: str) -> None:
        now = self.world.now()
        async with self.store.work() as work:
            name = self.world.name(opaque.Prefix.ALARM)
            alarm = AlarmRecord(id=name, kind=ALARM, referral_id=None, subject=cosigner.name, raised_at=now)
            if await work.alarms.raise_once(alarm):
                await self.log.append(
                    work,
                    event=Event.ALARM_RAISED,
                    actor="hub",
                    now=now,
                    subject=cosigner.name,
                    detail={"kind": ALARM, "alarm": name, "code": code},
                )
            await work.commit()


def sending(session: aiohttp.ClientSession) -> Send:
    """Sends over HTTP: no redirects, a bounded answer, a bounded time."""

    async def send(url: str, body: bytes) -> Reply:
        async with session.post(url, data=body, timeout=_PATIENCE, allow_redirects=False) as response:
            taken = await response.content.read(_LARGEST_ANSWER)
            return Reply(status=response.status, text=taken.decode("utf-8", "replace"))

    return send
