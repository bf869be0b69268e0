"""Who looked at a case."""

from __future__ import annotations

import pytest

from gateway.bootstrap import Gateway
from schemas.errors import Unknown
from tests.unit.gateway import case
from tests.unit.gateway.whole import person


async def test_looks_are_told_the_latest_first_with_the_role(gateway: Gateway) -> None:
    referral = await case.opened(gateway)
    await gateway.viewing.referral(person("coordinator"), referral)
    await gateway.viewing.referral(person("manager"), referral)
    looks = (await gateway.looking.looks(referral)).looks
    assert {(one.who, one.role, one.what) for one in looks} == {
        ("person:t.coordinator", "coordinator", "referral.viewed"),
        ("person:t.manager", "social_work_manager", "referral.viewed"),
    }
    assert [one.at for one in looks] == sorted((one.at for one in looks), reverse=True)


async def test_a_look_by_a_broken_glass_says_so(gateway: Gateway) -> None:
    referral = await case.opened(gateway)
    await case.rated(gateway, referral)
    await gateway.glass.break_glass(person("other_manager"), referral, "The manager is away")
    await gateway.viewing.referral(person("other_manager"), referral)
    assert all(one.break_glass for one in (await gateway.looking.looks(referral)).looks)


async def test_of_what_is_not_there_nobody_is_told_anything(gateway: Gateway) -> None:
    with pytest.raises(Unknown):
        await gateway.looking.looks("ref_" + "0" * 26)
