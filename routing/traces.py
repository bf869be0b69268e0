"""What a concern leaves behind for research: who was named, where, by whom and how gravely. No words of it.

A pattern of harm lies across concerns that nobody would act on one by one. To find it later without opening them all,
each leaves a trace when it comes: opaque ids of people, keyed hashes of places, and a step of severity.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from routing.linkage import spell
from routing.severity import Severity, severity
from schemas.notification import Notification
from schemas.persons import Address, Person

_HOMES = frozenset({"home", "temp", "temporary"})
_POSTCODE = re.compile(r"[A-Z]{1,2}[0-9][0-9A-Z]? ?[0-9][A-Z]{2}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Trace:
    """One concern as research sees it. ``at`` is its receipt (aware).

    ``residents`` are those adults who may live with the children: all whom the sender did not place elsewhere.
    ``alleged`` are those adults whom the sender named as causing the harm. ``homes``, ``scenes`` and ``areas``
    (the homes' postcodes) are keyed hashes.
    """

    item_id: str
    message_id: str
    referral_id: str
    at: datetime
    agency: str
    severity: Severity
    children: frozenset[str]
    residents: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()
    alleged: frozenset[str] = frozenset()
    homes: frozenset[str] = frozenset()
    scenes: frozenset[str] = frozenset()
    areas: frozenset[str] = frozenset()

    @property
    def places(self) -> frozenset[str]:
        """Every place named: what is known of an area says nothing of a household."""
        return self.homes | self.scenes

    @property
    def adults(self) -> frozenset[str]:
        """Every adult named, wherever they live."""
        return self.residents | self.others


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The people of a concern by their part in it."""

    children: frozenset[str]
    residents: frozenset[str]
    others: frozenset[str]
    alleged: frozenset[str]


def parts(item: Notification, known: Mapping[str, str]) -> Parts:
    """Who plays which part; ``known`` gives the hub's id for each ``ref`` of the notification."""
    adults = [one for one in item.adults if one.ref in known]
    residents = _ids((one for one in adults if one.in_household is not False), known)
    return Parts(
        children=_ids((one for one in item.children if one.ref in known), known),
        residents=residents,
        others=_ids(adults, known) - residents,
        alleged=_ids((one for one in adults if one.alleged_perpetrator), known),
    )


@dataclass(frozen=True, kw_only=True)
class Places:
    """Where those named live, where it happened, and the homes' postcodes: each spelt in one way.

    The shell keeps a keyed hash of each, never what is spelt.
    """

    homes: tuple[str, ...] = ()
    scenes: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()

    def hashed(self, keyed: Callable[[str], str]) -> Places:
        """The same under their keyed hashes."""
        homes, scenes, areas = (tuple(map(keyed, one)) for one in (self.homes, self.scenes, self.areas))
        return Places(homes=homes, scenes=scenes, areas=areas)


def places(item: Notification) -> Places:
    """The places of a concern.

    A home counts by its numbered line and postcode or by its property reference; a scene only where it has both: the
    name of a street or a station says nothing of a household. Where a family hides, nothing is kept.
    """
    if item.handling.hidden_location:
        return Places()
    addresses = [
        one for person in item.people for one in person.addresses if not one.confidential and one.use in _HOMES
    ]
    homes = {spelt for one in addresses for spelt in _home(one)}
    areas = {spell(one.postcode) for one in addresses if one.postcode.strip()}
    scene = item.incident.place.upper() if item.incident else ""
    postcode = _POSTCODE.search(scene)
    scenes = _spelt(scene[: postcode.start()].split(","), postcode.group()) if postcode else set()
    return Places(homes=tuple(sorted(homes)), scenes=tuple(sorted(scenes - homes)), areas=tuple(sorted(areas)))


def of(
    item: Notification,
    known: Mapping[str, str],
    hashed: Places,
    *,
    item_id: str,
    message_id: str,
    referral_id: str,
    at: datetime,
    agency: str,
) -> Trace:
    """The trace of a concern; ``hashed`` are its ``places`` under their keyed hashes."""
    found = parts(item, known)
    return Trace(
        item_id=item_id,
        message_id=message_id,
        referral_id=referral_id,
        at=at,
        agency=agency,
        severity=severity(item),
        children=found.children,
        residents=found.residents,
        others=found.others,
        alleged=found.alleged,
        homes=frozenset(hashed.homes),
        scenes=frozenset(hashed.scenes),
        areas=frozenset(hashed.areas),
    )


def _ids(people: Iterable[Person], known: Mapping[str, str]) -> frozenset[str]:
    return frozenset(known[one.ref] for one in people)


def _home(home: Address) -> set[str]:
    return _spelt(home.lines, home.postcode) | ({f"uprn/{spell(home.uprn)}"} if home.uprn.strip() else set())


def _spelt(lines: Sequence[str], postcode: str) -> set[str]:
    """The first line that holds a number, with the postcode: towns and counties are written or left out at will."""
    code = spell(postcode)
    numbered = [spell(line) for line in lines if any(letter.isdigit() for letter in line)]
    return {f"{''.join(numbered)}/{code}"} if code and numbered else set()
