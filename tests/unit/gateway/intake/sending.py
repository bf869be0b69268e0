"""A feed that reads whatever a test says: people and their numbers, without a native format in the way."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field

from adapters.port import STATUS, Answer, FeedContext, Receipt
from gateway.bootstrap import Gateway
from gateway.intake.intake import Answered, Feed
from gateway.store.records import ItemRecord, ReferralRecord
from schemas.errors import Rejected
from schemas.hub import FeedSection
from schemas.identifiers import Identifier, IdentifierKind, identifier
from schemas.notification import ConcernDetail, Incident, Normalised, Notification, Reading
from schemas.persons import Name, Person
from schemas.vocabulary import Concern, ItemKind, Rating, Sector
from tests.unit.gateway.whole import person as signed_in


class Scripted:
    """An adapter that reads what it was told to read, and answers in a word."""

    name = "tests.scripted"
    version = "1"
    sector = Sector.POLICE
    summary = "what a test says"

    def __init__(self) -> None:
        self.readings: dict[bytes, Reading] = {}
        self.bug: Exception | None = None

    def read(self, payload: bytes, context: FeedContext) -> Reading:
        assert context.feed
        if self.bug is not None:
            raise self.bug
        if payload not in self.readings:
            raise Rejected("tests.scripted.unreadable", "write something else", at="/1")
        return self.readings[payload]

    def answer(self, payload: bytes, receipt: Receipt, context: FeedContext) -> Answer:
        assert isinstance(payload, bytes)
        assert context.feed
        body = f"{receipt.fate} {receipt.message_id}".encode()
        return Answer(status=STATUS[receipt.fate], media_type="text/plain", body=body)


@dataclass(kw_only=True)
class Sender:
    """An agency that sends to a gateway."""

    gateway: Gateway
    agency: str = "police"
    adapter: Scripted = field(default_factory=Scripted)

    @property
    def feed(self) -> Feed:
        """Its feed."""
        section = FeedSection(name=f"scripted-{self.agency}", agency=self.agency, adapter=self.adapter.name)
        return Feed(section=section, adapter=self.adapter, context=FeedContext(feed=section.name, agency=self.agency))

    def write(self, *items: Notification, native_id: str = "") -> bytes:
        """A message that will be read as these items."""
        payload = secrets.token_bytes(16)
        self.adapter.readings[payload] = Reading(
            native_id=native_id or secrets.token_hex(8),
            format="tests.scripted/1",
            items=tuple(Normalised(notification=item, provenance=()) for item in items),
        )
        return payload

    async def post(self, payload: bytes) -> Answered:
        """Send bytes."""
        return await self.gateway.intake.receive(self.feed, payload, f"{self.agency}.desk")

    async def send(self, *items: Notification) -> list[ItemRecord]:
        """Send a message of these items; how each ended."""
        answered = await self.post(self.write(*items))
        assert answered.answer.status == 202, answered
        async with self.gateway.store.reading() as work:
            return await work.messages.items(answered.message_id)

    async def concern(self, *children: Person, adults: Sequence[Person] = ()) -> ReferralRecord:
        """Send a concern about these people; the referral that it opened or joined."""
        (item,) = await self.send(notification(*children, adults=tuple(adults)))
        async with self.gateway.store.reading() as work:
            return await work.referrals.get(str(item.referral_id))


def nhs(text: str) -> Identifier:
    """An NHS number."""
    return identifier(IdentifierKind.NHS, text)


def person(ref: str = "child-1", *numbers: Identifier, family: str = "Sample", born: str = "2015-02-03") -> Person:
    """A synthetic person."""
    return Person(ref=ref, names=(Name(given=("Alex",), family=family),), birth_date=born, identifiers=numbers)


def notification(*children: Person, adults: tuple[Person, ...] = (), kind: ItemKind = ItemKind.CONCERN) -> Notification:
    """A notification about these people."""
    concern = ConcernDetail(categories=(Concern.NEGLECT,)) if kind is ItemKind.CONCERN else None
    return Notification(
        native_id=secrets.token_hex(8),
        format="tests.scripted/1",
        kind=kind,
        kind_reason="a test says so",
        children=children,
        adults=adults,
        concern=concern,
        incident=Incident(narrative="Synthetic words."),
    )


async def people_of(gateway: Gateway, referral: str) -> dict[str, list[Person]]:
    """Who is on a referral, as the hub knows them, by their part."""
    found: dict[str, list[Person]] = {}
    persons = gateway.involving._office.persons
    async with gateway.store.work() as work:
        parts = {one.person_id: one.part for one in await work.referrals.persons(referral)}
        for record in await work.persons.get_many(sorted(parts)):
            found.setdefault(parts[record.id], []).append(await persons.open(work, record))
    return found


async def rated_green(gateway: Gateway, referral: str) -> None:
    """Let the manager rate it green."""
    await gateway.rating.rate(
        signed_in("manager"), referral, rating=Rating.GREEN, threshold=1, reasons=["r"], cites=[], relax_reason=None
    )
