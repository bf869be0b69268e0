"""Letting agencies' systems in: proofs used up and standing read, in commits that concurrent calls share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.enrolment import is_client_id
from gateway.gathering import Gathering
from gateway.single_use import DPOP, Replayed, Use
from gateway.store import Store
from gateway.store.records import ClientRow

MOST = 128
"""Calls that share one commit at most."""


@dataclass(frozen=True, slots=True)
class _Calling:
    """A call: the single use of its proof, and who it says it is by, where its standing is asked for."""

    use: Use
    client_id: str | None


class Admission:
    """One per process: what gathered while the last commit ran is let in, or not, together."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._gathering: Gathering[_Calling, ClientRow | None] = Gathering(self._together, most=MOST)

    async def use_up(self, use: Use) -> None:
        """Return once this single use is durable: before whatever the proof was made for.

        Raises:
            Replayed: it was used before.
            Unavailable: the store is not there.
        """
        await self._gathering.do(_Calling(use, None))

    async def admit(self, use: Use, client_id: str) -> ClientRow | None:
        """As ``use_up``; and the client as that same transaction sees it, None where it is not in good standing.

        Raises:
            Replayed: the proof was used before.
            Unavailable: the store is not there.
        """
        return await self._gathering.do(_Calling(use, client_id if is_client_id(client_id) else None))

    async def _together(self, calls: Sequence[_Calling]) -> Sequence[ClientRow | Exception | None]:
        async with self._store.work() as work:
            fresh = await work.seen.first_many(DPOP, {one.use.digest: one.use.expires_at for one in calls})
            standing = await work.agencies.standing({one.client_id for one in calls if one.client_id is not None})
            await work.commit()
        outcomes: list[ClientRow | Exception | None] = []
        for one in calls:
            if one.use.digest not in fresh:
                outcomes.append(Replayed("dpop.replayed"))
                continue
            fresh.discard(one.use.digest)  # of two in one batch, too, one is the first
            outcomes.append(standing.get(one.client_id) if one.client_id is not None else None)
        return outcomes
