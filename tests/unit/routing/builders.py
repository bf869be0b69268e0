"""Synthetic people, agencies and disclosures for the tests of ``routing``."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from crypto.digests import digest
from routing.need_to_know import Purpose, Reader, Relation
from routing.requests import AskedAbout, Justification, compose
from routing.working_time import Calendar
from schemas.disclosure import (
    Audience,
    DisclosedGroup,
    DisclosedItem,
    DisclosureClaims,
    OpenedGroup,
    ReceivedDisclosure,
    ReleaseClaims,
    Reply,
)
from schemas.hub import AgencySection, RecipientSection
from schemas.identifiers import Identifier, IdentifierKind, identifier
from schemas.notification import ConcernDetail, Incident, Notification
from schemas.persons import Name, Person
from schemas.request import InformationRequest
from schemas.timing import RatingRule, WorkingHours
from schemas.vocabulary import (
    Concern,
    DataCategory,
    HandlingMark,
    ItemKind,
    LegalGround,
    Rating,
    ReplyDecision,
    Role,
    Sector,
)

LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 11, 4, 10, 32, tzinfo=UTC)  # a Wednesday
CALENDAR = Calendar(WorkingHours(bank_holidays=(date(2026, 12, 25),)), LONDON)
RULES = (
    RatingRule(rating=Rating.RED, hours=4, reply_hours=2),
    RatingRule(rating=Rating.AMBER, hours=24, reply_hours=6),
    RatingRule(rating=Rating.GREEN, hours=24, reply_hours=16, clock="working"),
)
NHS = "9990000018"
OTHER_NHS = "9990000026"
PNC = "2015/0123456U"
UPN = "W820123412001"
HUB = "hub"


def number(kind: IdentifierKind, text: str, issuer: str = "") -> Identifier:
    return identifier(kind, text, issuer=issuer)


def person(
    ref: str = "child-1", *numbers: Identifier, family: str = "Sample", born: str | None = "2010-02-03"
) -> Person:
    return Person(ref=ref, names=(Name(given=("Alex",), family=family),), birth_date=born, identifiers=numbers)


def notification(
    *children: Person,
    adults: tuple[Person, ...] = (),
    kind: ItemKind = ItemKind.CONCERN,
    categories: tuple[Concern, ...] = (),
    level: int | None = None,
    grade: str = "",
    narrative: str = "",
    injuries: str = "",
    danger: str = "",
) -> Notification:
    concern = ConcernDetail(categories=categories, level_of_need=level, source_grade=grade)
    return Notification(
        native_id="n-1",
        format="synthetic",
        kind=kind,
        kind_reason="the source says so",
        children=children,
        adults=adults,
        concern=concern if categories or level or grade else None,
        incident=Incident(narrative=narrative, injuries=injuries),
        immediate_danger=danger,
    )


def agency(name: str, sector: Sector, *, lead: bool = True) -> AgencySection:
    recipients = (RecipientSection(name="lead", role=Role.PROFESSIONAL_LEAD),) if lead else ()
    return AgencySection(id=name, name=name.title(), sector=sector, recipients=recipients)


POLICE = agency("police", Sector.POLICE)
HEALTH = agency("health", Sector.HEALTH)
COUNCIL = agency("council", Sector.LOCAL_AUTHORITY)
SCHOOLS = agency("schools", Sector.EDUCATION)
PROBATION = agency("probation", Sector.PROBATION)
CORE_FIVE = (POLICE, HEALTH, COUNCIL, SCHOOLS, PROBATION)

WHY = Justification(
    purpose="to decide what keeps the child safe",
    legal_ground=LegalGround.CHILDREN_ACT_1989_S47,
    necessity="nobody else holds it",
)


def request(of: AgencySection = HEALTH, *categories: DataCategory) -> InformationRequest:
    return compose(
        hub=HUB,
        agency=of,
        jti=f"req-{of.id}",
        issued=NOW,
        reference="pseudonym",
        why=WHY,
        persons=[AskedAbout(person=person(), ref="p1")],
        categories=categories or (DataCategory.HEALTH_HISTORY,),
        due_at=NOW,
    )


def group(
    digest: str,
    category: DataCategory = DataCategory.HEALTH_HISTORY,
    *audiences: Audience,
    sensitive: bool = False,
    name: str = "",
    persons: tuple[str, ...] = (),
    handling: tuple[HandlingMark, ...] = (),
) -> OpenedGroup:
    content = DisclosedGroup(
        category=category,
        persons=persons,
        items=(DisclosedItem(text=f"synthetic words of {digest}"),),
        audiences=audiences or (Audience.SOCIAL_WORK_MANAGER,),
        existence_sensitive=sensitive,
        handling=handling,
    )
    return OpenedGroup(digest=digest, encoded=f"encoded-{digest}", name=name or digest, content=content)


def disclosure(owner: str, *groups: OpenedGroup, reply: Reply | None = None) -> ReceivedDisclosure:
    said = reply or Reply(decision=ReplyDecision.DISCLOSE)
    claims = DisclosureClaims(
        iss=owner,
        aud=HUB,
        jti=f"jti-{owner}",
        iat=int(NOW.timestamp()),
        request=f"req-{owner}",
        request_digest="digest-of-request",
        lead="lead",
        decision=said.decision,
        digests=tuple(sorted([digest(f"encoded-reply-{owner}"), *(one.digest for one in groups)])),
    )
    return ReceivedDisclosure(
        id=f"dis-{owner}",
        request=f"req-{owner}",
        agency=owner,
        received_at=NOW,
        claims=claims,
        signed=f"signed-{owner}",
        reply=said,
        reply_encoded=f"encoded-reply-{owner}",
        groups=groups,
    )


def release(owner: str, *digests: str, to: Audience = Audience.RECEIVING_TEAM, issuer: str = "") -> ReleaseClaims:
    return ReleaseClaims(
        iss=issuer or owner,
        aud=HUB,
        jti=f"release-{owner}",
        iat=int(NOW.timestamp()),
        disclosure=f"jti-{owner}",
        digests=digests,
        audiences=(to,),
        lead="lead",
    )


MANAGER = Reader(
    role=Role.SOCIAL_WORK_MANAGER,
    agency="council",
    sector=Sector.LOCAL_AUTHORITY,
    purpose=Purpose.DECIDE,
    relation=Relation.ASSIGNED,
)
TEAM = Reader(
    role=Role.RECEIVING_TEAM,
    agency="council",
    sector=Sector.LOCAL_AUTHORITY,
    recipient="assessment",
    purpose=Purpose.ACT,
    relation=Relation.RECEIVING,
)


def lead(of: AgencySection) -> Reader:
    return Reader(
        role=Role.PROFESSIONAL_LEAD,
        agency=of.id,
        sector=of.sector,
        purpose=Purpose.ANSWER,
        relation=Relation.ASKED,
    )
