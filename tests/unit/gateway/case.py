"""A case as its manager works on it, through the gateway's own use cases and without any wire."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.bootstrap import Gateway
from gateway.casework.asking import Wanted, Why
from gateway.casework.notes import AcceptanceNote
from gateway.casework.rating import Rated
from gateway.store.records import AlarmRecord
from schemas.vocabulary import DataCategory, LegalGround, Outcome, Rating
from tests.gateway.natives import notice
from tests.unit.gateway.whole import person

WHY = Why(purpose="To decide", legal_ground=LegalGround.CHILDREN_ACT_2004_S10, necessity="Nobody else holds it")
TEAM = "council.assessment-team"


async def opened(gateway: Gateway) -> str:
    """A referral that a notice of the police opened."""
    answered = await gateway.intake.receive(gateway.feeds["police-ppn"], notice(), "police.desk")
    async with gateway.store.reading() as work:
        (item,) = await work.messages.items(answered.message_id)
    return str(item.referral_id)


async def rated(gateway: Gateway, referral: str, rating: Rating = Rating.GREEN, relax: str | None = None) -> Rated:
    """Rate it as its manager."""
    return await gateway.rating.rate(
        person("manager"), referral, rating=rating, threshold=2, reasons=["r"], cites=[], relax_reason=relax
    )


async def asked(gateway: Gateway, referral: str) -> str:
    """Ask health; the request."""
    wanted = Wanted(agency="health", categories=(DataCategory.HEALTH_HISTORY,), questions=())
    (made,) = await gateway.asking.ask(person("manager"), referral, [wanted], None, WHY)
    return made.id


async def decided(gateway: Gateway, referral: str, *, acknowledged: Sequence[str] = ()) -> str:
    """Decide, on nothing but what was notified."""
    return await gateway.deciding.decide(
        person("manager"),
        referral,
        outcomes=[Outcome.SECTION_17],
        rationale="A rationale",
        evidence=["the notification"],
        acknowledged=acknowledged,
    )


async def product(gateway: Gateway, referral: str) -> tuple[str, str]:
    """Send a product of words alone; its name and its envelope's."""
    made = await gateway.products.send(person("manager"), referral, recipient=TEAM, summary="A summary", parts={})
    return made.product, made.envelope


async def accepted(gateway: Gateway, name: str) -> None:
    """Let the team accept it."""
    client = await gateway.agencies.standing(TEAM)
    assert client is not None
    await gateway.products.accept(client, name, AcceptanceNote(accepted_by="Somebody", action=""), acted_on=False)


async def standing(gateway: Gateway) -> list[tuple[str, str]]:
    """The alarms that stand: kind and subject."""
    async with gateway.store.reading() as work:
        alarms: list[AlarmRecord] = await work.alarms.standing()
    return sorted((alarm.kind, alarm.subject) for alarm in alarms)
