"""Who may read what of a notification and of the record of its people, row by row. ``notified`` applies these rows.

A row speaks of one kind of reader, as in ``reading_rules``. It allows data, and says in spite of which marks it does
so: a mark that touches a datum keeps it from everyone whose row does not name the mark. So more handling never
shows more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from crypto.canonical import dumps
from routing.reading_rules import ANY_MARK, Purpose, Reader, Relation, in_spite_of
from schemas.vocabulary import Datum, HandlingMark, Rating, Role

_D, _M = Datum, HandlingMark

TOUCHES: Mapping[HandlingMark, frozenset[Datum]] = {
    _M.HIDDEN_LOCATION: frozenset(
        {
            _D.ADDRESS,
            _D.CONFIDENTIAL_ADDRESS,
            _D.LOCAL_NUMBERS,
            _D.CONTACTS,
            _D.SCHOOL,
            _D.SURGERY,
            _D.NOTES,
            _D.NARRATIVE,
            _D.PLACE,
        }
    ),
    _M.RESTRICTED: frozenset(_D) - {_D.NAMES, _D.SOURCE},
    _M.SOURCE_PROTECTION: frozenset({_D.SOURCE}),
}
"""What each mark limits. A hidden location: whatever may tell where, words included, since nobody can vouch for them.

Limited access leaves a name, because the desk must know whom it is about to bring it to its manager.
"""


def _always(_reader: Reader, _owner: str) -> bool:
    return True


def _own(reader: Reader, owner: str) -> bool:
    return owner != "" and reader.agency == owner


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row. ``under`` are the marks in spite of which it holds; ``ratings`` the cases that it speaks of, None for all.

    ``when`` judges the reader and the agency whose words they are.
    """

    name: str
    role: Role
    relation: Relation
    purpose: Purpose
    data: frozenset[Datum]
    because: str
    under: frozenset[HandlingMark] = frozenset()
    ratings: frozenset[Rating] | None = None
    when: Callable[[Reader, str], bool] = _always

    def applies(self, reader: Reader) -> bool:
        """Whether this row speaks of such a reader at all."""
        return (self.role, self.relation, self.purpose) == (reader.role, reader.relation, reader.purpose)


_ALL = frozenset(Datum)
_DESK_DATA = frozenset({_D.NAMES, _D.NUMBERS, _D.LOCAL_NUMBERS, _D.ADDRESS, _D.CONCERN, _D.SOURCE})
_SCREENING_DATA = frozenset({_D.NARRATIVE, _D.PLACE, _D.SCHOOL, _D.SURGERY, _D.CONTACTS, _D.NOTES})
_FOUND_BY = frozenset({_D.NUMBERS, _D.LOCAL_NUMBERS})
_DESK = (Role.COORDINATOR, Role.SCREENING_OFFICER, Role.SOCIAL_WORK_MANAGER)
_SCREENERS = (Role.SCREENING_OFFICER, Role.SOCIAL_WORK_MANAGER)


def _at_desk(role: Role, name: str, data: frozenset[Datum], because: str) -> Row:
    return Row(
        name=f"{name}: {role.replace('_', ' ')}",
        role=role,
        relation=Relation.DESK,
        purpose=Purpose.TRIAGE,
        data=data,
        because=because,
    )


ROWS: tuple[Row, ...] = (
    Row(
        name="the manager of the case",
        role=Role.SOCIAL_WORK_MANAGER,
        relation=Relation.ASSIGNED,
        purpose=Purpose.DECIDE,
        data=_ALL,
        under=ANY_MARK,
        because="the manager of the case decides on the fullest picture",
    ),
    Row(
        name="a manager, while nobody carries the case",
        role=Role.SOCIAL_WORK_MANAGER,
        relation=Relation.UNCARRIED,
        purpose=Purpose.TRIAGE,
        data=_ALL,
        under=frozenset({_M.HIDDEN_LOCATION, _M.RESTRICTED}),
        because="some manager must rate it, and from then on carries it",
    ),
    *(
        replace(
            _at_desk(role, "whom it is about", frozenset({_D.NAMES}), "the desk must know whom it is about"),
            under=ANY_MARK,
        )
        for role in _DESK
    ),
    *(
        _at_desk(role, "the desk", _DESK_DATA, "the desk keeps the process moving: metadata and identities")
        for role in _DESK
    ),
    *(_at_desk(role, "screening", _SCREENING_DATA, "screening reads what was notified") for role in _SCREENERS),
    *(
        replace(
            _at_desk(
                role,
                "the source's own people",
                frozenset({_D.SOURCE}),
                "whoever works for the agency that told knows that it did",
            ),
            under=ANY_MARK,
            when=_own,
        )
        for role in _DESK
    ),
    replace(
        _at_desk(
            Role.COORDINATOR,
            "a red case",
            frozenset({_D.CONTACTS}),
            "of a red case the desk telephones at once, for the manager",
        ),
        ratings=frozenset({Rating.RED}),
    ),
    Row(
        name="a lead who is asked: who it is about",
        role=Role.PROFESSIONAL_LEAD,
        relation=Relation.ASKED,
        purpose=Purpose.ANSWER,
        data=_FOUND_BY | {_D.NAMES},
        under=ANY_MARK,
        because="whoever is asked finds the people by names and by the numbers that the agency itself files them under",
    ),
    Row(
        name="a lead who is asked: where they live",
        role=Role.PROFESSIONAL_LEAD,
        relation=Relation.ASKED,
        purpose=Purpose.ANSWER,
        data=frozenset({_D.ADDRESS}),
        because="a postcode finds the right people, where nobody hides it",
    ),
    Row(
        name="the receiving team: whom it is about",
        role=Role.RECEIVING_TEAM,
        relation=Relation.RECEIVING,
        purpose=Purpose.ACT,
        data=_FOUND_BY | {_D.NAMES, _D.CONCERN},
        under=ANY_MARK,
        because="the team must find the right child, by the numbers that it files people under",
    ),
    Row(
        name="the receiving team: how it came to the hub",
        role=Role.RECEIVING_TEAM,
        relation=Relation.RECEIVING,
        purpose=Purpose.ACT,
        data=frozenset({_D.SOURCE}),
        under=frozenset({_M.HIDDEN_LOCATION, _M.RESTRICTED}),
        because="a record of a child in need says who referred, where no source is protected",
    ),
)


def explain() -> tuple[str, ...]:
    """The rows in words, one line each, for people and for ``VERSION``; then what each mark touches."""
    rows = [
        f"{row.name}: {row.role}, {row.relation}, to {row.purpose}, {row.when.__name__.strip('_')}, "
        f"{in_spite_of(row.under)}{_of_cases(row.ratings)}: {', '.join(sorted(row.data))}: {row.because}"
        for row in ROWS
    ]
    return (*rows, *(f"{mark} limits {', '.join(sorted(data))}" for mark, data in TOUCHES.items()))


def _of_cases(ratings: frozenset[Rating] | None) -> str:
    return "" if ratings is None else f", of cases rated {', '.join(sorted(ratings))}"


VERSION = f"notified/{hashlib.sha256(dumps(explain())).hexdigest()[:16]}"
"""Which rows these are."""
