"""The information product as a document: what a receiving team is given to read and to file, already opened.

A product's envelope holds the owners' signed words (``schemas.envelope.ProductContent``). A document says the same to
a person or to a case system that reads no JOSE: as JSON in the shape of :class:`ProductDocument`, as PDF, or as a
record in the shape of the Children in Need census. It holds the groups of that envelope and no others.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Literal

from schemas.base import Frozen, Instant
from schemas.disclosure import DisclosedItem
from schemas.envelope import Withheld
from schemas.identifiers import Identifier
from schemas.persons import Name, PartialDate, Sex
from schemas.vocabulary import DataCategory, Marking, Outcome

SHAPE: Literal["mash.product/1"] = "mash.product/1"


class ProductFormat(StrEnum):
    """What a recipient may ask for in the hub's file: ``recipients[].formats``."""

    JSON = "json"
    PDF = "pdf"
    CIN = "cin"


class ProductPerson(Frozen):
    """Somebody whom the product is about. ``ref`` is the person's pseudonym for the recipient's agency.

    ``part`` is ``subject`` or what else the person is to the referral. Only a subject has more than names and a
    relation. There is no address, school or way to reach anybody: where a family is in hiding, no document may tell.
    """

    ref: str
    part: str
    relation: str = ""
    names: tuple[Name, ...] = ()
    birth_date: PartialDate | None = None
    unborn: bool = False
    expected_date: date | None = None
    death_date: PartialDate | None = None
    sex: Sex | None = None
    ethnicity: str = ""
    disability: str = ""
    identifiers: tuple[Identifier, ...] = ()
    mother: str | None = None


class ProductGroup(Frozen):
    """Items that an owner released to the recipient. ``about`` names persons of the product, where they are known.

    ``digest`` is that of the signed group in the envelope's ``evidence``: the proof of what stands here is there.
    """

    digest: str
    category: DataCategory
    about: tuple[str, ...] = ()
    items: tuple[DisclosedItem, ...]
    conditions: str = ""
    marking: Marking = Marking.OFFICIAL_SENSITIVE


class ProductEvidence(Frozen):
    """What one owner released, with the owner's name as the hub's file has it."""

    agency: str
    agency_name: str
    disclosure: str
    groups: tuple[ProductGroup, ...]


class ProductDocument(Frozen):
    """The whole product. ``received_at`` is when the hub first heard, ``made_at`` when the product was made (UTC)."""

    shape: Literal["mash.product/1"] = SHAPE
    product: str
    version: int
    marking: Marking
    hub: str
    hub_name: str
    recipient: str
    reference: str
    received_at: Instant
    made_at: Instant
    outcomes: tuple[Outcome, ...]
    summary: str
    persons: tuple[ProductPerson, ...]
    evidence: tuple[ProductEvidence, ...]
    withheld: tuple[Withheld, ...] = ()
