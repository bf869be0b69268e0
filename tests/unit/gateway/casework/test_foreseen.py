"""What a rating would do, before it is given."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.bootstrap import Gateway
from schemas.errors import Refused
from schemas.vocabulary import Rating
from tests.unit.gateway import case
from tests.unit.gateway.conftest import Clock
from tests.unit.gateway.whole import entries, person


@pytest.mark.parametrize("relax", [None, "There is a reason"])
@pytest.mark.parametrize("rating", [Rating.RED, Rating.GREEN])
async def test_what_was_foreseen_is_what_happens(
    gateway: Gateway, clock: Clock, rating: Rating, relax: str | None
) -> None:
    referral = await case.opened(gateway)
    await case.rated(gateway, referral, Rating.AMBER)
    await case.asked(gateway, referral)
    clock.pass_by(timedelta(minutes=10))
    foreseen = await gateway.rating.foreseen(person("manager"), referral, rating, relax_reason=relax)
    before = len(await entries(gateway))
    assert len(await entries(gateway)) == before
    given = await case.rated(gateway, referral, rating, relax)
    assert foreseen.due_at == given.due_at
    assert foreseen.redated == tuple(one.agency for one in given.redated)


async def test_nothing_is_foreseen_for_another_manager(gateway: Gateway) -> None:
    referral = await case.opened(gateway)
    await case.rated(gateway, referral)
    with pytest.raises(Refused):
        await gateway.rating.foreseen(person("other_manager"), referral, Rating.RED, relax_reason=None)
