"""The clocks of a referral. They run from the first receipt and never reset (invariant 9).

The rating sets how long the clock runs, not when it started. A re-rating can bring the due time forward and never
moves it back, unless a manager relaxes it with a reason that is recorded. Every time here is aware and in UTC.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from routing.working_time import Calendar
from schemas.errors import Rejected
from schemas.timing import RatingRule
from schemas.vocabulary import Rating


def due(rating: Rating, received: datetime, rules: Sequence[RatingRule], calendar: Calendar) -> datetime:
    """When the decision is due, counted from the first receipt.

    Raises:
        Rejected: the hub's scheme has no such rating.
    """
    rule = rule_for(rating, rules)
    return _after(received, rule.hours, rule, calendar)


def rerated_due(
    old_due: datetime | None,
    rating: Rating,
    now: datetime,
    rules: Sequence[RatingRule],
    calendar: Calendar,
    *,
    received: datetime,
    relax_reason: str | None = None,
) -> datetime:
    """When the decision is due after a rating at ``now``: the earlier of the old due time and ``now`` plus its period.

    Without an old due time this is the first rating, measured from receipt. With ``relax_reason`` the new period
    counts from ``now``, even where that is later than before.

    Raises:
        Rejected: the hub's scheme has no such rating, or the reason for relaxing is blank.
    """
    if old_due is None:
        return due(rating, received, rules, calendar)
    rule = rule_for(rating, rules)
    fresh = _after(now, rule.hours, rule, calendar)
    if relax_reason is None:
        return min(old_due, fresh)
    if not relax_reason.strip():
        raise Rejected("clock.relax_reason", "say why the due time may move back", at="relax_reason")
    return fresh


def reply_due(
    rating: Rating,
    now: datetime,
    rules: Sequence[RatingRule],
    calendar: Calendar,
    *,
    decision_due: datetime | None = None,
) -> datetime:
    """When an agency's reply is due, counted from the asking; not after a decision that is itself still to come.

    Raises:
        Rejected: the hub's scheme has no such rating.
    """
    rule = rule_for(rating, rules)
    reply = _after(now, rule.reply_hours, rule, calendar)
    return min(reply, decision_due) if decision_due is not None and decision_due > now else reply


def redated(
    open_request_due: datetime,
    rating: Rating,
    now: datetime,
    rules: Sequence[RatingRule],
    calendar: Calendar,
) -> datetime:
    """When the reply to an open request is due after a re-rating at ``now``: earlier than before, or as before.

    Raises:
        Rejected: the hub's scheme has no such rating.
    """
    return min(open_request_due, reply_due(rating, now, rules, calendar))


def feedback_due(received: datetime, working_days: int, calendar: Calendar) -> datetime:
    """When the referrer must have been told: the end of the n-th working day after receipt."""
    return calendar.next_working_days(received, working_days)


def unrated_alarm(received: datetime, rating: Rating | None, now: datetime, minutes: int) -> bool:
    """Whether a referral has stood unrated for longer than the hub allows. Real minutes: harm keeps no hours."""
    return rating is None and now >= received + timedelta(minutes=minutes)


def unaccepted_alarm(sent: datetime, *, accepted: bool, now: datetime, minutes: int) -> bool:
    """Whether a product has waited for a person to accept it longer than the hub allows. Delivery is not acceptance."""
    return not accepted and now >= sent + timedelta(minutes=minutes)


def overdue(due_at: datetime | None, now: datetime) -> bool:
    """Whether something due is late at ``now``. What has no due time yet has an alarm of its own."""
    return due_at is not None and now > due_at


def explain(rating: Rating, start: datetime, rules: Sequence[RatingRule], calendar: Calendar) -> str:
    """The clock in words, on the hub's wall clock: ``4 h from 10:32, red runs overnight``.

    Raises:
        Rejected: the hub's scheme has no such rating.
    """
    rule = rule_for(rating, rules)
    begin = calendar.local(start).strftime("%H:%M")
    if rule.clock == "working":
        return f"{rule.hours:g} working h from {begin}, {rating} stops overnight"
    return f"{rule.hours:g} h from {begin}, {rating} runs overnight"


def rule_for(rating: Rating, rules: Sequence[RatingRule]) -> RatingRule:
    """The hub's rule for this rating.

    Raises:
        Rejected: the hub's scheme has no such rating.
    """
    for rule in rules:
        if rule.rating is rating:
            return rule
    raise Rejected("rating.unknown", "choose a rating of this hub's scheme", at="rating")


def _after(start: datetime, hours: float, rule: RatingRule, calendar: Calendar) -> datetime:
    if rule.clock == "working":
        return calendar.add_working(start, hours)
    return start.astimezone(UTC) + timedelta(hours=hours)
