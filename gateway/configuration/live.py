"""The hub's configuration as it counts in this process: what it started with, and what it took up since."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from routing.taking_up import take_up
from routing.timetable import Timetable
from routing.working_time import Calendar
from schemas.hub import Hub


class Configuration:
    """Read anew at each use: who keeps a part of it keeps what may count no more.

    ``version`` is that of the store's configurations which this process took up last; 0 before the first.
    """

    def __init__(self, started: Hub, digest: str) -> None:
        self._started = started
        self._timetable = Timetable(started, ZoneInfo(started.hub.timezone))
        self.digest = digest
        self.version = 0
        self.restart: tuple[str, ...] = ()

    @property
    def hub(self) -> Hub:
        """The configuration in force."""
        return self._timetable.hub

    @property
    def timetable(self) -> Timetable:
        """Its clocks."""
        return self._timetable

    @property
    def calendar(self) -> Calendar:
        """When the hub works."""
        return self._timetable.calendar

    def take_up(self, wanted: Hub, digest: str, version: int) -> None:
        """From now on this counts, as far as a process that runs can take it up; ``restart`` names what waits."""
        taken = take_up(self._started, wanted)
        self._timetable = Timetable(taken.hub, self._timetable.zone)
        self.digest, self.version, self.restart = digest, version, taken.restart
