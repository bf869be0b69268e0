"""Looks for patterns behind every concern that came in: soon after it, once across replicas, and again after a crash.

A concern leaves its trace with its own commit. What waits is looked at in the order of receipt, under one lock, each
batch in one transaction: whoever is stopped in between leaves what it had not committed to the next.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from crypto import lookup
from crypto.failure import SealFailed
from gateway.casework.notes import AlertNote
from gateway.intake.working_set import ITEM_PLACE
from gateway.keys import Keys
from gateway.log import Event, Log
from gateway.store import Reading, Store, Work
from gateway.store.records import AlertRecord, PlaceKind, TracePlace, TraceRead
from gateway.strongbox import Strongbox
from gateway.world import World
from routing import families, patterns, traces
from routing.families import Family
from routing.patterns import Finding, Neighbourhood
from routing.severity import Severity
from routing.traces import Places, Trace
from schemas import opaque
from schemas.errors import Unknown
from schemas.hub import ResearchRule
from schemas.notification import Normalised

BATCH = 50
"""Concerns that one transaction looks at."""
PLACE_TERM = "place"
"""The kind of term that a place is hashed as."""


@dataclass(frozen=True, kw_only=True)
class Searching:
    """Finds patterns. Several processes may: each concern is looked at once."""

    rule: ResearchRule
    world: World
    store: Store
    keys: Keys
    strongbox: Strongbox
    log: Log

    async def round(self, now: datetime) -> int:
        """Look at all that waits; at how many concerns.

        Raises:
            Unavailable: the store is not there.
        """
        total = 0
        while True:
            async with self.store.reading() as work:
                if not await work.traces.waiting(limit=1):
                    return total
            async with self.store.work() as work:
                await work.traces.hold()
                waiting = await work.traces.waiting(limit=BATCH)
                for one in waiting:
                    await self._look(work, one, now)
                await work.commit()
            total += len(waiting)

    async def places(self, work: Reading, item_id: str) -> Places | None:
        """The places of an item as they are spelt; None where it was erased."""
        found = await work.traces.item(item_id)
        if found is None:
            return None
        item, scope = found
        try:
            told = await self.strongbox.take(work, scope, ITEM_PLACE, item.id, item.sealed, Normalised)
        except (Unknown, SealFailed):
            return None
        return traces.places(told.notification)

    async def keep_places(self, work: Work, item_id: str, places: Places) -> None:
        """Write an item's places under hashes of the current key."""
        await work.traces.put_places(item_id, rows(item_id, places.hashed(self._hashed)))

    async def _look(self, work: Work, waiting: TraceRead, now: datetime) -> None:
        places = await self.places(work, waiting.trace.item_id)
        if places is not None:
            await self.keep_places(work, waiting.trace.item_id, places)
            await self._search(work, waiting, places, now)
        await work.traces.looked(waiting.trace.item_id, now)

    async def _search(self, work: Work, waiting: TraceRead, places: Places, now: datetime) -> None:
        since = patterns.earliest(waiting.at, self.rule)
        near = _Near(work, since)
        latest = (await near.traces([waiting]))[0]
        beside = await self._beside(near, latest, places)
        found = patterns.find(latest, beside, self.rule)
        if not found:
            return
        around = [*beside.family, *(one for several in beside.by_adult.values() for one in several)]
        around += [one for several in (*beside.by_child.values(), *beside.by_place.values()) for one in several]
        referrals = {one.referral_id for one in around}
        for finding in found:
            told = await work.alerts.of_kinds(patterns.kinds_that_tell(finding.tells), referrals)
            if patterns.is_news(finding, [one.evidence for one in told]):
                await self._raise(work, latest, finding, now)

    async def _beside(self, near: _Near, latest: Trace, places: Places) -> Neighbourhood:
        family = families.of_concern(latest)
        told = await near.naming(family.people)
        for _ in range(families.STEPS):
            family = families.widened(family, _of_family(told, family))
            told = await near.naming(family.people)
        adults = await near.naming(latest.adults)
        children = await near.naming(latest.children)
        # While the look-up key changes, one place has two hashes: those of others are read under either.
        same = {
            other: self._hashed(spelt)
            for spelt in (*places.homes, *places.scenes)
            for other in lookup.lookup_keys(PLACE_TERM, spelt, self.keys.lookup())
        }
        there = await near.at(same)
        return Neighbourhood(
            family=_of_family(told, family),
            by_child={child: [one for one in children if child in one.children] for child in latest.children},
            by_adult={adult: [one for one in adults if adult in one.adults] for adult in latest.adults},
            by_place={place: [one for one in there if place in one.places] for place in latest.places},
        )

    async def _raise(self, work: Work, latest: Trace, finding: Finding, now: datetime) -> None:
        about = finding.subject if finding.subject in latest.adults else min(latest.children, default="")
        if not about:
            return  # a place without a child there: nobody to look at
        name = self.world.name(opaque.Prefix.ALERT)
        referral = await work.referrals.get(latest.referral_id)
        note = AlertNote(because=finding.because)
        alert = AlertRecord(
            id=name,
            referral_id=latest.referral_id,
            person_id=about,
            kind=finding.kind,
            raised_at=now,
            count=finding.count,
            evidence=finding.evidence,
            sealed=await self.strongbox.put(work, referral.scope, "alerts.sealed", name, note),
        )
        if await work.alerts.raise_new(alert):
            await self.log.append(
                work,
                event=Event.ALERT_RAISED,
                actor="hub",
                now=now,
                referral=latest.referral_id,
                subject=name,
                detail={"kind": str(finding.kind), "count": finding.count, "evidence": list(finding.evidence)},
            )

    def _hashed(self, spelt: str) -> str:
        return lookup.lookup_key(PLACE_TERM, spelt, self.keys.lookup())


@dataclass(frozen=True)
class _Near:
    """Reads traces near one concern, each person under the id that their record has today."""

    work: Reading
    since: datetime

    async def naming(self, people: Iterable[str]) -> list[Trace]:
        wanted = set(people)
        return await self.traces(await self.work.traces.naming(wanted, self.since)) if wanted else []

    async def at(self, same: dict[str, str]) -> list[Trace]:
        found = await self.traces(await self.work.traces.at(set(same), self.since)) if same else []
        return [_renamed(one, same) for one in found]

    async def traces(self, read: Sequence[TraceRead]) -> list[Trace]:
        return await read_whole(self.work, read)


async def read_whole(work: Reading, read: Sequence[TraceRead]) -> list[Trace]:
    """The traces as ``routing`` takes them: with their places, and people under the ids that they have today."""
    people = {
        one
        for each in read
        for one in (*each.trace.children, *each.trace.residents, *each.trace.others, *each.trace.alleged)
    }
    now = await work.traces.survivors(people)
    placed: dict[str, dict[PlaceKind, set[str]]] = {}
    for place in await work.traces.places([one.trace.item_id for one in read]):
        placed.setdefault(place.item_id, {}).setdefault(PlaceKind(place.kind), set()).add(place.hash)

    def named(ids: Iterable[str]) -> frozenset[str]:
        return frozenset(now.get(one, one) for one in ids)

    found = []
    for one in read:
        there = placed.get(one.trace.item_id, {})
        found.append(
            Trace(
                item_id=one.trace.item_id,
                message_id=one.message_id,
                referral_id=one.referral_id,
                at=one.at,
                agency=one.agency,
                severity=Severity(one.trace.severity),
                children=named(one.trace.children),
                residents=named(one.trace.residents),
                others=named(one.trace.others),
                alleged=named(one.trace.alleged),
                homes=frozenset(there.get(PlaceKind.HOME, ())),
                scenes=frozenset(there.get(PlaceKind.SCENE, ())),
                areas=frozenset(there.get(PlaceKind.AREA, ())),
            )
        )
    return found


def rows(item_id: str, hashed: Places) -> list[TracePlace]:
    """The places of an item as the store keeps them."""
    kinds = ((PlaceKind.HOME, hashed.homes), (PlaceKind.SCENE, hashed.scenes), (PlaceKind.AREA, hashed.areas))
    return [TracePlace(hash=one, item_id=item_id, kind=kind) for kind, several in kinds for one in sorted(set(several))]


def _of_family(told: Sequence[Trace], family: Family) -> list[Trace]:
    return [one for one in told if one.children & family.children or one.residents & family.residents]


def _renamed(trace: Trace, same: dict[str, str]) -> Trace:
    homes, scenes = (frozenset(same.get(one, one) for one in places) for places in (trace.homes, trace.scenes))
    return replace(trace, homes=homes, scenes=scenes)
