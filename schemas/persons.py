"""People as a notification names them, before anyone has linked them to people already known."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field, StringConstraints

from schemas.base import Frozen
from schemas.identifiers import Identifier

PartialDate = Annotated[str, StringConstraints(pattern=r"^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$")]
"""An ISO 8601 date to the year, the month or the day, as far as the source knew it."""


class NameUse(StrEnum):
    """Which name it is."""

    OFFICIAL = "official"
    PREFERRED = "preferred"
    FORMER = "former"
    ALIAS = "alias"


class Sex(StrEnum):
    """As recorded by the source, after its codes were read (NHS and CJS 1/2/9/0; others M/F/U)."""

    MALE = "male"
    FEMALE = "female"
    INDETERMINATE = "indeterminate"
    UNKNOWN = "unknown"


class Name(Frozen):
    """A name. At least one of ``given`` and ``family`` holds something where the source had anything."""

    use: NameUse = NameUse.OFFICIAL
    title: str = ""
    given: tuple[str, ...] = ()
    family: str = ""


class Address(Frozen):
    """Where somebody lives or lived. A ``confidential`` address is never shown by a general rule."""

    lines: tuple[str, ...] = ()
    postcode: str = ""
    uprn: str = ""
    use: str = "home"
    confidential: bool = False


class Organisation(Frozen):
    """A school, a surgery, a team."""

    name: str = ""
    identifiers: tuple[Identifier, ...] = ()


class Contact(Frozen):
    """A way to reach somebody: ``system`` is phone, email or other."""

    system: str
    value: str


class Person(Frozen):
    """One person. ``ref`` is a name inside this notification alone, such as ``child-1`` or ``adult-2``.

    An unborn child has ``unborn`` set, an expected date where known, and no birth date; ``mother`` is her ``ref``.
    ``relation`` says what an adult is to the first child, in the source's words made lower case.
    """

    ref: str
    names: tuple[Name, ...] = ()
    birth_date: PartialDate | None = None
    unborn: bool = False
    expected_date: date | None = None
    mother: str | None = None
    death_date: PartialDate | None = None
    sex: Sex | None = None
    ethnicity: str = ""
    language: str = ""
    interpreter: bool | None = None
    disability: str = ""
    identifiers: tuple[Identifier, ...] = ()
    addresses: tuple[Address, ...] = ()
    contacts: tuple[Contact, ...] = ()
    school: Organisation | None = None
    gp: Organisation | None = None
    legal_status: str = ""
    parental_responsibility: tuple[str, ...] = ()
    relation: str = ""
    in_household: bool | None = None
    alleged_perpetrator: bool | None = None
    risk: str = ""
    notes: tuple[str, ...] = Field(default=())
