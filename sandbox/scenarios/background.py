"""Everyday traffic beside the stories: one native format of each sector, so that a hub is seen at its daily work."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sandbox.natives import health, probation, schools
from sandbox.people import Character, nhs_number, upn, years_before
from sandbox.scenarios.expectation import Record
from sandbox.scenarios.stage import Stage

NAME = "everyday traffic"
ADDRESS = ("3 Quarry Lane", "Northshire", "ZZ99 4WX")


@dataclass(frozen=True, kw_only=True)
class Everyday:
    """One message of an ordinary day: who sends it where, and what should become of its items."""

    about: str
    client: str
    feed: str
    body: bytes
    media_type: str
    end_states: frozenset[str]


def everyday(now: datetime) -> Iterable[Everyday]:
    """An ordinary day's messages, fresh identities each time."""
    infant, pupil, other = _people(now.date())
    for event in ("A28", "A31"):
        yield Everyday(
            about=f"health: ADT^{event}",
            client="health.gp",
            feed="health-hl7",
            body=health.registration(f"{event}{_serial()}", now, infant, event=event, address=ADDRESS),
            media_type=health.MEDIA_TYPE,
            end_states=frozenset({"noted"}),
        )
    incident = schools.Incident(
        id=f"INC-{_serial()}", on=now.date() - timedelta(days=1), pupil=pupil, category="Neglect",
        details="Came to school hungry and without a coat for the third time this month.",
        action="Spoke to the pupil; phoned home, no answer.", staff_role="Designated safeguarding lead",
        school="Elm Row Primary",
    )  # fmt: skip
    yield Everyday(
        about="school: safeguarding CSV",
        client="education.school",
        feed="school-csv",
        body=schools.safeguarding_export(incident),
        media_type=schools.CSV_MEDIA_TYPE,
        end_states=frozenset({"referral"}),
    )
    yield Everyday(
        about="school: Common Transfer File",
        client="education.school",
        feed="school-ctf",
        body=schools.transfer_file(pupil, other, made=now, year=now.year),
        media_type=schools.XML_MEDIA_TYPE,
        end_states=frozenset({"noted"}),
    )
    moved = probation.address_changed("X418822", now)
    yield Everyday(
        about="probation: domain event",
        client="probation.delius",
        feed="probation-events",
        body=probation.bare(moved),
        media_type=probation.MEDIA_TYPE,
        end_states=frozenset({"noted"}),
    )
    registered = probation.registration_added("X418823", now, type_code="RCCO", description="Child concerns")
    yield Everyday(
        about="probation: domain event in a notification",
        client="probation.delius",
        feed="probation-events",
        body=probation.wrapped(registered, message_id=str(uuid.uuid4()), sent=now),
        media_type=probation.MEDIA_TYPE,
        end_states=frozenset({"referral"}),
    )


async def play(stage: Stage, record: Record) -> None:
    """Send an ordinary day's messages: each is acknowledged and reaches a visible end."""
    record.step("An ordinary day's messages arrive, in every sector's own format")
    for message in everyday(datetime.now(UTC)):
        client = stage.client(message.client)
        reply = await client.notify(message.feed, message.body, message.media_type)
        name = reply.headers.get("Mash-Message-Id", "")
        ends = {item["end_state"] for item in (await client.fate(name))["items"]} if name else set()
        record.expect(
            f"{message.about} is acknowledged and reaches a visible end",
            reply.status == 202 and ends and ends <= message.end_states,
        )


def _people(today: date) -> tuple[Character, Character, Character]:
    return (
        Character(given="Ottilie", family="Marsh", born=years_before(today, 1), sex="2", nhs=nhs_number(401200)),
        Character(given="Rowan", family="Delacroix", born=years_before(today, 9), sex="1", nhs=nhs_number(401300),
                  upn=upn(8201234, 22, 301)),
        Character(given="Imogen", family="Farrow", born=years_before(today, 8), sex="2", upn=upn(8201234, 22, 302)),
    )  # fmt: skip


def _serial() -> str:
    return secrets.token_hex(5).upper()
