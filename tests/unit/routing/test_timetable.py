from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.timetable import Timetable
from routing.working_time import Calendar
from schemas.hub import AgencySection
from schemas.timing import Chase, ClockKind, Escalation, RatingRule, WorkingHours
from schemas.vocabulary import Rating
from tests.unit.routing.builders import COUNCIL, HEALTH, LONDON, NOW, POLICE, RULES, SCHOOLS
from tests.unit.routing.test_hub_rules import GOOD

HOUR = timedelta(hours=1)
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 1), timezones=st.just(UTC))  # noqa: DTZ001 - bounds are naive by contract
RATINGS = st.sampled_from([Rating.RED, Rating.AMBER, Rating.GREEN])
KINDS: st.SearchStrategy[ClockKind] = st.sampled_from(["elapsed", "working"])
HOURS = st.floats(0.1, 100, allow_nan=False)
HOLIDAYS = st.frozensets(st.dates(date(2026, 1, 1), date(2027, 12, 31)), max_size=30)
WORKING = st.builds(
    lambda days, opens, length, holidays: WorkingHours(
        days=tuple(sorted(days)), opens=time(opens), closes=time(opens + length), bank_holidays=tuple(holidays)
    ),
    st.sets(st.integers(0, 6), min_size=1),
    st.integers(0, 15),
    st.integers(1, 8),
    HOLIDAYS,
)
SCHOOL_HOURS = WorkingHours(opens=time(8), closes=time(16), bank_holidays=(date(2026, 11, 5),))


def table(*agencies: AgencySection, **changed: object) -> Timetable:
    """The clocks of a hub with these agencies, and changed so."""
    return Timetable(GOOD.model_copy(update={"agencies": agencies or GOOD.agencies, **changed}), LONDON)


def agency(like: AgencySection = HEALTH, **changed: object) -> AgencySection:
    return like.model_copy(update=changed)


@st.composite
def tables(draw: st.DrawFn) -> Timetable:
    """Any hub: its hours, scheme and zone, one agency with clocks of its own, reminders and a chain."""
    rules = tuple(
        RatingRule(rating=rating, hours=draw(HOURS), reply_hours=draw(HOURS), clock=draw(KINDS))
        for rating in (Rating.RED, Rating.AMBER, Rating.GREEN)
    )
    own: dict[Rating, float] = draw(st.dictionaries(RATINGS, HOURS))
    kind: ClockKind | None = draw(KINDS | st.none())
    section = agency(
        HEALTH,
        reply_hours=own,
        reply_clock=kind,
        working_hours=draw(st.none() | WORKING),
        escalation=tuple(draw(st.lists(st.sampled_from(["first", "second"]), max_size=2))),
    )
    hub = GOOD.model_copy(
        update={
            "ratings": rules,
            "working_hours": draw(WORKING),
            "agencies": (section, COUNCIL),
            "chase": Chase(at=tuple(draw(st.lists(st.floats(0.05, 1), max_size=4)))),
            "escalation": Escalation(
                chain=tuple(draw(st.lists(st.sampled_from(["third", "fourth"]), max_size=3))),
                after_minutes=draw(st.integers(1, 600)),
                every_minutes=draw(st.integers(1, 600)),
            ),
        }
    )
    return Timetable(hub, ZoneInfo(draw(st.sampled_from(["Europe/London", "Australia/Lord_Howe", "UTC"]))))


def worked(calendar: Calendar, start: datetime, end: datetime) -> timedelta:
    """The working time between two moments, counted another way: each local day's shift, clipped to the span."""
    total, day = timedelta(), calendar.local(start).date()
    while day <= calendar.local(end).date():
        if day.weekday() in calendar.hours.days and day not in calendar.hours.bank_holidays:
            opens = datetime.combine(day, calendar.hours.opens, calendar.zone).astimezone(UTC)
            closes = datetime.combine(day, calendar.hours.closes, calendar.zone).astimezone(UTC)
            total += max(min(closes, end) - max(opens, start), timedelta())
        day += timedelta(days=1)
    return total


def test_an_agency_without_clocks_of_its_own_has_the_hubs() -> None:
    made = table()
    assert made.reply_rules("health") == RULES
    assert made.calendar_of("health") == made.calendar
    assert made.reply_due("health", Rating.AMBER, NOW, decision_due=None) == NOW + 6 * HOUR


def test_an_agencys_own_hours_go_before_the_hubs_for_that_rating_and_that_agency_alone() -> None:
    made = table(agency(reply_hours={Rating.RED: 1.0}), POLICE)
    assert made.reply_due("health", Rating.RED, NOW, decision_due=None) == NOW + HOUR
    assert made.reply_due("health", Rating.AMBER, NOW, decision_due=None) == NOW + 6 * HOUR
    assert made.reply_due("police", Rating.RED, NOW, decision_due=None) == NOW + 2 * HOUR


def test_a_school_answers_in_school_hours_and_on_school_days() -> None:
    school = agency(SCHOOLS, reply_clock="working", working_hours=SCHOOL_HOURS)
    made = table(school, POLICE)
    afternoon = datetime(2026, 11, 4, 15, 0, tzinfo=UTC)
    # An hour on Wednesday, none on Thursday, which is its holiday, and five on Friday.
    assert made.reply_due("schools", Rating.AMBER, afternoon, decision_due=None) == datetime(
        2026, 11, 6, 13, 0, tzinfo=UTC
    )
    assert made.reply_due("police", Rating.AMBER, afternoon, decision_due=None) == afternoon + 6 * HOUR


@given(tables(), RATINGS, MOMENTS)
def test_a_reply_has_exactly_the_time_that_the_agencys_clock_gives(
    made: Timetable, rating: Rating, now: datetime
) -> None:
    due = made.reply_due("health", rating, now, decision_due=None)
    rule = next(one for one in made.reply_rules("health") if one.rating is rating)
    spent = worked(made.calendar_of("health"), now, due) if rule.clock == "working" else due - now
    assert abs(spent - rule.reply_hours * HOUR) <= timedelta(milliseconds=1)


@given(tables(), MOMENTS, st.lists(st.tuples(RATINGS, st.floats(0, 100)), max_size=5))
def test_no_series_of_re_ratings_moves_an_agencys_request_back(
    made: Timetable, asked: datetime, later: list[tuple[Rating, float]]
) -> None:
    due, now = made.reply_due("health", Rating.AMBER, asked, decision_due=None), asked
    for rating, wait in later:
        now += wait * HOUR
        fresh = made.redated("health", due, rating, now)
        assert fresh == min(due, made.reply_due("health", rating, now, decision_due=None))
        due = fresh


@given(tables(), RATINGS, MOMENTS, st.floats(0.1, 300))
def test_reminders_come_in_order_after_the_asking_and_not_after_the_due_time(
    made: Timetable, rating: Rating, asked: datetime, hours: float
) -> None:
    due = asked + hours * HOUR
    times = made.chases("health", rating, asked, due)
    assert len(times) == len(made.hub.chase.at)
    assert list(times) == sorted(times)
    assert all(asked < moment <= due for moment in times)


@given(tables(), RATINGS, MOMENTS, st.floats(0.1, 300))
def test_a_reminder_by_a_working_clock_finds_somebody_at_work_or_is_due(
    made: Timetable, rating: Rating, asked: datetime, hours: float
) -> None:
    due = asked + hours * HOUR
    rule = next(one for one in made.reply_rules("health") if one.rating is rating)
    for moment, part in zip(made.chases("health", rating, asked, due), sorted(made.hub.chase.at), strict=True):
        exact = asked + (due - asked) * part
        if rule.clock == "working":
            assert moment == due or made.calendar_of("health").open_at(moment)
            assert moment >= exact or moment == due
        else:
            assert moment == min(exact, due)


def test_a_reminder_at_half_time_and_one_at_the_due_time() -> None:
    made = table(chase=Chase(at=(1.0, 0.5)))
    assert made.chases("health", Rating.AMBER, NOW, NOW + 6 * HOUR) == (NOW + 3 * HOUR, NOW + 6 * HOUR)
    assert table().chases("health", Rating.AMBER, NOW, NOW + 6 * HOUR) == ()


@given(tables(), RATINGS | st.none(), MOMENTS, st.sampled_from(["health", "council", None]))
def test_a_chain_is_climbed_post_by_post_and_each_has_its_time(
    made: Timetable, rating: Rating | None, raised: datetime, late: str | None
) -> None:
    times = made.escalations(raised, rating, late)
    section, own = made.hub.escalation, len(made.hub.agencies[0].escalation) if late == "health" else 0
    assert len(times) == own + len(section.chain)
    for place, moment in enumerate(times):
        minutes = timedelta(minutes=section.after_minutes + place * section.every_minutes)
        rules = made.reply_rules("health") if place < own else made.hub.ratings
        calendar = made.calendar_of("health") if place < own else made.calendar
        kind = next((rule.clock for rule in rules if rule.rating is rating), "elapsed")
        spent = worked(calendar, raised, moment) if kind == "working" else moment - raised
        assert abs(spent - minutes) <= timedelta(milliseconds=1)


def test_a_late_request_goes_along_the_agencys_chain_and_then_the_hubs() -> None:
    made = table(agency(escalation=("matron", "director")), POLICE, escalation=Escalation(chain=("head",)))
    assert made.chain("health") == ("matron", "director", "head")
    assert made.chain("police") == made.chain(None) == ("head",)
    assert [made.whom("health", level, NOW) for level in (1, 2, 3)] == ["matron", "director", "head"]


def test_out_of_hours_the_post_on_duty_is_turned_to_each_for_its_own_posts() -> None:
    section = agency(escalation=("matron",), out_of_hours="night matron", working_hours=WorkingHours(closes=time(12)))
    made = table(section, POLICE, escalation=Escalation(chain=("head",), out_of_hours="duty team"))
    day, afternoon, night = NOW, NOW + 4 * HOUR, NOW + 12 * HOUR
    assert [made.whom("health", 1, now) for now in (day, afternoon, night)] == ["matron", *["night matron"] * 2]
    assert [made.whom("health", 2, now) for now in (day, afternoon, night)] == ["head", "head", "duty team"]


@pytest.mark.parametrize(
    "now, rating, told",
    [
        (NOW, Rating.RED, False),
        (NOW + 12 * HOUR, Rating.RED, True),
        (NOW + 12 * HOUR, Rating.AMBER, False),
        (NOW + 12 * HOUR, None, False),
        (datetime(2026, 12, 25, 11, tzinfo=UTC), Rating.RED, True),
        (datetime(2026, 11, 7, 11, tzinfo=UTC), Rating.RED, True),
    ],
)
def test_a_red_is_for_the_post_on_duty_at_night_at_weekends_and_on_bank_holidays(
    now: datetime, rating: Rating | None, told: bool
) -> None:
    hours = WorkingHours(bank_holidays=(date(2026, 12, 25),))
    made = table(escalation=Escalation(out_of_hours="duty team"), working_hours=hours)
    assert made.red_out_of_hours(rating, now) is told
    assert not table(working_hours=hours).red_out_of_hours(rating, now)


@given(WORKING, MOMENTS)
def test_the_next_opening_is_the_first_moment_at_work(hours: WorkingHours, moment: datetime) -> None:
    calendar = Calendar(hours, LONDON)
    opens = calendar.next_open(moment)
    assert opens >= moment
    assert calendar.open_at(opens)
    assert worked(calendar, moment, opens) == timedelta()
    assert calendar.open_at(moment) is (opens == moment)


@pytest.mark.parametrize(
    "at, is_open",
    [
        ("2026-03-29T08:30", False),  # a Sunday in an hour that summer time moved
        ("2026-03-30T08:30", False),
        ("2026-03-30T09:00", True),
        ("2026-10-26T16:59", True),
        ("2026-10-26T17:00", False),
    ],
)
def test_opening_hours_are_those_of_the_wall_clock_on_either_side_of_a_change(at: str, is_open: bool) -> None:
    calendar = Calendar(WorkingHours(), LONDON)
    assert calendar.open_at(datetime.fromisoformat(at).replace(tzinfo=LONDON)) is is_open


def test_a_rating_that_the_scheme_has_no_more_escalates_without_pause() -> None:
    made = table(ratings=(RatingRule(rating=Rating.RED, hours=4, reply_hours=2, clock="working"),),
                 escalation=Escalation(chain=("head",), after_minutes=30))  # fmt: skip
    friday_evening = datetime(2026, 11, 6, 20, 0, tzinfo=UTC)
    assert made.escalations(friday_evening, Rating.BLUE, None) == (friday_evening + timedelta(minutes=30),)
    assert made.escalations(friday_evening, Rating.RED, None) == (datetime(2026, 11, 9, 9, 30, tzinfo=UTC),)
