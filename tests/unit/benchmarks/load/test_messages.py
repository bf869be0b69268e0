"""The messages that the load is made of."""

import pytest

from adapters import registry
from adapters.port import FeedContext
from benchmarks.load import messages
from benchmarks.load.messages import Mix
from schemas.vocabulary import ItemKind

CONTEXT = FeedContext(feed="bench", agency="health")


def _read(payload: bytes) -> tuple[ItemKind, frozenset[str]]:
    reading = registry.get("nhs.hl7v2").read(payload, CONTEXT)
    notification = reading.items[0].notification
    numbers = {one.value for person in notification.people for one in person.identifiers}
    return notification.kind, frozenset(numbers)


def test_one_of_ten_is_a_concern_and_the_gateway_reads_them_all() -> None:
    mix = Mix(run="T", first=0, lag=messages.lag(1))
    kinds = [_read(mix.message(position))[0] for position in range(40)]
    assert [position for position, kind in enumerate(kinds) if kind == ItemKind.CONCERN] == [0, 10, 20, 30]


def test_one_of_ten_is_about_the_mother_of_an_earlier_concern() -> None:
    mix = Mix(run="T", first=70, lag=20)
    _, mother = _read(mix.message(0))
    assert _read(mix.message(25))[1] == mother
    others = [_read(mix.message(position))[1] for position in range(1, 25)]
    assert mother not in others


@pytest.mark.parametrize("connections", [1, 8, 64])
def test_by_then_every_connection_was_answered_at_least_once(connections: int) -> None:
    lag = messages.lag(connections)
    assert lag % messages.CONCERN_EVERY == 0
    assert lag >= 2 * connections


def test_no_two_messages_of_runs_that_follow_each_other_share_an_identity() -> None:
    runs = [Mix(run=run, first=first, lag=20) for run, first in (("A", 0), ("B", 100))]
    made = [run.message(position).split(b"|")[9] for run in runs for position in range(100)]
    assert len(set(made)) == len(made)


def test_a_giant_stays_just_below_its_size_and_is_read() -> None:
    payload = messages.giant(1, "G", 200_000)
    assert 190_000 < len(payload) <= 200_000
    assert _read(payload)[0] == ItemKind.CONCERN
