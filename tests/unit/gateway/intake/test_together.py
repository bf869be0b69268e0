"""Messages that come at once share a commit; what one of them brings on itself the others never notice."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from unittest.mock import Mock

import pytest

from adapters.port import Fate as Told
from gateway.bootstrap import Gateway
from gateway.delivery.notices import Notices
from gateway.intake.front_door import FrontDoor
from gateway.store.direct.sqlite import SqliteDriver, SqliteWork
from tests.gateway.faults import store_away
from tests.unit.gateway.intake.sending import Sender, nhs, notification, person
from tests.unit.gateway.whole import entries

CHILD = person("child-1", nhs("9990000018"))


@pytest.fixture
def police(gateway: Gateway) -> Sender:
    return Sender(gateway=gateway)


def counted(monkeypatch: pytest.MonkeyPatch, owner: type, name: str) -> Mock:
    """How often a method is called."""
    method: Callable[..., object] = getattr(owner, name)
    calls = Mock()

    def counting(self: object, *given: object) -> object:
        calls()
        return method(self, *given)

    monkeypatch.setattr(owner, name, counting)
    return calls


async def test_messages_that_come_at_once_share_a_commit(police: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    commits = counted(monkeypatch, SqliteWork, "commit")
    payloads = [police.write(notification(CHILD)) for _ in range(60)]
    answers = await asyncio.gather(*(police.post(payload) for payload in payloads))
    assert {one.fate for one in answers} == {Told.ACCEPTED}
    assert len({one.message_id for one in answers}) == 60
    assert commits.call_count <= 2
    assert len(await entries(police.gateway, "referral.created")) == 1
    assert len(await entries(police.gateway, "referral.joined")) == 59


async def test_a_lone_message_is_looked_up_written_and_committed_in_a_step_each(
    police: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    payload = police.write(notification(CHILD, adults=(person("adult-1", nhs("9990000026")),)))
    steps = counted(monkeypatch, SqliteDriver, "run")
    assert (await police.post(payload)).fate is Told.ACCEPTED
    assert steps.call_count == 3


async def test_a_batch_goes_to_the_store_no_more_often_than_one_of_it(
    police: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    await police.post(police.write(notification(CHILD)))
    steps = counted(monkeypatch, SqliteDriver, "run")
    await police.post(police.write(notification(CHILD)))
    alone = steps.call_count
    steps.reset_mock()
    payloads = [police.write(notification(CHILD)) for _ in range(60)]
    await asyncio.gather(*(police.post(payload) for payload in payloads))
    assert steps.call_count <= 2 * alone


async def test_what_one_message_brings_on_itself_the_others_never_notice(
    police: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    admit = FrontDoor.admit

    def failing(self: FrontDoor, working: object, arrived: object, reading: object) -> str:
        reached = admit(self, working, arrived, reading)  # type: ignore[arg-type]
        if reading.native_id == "POISON":  # type: ignore[attr-defined]
            raise RuntimeError("a bug of a test's")
        return reached

    monkeypatch.setattr(FrontDoor, "admit", failing)
    payloads = [police.write(notification(person("child-1", nhs("9990000018")))) for _ in range(4)]
    payloads.insert(2, police.write(notification(person("child-1", nhs("9990000026"))), native_id="POISON"))
    outcomes = await asyncio.gather(*(police.post(payload) for payload in payloads), return_exceptions=True)
    assert isinstance(outcomes[2], RuntimeError)
    good = [one for one in outcomes if not isinstance(one, BaseException)]
    assert [one.fate for one in good] == [Told.ACCEPTED] * 4
    async with police.gateway.store.reading() as work:
        counts = await work.messages.counts(police.feed.section.name)
        assert len(await work.referrals.page()) == 1
    assert (counts.accepted, counts.items, counts.reconciled) == (4, 4, True)


async def test_a_batch_that_the_store_does_not_take_is_taken_one_by_one(
    police: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    payloads = [police.write(notification(CHILD)) for _ in range(3)]
    name = police.gateway.intake._world.name
    drawn: list[str] = []

    def twice(prefix: object) -> str:
        """The same name for two items: a key that is taken, which the store refuses for the whole transaction."""
        made = name(prefix)  # type: ignore[arg-type]
        if str(prefix) == "itm":
            drawn.append(made)
            return drawn[0] if len(drawn) == 2 else made
        return made

    monkeypatch.setattr(type(police.gateway.world), "name", lambda _, prefix: twice(prefix))
    answers = await asyncio.gather(*(police.post(payload) for payload in payloads))
    assert [one.fate for one in answers] == [Told.ACCEPTED] * 3


# --- notices ---


@pytest.fixture
def announcing(gateway: Gateway) -> Notices:
    gateway.notices.on = True
    return gateway.notices


async def test_what_is_kept_is_announced_once_it_is_committed(police: Sender, announcing: Notices) -> None:
    accepted = await police.post(police.write(notification(CHILD), native_id="N1"))
    refused = await police.post(b"unreadable")
    conflict = await police.post(police.write(notification(CHILD), native_id="N1"))
    await police.post(b"unreadable")
    async with police.gateway.store.reading() as work:
        (item,) = await work.messages.items(accepted.message_id)
        assert await work.notices.pending() == 3
    held = list(announcing._held)
    assert [(one.id, one.kind, one.subject) for one in held] == [
        (accepted.message_id, "accepted", item.referral_id),
        (refused.message_id, "quarantined", ""),
        (conflict.message_id, "quarantined", ""),
    ]
    # What the broker has confirmed goes with the next message's commit.
    announcing.give_back([held[0].id, held[1].id])
    await police.post(police.write(notification(CHILD)))
    async with police.gateway.store.reading() as work:
        assert await work.notices.pending() == 2


async def test_what_was_not_committed_is_not_announced_and_what_was_confirmed_is_not_forgotten(
    police: Sender, announcing: Notices
) -> None:
    announcing.give_back(["msg_confirmed"])
    with store_away():
        assert (await police.post(police.write(notification(CHILD)))).fate is Told.UNAVAILABLE
    assert list(announcing._held) == []
    assert announcing.take_confirmed() == ["msg_confirmed"]


async def test_without_arrivals_on_the_broker_nothing_is_noted(police: Sender, gateway: Gateway) -> None:
    await police.post(police.write(notification(CHILD)))
    async with gateway.store.reading() as work:
        assert await work.notices.pending() == 0
