"""The borough of the stories: its hub's file, its agencies, their recipients and feeds, and its people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Literal

from sandbox.identity_provider import User, user
from sandbox.toml import Value, render

HUB = "northshire"
CONSOLE = "mash-console"
"""The hub's own client at the provider, for people in browsers."""
RED_HOURS, AMBER_HOURS, GREEN_HOURS = 4.0, 24.0, 72.0
RED_REPLY_HOURS, AMBER_REPLY_HOURS, GREEN_REPLY_HOURS = 2.0, 6.0, 24.0

Channel = Literal["mailbox", "amqp"]

BANK_HOLIDAYS = (
    date(2026, 12, 25), date(2026, 12, 28), date(2027, 1, 1), date(2027, 3, 26), date(2027, 3, 29), date(2027, 5, 3),
    date(2027, 5, 31), date(2027, 8, 30), date(2027, 12, 27), date(2027, 12, 28),
)  # fmt: skip

ROLES: Mapping[str, str] = {
    "mash-managers": "social_work_manager",
    "mash-coordinators": "coordinator",
    "mash-screening": "screening_officer",
    "mash-leads": "professional_lead",
    "mash-referrers": "referrer",
    "mash-engineers": "integration_engineer",
    "mash-security": "security_officer",
    "mash-audit": "auditor",
    "mash-analysts": "analyst",
}
"""What a value of the provider's roles claim makes somebody at the hub."""


@dataclass(frozen=True, kw_only=True)
class Post:
    """A recipient at an agency, with its role at the hub; ``sends`` says whether its system notifies too.

    ``formats`` are the documents that its products bring.
    """

    name: str
    role: str
    sends: bool = False
    formats: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Partner:
    """An agency of the borough. ``spokesman`` is the post that decides what it shares.

    ``answers_by_broker`` says that its lead's system publishes its answers, where the run has a broker.
    """

    id: str
    name: str
    sector: str
    spokesman: str
    posts: tuple[Post, ...]
    answers_by_broker: bool = False


LEAD = Post(name="lead", role="professional_lead")

PARTNERS: tuple[Partner, ...] = (
    Partner(id="police", name="Northshire Police", sector="police", spokesman="detective sergeant, hub desk",
            posts=(LEAD, Post(name="desk", role="referrer", sends=True))),
    Partner(id="health", name="Northshire Health", sector="health", spokesman="named nurse for safeguarding",
            posts=(LEAD, Post(name="gp", role="referrer", sends=True))),
    Partner(id="council", name="Northshire Council", sector="local_authority", spokesman="head of records, social care",
            posts=(LEAD, Post(name="assessment-team", role="receiving_team", formats=("json", "pdf", "cin")),
                   Post(name="mash-managers", role="social_work_manager"))),
    Partner(id="education", name="Northshire Schools", sector="education", spokesman="education safeguarding lead",
            posts=(LEAD, Post(name="school", role="referrer", sends=True))),
    Partner(id="probation", name="Northshire Probation", sector="probation", spokesman="senior probation officer",
            posts=(LEAD, Post(name="delius", role="referrer", sends=True)), answers_by_broker=True),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Feed:
    """A feed of the borough: whose it is, in which format, and how its sender is known."""

    name: str
    agency: str
    adapter: str
    client: str
    authentication: str = "dpop"


FEEDS: tuple[Feed, ...] = (
    Feed(name="police-ppn", agency="police", adapter="police.ppn", client="police.desk"),
    Feed(name="health-hl7", agency="health", adapter="nhs.hl7v2", client="health.gp"),
    Feed(name="nhs-mllp", agency="health", adapter="nhs.hl7v2", client="", authentication="loopback"),
    Feed(name="school-ctf", agency="education", adapter="schools.ctf", client="education.school"),
    Feed(name="school-csv", agency="education", adapter="schools.csv", client="education.school"),
    Feed(name="calls", agency="council", adapter="hub.form", client="", authentication="console"),
    Feed(name="school-forms", agency="education", adapter="hub.form", client="", authentication="console"),
    Feed(name="probation-events", agency="probation", adapter="probation.event", client="probation.delius"),
)


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where this run's hub listens and where its people sign in. ``broker_prefix`` keeps its queues apart."""

    http_port: int
    mllp_port: int
    issuer: str
    channel: Channel
    broker_prefix: str = ""

    @property
    def url(self) -> str:
        """The hub's public URL."""
        return f"http://127.0.0.1:{self.http_port}"

    @property
    def console(self) -> str:
        """Where people sign in with a browser."""
        return f"{self.url}/console"

    @property
    def board(self) -> str:
        """Where a manager sees all referrals."""
        return f"{self.console}/referrals"

    @property
    def signed_in(self) -> str:
        """Where the provider leads browsers back to."""
        return f"{self.console}/signed-in"


def people() -> tuple[User, ...]:
    """The people who sign in, with fresh passwords."""
    return (
        user("m.adeyemi", "Social work manager", roles=("mash-managers",), agency="council"),
        user("s.whitlock", "Screening officer", roles=("mash-screening",), agency="council"),
        user("c.barlow", "Coordinator", roles=("mash-coordinators",), agency="council"),
        user("d.prior", "Police professional lead", roles=("mash-leads",), agency="police"),
        user("t.okafor", "School safeguarding lead (referrer)", roles=("mash-referrers",), agency="education"),
        user("e.sandhu", "Integration engineer", roles=("mash-engineers",), agency="council"),
        user("k.moss", "Security officer", roles=("mash-security",), agency="council"),
        user("a.lindqvist", "Auditor", roles=("mash-audit",), agency="council"),
        user("r.osei", "Analyst", roles=("mash-analysts",), agency="council"),
    )


def hub_file(place: Place) -> str:
    """The hub's file for this run."""
    document: dict[str, Value] = {
        "hub": {"id": HUB, "name": "Northshire Multi-Agency Safeguarding Hub", "public_url": place.url},
        "http": {"host": "127.0.0.1", "port": place.http_port},
        "mllp": {"host": "127.0.0.1", "port": place.mllp_port},
        "people": {"issuer": place.issuer, "audience": place.url, "roles": dict(ROLES)},
        "console": {"client_id": CONSOLE},
        "working_hours": {
            "days": [0, 1, 2, 3, 4],
            "opens": time(9),
            "closes": time(17),
            "bank_holidays": list(BANK_HOLIDAYS),
        },
        "ratings": [
            {"rating": "red", "hours": RED_HOURS, "reply_hours": RED_REPLY_HOURS, "clock": "elapsed"},
            {"rating": "amber", "hours": AMBER_HOURS, "reply_hours": AMBER_REPLY_HOURS, "clock": "elapsed"},
            {"rating": "green", "hours": GREEN_HOURS, "reply_hours": GREEN_REPLY_HOURS, "clock": "working"},
        ],
        "repeats": {"count": 3, "window_months": 12, "lifetime": 5},
        "agencies": [_agency(partner, place.channel) for partner in PARTNERS],
        "feeds": [_feed(feed) for feed in FEEDS],
    }
    if place.broker_prefix:
        document["broker"] = {"prefix": place.broker_prefix}
    return render(document)


def _agency(partner: Partner, channel: Channel) -> dict[str, Value]:
    return {
        "id": partner.id,
        "name": partner.name,
        "sector": partner.sector,
        "ask": partner.spokesman,
        "recipients": [_recipient(post, channel) for post in partner.posts],
        "escalation": [f"{partner.name}: duty manager"],
    }


def _recipient(post: Post, channel: Channel) -> dict[str, Value]:
    told: dict[str, Value] = {"name": post.name, "role": post.role, "channel": channel}
    if post.formats:
        told["formats"] = list(post.formats)
    return told


def _feed(feed: Feed) -> dict[str, Value]:
    told: dict[str, Value] = {"name": feed.name, "agency": feed.agency, "adapter": feed.adapter}
    told["authentication"] = feed.authentication
    if feed.client:
        told["client"] = feed.client
    return told
