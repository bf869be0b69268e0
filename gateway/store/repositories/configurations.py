"""The configurations that a hub had, oldest first; the newest is in force."""

from __future__ import annotations

from gateway.store.records import ConfigurationRecord
from gateway.store.shape import Shape
from gateway.store.tables.upkeep import configurations
from gateway.store.transaction import Transaction, unknown

CONFIGURATIONS = Shape(configurations, ConfigurationRecord)
_LOCK = 0x636F6E66
"""The number of the lock that whoever brings a configuration into force holds: "conf"."""


class Configurations:
    """Versions, counted from 1."""

    def __init__(self, transaction: Transaction) -> None:
        self._transaction = transaction

    async def hold(self) -> None:
        """Keep everybody else from bringing a configuration into force until this work ends."""
        await self._transaction.hold(_LOCK)

    async def latest(self) -> ConfigurationRecord | None:
        """Return the configuration in force, or None before the first."""
        found = await self._transaction.every(CONFIGURATIONS, order=(configurations.c.version.desc(),), limit=1)
        return found[0] if found else None

    async def version(self, version: int) -> ConfigurationRecord:
        """Return one version.

        Raises:
            Unknown: ``configuration.unknown``.
        """
        found = await self._transaction.first(CONFIGURATIONS, configurations.c.version == version)
        return found or unknown("configuration")

    async def of_digest(self, digest: str) -> ConfigurationRecord | None:
        """Return the newest version of this digest, or None."""
        where = configurations.c.digest == digest
        found = await self._transaction.every(CONFIGURATIONS, where, order=(configurations.c.version.desc(),), limit=1)
        return found[0] if found else None

    async def all(self) -> list[ConfigurationRecord]:
        """Return every version, oldest first."""
        return await self._transaction.every(CONFIGURATIONS, order=(configurations.c.version,))

    async def add(self, record: ConfigurationRecord) -> None:
        """Bring a configuration into force."""
        await self._transaction.add(CONFIGURATIONS, record)
