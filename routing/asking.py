"""Whom to ask: which agencies may hold what, about whom, and why it is proportionate to ask them.

A proposal is put before the manager, who authorises each request with purpose, ground and necessity of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from schemas.hub import AgencySection
from schemas.notification import Notification
from schemas.persons import Person
from schemas.vocabulary import Concern, DataCategory, Rating, Role, Sector

_D = DataCategory
_STREET = frozenset({Concern.GANGS, Concern.CRIMINAL_EXPLOITATION, Concern.DRUGS, Concern.MISSING})
_HOME = frozenset({Concern.NEGLECT, Concern.DOMESTIC_ABUSE})
_MIND = frozenset({Concern.MENTAL_HEALTH_CRISIS, Concern.SELF_HARM, Concern.EMOTIONAL})


@dataclass(frozen=True, kw_only=True)
class Picture:
    """What is known when somebody asks: the people, what worries, and how it was rated."""

    children: tuple[Person, ...]
    adults: tuple[Person, ...]
    concerns: frozenset[Concern]
    rating: Rating

    @classmethod
    def of(cls, notification: Notification, rating: Rating) -> Picture:
        """The picture that one notification gives."""
        concerns = frozenset(notification.concern.categories) if notification.concern else frozenset[Concern]()
        return cls(children=notification.children, adults=notification.adults, concerns=concerns, rating=rating)

    @property
    def born(self) -> tuple[Person, ...]:
        """The children who have been born."""
        return tuple(child for child in self.children if not child.unborn)

    @property
    def everybody(self) -> tuple[Person, ...]:
        """Everybody named, children first."""
        return self.children + self.adults

    @property
    def mothers_to_be(self) -> tuple[Person, ...]:
        """The mothers of unborn children, as far as they are named."""
        expected = {child.mother for child in self.children if child.unborn}
        return tuple(adult for adult in self.adults if adult.ref in expected)


When = Callable[[Picture], bool]
Who = Callable[[Picture], tuple[Person, ...]]


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A row: ask this sector about these people and categories, when, and because."""

    asks: Sector
    when: When
    about: Who
    categories: tuple[DataCategory, ...]
    because: str


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """One agency to be asked: ``persons`` are the refs of the notification, ``recipient`` is its professional lead."""

    agency: str
    recipient: str
    persons: tuple[str, ...]
    categories: tuple[DataCategory, ...]
    because: str


@dataclass(frozen=True, kw_only=True)
class Gap:
    """A sector that should be asked and has no professional lead in this hub: somebody must ask by other means."""

    sector: Sector
    because: str


def _anybody(picture: Picture) -> bool:
    return bool(picture.everybody)


def _adult_named(picture: Picture) -> bool:
    return bool(picture.adults)


def _born(picture: Picture) -> bool:
    return bool(picture.born)


def _unborn(picture: Picture) -> bool:
    return any(child.unborn for child in picture.children)


def _worry(concerns: frozenset[Concern]) -> When:
    return lambda picture: bool(picture.everybody) and bool(picture.concerns & concerns)


def _everybody(picture: Picture) -> tuple[Person, ...]:
    return picture.everybody


def _children_and_mothers_to_be(picture: Picture) -> tuple[Person, ...]:
    return picture.children + picture.mothers_to_be


def _children(picture: Picture) -> tuple[Person, ...]:
    return picture.born


def _adults(picture: Picture) -> tuple[Person, ...]:
    return picture.adults


RULES: tuple[Rule, ...] = (
    Rule(
        asks=Sector.LOCAL_AUTHORITY,
        when=_anybody,
        about=_everybody,
        categories=(_D.SOCIAL_CARE_HISTORY, _D.HOUSEHOLD),
        because="social care may know the family and who lives in the household",
    ),
    Rule(
        asks=Sector.POLICE,
        when=_anybody,
        about=_everybody,
        categories=(_D.POLICE_INCIDENTS, _D.POLICE_CONVICTIONS, _D.POLICE_INTELLIGENCE),
        because="police may know of incidents and of people who are a risk",
    ),
    Rule(
        asks=Sector.HEALTH,
        when=_anybody,
        about=_children_and_mothers_to_be,
        categories=(_D.HEALTH_HISTORY,),
        because="health may know of admissions and injuries",
    ),
    Rule(
        asks=Sector.HEALTH,
        when=_unborn,
        about=_children_and_mothers_to_be,
        categories=(_D.MATERNITY,),
        because="a child is expected",
    ),
    Rule(
        asks=Sector.HEALTH,
        when=_worry(_MIND),
        about=_everybody,
        categories=(_D.HEALTH_MENTAL,),
        because="somebody's mental health is part of the concern",
    ),
    Rule(
        asks=Sector.EDUCATION,
        when=_born,
        about=_children,
        categories=(_D.EDUCATION_ATTENDANCE, _D.EDUCATION_WELFARE),
        because="a school sees the child every day",
    ),
    Rule(
        asks=Sector.PROBATION,
        when=_adult_named,
        about=_adults,
        categories=(_D.PROBATION_RISK, _D.PROBATION_SUPERVISION),
        because="adults in the household",
    ),
    Rule(
        asks=Sector.YOUTH_JUSTICE,
        when=lambda picture: _born(picture) and _worry(_STREET)(picture),
        about=_children,
        categories=(_D.PROBATION_SUPERVISION, _D.PROBATION_RISK),
        because="the concern is one that youth justice works with",
    ),
    Rule(
        asks=Sector.HOUSING,
        when=_worry(_HOME),
        about=_everybody,
        categories=(_D.HOUSING, _D.HOUSEHOLD),
        because="the concern lies in the home",
    ),
)
_CORE = frozenset({Sector.LOCAL_AUTHORITY, Sector.POLICE, Sector.HEALTH, Sector.EDUCATION, Sector.PROBATION})


def propose(picture: Picture, agencies: Sequence[AgencySection], rules: Sequence[Rule] = RULES) -> tuple[Proposal, ...]:
    """One proposal for each agency of each sector that a row asks, in the order of the rows.

    An agency without a professional lead can't be asked; ``gaps`` names the sectors where that leaves nobody.
    """
    matching = _matching(picture, rules)
    sectors = dict.fromkeys(rule.asks for rule in matching)
    return tuple(
        _proposal(picture, agency, lead, [rule for rule in matching if rule.asks is sector])
        for sector in sectors
        for agency in agencies
        if agency.sector is sector and (lead := lead_of(agency))
    )


def gaps(picture: Picture, agencies: Sequence[AgencySection], rules: Sequence[Rule] = RULES) -> tuple[Gap, ...]:
    """The core sectors that a row asks and this hub can't, so that no voice goes missing unseen."""
    reachable = {agency.sector for agency in agencies if lead_of(agency)}
    missing: dict[Sector, str] = {}
    for rule in _matching(picture, rules):
        if rule.asks in _CORE - reachable:
            missing.setdefault(rule.asks, rule.because)
    return tuple(Gap(sector=sector, because=because) for sector, because in missing.items())


def lead_of(agency: AgencySection) -> str | None:
    """The recipient at ``agency`` that requests go to: its first professional lead."""
    return next((one.name for one in agency.recipients if one.role is Role.PROFESSIONAL_LEAD), None)


def _matching(picture: Picture, rules: Sequence[Rule]) -> list[Rule]:
    return [rule for rule in rules if rule.when(picture) and rule.about(picture)]


def _proposal(picture: Picture, agency: AgencySection, lead: str, rules: Sequence[Rule]) -> Proposal:
    return Proposal(
        agency=agency.id,
        recipient=lead,
        persons=tuple(dict.fromkeys(person.ref for rule in rules for person in rule.about(picture))),
        categories=tuple(dict.fromkeys(category for rule in rules for category in rule.categories)),
        because="; ".join(rule.because for rule in rules),
    )
