"""What one reader sees of a notification and of the record of its people, and why. Deny by default.

A datum is shown where some row of ``notified_rules`` allows it to this reader in spite of every mark that touches it,
and no row of the hub's withholds it. What a mark or the hub keeps back from a reader whose row would show it is known
to be there (``kept_back``); what no row speaks of leaves no trace.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from routing.notified_rules import ROWS, TOUCHES, Row
from routing.reading_rules import CORE, Policy, Reader
from schemas.hub import Withhold
from schemas.identifiers import Identifier, IdentifierKind
from schemas.persons import Person
from schemas.vocabulary import Datum, HandlingMark

TELLS_WHO_GAVE_IT = frozenset(
    {IdentifierKind.UPN, IdentifierKind.LOCAL, IdentifierKind.ODS, IdentifierKind.URN, IdentifierKind.LAESTAB}
)
"""Numbers that tell which school, surgery or office gave them: a pupil's number begins with the first school's."""


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """Whether a datum is shown.

    ``row`` is what allows it. Else ``stopped_by`` are the marks, or ``withhold`` is the hub's row, that keep it from a
    reader whose row would show it. Neither: no row speaks of it.
    """

    row: Row | None = None
    stopped_by: frozenset[HandlingMark] = frozenset()
    withhold: Withhold | None = None

    @property
    def kept_back(self) -> bool:
        """Whether the reader may know that it is there and not shown."""
        return self.row is None and (bool(self.stopped_by) or self.withhold is not None)


@dataclass(frozen=True, kw_only=True)
class Sight:
    """How one reader looks at words of ``owner`` under these marks."""

    reader: Reader
    marks: frozenset[HandlingMark] = frozenset()
    owner: str = ""
    policy: Policy = CORE

    def of(self, datum: Datum) -> Verdict:
        """Whether the reader sees this datum, and why or why not."""
        touching = frozenset(mark for mark in self.marks if datum in TOUCHES[mark])
        speaking = [
            row
            for row in ROWS
            if row.applies(self.reader)
            and datum in row.data
            and (row.ratings is None or self.reader.rating in row.ratings)
            and row.when(self.reader, self.owner)
        ]
        if not speaking:
            return Verdict()
        row = next((one for one in speaking if touching <= one.under), None)
        if row is None:
            return Verdict(stopped_by=touching)
        withhold = self.policy.withholds_from(self.reader, datum, touching)
        return Verdict(row=row) if withhold is None else Verdict(withhold=withhold)

    def sees(self, datum: Datum) -> bool:
        """Whether the reader sees this datum."""
        return self.of(datum).row is not None


@dataclass(frozen=True, kw_only=True)
class PersonSeen:
    """The person as shown, and for each datum that is there and shown the reason of its row."""

    person: Person
    because: Mapping[Datum, str]
    kept_back: frozenset[Datum] = frozenset()


def cut(person: Person, sight: Sight) -> PersonSeen:
    """``person`` without whatever the reader does not see."""
    numbers = {kind: tuple(one for one in person.identifiers if _kind(one) is kind) for kind in _NUMBERS}
    addresses = {
        Datum.ADDRESS: tuple(one for one in person.addresses if not one.confidential),
        Datum.CONFIDENTIAL_ADDRESS: tuple(one for one in person.addresses if one.confidential),
    }
    there: dict[Datum, bool] = {
        Datum.NAMES: True,
        **{datum: bool(held) for datum, held in (*numbers.items(), *addresses.items())},
        Datum.CONTACTS: bool(person.contacts),
        Datum.SCHOOL: person.school is not None,
        Datum.SURGERY: person.gp is not None,
        Datum.NOTES: bool(person.notes or person.risk or person.legal_status),
    }
    verdicts = {datum: sight.of(datum) for datum, is_there in there.items() if is_there}
    seen = {datum: verdict.row.because for datum, verdict in verdicts.items() if verdict.row is not None}
    bare: dict[str, object] = {
        "identifiers": tuple(one for one in person.identifiers if _kind(one) in seen),
        "addresses": tuple(
            one
            for one in person.addresses
            if (Datum.CONFIDENTIAL_ADDRESS if one.confidential else Datum.ADDRESS) in seen
        ),
    }
    for datum, fields in _FIELDS.items():
        if datum not in seen:
            bare |= fields
    return PersonSeen(
        person=person.model_copy(update=bare),
        because=seen,
        kept_back=frozenset(datum for datum, verdict in verdicts.items() if _may_be_known(datum, verdict, sight)),
    )


def sees_beside(field: str, sight: Sight, seen: PersonSeen) -> bool:
    """Whether the reader may read what was noted beside ``field`` of a person: it may repeat what stands there."""
    data = _BESIDE.get(field) or {datum for datum, fields in _FIELDS.items() if field in fields} or {Datum.NOTES}
    return not data & seen.kept_back and all(sight.sees(datum) for datum in data - {Datum.CONFIDENTIAL_ADDRESS})


def _may_be_known(datum: Datum, verdict: Verdict, sight: Sight) -> bool:
    if datum is Datum.CONFIDENTIAL_ADDRESS:
        # Nobody at the desk has a row for it. Whoever would see an open address is told that there is another.
        return verdict.row is None and (sight.of(Datum.ADDRESS).row is not None or sight.of(Datum.ADDRESS).kept_back)
    return verdict.kept_back


_BESIDE: Mapping[str, frozenset[Datum]] = {
    "identifiers": frozenset({Datum.NUMBERS, Datum.LOCAL_NUMBERS}),
    "addresses": frozenset({Datum.ADDRESS, Datum.CONFIDENTIAL_ADDRESS}),
    "unborn": frozenset({Datum.NAMES}),
}
_NUMBERS = (Datum.NUMBERS, Datum.LOCAL_NUMBERS)
_FIELDS: Mapping[Datum, Mapping[str, object]] = {
    Datum.NAMES: {"names": (), "birth_date": None, "sex": None, "expected_date": None, "mother": None, "relation": ""},
    Datum.CONTACTS: {"contacts": ()},
    Datum.SCHOOL: {"school": None},
    Datum.SURGERY: {"gp": None},
    Datum.NOTES: {"notes": (), "risk": "", "legal_status": ""},
}


def _kind(number: Identifier) -> Datum:
    return Datum.LOCAL_NUMBERS if number.kind in TELLS_WHO_GAVE_IT else Datum.NUMBERS
