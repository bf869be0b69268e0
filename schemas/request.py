"""The information request: what the hub asks of an agency that owns information, as it is signed.

On the wire: a compact JWS by the hub, ``typ: mash-request+jws``, whose payload is this model as JSON.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from schemas.base import Frozen, Instant
from schemas.identifiers import Identifier
from schemas.persons import Name, PartialDate
from schemas.vocabulary import DataCategory, LegalGround

TYP = "mash-request+jws"

Text = Annotated[str, StringConstraints(min_length=1, max_length=10_000, strip_whitespace=True)]


class PersonAsked(Frozen):
    """A person asked about: ``ref`` is a pseudonym for this agency alone; the identifiers it would know come first."""

    ref: str
    relation: str = ""
    names: tuple[Name, ...] = ()
    birth_date: PartialDate | None = None
    unborn: bool = False
    expected_date: date | None = None
    identifiers: tuple[Identifier, ...] = ()
    postcode: str = ""


class InformationRequest(Frozen):
    """The claims of a request. Times are NumericDate seconds where JWT has the claim, instants elsewhere.

    ``reference`` is the referral's pseudonym for this agency; two agencies can't tell that they were asked about the
    same referral by comparing references.
    """

    iss: str
    aud: str
    jti: str
    iat: int
    reference: str
    purpose: Text
    legal_ground: LegalGround
    necessity: Text
    persons: Annotated[tuple[PersonAsked, ...], Field(min_length=1)]
    categories: Annotated[tuple[DataCategory, ...], Field(min_length=1)]
    questions: tuple[Text, ...] = ()
    due_at: Instant
