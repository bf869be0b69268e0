"""What an owner answers: signed over salted digests, so that each reader can be shown a part that still verifies.

Source: the wire, section 4; RFC 9901, section 4.2, for the form of salted digests.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from joserfc.jwk import ECKey

from sandbox import base64url, jose
from sandbox.failures import NotTrusted

TYP = "mash-disclosure+jws"
RELEASE_TYP = "mash-release+jws"
SEALED_CTY = "mash-disclosure+json"
REPLY = "reply"
DECOY_STEP = 8

MANAGER = "social_work_manager"
TEAM = "receiving_team"
LEADS = "professional_leads"


@dataclass(frozen=True, kw_only=True)
class Sibling:
    """Somebody whom the owner knows in the household and nobody asked about. ``birth_date`` is ISO 8601."""

    relation: str
    given: str
    family: str
    birth_date: str
    identifiers: tuple[tuple[str, str], ...] = ()

    def json(self) -> dict[str, Any]:
        """As the wire writes an additional person."""
        return {
            "relation": self.relation,
            "given": self.given,
            "family": self.family,
            "birth_date": self.birth_date,
            "identifiers": [list(pair) for pair in self.identifiers],
        }


@dataclass(frozen=True, kw_only=True)
class Group:
    """What the owner shares of one category: pieces of (text, source, ISO date), and to whom they are released."""

    name: str
    category: str
    items: tuple[tuple[str, str, str], ...]
    audiences: tuple[str, ...] = (MANAGER,)
    existence_sensitive: bool = False
    conditions: str = ""
    handling: tuple[str, ...] = ()

    def content(self, persons: Sequence[str]) -> dict[str, Any]:
        """As the wire writes a group, about these persons (``ref`` of the request)."""
        return {
            "category": self.category,
            "persons": list(persons),
            "items": [{"text": text, "source": source, "on": on} for text, source, on in self.items],
            "audiences": list(self.audiences),
            "existence_sensitive": self.existence_sensitive,
            "marking": "OFFICIAL-SENSITIVE",
            "conditions": self.conditions,
        } | ({"handling": list(self.handling)} if self.handling else {})


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What a professional lead decided on one request, and the groups that go with it."""

    decision: str
    reasons: tuple[str, ...] = ()
    explanation: str = ""
    siblings: tuple[Sibling, ...] = ()
    groups: tuple[Group, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A signed answer. ``digests`` holds the digest of each named group: what a later release names."""

    id: str
    disclosure: str
    encoded: tuple[str, ...] = field(repr=False)
    digests: Mapping[str, str]

    def plaintext(self) -> bytes:
        """What is sealed to the hub."""
        return jose.compact_json({"disclosure": self.disclosure, "groups": list(self.encoded)})


def answer(
    reply: Reply, *, request: str, claims: Mapping[str, Any], agency: str, lead: str, key: ECKey, now: datetime
) -> Answer:
    """Sign ``reply`` to the request whose JWS is ``request`` and whose claims are ``claims``."""
    persons = [person["ref"] for person in claims["persons"]]
    reasons = {
        "decision": reply.decision,
        "reasons": list(reply.reasons),
        "explanation": reply.explanation,
        "additional_persons": [sibling.json() for sibling in reply.siblings],
    }
    named = [(group.name, encode_group(group.name, group.content(persons))) for group in reply.groups]
    named.append((REPLY, encode_group(REPLY, reasons)))
    digests = {name: base64url.digest(encoded.encode("ascii")) for name, encoded in named}
    jti = f"{agency}-{secrets.token_hex(8)}"
    signed = {
        "iss": agency,
        "aud": claims["iss"],
        "jti": jti,
        "iat": jose.seconds(now),
        "request": claims["jti"],
        "request_digest": base64url.digest(request.encode("ascii")),
        "lead": lead,
        "decision": reply.decision,
        "digest_alg": "sha-256",
        "digests": with_decoys(list(digests.values())),
    }
    return Answer(
        id=jti,
        disclosure=jose.sign(jose.compact_json(signed), key, typ=TYP),
        encoded=tuple(encoded for _, encoded in named),
        digests=digests,
    )


def encode_group(name: str, content: Mapping[str, Any]) -> str:
    """A group under a fresh salt of 16 bytes."""
    return base64url.encode(jose.compact_json([base64url.encode(secrets.token_bytes(16)), name, dict(content)]))


def with_decoys(digests: Sequence[str]) -> list[str]:
    """These digests among random ones, sorted, to the next multiple of eight: the count reveals no hidden group."""
    missing = -len(digests) % DECOY_STEP
    return sorted([*digests, *(base64url.encode(secrets.token_bytes(32)) for _ in range(missing))])


def release(
    *, disclosure: str, digests: Sequence[str], audiences: Sequence[str], agency: str, hub: str, lead: str, key: ECKey,
    now: datetime,
) -> str:  # fmt: skip
    """Sign a later release of groups, by digest, to more readers. ``disclosure`` is the hub's id of it."""
    claims = {
        "iss": agency,
        "aud": hub,
        "jti": f"{agency}-{secrets.token_hex(8)}",
        "iat": jose.seconds(now),
        "disclosure": disclosure,
        "digests": list(digests),
        "audiences": list(audiences),
        "lead": lead,
    }
    return jose.sign(jose.compact_json(claims), key, typ=RELEASE_TYP)


@dataclass(frozen=True, kw_only=True)
class View:
    """An owner's disclosure as one reader was shown it, its signature and every digest checked.

    ``groups`` and ``digests`` are by the group's name.
    """

    id: str
    agency: str
    decision: str
    groups: Mapping[str, Mapping[str, Any]]
    digests: Mapping[str, str]

    @property
    def texts(self) -> tuple[str, ...]:
        """The words of every item shown."""
        return tuple(item["text"] for content in self.groups.values() for item in content.get("items", ()))


def read_view(view: Mapping[str, Any], owner_keys: Mapping[str, ECKey]) -> View:
    """Check what a reader was shown against the owner's own signature.

    (1) the owner signed the claims; (2) the owner is who the view names; (3) every group shown is one that the owner
    signed, once.

    Raises:
        NotTrusted: one of them does not hold.
    """
    # (1) the signature
    claims = jose.json_object(jose.verify(str(view["disclosure"]), owner_keys, typ=TYP))
    # (2) the owner
    if claims.get("iss") != view["agency"]:
        raise NotTrusted("the disclosure is another agency's")
    # (3) the groups
    left = list(claims["digests"])
    groups: dict[str, Mapping[str, Any]] = {}
    digests: dict[str, str] = {}
    for encoded in view["groups"]:
        digest = base64url.digest(str(encoded).encode())
        if digest not in left:
            raise NotTrusted("a group shown is not one that the owner signed")
        left.remove(digest)
        _, name, content = json.loads(base64url.decode(encoded))
        groups[str(name)], digests[str(name)] = content, digest
    return View(
        id=str(view["id"]),
        agency=str(view["agency"]),
        decision=str(claims["decision"]),
        groups=groups,
        digests=digests,
    )
