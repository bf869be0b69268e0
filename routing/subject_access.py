"""What a data subject is told of a case: cut so that neither others, nor a source, nor a hidden place shows.

What is left out leaves no trace: a case that anything protects, or that two people left out, is as if it were not
there. What an owner has not released to the data subject is marked, unless even its existence is sensitive. Source:
UK GDPR article 15; Data Protection Act 2018, schedules 2 and 3.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from schemas.disclosure import Audience, OpenedGroup
from schemas.envelope import Withheld
from schemas.notification import Handling
from schemas.persons import Person
from schemas.subject import CaseTold, GroupTold, Identity, ItemTold, Report
from schemas.vocabulary import Outcome

_ANOTHER = "[another person]"
_SHORTEST = 2
_ASK = "its owner decides whether you may have it"


@dataclass(frozen=True, kw_only=True)
class Notified:
    """A notification and how what it says must be handled."""

    report: Report
    handling: Handling


@dataclass(frozen=True, kw_only=True)
class Group:
    """A disclosed group: whose, about whom (person ids), and to whom its owner released it since."""

    agency: str
    group: OpenedGroup
    about: frozenset[str]
    since: frozenset[Audience]


@dataclass(frozen=True, kw_only=True)
class Case:
    """A referral that the person is on. ``subject``: it is about them; ``left_out``: two people said so."""

    subject: bool
    received_at: datetime
    closed: bool
    outcomes: tuple[Outcome, ...]
    notified: Sequence[Notified]
    groups: Sequence[Group]
    others: Sequence[Person]
    sent_to: tuple[str, ...]
    left_out: bool

    @property
    def protected(self) -> bool:
        """Whether a source is protected, or access to it limited where it came from."""
        return any(one.handling.restricted or one.handling.source_protection for one in self.notified)

    @property
    def hidden(self) -> bool:
        """Whether where somebody lives must not be told."""
        return self.protected or any(one.handling.hidden_location for one in self.notified)


def told(person: str, known_as: Person, case: Case, ask: Mapping[str, str]) -> CaseTold | None:
    """What the person of this id is told of a case; None: nothing, not even that there is one."""
    if case.left_out or case.protected:
        return None
    shown, marked = list[GroupTold](), set[str]()
    for one in case.groups:
        if person not in one.about or one.group.content.existence_sensitive:
            continue
        if one.about == {person} and _released(one):
            shown.append(_group(one, case.others, known_as))
        else:
            marked.add(one.agency)
    if not case.subject:
        if not shown:
            return None
        return CaseTold(
            received_at=None, closed=None, reports=(), outcomes=(), disclosed=tuple(shown), sent_to=(), ask=()
        )
    return CaseTold(
        received_at=case.received_at,
        closed=case.closed,
        reports=tuple(one.report for one in case.notified),
        outcomes=case.outcomes,
        disclosed=tuple(shown),
        sent_to=case.sent_to,
        ask=tuple(Withheld(agency=one, ask=ask.get(one, one), because=_ASK) for one in sorted(marked)),
    )


def identity(known_as: Person, cases: Sequence[Case], shown: Sequence[CaseTold]) -> Identity | None:
    """Who the hub takes the person for; None where no case may be told: that it knows them would be one's trace."""
    if not shown:
        return None
    hidden = any(case.hidden or case.left_out for case in cases)
    return Identity(
        names=known_as.names,
        birth_date=known_as.birth_date,
        expected_date=known_as.expected_date,
        sex=known_as.sex,
        identifiers=known_as.identifiers,
        addresses=() if hidden else tuple(one for one in known_as.addresses if not one.confidential),
    )


def without_others(text: str, others: Sequence[Person], known_as: Person) -> str:
    """The text, the names of these others taken out that are not the person's own too."""
    own = set(_words(known_as))
    for word in sorted({word for other in others for word in _words(other)} - own, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", _ANOTHER, text, flags=re.IGNORECASE)
    return text


def _released(one: Group) -> bool:
    # An owner who set conditions when it disclosed is asked anew: only a later release answers.
    content = one.group.content
    return Audience.DATA_SUBJECT in one.since or (Audience.DATA_SUBJECT in content.audiences and not content.conditions)


def _group(one: Group, others: Sequence[Person], known_as: Person) -> GroupTold:
    return GroupTold(
        agency=one.agency,
        category=one.group.content.category,
        items=tuple(
            ItemTold(text=without_others(item.text, others, known_as), on=item.on) for item in one.group.content.items
        ),
    )


def _words(person: Person) -> Iterator[str]:
    for name in person.names:
        for words in (*name.given, name.family):
            yield from (word.casefold() for word in words.split() if len(word) >= _SHORTEST)
