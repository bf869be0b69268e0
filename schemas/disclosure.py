"""The disclosure: what the owner of information answers, as it is signed and sealed.

On the wire, from the agency to the hub: a compact JWE to the hub's sealing key (``cty: mash-disclosure+json``) whose
plaintext is :class:`SealedAnswer`. Inside it ``disclosure`` is a compact JWS by the agency (``typ:
mash-disclosure+jws``) whose payload is :class:`DisclosureClaims`; ``groups`` are the salted groups whose digests the
claims hold. A reader is given the JWS and only the groups that the reader may see: the signature stays verifiable.

A salted group is encoded as SD-JWT encodes a disclosure: base64url of the JSON array ``[salt, name, content]``, with
``content`` a :class:`DisclosedGroup`; its digest is base64url(SHA-256(the encoded text)). ``digests`` is sorted and
padded with random decoys to a multiple of eight, so that the count reveals no hidden group.

Source: RFC 9901 (SD-JWT), section 4.2, for the form of salted digests; the container is ours.
"""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated

from pydantic import Field

from schemas.base import Frozen, Instant
from schemas.request import Text
from schemas.vocabulary import DataCategory, HandlingMark, Marking, RefusalReason, ReplyDecision

TYP = "mash-disclosure+jws"
RELEASE_TYP = "mash-release+jws"
SEALED_CTY = "mash-disclosure+json"


class Audience(StrEnum):
    """To whom an owner releases a group. The manager of the case is always asked for, never assumed.

    ``data_subject`` is the person whom it is about, where they ask what the hub holds on them.
    """

    SOCIAL_WORK_MANAGER = "social_work_manager"
    RECEIVING_TEAM = "receiving_team"
    PROFESSIONAL_LEADS = "professional_leads"
    DATA_SUBJECT = "data_subject"


class DisclosedItem(Frozen):
    """One piece of information: words, their source in the owner's records, and the date they speak of."""

    text: Text
    source: str = ""
    on: date | None = None


class DisclosedGroup(Frozen):
    """Items of one category about the named persons (``ref`` of the request), with the owner's conditions.

    ``audiences`` is the owner's release: nobody else gets the group, and a product for somebody not listed waits for
    a release. ``existence_sensitive`` means that not even a marker may show that it exists. ``handling`` limits further
    who of those may read it; it widens nothing.
    """

    category: DataCategory
    persons: tuple[str, ...] = ()
    items: Annotated[tuple[DisclosedItem, ...], Field(min_length=1)]
    audiences: tuple[Audience, ...] = (Audience.SOCIAL_WORK_MANAGER,)
    existence_sensitive: bool = False
    marking: Marking = Marking.OFFICIAL_SENSITIVE
    conditions: str = ""
    handling: tuple[HandlingMark, ...] = ()


class AdditionalPerson(Frozen):
    """Somebody whom the owner knows in the household and the request did not name, such as a younger sibling."""

    relation: str
    given: str = ""
    family: str = ""
    birth_date: str | None = None
    identifiers: tuple[tuple[str, str], ...] = ()


class Reply(Frozen):
    """The content of the one group named ``reply``: why, in the owner's words. The manager alone reads it."""

    decision: ReplyDecision
    reasons: tuple[RefusalReason, ...] = ()
    explanation: str = ""
    additional_persons: tuple[AdditionalPerson, ...] = ()


class DisclosureClaims(Frozen):
    """What the agency signs. ``request_digest`` is base64url(SHA-256(the request's compact JWS))."""

    iss: str
    aud: str
    jti: str
    iat: int
    request: str
    request_digest: str
    lead: str
    decision: ReplyDecision
    digest_alg: str = "sha-256"
    digests: tuple[str, ...]


class SealedAnswer(Frozen):
    """The plaintext of the JWE to the hub."""

    disclosure: str
    groups: tuple[str, ...] = ()


class ReleaseClaims(Frozen):
    """A later release by the owner (``typ: mash-release+jws``): these groups, by digest, to these audiences too."""

    iss: str
    aud: str
    jti: str
    iat: int
    disclosure: str
    digests: Annotated[tuple[str, ...], Field(min_length=1)]
    audiences: Annotated[tuple[Audience, ...], Field(min_length=1)]
    lead: str


class ReceivedDisclosure(Frozen):
    """A disclosure that the hub has verified, with every group opened: what policy is evaluated over."""

    id: str
    request: str
    agency: str
    received_at: Instant
    claims: DisclosureClaims
    signed: str
    reply: Reply
    reply_encoded: str
    groups: tuple[OpenedGroup, ...]


class OpenedGroup(Frozen):
    """One verified group: the text that was signed over, its digest, and what it holds."""

    digest: str
    encoded: str
    name: str
    content: DisclosedGroup


ReceivedDisclosure.model_rebuild()
