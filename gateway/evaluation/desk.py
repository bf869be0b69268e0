"""Where figures are asked for: of a period in the hub's own days, suppressed before anybody sees them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from gateway.configuration import Configuration
from gateway.evaluation.exporting import Export, export
from gateway.evaluation.gathering import Gathering
from gateway.log import Event, Log
from gateway.store import Store
from gateway.world import World
from routing.metrics import Period, figures
from schemas.errors import Rejected


@dataclass(frozen=True, kw_only=True)
class EvaluationDesk:
    """Gives the hub's figures; each look at them is in the log."""

    configuration: Configuration
    world: World
    store: Store
    log: Log
    gathering: Gathering

    async def figures(self, begins: date, ends: date, *, actor: str) -> Export:
        """The figures of the days from ``begins`` to ``ends``, both included, in the hub's own time zone.

        Raises:
            Rejected: the last day is before the first. Unavailable: the store is not there.
        """
        if ends < begins:
            raise Rejected("evaluation.period", "the last day is not before the first", at="to")
        period = Period(begins=self._morning(begins), ends=self._morning(ends + timedelta(days=1)))
        found = figures(await self.gathering.facts(period), period)
        async with self.store.work() as work:
            await self.log.append(
                work,
                event=Event.METRICS_VIEWED,
                actor=actor,
                now=self.world.now(),
                detail={"from": begins.isoformat(), "to": ends.isoformat()},
            )
            await work.commit()
        return export(self.configuration.hub.hub.id, begins, ends, found)

    def _morning(self, day: date) -> datetime:
        return datetime.combine(day, time(), tzinfo=self.configuration.calendar.zone).astimezone(UTC)
