"""The keys that the console's own notes are sealed under: one for each day, destroyed once all of them have expired."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from gateway.store import Work
from gateway.vault import Vault
from schemas.errors import Conflict, Unknown

KEPT = timedelta(days=7)
"""How long what was typed and not sent is kept."""
_LOOKED_BACK = 40


class DayScopes:
    """Scopes by day (UTC): whatever the console seals can be read for a week and no longer, in no backup either."""

    def __init__(self, vault: Vault) -> None:
        self._vault = vault

    async def of(self, work: Work, now: datetime) -> str:
        """The scope of this day, made if this is its first use."""
        name = _name(now)
        try:
            await work.scopes.get(name)
        except Unknown:
            try:
                await self._vault.new_scope(work, name, now=now)
            except Conflict:
                return name  # another process made it in this moment
        return name

    async def destroy_expired(self, work: Work, now: datetime) -> int:
        """Destroy the scopes of days whose notes have all expired; how many."""
        first = (KEPT + timedelta(days=2)).days
        days = range(first, first + _LOOKED_BACK)
        return sum([await self._vault.destroy(work, _name(now - timedelta(days=day)), now=now) for day in days])


def _name(moment: datetime) -> str:
    return f"console-{moment.astimezone(UTC).date().isoformat()}"
