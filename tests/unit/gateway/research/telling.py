"""Concerns for the tests of research: small ones about siblings, grave ones, at an address, with adults beside them."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.bootstrap import Gateway
from gateway.store.records import AlertRecord, ItemRecord
from routing.patterns import Kind
from sandbox.people import pnc_id
from schemas.identifiers import IdentifierKind, identifier
from schemas.notification import ConcernDetail, Incident
from schemas.persons import Address, Person
from schemas.vocabulary import Concern
from tests.unit.gateway.intake.sending import Sender, nhs, notification, person

NUMBERS = ("9990000018", "9990000026", "9990000034", "9990000042", "9990000050")


def child(number: int, *, line: str = "") -> Person:
    """One of five children, at an address where one is given."""
    one = person(f"child-{number}", nhs(NUMBERS[number]), family=f"Sample{number}")
    addresses = (Address(lines=(line,), postcode="ZZ1 1AB"),) if line else ()
    return one.model_copy(update={"addresses": addresses})


def adult(number: int, *, resident: bool | None = True, alleged: bool = False) -> Person:
    """One of some adults."""
    pnc = identifier(IdentifierKind.PNC, pnc_id(2015, 100 + number))
    one = person(f"adult-{number}", pnc, family=f"Grown{number}", born="1985-02-03")
    return one.model_copy(update={"in_household": resident, "alleged_perpetrator": alleged or None})


async def tell(
    gateway: Gateway,
    agency: str,
    *children: Person,
    adults: Sequence[Person] = (),
    grade: str = "green",
    scene: str = "",
) -> ItemRecord:
    """Send a concern; the item that it became."""
    item = notification(*children, adults=tuple(adults)).model_copy(
        update={
            "concern": ConcernDetail(categories=(Concern.OTHER,), source_grade=grade),
            "incident": Incident(place=scene),
        }
    )
    (record,) = await Sender(gateway=gateway, agency=agency).send(item)
    return record


async def alerts(gateway: Gateway, *items: ItemRecord) -> dict[str, AlertRecord]:
    """The alerts of patterns on the referrals of these items, by kind."""
    found = {}
    async with gateway.store.reading() as work:
        for referral in {str(one.referral_id) for one in items}:
            for alert in await work.alerts.of_referral(referral):
                if alert.kind in set(Kind):
                    assert alert.kind not in found, "one alert of a kind"
                    found[alert.kind] = alert
    return found
