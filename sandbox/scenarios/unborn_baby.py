"""Story B: an unborn baby whose mother had children placed in care before.

Source: the borough briefing's second case study, as the domain's acceptance scenario B tells it.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox import mllp
from sandbox.borough import AMBER_HOURS
from sandbox.disclosure import Reply, View
from sandbox.natives import health
from sandbox.scenarios import unborn_baby_cast as told
from sandbox.scenarios.ending import Ending
from sandbox.scenarios.expectation import Record
from sandbox.scenarios.stage import Case, Stage

NAME = "unborn baby"
ASKED = {
    "council": ("social_care_history", "household"),
    "police": ("police_convictions", "police_incidents"),
    "health": ("maternity", "health_history"),
}
OUTCOMES = ("section_47_enquiry", "pre_birth_assessment")
ACCEPTED = (b"|AA|", b"|CA|")


@dataclass(kw_only=True)
class UnbornBaby:
    """The story on its stage; ``play`` tells it from the GP's referral to the closed case."""

    stage: Stage
    record: Record
    family: told.Cast = field(default_factory=lambda: told.cast(datetime.now(UTC).date()))
    message: str = ""
    views: dict[str, View] = field(default_factory=dict)

    async def play(self) -> None:
        """The whole story, in order."""
        case = await self.notify()
        shown = await case.shown()
        self.expect_unborn(shown)
        await self.rate_amber(case)
        await self.gather(case)
        await self.rate_red(case)
        await self.finish(Ending(stage=self.stage, record=self.record, case=case, views=self.views))

    async def notify(self) -> Case:
        """A GP refers over MLLP; the hub answers in HL7 and opens a referral."""
        self.record.step("A GP's system sends an HL7 referral over MLLP")
        before = await self.stage.referrals()
        control = f"GP{secrets.token_hex(6).upper()}"
        message = health.unborn_referral(control, datetime.now(UTC), told.referral(self.family))
        port = self.stage.hub.place.mllp_port
        answer = await mllp.send("127.0.0.1", port, message)
        self.record.expect(
            "a GP notifies and is acknowledged in HL7",
            answer.startswith(b"MSH") and any(code in answer for code in ACCEPTED) and control.encode() in answer,
        )
        again = await mllp.send("127.0.0.1", port, message)
        self.record.expect("the same message again gets the same acknowledgement, byte for byte", again == answer)
        referral = await self.stage.new_referral(before, "")
        self.record.expect("it opened one referral and no more", len(await self.stage.referrals() - before) == 1)
        self.record.saw("Health (referrer)", "HL7 acknowledgement of its referral")
        return Case(
            stage=self.stage,
            id=referral,
            purpose="To decide how the unborn child is to be protected",
            legal_ground="children_act_1989_s47",
            necessity="Earlier children were placed in care, and the history must be known before the birth",
        )

    def expect_unborn(self, shown: Mapping[str, Any]) -> None:
        """The subject is a person who is expected, and nothing that only the born have."""
        self.message = str(shown["notifications"][0]["message"])
        self.record.expect(
            "the GP's words arrived: the mother is 13 weeks pregnant and had children placed in care before",
            "13 weeks pregnant" in shown["notifications"][0]["narrative"]
            and "placed in care before" in shown["notifications"][0]["narrative"],
        )
        unborn = [subject for subject in shown["subjects"] if subject["unborn"]]
        self.record.expect("the subject is one unborn child", len(unborn) == 1)
        child = unborn[0] if unborn else {}
        self.record.expect(
            "with an expected date of delivery", child.get("expected_date") == self.family.expected.isoformat()
        )
        self.record.expect(
            "and no birth date, no sex and no NHS number",
            child and not child.get("birth_date") and not child.get("sex") and not child.get("identifiers"),
        )
        mothers = [person for person in shown["household"] if person["relation"] == "mother"]
        numbers = {one["value"] for person in mothers for one in person["identifiers"]}
        self.record.expect(
            "linked to the mother",
            numbers == {self.family.mother.nhs} and child.get("mother", mothers[0]["person"]) == mothers[0]["person"],
        )

    async def rate_amber(self, case: Case) -> None:
        """Rated amber; a person who is not a manager can't."""
        self.record.step("The social work manager rates it amber")
        body = {"rating": "green", "threshold": 1, "reasons": ["tried"], "cites": [], "relax_reason": None}
        tried = await self.stage.people["screener"].call("POST", f"/v1/referrals/{case.id}/ratings", body)
        self.record.expect("a screening officer can't rate", tried.status == 403)
        rated = await case.rate("amber", 3, "Earlier children were placed in care")
        shown = await case.shown()
        received = datetime.fromisoformat(shown["received_at"])
        self.record.expect(
            "rated amber, and the clock runs from receipt",
            shown["rating"] == "amber"
            and datetime.fromisoformat(rated["due_at"]) == received + timedelta(hours=AMBER_HOURS),
        )

    async def gather(self, case: Case) -> None:
        """Local authority, police and health are asked and reply."""
        self.record.step("Local authority, police and health are asked and reply")
        requests = {
            made["agency"]: made["id"] for made in await case.ask(ASKED, "What is known of mother and children?")
        }
        self.record.expect("local authority, police and health are asked", requests.keys() == ASKED.keys())
        replies: dict[str, Reply] = {
            "council": told.council_reply(),
            "police": told.police_reply(),
            "health": told.health_reply(),
        }
        for agency, reply in replies.items():
            asked = await case.answer(agency, requests[agency], reply)
            view = await self.stage.managers_system.view((await case.disclosed()).content["view"])
            self.views[requests[agency]] = view
            self.record.saw(f"{agency.capitalize()} lead", "requests to itself, with purpose and legal ground")
            self.record.saw("Council: social work manager", *(f"{agency}: {text}" for text in view.texts))
            if agency == "health":
                self._expect_findable(asked.claims)
        texts = {view.agency: " ".join(view.texts) for view in self.views.values()}
        self.record.expect(
            "local authority: care history, and the physical abuse of the earlier children",
            told.COUNCIL_CARE in texts["council"] and told.COUNCIL_ABUSE in texts["council"],
        )
        self.record.expect("police: ongoing criminal behaviour", told.POLICE_CRIME in texts["police"])
        self.record.expect("health replies", told.HEALTH_MATERNITY in texts["health"])

    def _expect_findable(self, claims: Mapping[str, Any]) -> None:
        unborn = [person for person in claims["persons"] if person["unborn"]]
        numbers = {one["value"] for person in claims["persons"] for one in person["identifiers"]}
        self.record.expect(
            "health can find the unborn child by its mother's NHS number",
            unborn and unborn[0]["expected_date"] and self.family.mother.nhs in numbers,
        )

    async def rate_red(self, case: Case) -> None:
        """Re-rated red, on what the checks revealed."""
        self.record.step("The manager re-rates red")
        before = await case.shown()
        cites = tuple(view.id for view in self.views.values() if view.agency in {"council", "police"})
        await case.rate("red", 4, "Physical abuse of the earlier children", "Ongoing criminal behaviour", cites=cites)
        after = await case.shown()
        self.record.expect("re-rated red", after["rating"] == "red" and after["ratings"][-1]["previous"] == "amber")
        self.record.expect(
            "the due time moves earlier and the receipt does not move",
            datetime.fromisoformat(after["due_at"]) < datetime.fromisoformat(before["due_at"])
            and after["received_at"] == before["received_at"],
        )

    async def finish(self, ending: Ending) -> None:
        """Section 47 enquiry and pre-birth assessment; the product holds the history."""
        chosen = {"care-history", "offending", "maternity"}
        await ending.decide(
            OUTCOMES, "A significant history and current concerns: the child is to be protected at birth"
        )
        decisions = (await ending.case.shown())["decisions"]
        self.record.expect(
            "outcomes: section 47 enquiry and pre-birth assessment",
            decisions and set(decisions[-1]["outcomes"]) == set(OUTCOMES),
        )
        product = await ending.send_product(chosen, "History for the pre-birth assessment and for care planning")
        texts = await ending.team_reads(product)
        self.record.expect(
            "the product holds the history for care planning", all(phrase in texts for phrase in told.PHRASES)
        )
        await ending.accept(product)
        await ending.tell_referrer(self.message, told.PHRASES, "health.gp", "health.lead")
        police = self.stage.agencies["police"]
        self.record.expect("police see no health text", not police.received(told.HEALTH_MATERNITY))
        await ending.look_on(told.PHRASES)
        await ending.close()
