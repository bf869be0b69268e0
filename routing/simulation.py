"""What a change of policy would change, on cases that there were: who would see more, and who less. Pure.

A sight is one thing that one reader sees of one case: a datum of a person or of a notification, or a group of a
disclosure. Of a sight the outcome tells who, how many and in which cases, and nothing of what it is.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from routing import need_to_know, notified, readership
from routing.need_to_know import Policy, Reader
from routing.notified import Sight
from schemas.disclosure import ReceivedDisclosure, ReleaseClaims
from schemas.hub import Hub
from schemas.persons import Person
from schemas.vocabulary import Datum, HandlingMark, Rating

_OF_A_NOTIFICATION = (Datum.SOURCE, Datum.CONCERN, Datum.NARRATIVE, Datum.PLACE)


@dataclass(frozen=True, kw_only=True)
class Case:
    """A past referral: whatever says who reads of it.

    ``persons`` and ``notifications`` have their marks, the latter also the agency that told; ``product`` holds the
    digests of the groups that were sent in products.
    """

    referral: str
    rating: Rating | None
    persons: Sequence[tuple[Person, frozenset[HandlingMark]]] = ()
    notifications: Sequence[tuple[str, frozenset[HandlingMark]]] = ()
    marks: frozenset[HandlingMark] = frozenset()
    disclosures: Sequence[ReceivedDisclosure] = ()
    releases: Sequence[ReleaseClaims] = ()
    product: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Difference:
    """What changes for one reader: so many things in these referrals."""

    reader: str
    more: int = 0
    less: int = 0
    more_in: tuple[str, ...] = ()
    less_in: tuple[str, ...] = ()


class Simulation:
    """Looks at one case after another with the eyes of everybody, at the hub as it is and as it would be."""

    def __init__(self, before: Hub, after: Hub) -> None:
        self._before = before
        self._after = after
        self._found: dict[str, Difference] = {}

    def look(self, case: Case) -> None:
        """Count what changes for whom in this case."""
        old, new = sights(case, self._before), sights(case, self._after)
        for name in old.keys() | new.keys():
            was, would = old.get(name, frozenset()), new.get(name, frozenset())
            if was == would:
                continue
            known = self._found.get(name, Difference(reader=name))
            self._found[name] = replace(
                known,
                more=known.more + len(would - was),
                less=known.less + len(was - would),
                more_in=known.more_in + ((case.referral,) if would - was else ()),
                less_in=known.less_in + ((case.referral,) if was - would else ()),
            )

    @property
    def differences(self) -> tuple[Difference, ...]:
        """Everybody for whom anything changes, by name."""
        return tuple(self._found[name] for name in sorted(self._found))


def sights(case: Case, hub: Hub) -> Mapping[str, frozenset[str]]:
    """What each reader at such a hub sees of the case, by reader."""
    policy = Policy(withholds=hub.withholds)
    seen: dict[str, set[str]] = defaultdict(set)
    for reader in readership.of_notifications(hub):
        one = replace(reader, rating=case.rating)
        seen[readership.named(one)] |= _of_notifications(case, one, policy)
    for reader in readership.of_disclosures(hub):
        one = replace(reader, rating=case.rating)
        cut = need_to_know.view(
            one, case.disclosures, case.releases, product=case.product, marks=case.marks, policy=policy
        )
        seen[readership.named(one)] |= {f"group {digest}" for digest in cut.digests}
        seen[readership.named(one)] |= {f"reply {disclosure}" for disclosure in cut.replies}
    return {name: frozenset(things) for name, things in seen.items()}


def _of_notifications(case: Case, reader: Reader, policy: Policy) -> set[str]:
    of_people = {
        f"{datum} of person {place}"
        for place, (person, marks) in enumerate(case.persons)
        for datum in notified.cut(person, Sight(reader=reader, marks=marks, policy=policy)).because
    }
    of_notifications = {
        f"{datum} of notification {place}"
        for place, (owner, marks) in enumerate(case.notifications)
        for datum in _OF_A_NOTIFICATION
        if Sight(reader=reader, marks=marks, owner=owner, policy=policy).sees(datum)
    }
    return of_people | of_notifications
