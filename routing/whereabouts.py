"""Whether somebody's own words tell where a family is that hides: by what the hub itself knows of its places.

It finds a place that is spelt as on record, however it is spaced, capitalised or punctuated. It can't find one that is
described: whoever writes stays answerable for that.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from schemas.persons import Address, Person

_SHORTEST = 6
"""Letters and digits of a trace: anything shorter stands in a text by chance."""
_LANDLINE = 9
_NUMBER = re.compile(r"[0-9]+[A-Za-z]?\b")


def told(text: str, people: Iterable[Person], *, hidden: bool) -> bool:
    """Whether ``text`` tells a place of ``people``: any where their location is ``hidden``, else a confidential one."""
    squashed = _squashed(text)
    return any(trace in squashed for person in people for trace in _traces(person, hidden=hidden))


def _traces(person: Person, *, hidden: bool) -> Iterator[str]:
    for address in person.addresses:
        if hidden or address.confidential:
            yield from _of_address(address)
    if not hidden:
        return
    places = [place.name for place in (person.school, person.gp) if place is not None]
    for known in map(_squashed, places):
        if len(known) >= _SHORTEST:
            yield known
    for contact in person.contacts:
        reached = _squashed(contact.value)
        if len(reached) >= _LANDLINE:
            yield reached.removeprefix("44").removeprefix("0") if reached.isdigit() else reached


def _of_address(address: Address) -> Iterator[str]:
    numbered = [line for line in address.lines if any(map(str.isdigit, line))]
    known = (address.postcode, address.uprn, *numbered)
    yield from (trace for one in known if len(trace := _squashed(one)) >= _SHORTEST)
    # The street is what follows the last number of its line. A line without any names a town.
    streets = (_squashed(_NUMBER.split(line)[-1]) for line in numbered)
    yield from (street for street in streets if len(street) >= _SHORTEST)


def _squashed(text: str) -> str:
    return re.sub(r"[\W_]", "", text.casefold())
