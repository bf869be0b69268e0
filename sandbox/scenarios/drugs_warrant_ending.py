"""Story A ends: the owner releases, the team alone reads, police see no health text, the referrer is told."""

from __future__ import annotations

from sandbox.agency import Given
from sandbox.disclosure import TEAM
from sandbox.scenarios import drugs_warrant_cast as told
from sandbox.scenarios.ending import Ending


async def finish(ending: Ending, message: str, siblings: list[str]) -> None:
    """Decided, passed to the assessment team alone, the referrer told the outcome, closed."""
    chosen = {"gangs", "stepfather", "household", "admissions", "attendance", "review"}
    await ending.decide(
        ("strategy_discussion", "section_17_assessment"),
        "The younger siblings are at risk in a household with a significant criminal history",
    )
    await ending.expect_unreleased(chosen, "health")
    for given in ending.case.given:
        if "admissions" in given.answer.digests:
            await _release(ending, given)
    product = await ending.send_product(chosen, "A family with a significant criminal history; two young siblings")
    texts = await ending.team_reads(product)
    ending.record.expect(
        "the product holds what the owners released to the team",
        all(phrase in texts for phrase in (told.POLICE_GANG, told.HEALTH_ADMISSIONS, told.COUNCIL_CHILDREN)),
    )
    kept = told.HEALTH_PRIVATE not in texts and not ending.stage.team.transcript.holds(told.HEALTH_PRIVATE)
    kept = told.HEALTH_PRIVATE not in texts and not ending.stage.team.transcript.holds(told.HEALTH_PRIVATE)
    ending.record.expect("the product does not hold what the owner kept to the manager", kept)
    ending.record.expect("the product speaks of the siblings too", len(siblings) == 2 and told.HEALTH_SIBLINGS in texts)
    await ending.accept(product)
    await ending.tell_referrer(message, told.PHRASES, "police.desk", "police.lead")
    _expect_need_to_know(ending)
    await ending.look_on(told.PHRASES)
    await ending.close()


async def _release(ending: Ending, given: Given) -> None:
    owner = ending.stage.agencies["health"]
    released = await owner["lead"].release(given, ["admissions"], [TEAM], lead=owner.spokesman)
    ending.record.expect("the owner releases it under its signature", released.status in {200, 201, 204})


def _expect_need_to_know(ending: Ending) -> None:
    police_agency, manager = ending.stage.agencies["police"], ending.stage.managers_system
    ending.record.expect(
        f"police see no health text, in any of the {police_agency.bytes_received} bytes that they ever received",
        not any(police_agency.received(phrase) for phrase in told.HEALTH_PHRASES),
    )
    ending.record.expect(
        "the same search finds the health text where it may be: with the manager",
        all(manager.transcript.holds(phrase) for phrase in told.HEALTH_PHRASES),
    )
