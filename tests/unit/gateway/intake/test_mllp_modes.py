"""Senders in enhanced mode on a real line: each is answered as it asks, and who asks for nothing hears nothing."""

from __future__ import annotations

import asyncio

import pytest

from adapters.port import Answer, Fate
from gateway.bootstrap import Gateway
from gateway.intake.intake import Answered, Intake
from tests.gateway.natives import child, registration
from tests.unit.gateway.intake.lines import fates, frame, line, listening, said


def enhanced(control: str, accept: str, application: str, *, good: bool = True) -> bytes:
    """A registration that says which acknowledgements it wants; one that is not ``good`` has no patient."""
    header, *rest = registration(child(), control_id=control).split(b"\r")
    fields = [*header.split(b"|")[:12], b"", b"", accept.encode(), application.encode()]
    return b"\r".join([b"|".join(fields), *(rest if good else [])])


@pytest.mark.parametrize("good,verdict", [(True, "CA"), (False, "CE")])
async def test_a_sender_that_always_wants_to_hear_hears_of_the_safe_storage(
    gateway: Gateway, good: bool, verdict: str
) -> None:
    async with listening(gateway) as port, line(port) as sender:
        await sender.send(frame(enhanced("C1", "AL", "NE", good=good)))
        assert said(await sender.answer()) == verdict


@pytest.mark.parametrize("accept,good", [("NE", True), ("NE", False), ("ER", True), ("SU", False)])
async def test_who_wants_to_hear_nothing_hears_nothing_and_the_line_goes_on(
    gateway: Gateway, accept: str, good: bool
) -> None:
    async with listening(gateway) as port, line(port) as sender:
        await sender.send(frame(enhanced("C1", accept, "NE", good=good)) + frame(enhanced("C2", "AL", "NE")))
        answer = await sender.answer()
        assert b"MSA|CA|C2" in answer
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await sender.reader.read(1)
    assert await fates(gateway) == ((2, 0, 0) if good else (1, 1, 0))


async def test_errors_alone_are_told_to_who_asks_for_errors_alone(gateway: Gateway) -> None:
    async with listening(gateway) as port, line(port) as sender:
        await sender.send(frame(enhanced("C1", "ER", "NE")) + frame(enhanced("C2", "ER", "NE", good=False)))
        assert b"MSA|CE|C2" in await sender.answer()


async def test_the_same_silence_again_for_what_comes_again(gateway: Gateway) -> None:
    async with listening(gateway) as port, line(port) as sender:
        twice = frame(enhanced("C1", "NE", "NE")) * 2
        await sender.send(twice + frame(enhanced("C2", "AL", "NE")))
        assert b"MSA|CA|C2" in await sender.answer()


async def test_who_wants_no_answer_is_told_by_the_end_of_the_line_that_nothing_was_kept(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_: object) -> Answered:
        answer = Answer(status=503, media_type="application/hl7-v2+er7", body=b"")
        return Answered(answer=answer, message_id="", fate=Fate.UNAVAILABLE)

    monkeypatch.setattr(Intake, "receive", away)
    async with listening(gateway) as port, line(port) as sender:
        await sender.send(frame(enhanced("C1", "NE", "NE")))
        assert await sender.hung_up() == b""
