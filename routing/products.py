"""The information product: which parts of what was disclosed may go to a receiving team, and whose voice is missing.

No product holds text that its owner has not released to that audience (invariant 5).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from routing import need_to_know
from routing.lifecycle import RequestState
from routing.requests import known_to
from schemas.disclosure import Audience, ReceivedDisclosure, ReleaseClaims
from schemas.envelope import EnvelopeKind
from schemas.errors import Refused, Unknown
from schemas.hub import AgencySection
from schemas.persons import Person
from schemas.product import ProductPerson


@dataclass(frozen=True, kw_only=True)
class AskedRequest:
    """An information request, as far as a decision needs to know of it."""

    request_id: str
    agency: str
    state: RequestState


@dataclass(frozen=True, kw_only=True)
class MissingVoice:
    """An agency that was asked and has not answered."""

    request_id: str
    agency: str
    because: str


_MISSING: Mapping[RequestState, str] = {
    RequestState.ASKED: "the request has not reached the agency",
    RequestState.DELIVERED: "the lead has not opened the request",
    RequestState.OPENED: "the lead has not answered",
    RequestState.CLARIFYING: "the lead waits for a clarification",
    RequestState.OVERDUE: "the answer is overdue",
}


def missing_voices(requests: Sequence[AskedRequest]) -> tuple[MissingVoice, ...]:
    """The requests still without an answer, each to be acknowledged when a manager decides."""
    return tuple(
        MissingVoice(request_id=asked.request_id, agency=asked.agency, because=_MISSING[asked.state])
        for asked in requests
        if asked.state in _MISSING
    )


def assemble(
    *,
    chosen: Collection[str],
    disclosures: Sequence[ReceivedDisclosure],
    releases: Sequence[ReleaseClaims],
    reader: need_to_know.Reader,
    ask: Mapping[str, str] | None = None,
    policy: need_to_know.Policy = need_to_know.CORE,
) -> need_to_know.View:
    """What ``reader``, a receiving team, gets of the groups that the manager chose (by digest).

    Raises:
        Unknown: no disclosure that the manager may read holds such a group (``product.unknown_group``).
        Refused: owners have not released what was chosen (``product.not_released``; the detail names the agencies),
            or the reader gets no products or no such part in one (``product.not_allowed``).
    """
    wanted = frozenset(chosen)
    # (1) A product goes to whom products go to.
    if not need_to_know.may_receive(reader, EnvelopeKind.PRODUCT):
        raise Refused("product.not_allowed", "a product goes to a receiving team", at="recipient")
    # (2) The manager chooses among what the manager may read.
    known = readable(disclosures, releases)
    if not wanted <= known.keys():
        raise Unknown("product.unknown_group", "choose among the disclosed groups of this referral", at="chosen")
    # (3) Each owner has released its part.
    owners = waiting(wanted, known)
    if owners:
        detail = f"these agencies must release their part first: {', '.join(owners)}"
        raise Refused("product.not_released", detail, at="chosen")
    # (4) And the reader needs to know all of it.
    cut = need_to_know.view(reader, disclosures, releases, product=wanted, ask=ask, policy=policy)
    if not wanted <= set(cut.digests):
        raise Refused("product.not_allowed", "this recipient does not get such a part in a product", at="chosen")
    return cut


def readable(
    disclosures: Sequence[ReceivedDisclosure], releases: Sequence[ReleaseClaims]
) -> dict[str, tuple[str, frozenset[Audience]]]:
    """The groups that the manager may read, by digest, each with its owner and the audiences that it is released to."""
    found = {}
    for disclosure in disclosures:
        for group in disclosure.groups:
            released = need_to_know.audiences(disclosure, group, releases)
            if Audience.SOCIAL_WORK_MANAGER in released:
                found[group.digest] = (disclosure.agency, released)
    return found


def waiting(chosen: Collection[str], known: Mapping[str, tuple[str, frozenset[Audience]]]) -> tuple[str, ...]:
    """The agencies that have not released to receiving teams what was chosen, by name."""
    return tuple(sorted({agency for agency, released in map(known.__getitem__, chosen) if not _to_team(released)}))


def described(person: Person, *, ref: str, part: str, agency: AgencySection, mother: str | None) -> ProductPerson:
    """What a product's documents say of ``person`` to ``agency``, which knows the person by the pseudonym ``ref``.

    A subject is told so that the right child is found: by the identifiers that this agency files people under, as a
    request would name them. Of everybody else there are names and a relation. Nobody's whereabouts are told.
    """
    if part != "subject":
        return ProductPerson(ref=ref, part=part, relation=person.relation, names=person.names)
    return ProductPerson(
        ref=ref,
        part=part,
        relation=person.relation,
        names=person.names,
        birth_date=person.birth_date,
        unborn=person.unborn,
        expected_date=person.expected_date,
        death_date=person.death_date,
        sex=person.sex,
        ethnicity=person.ethnicity,
        disability=person.disability,
        identifiers=known_to(agency, person),
        mother=mother,
    )


def _to_team(released: frozenset[Audience]) -> bool:
    return Audience.RECEIVING_TEAM in released
