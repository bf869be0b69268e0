"""The versions of a hub's configuration: staged, put in force, rolled back to, and which of them a process goes by.

A process starts with its file. That gives it what can't change while it runs (see ``routing.taking_up``); the rest is
the business of the version in force, which is one for all replicas. A file that the hub has not seen yet comes into
force with the first process that serves with it. A file that was superseded by ``mash config apply`` or ``rollback``
does not come back by a restart.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from gateway.configuration.live import Configuration
from gateway.configuration.reading import digest as digest_of
from gateway.configuration.reading import parse
from gateway.log import Event, Log
from gateway.store import Reading, Store, Work
from gateway.store.records import ConfigurationRecord
from gateway.world import World
from schemas.errors import Conflict, MashError, Refused, Rejected, Unknown
from schemas.hub import Hub

STAGED = "config.staged"
"""The name under which the settings' traces keep what is staged."""
FROM_FILE, APPLIED, ROLLED_BACK = "file", "applied", "rolled_back"


@dataclass(frozen=True, kw_only=True)
class Versions:
    """What a hub's operators do with its configuration, and how a process that serves follows."""

    configuration: Configuration
    text: str
    world: World
    store: Store
    log: Log

    async def stage(self, data: bytes, name: str, *, actor: str) -> str:
        """Check a file and keep it, not in force; its digest. What was staged before is staged no more.

        Raises:
            Rejected, Refused: the file will not do, or is another hub's; the log tells that it was tried.
            Unavailable: the store is not there.
        """
        digest = digest_of(data)
        try:
            self._require_ours(parse(data, name))
        except (Rejected, Refused) as error:
            await self.not_staged(digest, error, actor=actor)
            raise
        async with self.store.work() as work:
            await work.settings.put(STAGED, json.dumps({"digest": digest, "text": data.decode()}))
            await self._note(work, Event.CONFIGURATION_STAGED, {"digest": digest}, actor)
            await work.commit()
        return digest

    async def not_staged(self, digest: str, error: MashError, *, actor: str) -> None:
        """Write into the log that somebody tried a file of this digest, and why it was not taken.

        Raises:
            Unavailable: the store is not there.
        """
        event = Event.ACTION_REFUSED if isinstance(error, Refused) else Event.ACTION_NOT_TAKEN
        async with self.store.work() as work:
            await self._note(work, event, {"route": "config:stage", "code": error.code, "digest": digest}, actor)
            await work.commit()

    async def staged(self) -> tuple[str, str]:
        """What is staged: its digest and its text.

        Raises:
            Unknown: nothing is. Unavailable: the store is not there.
        """
        async with self.store.reading() as work:
            return await self._staged(work)

    async def apply(self, digest: str | None, *, actor: str) -> ConfigurationRecord:
        """Put what is staged in force; ``digest`` (or a beginning of it) says what the caller takes it to be.

        Raises:
            Unknown: nothing is staged. Conflict: something else is, it is in force already, or open referrals bear a
                rating that it drops. Unavailable: the store is not there.
        """
        async with self.store.work() as work:
            await work.configurations.hold()
            staged, text = await self._staged(work)
            if digest is not None and not staged.startswith(digest):
                raise Conflict("config.staged_other", "another configuration is staged: look at it", at="digest")
            record = await self._put(work, text, staged, APPLIED, actor)
            await work.settings.put(STAGED, "")
            await work.commit()
        await self.refresh()
        return record

    async def roll_back(self, version: int | None, *, actor: str) -> ConfigurationRecord:
        """Put an earlier version in force again, as a new one: the one before that in force, or this ``version``.

        Raises:
            Unknown: there is none. Conflict: as :meth:`apply`. Unavailable: the store is not there.
        """
        async with self.store.work() as work:
            await work.configurations.hold()
            latest = await work.configurations.latest()
            if latest is None or (version is None and latest.version == 1):
                raise Unknown("configuration.unknown", "there is no earlier configuration", at="version")
            found = await work.configurations.version(latest.version - 1 if version is None else version)
            record = await self._put(work, found.text, found.digest, ROLLED_BACK, actor)
            await work.commit()
        await self.refresh()
        return record

    async def history(self) -> list[ConfigurationRecord]:
        """Every version, oldest first; the last is in force."""
        async with self.store.reading() as work:
            return await work.configurations.all()

    async def started(self, work: Work) -> None:
        """Bring the file of this process into force, in ``work``, if the hub has not seen it yet.

        Raises:
            Conflict: open referrals bear a rating that it drops.
        """
        await work.configurations.hold()
        digest = digest_of(self.text.encode())
        if await self._own_counts(work, digest) and not await self._is_latest(work, digest):
            record = await self._put(work, self.text, digest, FROM_FILE, "hub")
            self.configuration.version = record.version

    async def refresh(self) -> bool:
        """Take up the version in force, as far as a process that runs can; tell whether there was one to take up.

        Raises:
            Unavailable: the store is not there.
        """
        async with self.store.reading() as work:
            latest = await work.configurations.latest()
            if latest is None or latest.version == self.configuration.version:
                return False
            if not self.configuration.version and await self._own_counts(work, digest_of(self.text.encode())):
                # Before its start is noted: the file is in force already, or comes into force with it.
                if latest.digest == self.configuration.digest:
                    self.configuration.version = latest.version
                return False
        self.configuration.take_up(parse(latest.text.encode(), "hub.toml"), latest.digest, latest.version)
        return True

    # --- behind ---

    @staticmethod
    async def _is_latest(work: Reading, digest: str) -> bool:
        latest = await work.configurations.latest()
        return latest is not None and latest.digest == digest

    @staticmethod
    async def _own_counts(work: Reading, digest: str) -> bool:
        """Whether a process that starts goes by its own file: not where that was superseded by command."""
        latest = await work.configurations.latest()
        if latest is None or latest.digest == digest or latest.origin == FROM_FILE:
            return True
        return await work.configurations.of_digest(digest) is None

    @staticmethod
    async def _staged(work: Reading) -> tuple[str, str]:
        kept = await work.settings.get(STAGED)
        if not kept:
            raise Unknown("config.nothing_staged", "stage a file first: mash config stage FILE")
        found = json.loads(kept)
        return str(found["digest"]), str(found["text"])

    async def _put(self, work: Work, text: str, digest: str, origin: str, actor: str) -> ConfigurationRecord:
        hub = parse(text.encode(), "hub.toml")
        latest = await work.configurations.latest()
        if latest is not None and latest.digest == digest:
            raise Conflict("config.in_force", "this configuration is in force already", at="digest")
        scheme = {str(rule.rating) for rule in hub.ratings}
        dropped = sorted((await work.timing.ratings_held()).keys() - scheme)
        if dropped:
            detail = f"open referrals are rated {', '.join(dropped)}: rate them anew first, or keep the rating"
            raise Conflict("config.rating_in_use", detail, at="ratings")
        record = ConfigurationRecord(
            version=latest.version + 1 if latest is not None else 1,
            digest=digest,
            origin=origin,
            by=actor,
            at=self.world.now(),
            text=text,
        )
        await work.configurations.add(record)
        told: dict[str, str | int] = {"digest": digest, "version": record.version, "origin": origin}
        await self._note(work, Event.HUB_CONFIGURED, told, actor)
        return record

    async def _note(self, work: Work, event: Event, detail: dict[str, str | int], actor: str) -> None:
        await self.log.append(work, event=event, actor=actor, now=self.world.now(), detail=dict(detail))

    def _require_ours(self, hub: Hub) -> None:
        if hub.hub.id != self.configuration.hub.hub.id:
            raise Rejected("config.other_hub", "this is the file of another hub", at="hub.id")
