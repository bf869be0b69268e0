"""Letting agencies' systems in: proofs used up and standing read, in commits that concurrent calls share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.enrolment import is_client_id
from gateway.gathering import Gathering
from gateway.single_use import DPOP, Replayed, Use
from gateway.store import Store
from gateway.store.direct import admission as sets
from gateway.store.direct.statement import NotWhole
from gateway.store.records import ClientRow
from schemas.errors import Unavailable

MOST = 128
"""Calls that share one commit at most."""
_TRIES = 3


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
        uses = {one.use.digest: one.use.expires_at for one in calls}
        asked = {one.client_id for one in calls if one.client_id is not None}
        for _ in range(_TRIES):
            try:
                async with self._store.direct() as work:
                    found = await work.read(sets.uses_of(DPOP, uses), sets.standing_of(asked))
                    used, standing = sets.used(work.dialect, found[0]), sets.standing(work.dialect, found[1])
                    fresh = {digest: until for digest, until in uses.items() if digest not in used}
                    await work.commit(sets.use_up(work.dialect, DPOP, fresh))
            except NotWhole:
                continue  # one of these proofs was used elsewhere at once: now it is there to be found
            return _outcomes(calls, set(fresh), standing)
        raise Unavailable("store.busy", "other work was in the way again and again; try again")


def _outcomes(
    calls: Sequence[_Calling], fresh: set[str], standing: Mapping[str, ClientRow]
) -> list[ClientRow | Exception | None]:
    outcomes: list[ClientRow | Exception | None] = []
    for one in calls:
        if one.use.digest not in fresh:
            outcomes.append(Replayed("dpop.replayed"))
            continue
        fresh.discard(one.use.digest)  # of two in one batch, too, one is the first
        outcomes.append(standing.get(one.client_id) if one.client_id is not None else None)
    return outcomes
