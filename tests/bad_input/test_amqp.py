"""Bad input over the broker: answered where the sender named a queue, dead-lettered with its reason, on record."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import aio_pika
import pytest
from aio_pika.abc import AbstractIncomingMessage, AbstractQueue

from sandbox import disclosure
from sandbox.agency import Given
from tests.bad_input.credentials import tampered
from tests.gateway import answers, borough
from tests.gateway.kept import rows
from tests.gateway.natives import notice
from tests.gateway.town import Town, fresh_reference, until

pytestmark = pytest.mark.parametrize("both", ["servers"], indirect=True)
FEED = "police-amqp"
USER = "guest"
"""Who every system is to the broker of these tests; the hub knows it as the police's."""


@dataclass(frozen=True, kw_only=True)
class Wire:
    """The broker's side of a sender: where it publishes, where it is answered, what was dead-lettered."""

    town: Town
    exchange: aio_pika.abc.AbstractExchange
    replies: AbstractQueue
    dead: AbstractQueue

    async def send(self, key: str, body: bytes, *, user: str | None = USER, request: str = "") -> None:
        """Publish; the broker has it when this returns."""
        message = aio_pika.Message(
            body,
            user_id=user,
            reply_to=self.replies.name,
            correlation_id=fresh_reference(),
            headers={"request": request} if request else {},
        )
        await self.exchange.publish(message, key)

    async def answer(self) -> AbstractIncomingMessage:
        """The next answer."""
        return await self.town.first_of(self.replies)

    async def buried(self) -> AbstractIncomingMessage:
        """The next dead letter."""
        return await self.town.first_of(self.dead)


async def wire(town: Town) -> Wire:
    """The sender's side of this hub's broker."""
    channel = await town.channel()
    dead = await channel.declare_queue(exclusive=True)
    await dead.bind(await channel.get_exchange(f"{town.ground.prefix}mash.dead", ensure=False), "#")
    return Wire(
        town=town,
        exchange=await channel.get_exchange(f"{town.ground.prefix}mash.in", ensure=False),
        replies=await channel.declare_queue(exclusive=True),
        dead=dead,
    )


def reason(letter: AbstractIncomingMessage) -> tuple[str, str]:
    """Why, and from which queue without its prefix, a letter died."""
    death = letter.headers["x-death"]
    assert isinstance(death, list)
    told = {str(name): value for name, value in dict(death[0]).items()}  # type: ignore[arg-type]
    return str(told["reason"]), str(told["queue"]).partition(".")[2]


async def test_a_good_notice_is_accepted_and_answered(town: Town) -> None:
    sender, message = await wire(town), notice()
    await sender.send(f"feed.{FEED}", message)
    first = await sender.answer()
    await sender.send(f"feed.{FEED}", message)
    assert (await sender.answer()).body == first.body
    counts = await town.counts(FEED)
    assert (counts["accepted"], counts["duplicate"]) == (1, 1)


async def test_a_bad_notice_is_kept_and_its_sender_answered(town: Town) -> None:
    sender = await wire(town)
    for number, message in enumerate((b"", b"no notice", notice()[:-100], b"\xff" * 100), start=1):
        await sender.send(f"feed.{FEED}", message)
        told = await sender.answer()
        assert b"quarantined" in told.body
        assert told.content_type == "application/xml"
        assert (await town.counts(FEED))["quarantined"] == number
    assert await sender.dead.get(fail=False) is None


async def test_a_notice_that_is_too_large_is_refused_and_not_kept(town: Town) -> None:
    sender = await wire(town)
    await sender.send(f"feed.{FEED}", notice() + b" " * borough.LIMIT)
    assert b"refused" in (await sender.answer()).body
    counts = await town.counts(FEED)
    assert (counts["received"], counts["refused"]) == (1, 1)
    assert (await rows(town.gateway))["messages"] == []


async def test_a_sender_whom_the_broker_does_not_name_is_turned_away_with_its_letter_buried(town: Town) -> None:
    sender = await wire(town)
    await sender.send(f"feed.{FEED}", notice(), user=None)
    assert b"refused" in (await sender.answer()).body
    assert reason(await sender.buried()) == ("rejected", f"feed.{FEED}")
    assert [(one["door"], one["reason"], one["count"]) for one in await town.refused_strangers()] == [
        (f"feed.{FEED}", "amqp.unknown_sender", 1)
    ]
    assert (await rows(town.gateway))["messages"] == []


async def test_a_suspended_sender_is_turned_away(town: Town) -> None:
    sender = await wire(town)
    await town.gateway.agencies.suspend("police", town.clock())
    await sender.send(f"feed.{FEED}", notice())
    assert b"refused" in (await sender.answer()).body
    assert (await rows(town.gateway))["messages"] == []


async def test_nobody_answers_at_the_door_of_another_agency(town: Town) -> None:
    sender = await wire(town)
    case = await town.referral(notice())
    await case.rate("amber", 2, "A reason")
    made = await case.ask({"health": ("health_history", "health_mental")}, "What do you know?")
    own = await answers.answer(town, await case.asked("health", made[0]["id"]))
    await sender.send("agency.health.disclosures", own.sealed.encode(), request=own.request)
    assert reason(await sender.buried()) == ("rejected", "agency.health.disclosures")
    # At its own door, with a request that is not its own, it knows of none.
    await sender.send("agency.police.disclosures", own.sealed.encode(), request=own.request)
    assert reason(await sender.buried()) == ("rejected", "agency.police.disclosures")
    assert [one["door"] for one in await town.refused_strangers()] == ["agency.health.disclosures"]
    assert (await rows(town.gateway))["disclosures"] == []
    assert (await answers.send(town, own)).disclosure


async def police_asked(town: Town) -> Given:
    """The police's answer to a request, made and not sent."""
    case = await town.referral(notice())
    await case.rate("amber", 2, "A reason")
    made = await case.ask({"police": ("police_intelligence",)}, "What do you know?")
    reply = disclosure.Reply(decision="nothing_held")
    return await answers.answer(town, await case.asked("police", made[0]["id"]), reply, agency="police")


async def test_a_bad_answer_is_refused_on_record_and_buried_and_the_good_one_still_taken(town: Town) -> None:
    sender, given = await wire(town), await police_asked(town)
    for body, request in (
        (b"", given.request),
        (b"no JOSE", given.request),
        (tampered(given.sealed, 3).encode(), given.request),
        (given.sealed.encode(), "req_00000000000000000000000000"),
        (given.sealed.encode(), ""),
        (given.sealed.encode() + b"A" * borough.LIMIT, given.request),
    ):
        await sender.send("agency.police.disclosures", body, request=request)
        assert reason(await sender.buried()) == ("rejected", "agency.police.disclosures")
    assert (await town.event_names()).count("disclosure.refused") >= 3
    assert (await rows(town.gateway))["disclosures"] == []
    for _ in range(2):
        await sender.send("agency.police.disclosures", given.sealed.encode(), request=given.request)

    async def received() -> bool:
        return "disclosure.received" in await town.event_names()

    await until(received)
    await asyncio.sleep(0.3)
    assert (await town.event_names()).count("disclosure.received") == 1
    assert await sender.dead.get(fail=False) is None


async def test_the_same_notice_many_times_at_once_is_accepted_once(town: Town) -> None:
    sender, message = await wire(town), notice()
    await asyncio.gather(*(sender.send(f"feed.{FEED}", message) for _ in range(8)))
    told = [await sender.answer() for _ in range(8)]
    assert len({one.body for one in told}) == 1
    counts = await town.counts(FEED)
    assert (counts["received"], counts["accepted"], counts["duplicate"]) == (8, 1, 7)
