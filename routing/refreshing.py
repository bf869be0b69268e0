"""Refreshing a known person with what a new message says, without losing what was known before."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

from schemas.identifiers import Identifier
from schemas.persons import Address, Organisation, Person

T = TypeVar("T", bound=Hashable)
K = TypeVar("K", bound=Hashable)

_SINGLE = (
    "expected_date",
    "mother",
    "death_date",
    "sex",
    "ethnicity",
    "language",
    "interpreter",
    "disability",
    "legal_status",
    "relation",
    "in_household",
    "alleged_perpetrator",
    "risk",
)
"""Fields that hold one value: the fresh one stands, and the one before is kept in the notes."""


def merge(known: Person, fresh: Person) -> Person:
    """``known``, refreshed by ``fresh`` and still under its own ``ref``.

    Fresh values stand first; silence overwrites nothing; a value that is replaced is kept in ``notes``. An address once
    known to be confidential stays so. A birth turns an unborn child into a born one and is never undone.
    """
    changes: dict[str, object] = {}
    earlier: list[str] = []
    for field in _SINGLE:
        before, after = getattr(known, field), getattr(fresh, field)
        if after in (None, ""):
            continue
        changes[field] = after
        if before not in (None, "") and before != after:
            earlier.append(f"{field}: earlier {before}")
    changes["birth_date"] = _birth_date(known.birth_date, fresh.birth_date, earlier)
    changes["unborn"] = known.unborn and changes["birth_date"] is None
    changes["school"] = _organisation("school", known.school, fresh.school, earlier)
    changes["gp"] = _organisation("gp", known.gp, fresh.gp, earlier)
    changes["names"] = _union(fresh.names, known.names)
    changes["contacts"] = _union(fresh.contacts, known.contacts)
    changes["parental_responsibility"] = _union(fresh.parental_responsibility, known.parental_responsibility)
    changes["identifiers"] = _grouped((*fresh.identifiers, *known.identifiers), _number, _verified)
    changes["addresses"] = _grouped((*fresh.addresses, *known.addresses), _place, _confidential)
    changes["notes"] = _union(known.notes, fresh.notes, earlier)
    return known.model_copy(update=changes)


def agree(one: str | None, other: str | None) -> bool | None:
    """Whether two partial dates can be of the same day; ``None`` where one is unknown."""
    if one is None or other is None:
        return None
    shared = min(len(one), len(other))
    return one[:shared] == other[:shared]


def _birth_date(known: str | None, fresh: str | None, earlier: list[str]) -> str | None:
    """The fresh date, or of two that agree the one that says more."""
    if known is None or fresh is None:
        return fresh or known
    if agree(known, fresh):
        return max(known, fresh, key=len)
    earlier.append(f"birth_date: earlier {known}")
    return fresh


def _organisation(
    field: str, known: Organisation | None, fresh: Organisation | None, earlier: list[str]
) -> Organisation | None:
    if fresh is None or fresh == Organisation():
        return known
    if known is not None and known not in (fresh, Organisation()):
        spelt = " ".join((known.name, *(f"{held.kind} {held.value}" for held in known.identifiers))).strip()
        earlier.append(f"{field}: earlier {spelt}")
    return fresh


def _union(*sources: Iterable[T]) -> tuple[T, ...]:
    return tuple(dict.fromkeys(item for source in sources for item in source))


def _grouped(items: Iterable[T], key: Callable[[T], K], join: Callable[[T, T], T]) -> tuple[T, ...]:
    """Each thing once, by ``key``, in the order of first mention; what is said of it twice is joined."""
    found: dict[K, T] = {}
    for item in items:
        place = key(item)
        found[place] = join(found[place], item) if place in found else item
    return tuple(found.values())


def _number(held: Identifier) -> tuple[str, str, str]:
    return held.kind, held.value, held.issuer


def _verified(one: Identifier, other: Identifier) -> Identifier:
    return one.model_copy(update={"verified": one.verified or other.verified})


def _place(address: Address) -> tuple[tuple[str, ...], str, str, str]:
    return address.lines, address.postcode, address.uprn, address.use


def _confidential(one: Address, other: Address) -> Address:
    return one.model_copy(update={"confidential": one.confidential or other.confidential})
