"""How a run is counted: until the last message is confirmed, where there is a queue to ask."""

from typing import cast

from benchmarks.arrivals import Queue
from benchmarks.load.order import Order, Told
from benchmarks.sending import Load
from benchmarks.subject import Subject


class Sender:
    """A load that answers 100 messages within a second, whatever it is told."""

    def __init__(self) -> None:
        self.orders: list[Order] = []

    async def perform(self, order: Order) -> Told:
        self.orders.append(order)
        return Told(
            answered=100, refused=3, lost=2, owed=1, first=10.0, last=11.0, p50=0.01, p99=0.05, longest=0.2, cpu=0.1
        )


class Confirmed:
    """A queue that has so many messages of a run at that time."""

    def __init__(self, count: int, at: float) -> None:
        self._count = count
        self._at = at
        self.purged = 0

    async def purge(self) -> None:
        self.purged += 1

    async def reaches(self, count: int, within: float) -> tuple[int, float]:
        assert count == 100
        assert within > 0
        return self._count, self._at


def subject(queue: Confirmed | None) -> Subject:
    return Subject(name="ours", pid=None, ports={"mllp": 1}, queue=cast("Queue | None", queue))


async def test_without_a_queue_a_run_ends_with_the_last_answer() -> None:
    taken = await subject(None).take(cast("Load", Sender()), "mllp", connections=8, seconds=1)
    assert taken.per_second == 100
    assert (taken.p50, taken.p99, taken.longest) == (10, 50, 200)
    assert taken.trouble == 6


async def test_with_one_it_ends_when_the_last_is_confirmed() -> None:
    queue = Confirmed(100, 12.0)
    taken = await subject(queue).take(cast("Load", Sender()), "mllp", connections=8, seconds=1)
    assert taken.per_second == 50
    assert queue.purged == 1


async def test_what_is_not_confirmed_in_time_counts_for_nothing_and_is_told() -> None:
    taken = await subject(Confirmed(60, 12.0)).take(cast("Load", Sender()), "mllp", connections=8, seconds=1)
    assert taken.per_second == 30
    assert taken.trouble == 6 + 40


async def test_no_run_sends_what_another_sent() -> None:
    sender, ours = Sender(), subject(None)
    for rate in (None, 200.0, None):
        await ours.take(cast("Load", sender), "mllp", connections=8, seconds=1, rate=rate)
    ends = 0
    for order in sender.orders:
        assert order.first >= ends
        assert order.first % 10 == 0
        ends = order.first + order.most
