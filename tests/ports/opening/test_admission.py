"""Letting callers in: each proof once, standing as it is now, and one commit for all who call at once."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from gateway.bootstrap import Gateway
from gateway.single_use import Replayed, Use
from tests.gateway.commits import watch_commits
from tests.gateway.faults import killed_before_commit

CLIENTS = ("police.desk", "police.lead", "health.gp", "council.assessment-team")


def use(gateway: Gateway) -> Use:
    return Use(digest=secrets.token_hex(32), expires_at=gateway.world.now() + timedelta(minutes=3))


async def test_a_client_in_good_standing_is_let_in_as_it_was_enrolled(gateway: Gateway) -> None:
    for client_id in CLIENTS:
        found = await gateway.admission.admit(use(gateway), client_id)
        assert found == await gateway.agencies.standing(client_id)
        assert found is not None


@pytest.mark.parametrize("client_id", ["police.nobody", "", "police", "police.desk' OR 'x' = 'x", "police.DESK"])
async def test_whoever_is_not_enrolled_is_nobody(gateway: Gateway, client_id: str) -> None:
    assert await gateway.admission.admit(use(gateway), client_id) is None


async def test_those_who_call_at_once_share_a_commit_and_each_has_its_own_outcome(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits = list[frozenset[str]]()

    async def counted(_: object, commit: Callable[[], Awaitable[object]], tables: frozenset[str]) -> object:
        commits.append(tables)
        return await commit()

    watch_commits(monkeypatch.setattr, {}, counted)
    twice = use(gateway)
    calls = [gateway.admission.admit(use(gateway), client_id) for client_id in (*CLIENTS * 5, "police.nobody")]
    calls += [gateway.admission.admit(twice, CLIENTS[0]), gateway.admission.admit(twice, CLIENTS[0])]
    outcomes = await asyncio.gather(*calls, gateway.admission.use_up(use(gateway)), return_exceptions=True)
    assert commits == [{"seen"}]
    names = [getattr(one, "client_id", None) for one in outcomes]
    assert names == [*CLIENTS * 5, None, CLIENTS[0], None, None]
    assert [type(one) for one in outcomes[-2:]] == [Replayed, type(None)]


async def test_a_proof_is_used_up_for_every_process_of_the_hub(gateway: Gateway, another: Gateway) -> None:
    once = use(gateway)
    await gateway.admission.use_up(once)
    for elsewhere in (gateway, another):
        with pytest.raises(Replayed):
            await elsewhere.admission.admit(once, CLIENTS[0])
    again = use(gateway)
    outcomes = await asyncio.gather(
        *(one.admission.use_up(again) for one in (gateway, another) * 3), return_exceptions=True
    )
    assert sorted(type(one).__name__ for one in outcomes) == ["NoneType"] + ["Replayed"] * 5


async def test_who_was_suspended_elsewhere_a_moment_ago_is_let_in_no_more(gateway: Gateway, another: Gateway) -> None:
    assert await gateway.admission.admit(use(gateway), CLIENTS[0]) is not None
    await another.agencies.suspend("police", another.world.now())
    found = await asyncio.gather(*(gateway.admission.admit(use(gateway), client_id) for client_id in CLIENTS))
    assert [one is not None for one in found] == [False, False, True, True]


async def test_a_proof_whose_commit_failed_lets_nobody_in_and_may_be_tried_again(gateway: Gateway) -> None:
    once = use(gateway)
    with killed_before_commit("seen") as struck, pytest.raises(Exception, match="store"):
        await gateway.admission.admit(once, CLIENTS[0])
    assert struck.times == 1
    assert await gateway.admission.admit(once, CLIENTS[0]) is not None
