"""A gateway starts on both defaults, answers, takes a notification and carries it to its reader."""

from __future__ import annotations

from tests.gateway.natives import notice
from tests.gateway.town import Town


async def test_it_answers_and_is_ready(town: Town) -> None:
    assert (await town.plain("GET", "/healthz")).status == 200
    assert (await town.plain("GET", "/readyz")).status == 200


async def test_a_notification_becomes_a_product_in_the_hands_of_its_reader(town: Town) -> None:
    case = await town.referral(notice())
    await town.disclosed(case)
    delivery = await town.product(case)
    team = town.client("council.assessment-team")
    opened = await team.open(delivery)
    views = [await team.view(view) for view in opened.content["evidence"]]
    assert [text for view in views for text in view.texts] == ["A history that health holds."]
