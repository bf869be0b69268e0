"""Whether a trust list follows the one in force: pure, and the only place where that is decided.

After The Update Framework's rules for a root of trust, each a refusal of its own:
(1) form: one document of the officers' signatures over one object, nothing unknown in it;
(2) hub: it is this hub's;
(3) version: exactly one more than the one in force; the same or less was replayed, more was skipped to;
(4) chain: it names the digest of the one in force, so that two lists of one version never both go on;
(5) time: drawn up in the past, not expired, and for 400 days at most: a list that is held back goes stale;
(6) officers: distinct posts with distinct keys, as many at least as the threshold asks for;
(7) signatures: every one holds, by an officer of the list in force or of this one, and nobody signs twice;
(8) consent: as many of the officers in force as their threshold asks for signed it;
(9) acceptance: as many of its own officers as its own threshold asks for signed it.
For the first list, the officers in force are those whom the hub's file names.
Source: The Update Framework 1.0.33, sections 5.3.4 to 5.3.10 and 5.4 to 5.6; docs/adr/0022.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from pydantic import ValidationError

from crypto import canonical, cosigned
from crypto.cosigned import Cosigned
from crypto.failure import SealFailed
from crypto.jwk import PublicKey, parse_public_jwk
from schemas.base import place_of
from schemas.errors import Conflict, MashError, Rejected
from schemas.trust import TrustedOfficer, TrustList

TYP = "mash-trust+jws"
SUSPENSION_TYP = "mash-suspension+jws"
LONGEST = timedelta(days=400)
ORDER_AGE = timedelta(hours=24)
_PAYLOAD_LIMIT = 260_000
_DEPTH = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class Officers:
    """Who signs for a hub, by kid, and how many of them it takes."""

    threshold: int
    keys: Mapping[str, PublicKey] = field(repr=False)
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """A list that follows: the digest of its payload (SHA-256, hex), and the posts of the officers who signed."""

    list: TrustList
    digest: str
    signers: tuple[str, ...]


def digest(payload: bytes) -> str:
    """The digest by which the next list names this one."""
    return hashlib.sha256(payload).hexdigest()


def officers(threshold: int, named: Iterable[TrustedOfficer]) -> Officers:
    """These officers, if (6) they can be.

    Raises:
        Rejected: a key is unfit, a post or a key stands twice, or the threshold can't be reached.
    """
    found: dict[str, PublicKey] = {}
    names: dict[str, str] = {}
    for place, one in enumerate(named):
        try:
            key = parse_public_jwk(one.key, use="sig")
        except MashError as error:
            raise Rejected(error.code, error.detail, at=f"officers.{place}.key") from None
        if key.alg != "ES256":
            raise Rejected("crypto.jwk.alg", "an officer signs with ES256", at=f"officers.{place}.key")
        # One key under two names would sign for both.
        twice = one.id in names.values() or any(key.thumbprint == other.thumbprint for other in found.values())
        if twice or key.kid in found:
            raise Rejected("trust.officer_twice", "each officer has a post, a kid and a key of its own", at="officers")
        found[key.kid], names[key.kid] = key, one.id
    if not 1 <= threshold <= len(found):
        raise Rejected(
            "trust.threshold", "ask for one officer at least, and for no more than there are", at="threshold"
        )
    return Officers(threshold=threshold, keys=found, names=names)


def read(document: Cosigned) -> TrustList:
    """The list in this document, unverified, by (1).

    Raises:
        Rejected: ``at`` names the member. TooLarge: more than 260,000 bytes.
    """
    canonical.loads_object(document.payload, size=_PAYLOAD_LIMIT, depth=_DEPTH)
    try:
        return TrustList.model_validate_json(document.payload)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        raise Rejected("trust.form", first["type"], at=place_of(error)) from None


def follow(
    data: bytes,
    *,
    hub: str,
    before: Accepted | None,
    anchors: Officers,
    now: datetime,
    skew: timedelta = timedelta(seconds=30),
) -> Accepted:
    """The list in these bytes, if it follows ``before`` (None: it is the first) at ``now``, which is aware UTC.

    Raises:
        Rejected, Conflict: the rule that it breaks. TooLarge: it is too long.
    """
    # (1) form
    document = cosigned.parse(data)
    found = read(document)
    # (2) of this hub
    if found.hub != hub:
        raise Rejected("trust.hub", "it is another hub's list", at="hub")
    # (3) exactly the next
    in_force = before.list.version if before is not None else 0
    if found.version <= in_force:
        raise Conflict("trust.replayed", f"version {in_force} is in force", at="version")
    if found.version != in_force + 1:
        raise Conflict("trust.skipped", f"version {in_force + 1} comes first", at="version")
    # (4) after the one in force
    if found.previous != (before.digest if before is not None else None):
        raise Conflict("trust.chain", "it was drawn up after another list", at="previous")
    # (5) in its time
    issued, expires = (datetime.fromtimestamp(at, UTC) for at in (found.iat, found.exp))
    if issued > now + skew:
        raise Rejected("trust.early", "it was drawn up in the future", at="iat")
    if now >= expires:
        raise Rejected("trust.expired", "draw it up anew", at="exp")
    if not timedelta(0) < expires - issued <= LONGEST:
        raise Rejected("trust.life", "a list is for 400 days at most", at="exp")
    # (6) officers that can be
    own = officers(found.threshold, found.officers)
    old = officers(before.list.threshold, before.list.officers) if before is not None else anchors
    # (7) every signature
    known = dict(old.keys)
    for kid, key in own.keys.items():
        if known.setdefault(kid, key).thumbprint != key.thumbprint:
            raise Rejected("trust.officer_twice", "a new key has a kid of its own", at="officers")
    signed = _signers(document, known, TYP)
    # (8) those in force consent, (9) its own accept
    for who, at in ((old, "signatures"), (own, "threshold")):
        if _count(signed, who) < who.threshold:
            raise Rejected("trust.too_few", f"{who.threshold} officers sign it", at=at)
    names = {**own.names, **old.names}
    return Accepted(list=found, digest=digest(document.payload), signers=tuple(sorted(names[kid] for kid in signed)))


def accepted(data: bytes) -> Accepted:
    """A list that was applied before, read back from where it was kept.

    Raises:
        Rejected, TooLarge: it is none.
    """
    document = cosigned.parse(data)
    return Accepted(list=read(document), digest=digest(document.payload), signers=())


def suspended_by(
    data: bytes, *, hub: str, who: Officers, since: datetime, now: datetime, skew: timedelta = timedelta(seconds=30)
) -> tuple[str, str]:
    """The agency that one officer orders to be suspended, and the officer's post.

    (1) an order of the form; (2) for this hub; (3) signed within 24 hours, and not before ``since``, when the list in
    force came: what restored an agency is not undone by an older order; (4) by an officer in force.

    Raises:
        Rejected: the rule that it breaks. TooLarge: it is too long.
    """
    # (1) the form
    document = cosigned.parse(data)
    order = canonical.loads_object(document.payload, size=_PAYLOAD_LIMIT, depth=2)
    agency, issued = order.get("agency"), order.get("iat")
    if order.keys() != {"hub", "agency", "iat"} or not isinstance(agency, str) or type(issued) is not int:
        raise Rejected("trust.order", "an order names hub, agency and iat", at="payload")
    # (2) this hub
    if order["hub"] != hub:
        raise Rejected("trust.hub", "it is another hub's order", at="hub")
    # (3) fresh
    latest, earliest = (now + skew).timestamp(), max(now - ORDER_AGE, since.replace(microsecond=0)).timestamp()
    if not earliest <= issued <= latest:
        raise Rejected("trust.order_age", "sign a new order", at="iat")
    # (4) an officer
    signed = _signers(document, who.keys, SUSPENSION_TYP)
    if not signed:
        raise Rejected("trust.too_few", "one officer signs it", at="signatures")
    return agency, who.names[min(signed)]


def _signers(document: Cosigned, known: Mapping[str, PublicKey], typ: str) -> frozenset[str]:
    try:
        return cosigned.signers(document, known, typ=typ)
    except SealFailed as error:
        raise Rejected("trust.signature", f"a signature does not hold ({error.reason})", at="signatures") from None


def _count(signed: frozenset[str], who: Officers) -> int:
    return len(signed & who.keys.keys())
