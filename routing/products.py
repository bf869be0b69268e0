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
    readable: dict[str, tuple[str, frozenset[Audience]]] = {}
    for disclosure in disclosures:
        for group in disclosure.groups:
            released = need_to_know.audiences(disclosure, group, releases)
            if Audience.SOCIAL_WORK_MANAGER in released:
                readable[group.digest] = (disclosure.agency, released)
    if not wanted <= readable.keys():
        raise Unknown("product.unknown_group", "choose among the disclosed groups of this referral", at="chosen")
    # (3) Each owner has released its part.
    waiting = {agency for agency, released in map(readable.__getitem__, wanted) if not _to_team(released)}
    if waiting:
        detail = f"these agencies must release their part first: {', '.join(sorted(waiting))}"
        raise Refused("product.not_released", detail, at="chosen")
    # (4) And the reader needs to know all of it.
    cut = need_to_know.view(reader, disclosures, releases, product=wanted, ask=ask)
    if not wanted <= set(cut.digests):
        raise Refused("product.not_allowed", "this recipient does not get such a part in a product", at="chosen")
    return cut


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
