"""What owners answer in these tests."""

from __future__ import annotations

from sandbox.disclosure import Group, Reply, Sibling

BOTH = ("social_work_manager", "receiving_team")
GANGS = "Known for gang involvement."
HELD_BACK = "For the manager's eyes alone."
POLICE = Reply(
    decision="partial",
    reasons=("live_police_investigation",),
    explanation="More will follow.",
    groups=(
        Group(name="a", category="police_incidents", items=((GANGS, "log", "2026-05-01"),), audiences=BOTH),
        Group(name="b", category="police_intelligence", items=((HELD_BACK, "log", "2026-05-01"),)),
    ),
)
COUNCIL = Reply(
    decision="disclose",
    siblings=(
        Sibling(relation="half_sibling", given="Maisie", family="Pike", birth_date="2019-10-17"),
        Sibling(relation="half_sibling", given="Alfie", family="Pike", birth_date="2023-10-17"),
    ),
    groups=(
        Group(
            name="a",
            category="social_care_history",
            items=(("Two younger children live there.", "records", "2026-01-01"),),
            audiences=BOTH,
        ),
    ),
)
