"""What a hub sets about time: when it works, how long a rating gives, when it reminds, whom it turns to next."""

from __future__ import annotations

from datetime import date, time
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from schemas.section import Section
from schemas.vocabulary import Rating

ClockKind = Literal["elapsed", "working"]
Post = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
Fraction = Annotated[float, Field(gt=0, le=1)]
TimedStep = Literal["screen", "ask", "act", "close"]
"""Steps that have a clock only where the hub gives them one; rating, reply, decision, acceptance and feedback always
have."""


class WorkingHours(Section):
    """Working time in the hub's own zone; ``days`` are 0 (Monday) to 6."""

    days: tuple[int, ...] = (0, 1, 2, 3, 4)
    opens: time = time(9)
    closes: time = time(17)
    bank_holidays: tuple[date, ...] = ()


class RatingRule(Section):
    """How long a rating gives: until the decision and until replies. ``clock`` says whether nights count."""

    rating: Rating
    hours: Annotated[float, Field(gt=0)]
    reply_hours: Annotated[float, Field(gt=0)]
    clock: ClockKind = "elapsed"


class StepClock(Section):
    """How long one step may take.

    ``screen`` runs from receipt, ``ask`` from the rating, ``close`` from the decision, ``act`` from the acceptance of a
    product. With ``rating`` the row is for referrals rated so; without it for all that have no row of their own.
    """

    step: TimedStep
    rating: Rating | None = None
    hours: Annotated[float, Field(gt=0)]
    clock: ClockKind = "working"


class Chase(Section):
    """When an agency is reminded of a request: ``at`` are parts of the time that it was given, 1 is the due time.

    A reminder by a working clock that falls into a closed hour waits until the agency works, though not past the due
    time.
    """

    at: Annotated[tuple[Fraction, ...], Field(max_length=5)] = ()


class Escalation(Section):
    """Whom the hub turns to while an alarm stands: ``chain`` by post, the nearest first.

    A late request goes along its agency's own chain first. The first post is turned to ``after_minutes`` after the
    alarm, each next one ``every_minutes`` later; where the referral's rating has a working clock these are working
    minutes. ``out_of_hours`` is the post that is turned to while the hub is closed, and that hears of a red at once.
    """

    chain: Annotated[tuple[Post, ...], Field(max_length=10)] = ()
    after_minutes: Annotated[int, Field(ge=1)] = 30
    every_minutes: Annotated[int, Field(ge=1)] = 60
    out_of_hours: Annotated[str, StringConstraints(max_length=200, strip_whitespace=True)] = ""


class Clocks(Section):
    """Alarms and skews, in minutes or seconds as named."""

    unrated_alarm_minutes: Annotated[int, Field(ge=1)] = 60
    unaccepted_alarm_minutes: Annotated[int, Field(ge=1)] = 60
    watch_seconds: Annotated[float, Field(gt=0)] = 5
    skew_seconds: Annotated[int, Field(ge=0, le=300)] = 30
    feedback_working_days: Annotated[int, Field(ge=1)] = 1
