"""The analysts' desk: alerts with their evidence and the graph around each, under pseudonyms of the desk's own.

An analyst sees that one child stands in three alerts, and not which child. Each look is in the log. Whom an alert is
about is asked for at ``reidentifying``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from gateway.casework.notes import AlertNote
from gateway.casework.office import Office
from gateway.log.events import Event
from gateway.people import PersonCaller
from gateway.research.searching import read_whole
from gateway.store import Reading
from gateway.store.records import AlertRecord
from routing import families, graph, patterns
from routing.graph import Graph
from routing.patterns import Kind
from routing.traces import Trace
from schemas import opaque
from schemas.errors import Unknown
from schemas.hub import ResearchRule

DESK = "research"
"""Whose pseudonyms these are: no agency's."""
KINDS = frozenset({*map(str, Kind), "repeat", "cumulative", "greens"})


@dataclass(frozen=True, kw_only=True)
class Reason:
    """One pattern of an alert: the person whom it is about and the messages that it rests on, under pseudonyms."""

    alert: str
    kind: str
    count: int
    person: str
    because: str
    evidence: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Raised:
    """All that one notification raised: one alert, with several reasons."""

    at: datetime
    referral: str
    reasons: tuple[Reason, ...]


class ResearchDesk:
    """Where analysts look."""

    def __init__(self, office: Office, rule: ResearchRule) -> None:
        self._office = office
        self._rule = rule

    async def alerts(
        self, caller: PersonCaller, *, since: datetime, until: datetime, limit: int
    ) -> tuple[list[Raised], int]:
        """The alerts raised from ``since`` to before ``until``, the newest first; how many were erased since."""
        erased = 0
        grouped: dict[tuple[str, str], list[Reason]] = {}
        at: dict[tuple[str, str], datetime] = {}
        async with self._office.store.work() as work:
            found = await work.alerts.raised(KINDS, since=since, until=until, limit=limit)
            for one in found:
                because = await self._because(work, one)
                if because is None:
                    erased += 1
                    continue
                # What one notification raised ends with it.
                key = (one.referral_id, one.evidence[-1] if one.evidence else one.id)
                grouped.setdefault(key, []).append(self._reason(one, because))
                at.setdefault(key, one.raised_at)
            await self._office.log.append(
                work,
                event=Event.LINKS_VIEWED,
                actor=caller.actor,
                now=self._office.now(),
                detail={"alerts": len(found)},
            )
            await work.commit()
        shown = [
            Raised(at=at[key], referral=self.pseudonym(key[0]), reasons=tuple(reasons))
            for key, reasons in grouped.items()
        ]
        return shown, erased

    async def graph(self, caller: PersonCaller, name: str) -> Graph:
        """The people and places around an alert, under pseudonyms.

        Raises:
            Unknown: no such alert.
        """
        async with self._office.store.work() as work:
            alert = await self.alert(work, name)
            seen = await self.around(work, alert)
            await self._office.log.append(
                work, event=Event.LINKS_VIEWED, actor=caller.actor, now=self._office.now(), subject=name,
                detail={"alerts": 1},
            )  # fmt: skip
            await work.commit()
        return graph.graph([self._veiled(one) for one in seen])

    async def alert(self, work: Reading, name: str) -> AlertRecord:
        """An alert that can still be read.

        Raises:
            Unknown: there is none of this name, or its referral was erased.
        """
        if not opaque.is_name(name, opaque.Prefix.ALERT):
            raise Unknown("alert.unknown", "there is no such alert")
        found = await work.alerts.get(name)
        if found.kind not in KINDS or await self._because(work, found) is None:
            raise Unknown("alert.unknown", "there is no such alert")
        return found

    async def _because(self, work: Reading, alert: AlertRecord) -> str | None:
        """An alert's reason; None where its referral was erased."""
        case = await work.referrals.get(alert.referral_id)
        try:
            note = await self._office.strongbox.take(
                work, case.scope, "alerts.sealed", alert.id, alert.sealed, AlertNote
            )
        except Unknown:
            return None
        return note.because

    async def around(self, work: Reading, alert: AlertRecord) -> Sequence[Trace]:
        """What names the same people as the alert's evidence, as far back as any pattern looks."""
        since = patterns.earliest(alert.raised_at, self._rule)
        own = await read_whole(work, await work.traces.naming({alert.person_id}, since))
        people = {alert.person_id}
        for _ in range(families.STEPS):
            people |= {one for trace in own for one in (*trace.children, *trace.adults)}
            own = await read_whole(work, await work.traces.naming(people, since))
        return own

    def _reason(self, alert: AlertRecord, because: str) -> Reason:
        return Reason(
            alert=alert.id,
            kind=alert.kind,
            count=alert.count,
            person=self.pseudonym(alert.person_id),
            because=because,
            evidence=tuple(self.pseudonym(one) for one in alert.evidence),
        )

    def _veiled(self, trace: Trace) -> Trace:
        def veil(ids: frozenset[str]) -> frozenset[str]:
            return frozenset(self.pseudonym(one) for one in ids)

        return replace(
            trace,
            children=veil(trace.children),
            residents=veil(trace.residents),
            others=veil(trace.others),
            alleged=veil(trace.alleged),
            homes=veil(trace.homes),
            scenes=veil(trace.scenes),
        )

    def pseudonym(self, name: str) -> str:
        """What analysts know a person, a referral, a message or a place by."""
        return self._office.pseudonym(DESK, name)
