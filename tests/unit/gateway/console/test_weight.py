"""What pages weigh and how long they take, beside the same page with nothing on it in the same run."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable
from datetime import timedelta

from gateway.bootstrap import Gateway
from gateway.store.records import ReferralRecord
from gateway.store.repositories.referrals import REFERRALS
from schemas import opaque
from tests.unit.gateway.conftest import Clock
from tests.unit.gateway.console.conftest import Visitor

MANY = 10_000
HEAVIEST = 30_000
EMPTY = "/console/referrals?show=closed"


async def filled(gateway: Gateway, clock: Clock, number: int) -> None:
    """So many open referrals, rated in turn and due one after another."""
    now = clock()
    ratings = ("red", "amber", "green", None)
    async with gateway.store.work() as work:
        for place in range(number):
            rating = ratings[place % 4]
            await work._transaction.add(
                REFERRALS,
                ReferralRecord(
                    id=gateway.world.name(opaque.Prefix.REFERRAL),
                    state="rated" if rating else "received",
                    rating=rating,
                    received_at=now - timedelta(minutes=place % 5_000),
                    due_at=now + timedelta(minutes=place % 3_000) - timedelta(minutes=60) if rating else None,
                    feedback_due_at=now,
                    scope="x",
                    child_unidentified=False,
                    version=1,
                    assigned_to=None,
                    closed_at=None,
                    reopened_at=None,
                    linked_to=None,
                ),
            )
        await work.commit()


async def took(visitor: Visitor, *paths: str) -> list[float]:
    """The fastest of several answers of each, in seconds, taken in turn: other work on the machine slows all alike."""
    fastest = [float("inf")] * len(paths)
    for _ in range(9):
        for place, path in enumerate(paths):
            start = time.perf_counter()
            assert (await visitor.get(path)).status == 200
            fastest[place] = min(fastest[place], time.perf_counter() - start)
    return fastest


async def test_a_board_of_10_000_open_referrals_answers_within_three_times_an_empty_one_and_is_light(
    visitor: Callable[[], Visitor], gateway: Gateway, clock: Clock
) -> None:
    await filled(gateway, clock, MANY)
    manager = visitor()
    await manager.sign_in("manager")
    paths = ("/console/referrals", "/console/referrals?page=20&order=rating", "/console/referrals?rating=late")
    empty, *boards = await took(manager, EMPTY, *paths)
    for path, board in zip(paths, boards, strict=True):
        assert board <= 3 * empty, (path, board, empty)
        text = await (await manager.get(path)).read()
        assert text.count(b"data-line=") == 50
        assert len(gzip.compress(text)) <= HEAVIEST
