"""What openings read and write: in a number of statements that does not grow with them.

What other work holds is passed over unless it is to be waited for (``patient``): then it is missing from the answer.
Envelopes are locked before what they bring, as everywhere.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import TypeVar

from gateway.store.direct import subjects
from gateway.store.direct.admission import CLIENT, client
from gateway.store.direct.driver import Found
from gateway.store.direct.rows import Rows
from gateway.store.direct.selected import Columns, Selected, columns_of
from gateway.store.direct.statement import Query, Write, reading
from gateway.store.records import ClientRow, DisclosureRecord, Openable, ReleaseRecord, ScopeKey, Subject
from gateway.store.tables.envelopes import envelopes
from gateway.store.tables.exchange import disclosures, releases
from gateway.store.tables.identities import agencies
from gateway.store.tables.keys import scopes
from schemas.vocabulary import HandlingMark

R = TypeVar("R")
_OPENABLES = Rows.of_records(envelopes, Openable)
_RELEASED = ("state", "released_at", "released_to", "release", "release_until", "entry_id")
_DOSSIER = "SELECT referral_id FROM envelopes WHERE id {among} AND NOT kind {among}"


def _held(columns: Columns, rest: str, lock: str) -> Mapping[bool, Selected]:
    """The query that waits for what other work holds, and the one that passes over it."""
    return {True: Selected(columns, f"{rest} {lock}"), False: Selected(columns, f"{rest} {lock} {{skipping}}")}


def _brought(columns: Columns, kind: str) -> Mapping[bool, Selected]:
    table = columns[0].table.name
    subjects = f"SELECT subject FROM envelopes WHERE id {{among}} AND kind = '{kind}'"
    return _held(columns, f"FROM {table} WHERE id IN ({subjects}) ORDER BY id", "{locked}")


_ENVELOPES = _held(columns_of(envelopes, Openable), "FROM envelopes WHERE id {among} ORDER BY id", "{locked}")
_READERS = _held(
    [agencies.c.status, *CLIENT],
    "FROM clients JOIN agencies ON agencies.id = clients.agency WHERE clients.client_id IN "
    "(SELECT recipient FROM envelopes WHERE id {among}) ORDER BY clients.client_id",
    "{shared}",
)
_SCOPES = Selected(
    columns_of(scopes, ScopeKey),
    "FROM scopes WHERE id IN (SELECT scope FROM envelopes WHERE id {among} UNION " + _DOSSIER + ")",
)
_SENT_REQUESTS = _brought(subjects.REQUEST, "request")
_SENT_PRODUCTS = _brought(subjects.PRODUCT, "product")
_DISCLOSURES = Selected(
    columns_of(disclosures, DisclosureRecord), f"FROM disclosures WHERE referral_id IN ({_DOSSIER})"
)
_RELEASES = Selected(
    columns_of(releases, ReleaseRecord),
    "FROM releases JOIN disclosures ON disclosures.id = releases.disclosure_id "
    f"WHERE disclosures.referral_id IN ({_DOSSIER})",
)
_HERE = "FROM envelopes AS e JOIN referral_persons AS here ON here.referral_id = e.referral_id "
_HIDING = f'%"{HandlingMark.HIDDEN_LOCATION}"%'
_CASES = reading(
    "SELECT e.referral_id, 'rating' AS what, '' AS person, r.rating AS said "
    "FROM envelopes AS e JOIN referrals AS r ON r.id = e.referral_id WHERE e.id {among} "
    "UNION SELECT e.referral_id, 'referral', '', i.handling "
    "FROM envelopes AS e JOIN items AS i ON i.referral_id = e.referral_id "
    "WHERE e.id {among} AND i.handling <> '[]' "
    f"UNION SELECT e.referral_id, 'person', here.person_id, i.handling {_HERE}"
    "JOIN item_persons AS named ON named.person_id = here.person_id JOIN items AS i ON i.id = named.item_id "
    "WHERE e.id {among} AND e.kind = 'request' AND i.handling <> '[]' "
    f"UNION SELECT e.referral_id, 'beside', '', '[\"{HandlingMark.HIDDEN_LOCATION}\"]' {_HERE}"
    "JOIN referral_persons AS there ON there.person_id = here.person_id "
    "JOIN referral_persons AS beside ON beside.referral_id = there.referral_id "
    "JOIN item_persons AS named ON named.person_id = beside.person_id JOIN items AS i ON i.id = named.item_id "
    f"WHERE e.id {{among}} AND e.kind = 'request' AND i.handling LIKE '{_HIDING}'"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standings:
    """Envelopes with who opens them, what they are sealed under and what they bring, by id.

    ``agencies`` are the states of the clients' agencies. They and clients stay as they are until the work ends, as
    subjects do. ``disclosures`` and ``releases`` are those of the envelopes' referrals, in no order, and ``cases`` what
    ``cases`` asks.
    """

    envelopes: dict[str, Openable]
    agencies: Mapping[str, str]
    clients: Mapping[str, ClientRow]
    scopes: Sequence[ScopeKey]
    requests: dict[str, Subject]
    products: dict[str, Subject]
    disclosures: Sequence[DisclosureRecord]
    releases: Sequence[ReleaseRecord]
    cases: Found


def cases(envelope_ids: Collection[str]) -> Query:
    """(referral id, what, person id, what is said) of these envelopes' referrals, as they are now.

    ``rating``: how it is rated; ``referral``: marks of handling of a notification of it; of a request, whose people are
    told of, also ``person``: marks of an item that names a person of it, and ``beside``: the mark of one who hides.
    """
    names = list(envelope_ids)
    return Query(_CASES, (names, names, names, names))


def about(envelope_ids: Collection[str], *, bare: Collection[str], patient: bool) -> tuple[Query, ...]:
    """All that the opening of these envelopes asks about; see ``standings``. ``bare`` kinds need no dossier."""
    names, kinds = list(envelope_ids), list(bare)
    return (
        _ENVELOPES[patient].query(names),
        _READERS[patient].query(names),
        _SCOPES.query(names, names, kinds),
        _SENT_REQUESTS[patient].query(names),
        _SENT_PRODUCTS[patient].query(names),
        _DISCLOSURES.query(names, kinds),
        _RELEASES.query(names, kinds),
        cases(names),
    )


def standings(dialect: str, found: Sequence[Found]) -> Standings:
    """The answers to ``about``."""
    opened, readers, keys, asked, made, disclosed, released, about_cases = found
    clients, agency_states = {}, {}
    for status, *row in _READERS[True].rows(dialect, readers):
        known = client(row)
        clients[known.client_id], agency_states[known.agency] = known, str(status)
    return Standings(
        envelopes={one.id: one for one in _records(dialect, _ENVELOPES[True], opened, Openable)},
        agencies=agency_states,
        clients=clients,
        scopes=_records(dialect, _SCOPES, keys, ScopeKey),
        requests=subjects.requests_of(dialect, _SENT_REQUESTS[True], asked),
        products=subjects.products_of(dialect, _SENT_PRODUCTS[True], made),
        disclosures=_records(dialect, _DISCLOSURES, disclosed, DisclosureRecord),
        releases=_records(dialect, _RELEASES, released, ReleaseRecord),
        cases=about_cases,
    )


def _records(dialect: str, selected: Selected, found: Found, record: type[R]) -> list[R]:
    names = tuple(one.name for one in fields(record))  # type: ignore[arg-type] # records are dataclasses
    return [record(**dict(zip(names, row, strict=True))) for row in selected.rows(dialect, found)]


def save_releases(dialect: str, released: Iterable[Openable]) -> Write:
    """Write locked envelopes' releases."""
    return _OPENABLES.update(dialect, _RELEASED, ("id",), released)
