"""Checking an owner's answer against the request that it answers. The signatures have been verified before."""

from __future__ import annotations

from crypto.digests import digest
from schemas.disclosure import ReceivedDisclosure
from schemas.errors import Rejected
from schemas.request import InformationRequest
from schemas.vocabulary import ReplyDecision

REPLY_GROUP = "reply"
"""The reserved name of the group that holds the owner's reasons."""

ADDITIONAL = "additional"
"""A group so named (or ``additional-...``) holds something of a category that the request did not ask for."""

_GIVES = frozenset({ReplyDecision.DISCLOSE, ReplyDecision.PARTIAL})
_WITHHOLDS = frozenset({ReplyDecision.PARTIAL, ReplyDecision.REFUSE})


def check(disclosure: ReceivedDisclosure, request: InformationRequest, request_digest: str) -> None:
    """Return if ``disclosure`` is a whole and fitting answer to ``request``.

    Verified in this order: (1) the agency that was asked answers, (2) this request, (3) with one decision, (4) that
    its content bears out, (5) about people who were asked about and in categories that were asked for or are marked
    additional, (6) all of it under the owner's signature.

    Raises:
        Rejected: the agency must change its answer; ``at`` names the field.
    """
    claims, reply = disclosure.claims, disclosure.reply
    # (1) The agency that was asked
    _require(claims.iss == disclosure.agency == request.aud, "disclosure.issuer", "another agency was asked", at="iss")
    _require(claims.aud == request.iss, "disclosure.audience", "address the hub that asked", at="aud")
    # (2) This request
    _require(
        claims.request == disclosure.request == request.jti, "disclosure.request", "name the request", at="request"
    )
    _require(
        claims.request_digest == request_digest,
        "disclosure.request_digest",
        "answer the request as it was signed",
        at="request_digest",
    )
    # (3) One decision
    _require(claims.decision is reply.decision, "disclosure.decision", "decide one thing", at="decision")
    # (4) Borne out by its content
    _check_decision(disclosure)
    # (5) Asked for
    _check_groups(disclosure, request)
    # (6) Signed
    digests = [digest(disclosure.reply_encoded), *(group.digest for group in disclosure.groups)]
    _require(
        len(set(digests)) == len(digests) and set(digests) <= set(claims.digests),
        "disclosure.digests",
        "sign the digest of the reply and of every group, each once",
        at="digests",
    )


def _check_decision(disclosure: ReceivedDisclosure) -> None:
    decision, reply = disclosure.reply.decision, disclosure.reply
    if decision in _GIVES:
        _require(bool(disclosure.groups), "disclosure.empty", "disclose something, or say nothing held", at="groups")
    else:
        _require(not disclosure.groups, "disclosure.groups", "this decision brings no information", at="groups")
    if decision in _WITHHOLDS:
        _require(bool(reply.reasons), "disclosure.no_reason", "a refusal has a reason", at="reasons")
    if decision is ReplyDecision.CLARIFY:
        _require(
            bool(reply.explanation.strip()), "disclosure.no_question", "say what is to be clarified", at="explanation"
        )


def _check_groups(disclosure: ReceivedDisclosure, request: InformationRequest) -> None:
    names = [group.name for group in disclosure.groups]
    _require(
        len(set(names)) == len(names) and REPLY_GROUP not in names,
        "disclosure.names",
        "name each group once, and none of them reply",
        at="groups",
    )
    asked_about = {person.ref for person in request.persons}
    for position, group in enumerate(disclosure.groups):
        at = f"groups[{position}]"
        _require(
            group.content.category in request.categories or is_additional(group.name),
            "disclosure.category",
            "disclose what was asked for, or mark it additional",
            at=f"{at}.category",
        )
        _require(
            asked_about.issuperset(group.content.persons),
            "disclosure.persons",
            "speak of people by the refs of the request",
            at=f"{at}.persons",
        )


def is_additional(name: str) -> bool:
    """Whether a group's name marks it as something that was not asked for."""
    return name == ADDITIONAL or name.startswith(f"{ADDITIONAL}-")


def _require(holds: bool, code: str, detail: str, *, at: str) -> None:  # noqa: FBT001 - the fact that is required
    if not holds:
        raise Rejected(code, detail, at=at)
