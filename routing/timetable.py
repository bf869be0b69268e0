"""A hub's clocks put together: whose working hours count, how long whose reply may take, when whom to turn to.

Pure values of a configuration and its time zone. Every time is aware; answers are in UTC.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from routing import clocks
from routing.working_time import Calendar
from schemas.hub import AgencySection, Hub
from schemas.timing import ClockKind, RatingRule
from schemas.vocabulary import Rating


@dataclass(frozen=True)
class Timetable:
    """The clocks of this ``hub``, read in ``zone``."""

    hub: Hub
    zone: tzinfo

    @property
    def calendar(self) -> Calendar:
        """When the hub works."""
        return Calendar(self.hub.working_hours, self.zone)

    def calendar_of(self, agency: str) -> Calendar:
        """When this agency works; as the hub does, unless its section says otherwise."""
        section = self._agency(agency)
        hours = section.working_hours if section is not None else None
        return Calendar(hours or self.hub.working_hours, self.zone)

    def reply_rules(self, agency: str) -> tuple[RatingRule, ...]:
        """The rating scheme as it counts for this agency's replies."""
        section = self._agency(agency)
        return tuple(self._of_agency(rule, section) for rule in self.hub.ratings)

    def reply_due(self, agency: str, rating: Rating, now: datetime, *, decision_due: datetime | None) -> datetime:
        """When this agency's reply is due if it is asked ``now``; not after a decision that is itself still to come.

        Raises:
            Rejected: the hub's scheme has no such rating.
        """
        return clocks.reply_due(
            rating, now, self.reply_rules(agency), self.calendar_of(agency), decision_due=decision_due
        )

    def redated(self, agency: str, open_request_due: datetime, rating: Rating, now: datetime) -> datetime:
        """When this agency's open request is due after a re-rating at ``now``: earlier than before, or as before.

        Raises:
            Rejected: the hub's scheme has no such rating.
        """
        return clocks.redated(open_request_due, rating, now, self.reply_rules(agency), self.calendar_of(agency))

    def chases(self, agency: str, rating: Rating | None, asked: datetime, due: datetime) -> tuple[datetime, ...]:
        """When an agency is reminded of a request that it was asked at ``asked``, in order; none is after ``due``."""
        times = []
        for part in sorted(self.hub.chase.at):
            moment = asked.astimezone(UTC) + (due - asked) * part
            if self._kind(rating, self.reply_rules(agency)) == "working":
                moment = self.calendar_of(agency).next_open(moment)
            times.append(min(moment, due))
        return tuple(times)

    def escalations(self, raised: datetime, rating: Rating | None, agency: str | None) -> tuple[datetime, ...]:
        """When each post of the chain is turned to while an alarm stands that was raised at ``raised``.

        ``agency``: the one whose reply is late, or None. Its own clock counts for its own posts.
        """
        own = len(self._chain(agency))
        section = self.hub.escalation
        return tuple(
            self._after(
                raised, section.after_minutes + place * section.every_minutes, rating, agency if place < own else None
            )
            for place in range(len(self.chain(agency)))
        )

    def chain(self, agency: str | None) -> tuple[str, ...]:
        """Whom the hub turns to, the nearest first: the late agency's own posts, then the hub's."""
        return self._chain(agency) + self.hub.escalation.chain

    def whom(self, agency: str | None, level: int, now: datetime) -> str:
        """The post that is turned to at ``level`` at ``now``; level 1 is the nearest.

        While those of the chain are off it is the one on duty out of hours, where there is one.
        """
        own = level <= len(self._chain(agency))
        section = self._agency(agency) if own and agency is not None else None
        on_duty = section.out_of_hours if section is not None else self.hub.escalation.out_of_hours
        calendar = self.calendar_of(agency) if own and agency is not None else self.calendar
        return on_duty if on_duty and not calendar.open_at(now) else self.chain(agency)[level - 1]

    def red_out_of_hours(self, rating: Rating | None, now: datetime) -> bool:
        """Whether a referral of this rating needs the post on duty now: it is red, and the hub is closed."""
        return bool(self.hub.escalation.out_of_hours) and rating is Rating.RED and not self.calendar.open_at(now)

    # --- behind ---

    def _agency(self, agency: str | None) -> AgencySection | None:
        return next((one for one in self.hub.agencies if one.id == agency), None)

    def _chain(self, agency: str | None) -> tuple[str, ...]:
        section = self._agency(agency)
        return section.escalation if section is not None else ()

    @staticmethod
    def _of_agency(rule: RatingRule, section: AgencySection | None) -> RatingRule:
        if section is None:
            return rule
        return rule.model_copy(
            update={
                "reply_hours": section.reply_hours.get(rule.rating, rule.reply_hours),
                "clock": section.reply_clock or rule.clock,
            }
        )

    @staticmethod
    def _kind(rating: Rating | None, rules: Sequence[RatingRule]) -> ClockKind:
        # What is not rated yet, or rated as the scheme has it no more, may be the worst: its clock does not stop.
        return next((rule.clock for rule in rules if rule.rating is rating), "elapsed")

    def _after(self, start: datetime, minutes: int, rating: Rating | None, agency: str | None) -> datetime:
        rules = self.reply_rules(agency) if agency is not None else self.hub.ratings
        if self._kind(rating, rules) == "working":
            calendar = self.calendar_of(agency) if agency is not None else self.calendar
            return calendar.add_working(start, minutes / 60)
        return start.astimezone(UTC) + timedelta(minutes=minutes)
