from __future__ import annotations

from itertools import islice

from tests.faults.plan import STRUCK_TABLES, Moment, points
from tests.faults.traffic import AMQP, HTTP, MLLP, Ending, cases, letters


def test_a_seed_repeats_a_campaign_and_another_seed_makes_another() -> None:
    assert points(1, 40) == points(1, 40)
    assert points(1, 40)[:7] == points(1, 7)
    assert points(1, 40) != points(2, 40)
    assert list(islice(letters(1, broker=True), 50)) == list(islice(letters(1, broker=True), 50))
    assert list(islice(letters(1, broker=True), 50)) != list(islice(letters(2, broker=True), 50))
    assert list(islice(cases(1), 3)) == list(islice(cases(1), 3))


def test_twenty_points_strike_before_and_after_every_kind_of_commit_and_from_outside() -> None:
    for seed in range(5):
        made = points(seed, 20)
        struck = {(one.moment, one.table) for one in made}
        assert struck >= {(moment, table) for moment in (Moment.BEFORE, Moment.AFTER) for table in STRUCK_TABLES}
        assert sum(one.moment is Moment.CLOCK for one in made) == 4


def test_the_broker_is_killed_at_some_points_and_left_alone_at_most() -> None:
    away = [one.broker_away_ms for one in points(1, 200)]
    assert 0.15 < sum(map(bool, away)) / len(away) < 0.45


def test_letters_come_every_way_in_good_and_bad_alone_and_repeated() -> None:
    made = list(islice(letters(1, broker=True), 300))
    assert {one.feed for one in made} == {AMQP, HTTP, MLLP}
    assert {one.ending for one in made} == set(Ending)
    assert {one.again for one in made} == {0, 1, 2}
    assert any(one.other for one in made)
    assert len({(one.feed, one.digest) for one in made}) == len(made)
    assert all(one.feed != AMQP for one in islice(letters(1, broker=False), 300))
