"""The envelope: what a reader is sent, sealed under a key that only redeeming its access token releases.

On the wire: a compact JWE (``alg: dir``, ``enc: A256GCM``, ``kid``: the envelope's id, ``cty: mash-envelope+jws``)
whose plaintext is a compact JWS by the hub (``typ: mash-envelope+jws``) whose payload is :class:`EnvelopeClaims`.
The release is a compact JWE to the recipient's registered key (``cty: mash-release+json``) of :class:`KeyRelease`.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from schemas.base import Frozen, Instant
from schemas.vocabulary import Marking, Outcome

TYP = "mash-envelope+jws"
CTY = "mash-envelope+jws"
RELEASE_CTY = "mash-release+json"
TOKEN_TYP = "mash-open+jwt"  # noqa: S105 - a media type, not a secret


class EnvelopeKind(StrEnum):
    """What the envelope brings; also the last part of the CloudEvents type ``uk.mash.envelope.<kind>``."""

    REQUEST = "request"
    DISCLOSURE = "disclosure"
    PRODUCT = "product"
    FEEDBACK = "feedback"
    CORRECTION = "correction"
    RECALL = "recall"


class Withheld(Frozen):
    """A sealed marker: something exists that this reader may not see, and whom to ask."""

    agency: str
    ask: str
    because: str


class RequestContent(Frozen):
    """``request`` is the hub's compact JWS (see ``schemas.request``).

    ``reminder`` is 0 where it comes for the first time, or was changed; from 1 on it counts the reminders of it.
    """

    kind: Literal[EnvelopeKind.REQUEST] = EnvelopeKind.REQUEST
    request: str
    reminder: int = 0


class DisclosureView(Frozen):
    """One owner's disclosure cut to what this reader may see: its signature and the permitted groups, encoded."""

    id: str
    agency: str
    disclosure: str
    groups: tuple[str, ...]


class DisclosureContent(Frozen):
    """A disclosure for the manager of the case."""

    kind: Literal[EnvelopeKind.DISCLOSURE] = EnvelopeKind.DISCLOSURE
    request: str
    view: DisclosureView
    withheld: tuple[Withheld, ...] = ()


class AttachedDocument(Frozen):
    """A document in an envelope: ``content`` is base64url, ``digest`` base64url(SHA-256) of the bytes that it spells.

    ``format`` is one of ``schemas.product.ProductFormat``; ``name`` is a file's name that tells nothing of anybody.
    """

    format: str
    media_type: str
    name: str
    digest: str
    content: str


class LeftOutDocument(Frozen):
    """A document that the recipient is configured for and does not get, and why. The product is whole without it."""

    format: str
    because: str


class ProductContent(Frozen):
    """The information product: the manager's words, the outcomes, and the released parts with their signatures.

    ``documents`` say the same again, in the formats that the recipient is configured for.
    """

    kind: Literal[EnvelopeKind.PRODUCT] = EnvelopeKind.PRODUCT
    product: str
    version: int
    marking: Marking = Marking.OFFICIAL_SENSITIVE
    outcomes: tuple[Outcome, ...]
    summary: str
    persons: tuple[str, ...]
    evidence: tuple[DisclosureView, ...]
    withheld: tuple[Withheld, ...] = ()
    documents: tuple[AttachedDocument, ...] = ()
    left_out: tuple[LeftOutDocument, ...] = ()


class FeedbackContent(Frozen):
    """What the referrer is told: the outcome, never contents. ``reference`` is the referrer's own message id."""

    kind: Literal[EnvelopeKind.FEEDBACK] = EnvelopeKind.FEEDBACK
    message: str
    outcomes: tuple[Outcome, ...]
    text: str


class CorrectionContent(Frozen):
    """What a person says is wrong of what the reader opened, or owns (``owner``: it is asked to correct it).

    ``person`` is their pseudonym for the reader's agency. ``field`` is a field of a person, or the digest of a group of
    ``disclosure``. ``annotation`` is ``correction`` or ``disagreement``; ``text`` are the person's words.
    """

    kind: Literal[EnvelopeKind.CORRECTION] = EnvelopeKind.CORRECTION
    person: str
    field: str
    disclosure: str | None
    annotation: str
    text: str
    owner: bool


class RecallContent(Frozen):
    """What an envelope brought that was opened already told of the wrong person: two had been taken for one.

    ``envelope`` names it and ``brought`` says what it was. It is to be withdrawn from wherever it was copied to.
    """

    kind: Literal[EnvelopeKind.RECALL] = EnvelopeKind.RECALL
    envelope: str
    brought: EnvelopeKind
    because: str = "it told of two people as of one; withdraw it from your records and from whoever had it of you"


Content = RequestContent | DisclosureContent | ProductContent | FeedbackContent | CorrectionContent | RecallContent


class EnvelopeClaims(Frozen):
    """What the hub signs. ``reference`` is the referral's pseudonym for the recipient's agency."""

    iss: str
    aud: str
    jti: str
    iat: int
    reference: str
    content: Content


class LogProof(Frozen):
    """The proof that the opening is in the log: the entry's salt and bytes, its place, and a signed checkpoint.

    ``entry`` and ``salt`` are base64url; ``path`` is base64url hashes from the leaf up; ``checkpoint`` is a signed
    note (C2SP tlog-checkpoint) of a tree that holds the entry.
    """

    index: int
    entry: str
    salt: str
    path: tuple[str, ...]
    checkpoint: str


class KeyRelease(Frozen):
    """The plaintext of a release: the content key (base64url, 32 bytes) and the proof of this opening."""

    envelope: str
    key: str
    opened_at: Instant
    proof: LogProof
