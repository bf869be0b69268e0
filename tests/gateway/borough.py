"""The borough of these tests: its hub's file, its agencies with their keys, and the people who sign in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import Any, Literal

from sandbox.identity_provider import User, user
from sandbox.keys import AgencyKeys, ClientKeys, agency_keys, client_keys, signing_key
from sandbox.toml import render
from schemas.vocabulary import Role

HUB = "testborough"
CONSOLE = "mash-console"
"""The hub's own client at the sign-in provider."""
AGENCIES = ("police", "health", "council")
MEND = "tests.mending"
"""The adapter of the feed that can be broken and mended; see ``tests.gateway.mending``."""
LIMIT = 64 * 1024
HOURS = {"red": 4.0, "amber": 24.0, "green": 72.0}
REPLY_HOURS = {"red": 2.0, "amber": 6.0, "green": 24.0}
UNRATED_ALARM = timedelta(minutes=60)

Channel = Literal["mailbox", "amqp"]
Document = dict[str, Any]
Change = Callable[[Document], None]


@dataclass(frozen=True, kw_only=True)
class Post:
    """A recipient of the borough, with its role at the hub and what its system may do."""

    client: str
    role: Role
    grants: tuple[str, ...]


POSTS = (
    Post(client="police.lead", role=Role.PROFESSIONAL_LEAD, grants=("mailbox", "open", "disclose")),
    Post(client="police.desk", role=Role.REFERRER, grants=("mailbox", "open", "notify")),
    Post(client="health.lead", role=Role.PROFESSIONAL_LEAD, grants=("mailbox", "open", "disclose")),
    Post(client="health.gp", role=Role.REFERRER, grants=("mailbox", "open", "notify")),
    Post(client="council.lead", role=Role.PROFESSIONAL_LEAD, grants=("mailbox", "open", "disclose")),
    Post(client="council.assessment-team", role=Role.RECEIVING_TEAM, grants=("mailbox", "open")),
    Post(client="council.mash-managers", role=Role.SOCIAL_WORK_MANAGER, grants=("mailbox", "open")),
)
BROKER_CLIENT = "police.broker"
"""A system of the police that speaks to the hub over the broker: it notifies and answers, and is no recipient."""
SECTORS = {"police": "police", "health": "health", "council": "local_authority"}

PEOPLE: dict[str, tuple[Role, str]] = {
    "manager": (Role.SOCIAL_WORK_MANAGER, "council"),
    "other_manager": (Role.SOCIAL_WORK_MANAGER, "council"),
    "screener": (Role.SCREENING_OFFICER, "council"),
    "coordinator": (Role.COORDINATOR, "council"),
    "police_lead": (Role.PROFESSIONAL_LEAD, "police"),
    "health_lead": (Role.PROFESSIONAL_LEAD, "health"),
    "referrer": (Role.REFERRER, "police"),
    "team": (Role.RECEIVING_TEAM, "council"),
    "analyst": (Role.ANALYST, "council"),
    "engineer": (Role.INTEGRATION_ENGINEER, "council"),
    "other_engineer": (Role.INTEGRATION_ENGINEER, "council"),
    "security": (Role.SECURITY_OFFICER, "council"),
    "auditor": (Role.AUDITOR, "council"),
    "administrator": (Role.ADMINISTRATOR, "council"),
}
"""Everybody who signs in: one for each role of the hub, a second manager and a second engineer."""


def users() -> tuple[User, ...]:
    """The people with fresh passwords; the provider's claim ``mash-{role}`` is what the hub's file maps to the role."""
    return tuple(
        user(f"t.{name.replace('_', '')}", name, roles=(f"mash-{role}",), agency=agency)
        for name, (role, agency) in PEOPLE.items()
    )


@cache
def keys_of(agency: str) -> AgencyKeys:
    """An agency's keys: made once for all tests of a run, because pairs of RSA take their time."""
    clients = [
        client_keys(agency, post.client.partition(".")[2], recipient=True, grants=post.grants)
        for post in POSTS
        if post.client.startswith(f"{agency}.")
    ]
    if agency == "police":
        clients.append(_broker_client(clients[0]))
    return agency_keys(agency, clients)


def _broker_client(like: ClientKeys) -> ClientKeys:
    return ClientKeys(
        client_id=BROKER_CLIENT,
        recipient=None,
        grants=("notify", "disclose"),
        amqp_user="guest",
        authentication=signing_key(f"{BROKER_CLIENT}.authentication.1"),
        dpop=signing_key(f"{BROKER_CLIENT}.dpop.1"),
        encryption=like.encryption,
    )


def document(*, http: int, mllp: int, issuer: str, channel: Channel, prefix: str) -> Document:
    """The hub's file as a TOML document; the watch sleeps, so that a test says when it looks."""
    url = f"http://127.0.0.1:{http}"
    made: Document = {
        "hub": {"id": HUB, "name": "The hub of the tests", "public_url": url},
        "http": {"host": "127.0.0.1", "port": http},
        "mllp": {"host": "127.0.0.1", "port": mllp},
        "people": {"issuer": issuer, "audience": url, "roles": {f"mash-{role}": str(role) for role in Role}},
        "console": {"client_id": CONSOLE},
        "limits": {"message_bytes": LIMIT, "answer_bytes": LIMIT, "json_bytes": LIMIT},
        "clocks": {"watch_seconds": 3600.0, "unrated_alarm_minutes": int(UNRATED_ALARM.total_seconds()) // 60},
        "broker": {"prefix": prefix},
        "ratings": [
            {"rating": rating, "hours": hours, "reply_hours": REPLY_HOURS[rating]} for rating, hours in HOURS.items()
        ],
        "repeats": {"count": 3, "window_months": 12, "lifetime": 5},
        "agencies": [_agency(agency, channel) for agency in AGENCIES],
        "feeds": [
            _feed("police-ppn", "police", "police.ppn", "police.desk"),
            _feed("police-mend", "police", MEND, ""),
            _feed("police-amqp", "police", "police.ppn", BROKER_CLIENT, "amqp"),
            _feed("health-hl7", "health", "nhs.hl7v2", "health.gp"),
            _feed("health-mllp", "health", "nhs.hl7v2", "", "loopback"),
            _feed("council-calls", "council", "hub.form", "", "console"),
            _feed("police-forms", "police", "hub.form", "", "console"),
        ],
    }
    return made


def text(made: Document) -> str:
    """The document as TOML."""
    return render(made)


def _agency(agency: str, channel: Channel) -> Document:
    recipients = [
        {"name": post.client.partition(".")[2], "role": str(post.role), "channel": channel}
        for post in POSTS
        if post.client.startswith(f"{agency}.")
    ]
    return {"id": agency, "name": f"{agency} of the tests", "sector": SECTORS[agency], "recipients": recipients}


def _feed(name: str, agency: str, adapter: str, client: str, authentication: str = "dpop") -> Document:
    made: Document = {"name": name, "agency": agency, "adapter": adapter, "authentication": authentication}
    return made | ({"client": client} if client else {})
