"""Story B: who is in it and what each agency holds. Everybody and everything is invented."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sandbox.disclosure import MANAGER, TEAM, Group, Reply
from sandbox.natives.health import Pregnancy
from sandbox.people import Character, nhs_number, pnc_id, years_before

WEEKS_OF_PREGNANCY, WEEKS_AT_REFERRAL = 40, 13

COUNCIL_CARE = "two earlier children were placed in care under full care orders"
COUNCIL_ABUSE = "findings of physical abuse of both earlier children"
POLICE_CRIME = "ongoing criminal behaviour with three arrests for assault this year"
HEALTH_MATERNITY = "late booking and two missed antenatal appointments"
PHRASES = (COUNCIL_CARE, COUNCIL_ABUSE, POLICE_CRIME, HEALTH_MATERNITY)


@dataclass(frozen=True, kw_only=True)
class Cast:
    """The mother, and when her baby is expected."""

    mother: Character
    expected: date


def cast(today: date) -> Cast:
    """The mother, 13 weeks pregnant today."""
    return Cast(
        mother=Character(given="Lorna", family="Whitmore", born=years_before(today, 29), sex="2",
                         nhs=nhs_number(301100), pnc=pnc_id(2017, 55012)),
        expected=today + timedelta(weeks=WEEKS_OF_PREGNANCY - WEEKS_AT_REFERRAL),
    )  # fmt: skip


def referral(family: Cast) -> Pregnancy:
    """What the GP writes."""
    return Pregnancy(
        mother=family.mother,
        expected=family.expected,
        practice="Quarry Lane Surgery",
        doctor="Dr N. Achterberg",
        reason="Concern for an unborn child",
        narrative=(
            f"The mother is {WEEKS_AT_REFERRAL} weeks pregnant.",
            "She had children placed in care before. I do not know the details.",
        ),
    )


def council_reply() -> Reply:
    """Care history, and the physical abuse of the earlier children."""
    return Reply(
        decision="disclose",
        groups=(
            Group(name="care-history", category="social_care_history", audiences=(MANAGER, TEAM),
                  items=((f"The {COUNCIL_CARE}.", "case record", "2022-06-30"),
                         (f"The court made {COUNCIL_ABUSE}.", "judgment", "2022-05-12"))),
        ),
    )  # fmt: skip


def police_reply() -> Reply:
    """Ongoing criminal behaviour."""
    return Reply(
        decision="disclose",
        groups=(
            Group(name="offending", category="police_convictions", audiences=(MANAGER, TEAM),
                  items=((f"There is {POLICE_CRIME}.", "custody record", "2026-10-28"),)),
        ),
    )  # fmt: skip


def health_reply() -> Reply:
    """What maternity services hold."""
    return Reply(
        decision="disclose",
        groups=(
            Group(name="maternity", category="maternity", audiences=(MANAGER, TEAM),
                  items=((f"There was a {HEALTH_MATERNITY}.", "community midwife", "2026-11-16"),)),
        ),
    )  # fmt: skip
