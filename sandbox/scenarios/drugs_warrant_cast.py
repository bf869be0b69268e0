"""Story A: who is in it and what each agency holds. Everybody and everything is invented.

Each phrase that a viewer must or must not see stands in one item alone, so that a search for it means something.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sandbox.disclosure import MANAGER, TEAM, Group, Reply, Sibling
from sandbox.natives.police import Notice
from sandbox.people import Character, nhs_number, pnc_id, upn, years_before

HEALTH_ADMISSIONS = "two admissions through the emergency department with a stab wound to the thigh"
HEALTH_PRIVATE = "spoke to the paediatric nurse in confidence about low mood"
HEALTH_SIBLINGS = "health visitor found the three-year-old underweight at the last review"
POLICE_GANG = "well known for gang involvement in the Elm Row estate"
POLICE_STEPFATHER = "the stepfather is known for the supply of class A drugs"
COUNCIL_CHILDREN = "younger children live in the household"
EDUCATION_ATTENDANCE = "attendance has fallen to 41 percent since September"
WARRANT = "a warrant under the Misuse of Drugs Act was executed at the family home"

HEALTH_PHRASES = (HEALTH_ADMISSIONS, HEALTH_PRIVATE, HEALTH_SIBLINGS)
PHRASES = (*HEALTH_PHRASES, POLICE_GANG, POLICE_STEPFATHER, COUNCIL_CHILDREN, EDUCATION_ATTENDANCE)


@dataclass(frozen=True, kw_only=True)
class Cast:
    """The family."""

    child: Character
    mother: Character
    stepfather: Character
    younger: tuple[Character, ...]


def cast(today: date) -> Cast:
    """The family, with ages as of today."""
    return Cast(
        child=Character(given="Kieran", family="Ashdown", born=years_before(today, 17), sex="1",
                        nhs=nhs_number(201700), upn=upn(8201234, 20, 117), pnc=pnc_id(2024, 41177)),
        mother=Character(given="Tessa", family="Ashdown", born=years_before(today, 38), sex="2"),
        stepfather=Character(given="Darren", family="Pike", born=years_before(today, 41), sex="1",
                             pnc=pnc_id(2008, 90213), crn="X320917"),
        younger=(
            Character(given="Maisie", family="Pike", born=years_before(today, 7), sex="2", nhs=nhs_number(201800),
                      upn=upn(8201235, 23, 42)),
            Character(given="Alfie", family="Pike", born=years_before(today, 3), sex="1", nhs=nhs_number(201900)),
        ),
    )  # fmt: skip


def warrant(family: Cast, now: datetime, reference: str) -> Notice:
    """What the police write: the child, the adults of the house, and not a word of younger children."""
    return Notice(
        reference=reference,
        officer="PC Q. Brandt",
        supervisor="PS L. Fenwick",
        occurred=now - timedelta(hours=3),
        reported=now - timedelta(minutes=40),
        address=("14 Elm Row", "Northshire"),
        postcode="ZZ99 3VZ",
        circumstances=f"This morning {WARRANT}. The 17-year-old was in his bedroom and was spoken to by officers. "
        "Little else is known about the family.",
        categories=("Drugs",),
        grade="amber",
        actions=("Words of advice given.",),
        children=(family.child,),
        adults=(("mother", family.mother), ("stepfather", family.stepfather)),
    )


def police_reply() -> Reply:
    """The child is well known for gang involvement, the stepfather for drugs."""
    return Reply(
        decision="disclose",
        groups=(
            Group(name="gangs", category="police_intelligence", audiences=(MANAGER, TEAM),
                  items=((f"The child is {POLICE_GANG}.", "intelligence log", "2026-09-14"),)),
            Group(name="stepfather", category="police_convictions", audiences=(MANAGER, TEAM),
                  items=((f"Convictions show that {POLICE_STEPFATHER}.", "PNC", "2025-02-03"),)),
        ),
    )  # fmt: skip


def health_reply() -> Reply:
    """Earlier hospital admissions, for the manager at first; and something said in confidence, for the manager only."""
    return Reply(
        decision="partial",
        reasons=("third_party",),
        explanation="What concerns the mother's own treatment is not shared.",
        groups=(
            Group(name="admissions", category="health_history", audiences=(MANAGER,),
                  items=((f"There were {HEALTH_ADMISSIONS}.", "hospital record", "2026-03-22"),)),
            Group(name="confidence", category="health_mental", audiences=(MANAGER,),
                  items=((f"The child {HEALTH_PRIVATE}.", "school nurse", "2026-10-05"),),
                  conditions="Ask the named nurse before using this."),
        ),
    )  # fmt: skip


def council_reply(family: Cast) -> Reply:
    """Younger children live in the household, whom nobody had named."""
    return Reply(
        decision="disclose",
        siblings=tuple(
            Sibling(relation="half sibling", given=child.given, family=child.family, birth_date=child.birth,
                    identifiers=(("nhs_number", child.nhs),))
            for child in family.younger
        ),
        groups=(
            Group(name="household", category="household", audiences=(MANAGER, TEAM),
                  items=((f"Two {COUNCIL_CHILDREN}, aged seven and three.", "council tax record", "2026-04-01"),)),
        ),
    )  # fmt: skip


def education_reply() -> Reply:
    """The school's view of the 17-year-old; it comes late."""
    return Reply(
        decision="disclose",
        groups=(
            Group(name="attendance", category="education_attendance", audiences=(MANAGER, TEAM),
                  items=((f"His {EDUCATION_ATTENDANCE}.", "college register", "2026-11-02"),)),
        ),
    )  # fmt: skip


def siblings_health_reply() -> Reply:
    """What health holds on the younger children."""
    return Reply(
        decision="disclose",
        groups=(
            Group(name="review", category="health_history", audiences=(MANAGER, TEAM),
                  items=((f"The {HEALTH_SIBLINGS}.", "health visitor", "2026-10-19"),)),
        ),
    )  # fmt: skip


NOTHING_HELD = Reply(decision="nothing_held")
