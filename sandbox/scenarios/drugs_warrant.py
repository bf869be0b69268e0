"""Story A: a drugs warrant at a 17-year-old's home, and the younger children whom nobody had named.

Source: the borough briefing's first case study, as the domain's acceptance scenario A tells it.
"""

from __future__ import annotations

import asyncio
import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox.borough import AMBER_HOURS, RED_HOURS
from sandbox.disclosure import Reply, View
from sandbox.natives import police
from sandbox.scenarios import drugs_warrant_cast as told
from sandbox.scenarios.drugs_warrant_ending import finish
from sandbox.scenarios.ending import Ending
from sandbox.scenarios.expectation import Record
from sandbox.scenarios.stage import Case, Stage

NAME = "drugs warrant"
ASKED = {
    "police": ("police_intelligence", "police_convictions", "police_incidents"),
    "health": ("health_history", "health_mental"),
    "council": ("social_care_history", "household"),
    "education": ("education_attendance", "education_welfare"),
    "probation": ("probation_risk", "probation_supervision"),
}
SIBLINGS_ASKED = {"police": ("police_incidents",), "health": ("health_history",)}
QUESTION = "What do you know that bears on the safety of the children?"
_SLACK = timedelta(minutes=2)


def instant(text: str) -> datetime:
    """A time of the wire."""
    return datetime.fromisoformat(text)


@dataclass(kw_only=True)
class DrugsWarrant:
    """The story on its stage; ``play`` tells it from the warrant to the closed referral."""

    stage: Stage
    record: Record
    family: told.Cast = field(default_factory=lambda: told.cast(datetime.now(UTC).date()))
    message: str = ""
    views: dict[str, View] = field(default_factory=dict)

    async def play(self) -> None:
        """The whole story, in order."""
        case = await self.notify()
        await self.rate_amber(case)
        requests = await self.ask(case)
        await self.answer(case, requests)
        siblings = await self.add_siblings(case)
        await self.rate_red(case, requests)
        await self.answer_late(case, requests)
        ending = Ending(stage=self.stage, record=self.record, case=case, views=self.views)
        await finish(ending, self.message, siblings)

    async def notify(self) -> Case:
        """Police notify; the hub acknowledges in their format and opens a referral."""
        self.record.step("Police send a public protection notice")
        desk, before = self.stage.client("police.desk"), await self.stage.referrals()
        reference = f"PPN-{secrets.token_hex(5).upper()}"
        notice = police.notice(told.warrant(self.family, datetime.now(UTC), reference))
        first = await desk.notify("police-ppn", notice, police.MEDIA_TYPE)
        self.message = first.headers.get("Mash-Message-Id", "")
        in_xml = "xml" in first.headers.get("Content-Type", "")
        self.record.expect(
            "police notify and are acknowledged in their own format", first.status == 202 and in_xml and self.message
        )
        again = await desk.notify("police-ppn", notice, police.MEDIA_TYPE)
        self.record.expect(
            "the same notice again gets the same acknowledgement, byte for byte",
            again.status in range(200, 300) and again.body == first.body,
        )
        referral = await self.stage.new_referral(before, self.message)
        fate = await desk.fate(self.message)
        self.record.expect(
            "the sender can see that its message became a referral",
            fate["fate"] == "accepted" and any(item["end_state"] == "referral" for item in fate["items"]),
        )
        self.record.expect("it opened one referral and no more", len(await self.stage.referrals() - before) == 1)
        self.record.saw("Police (referrer)", "acknowledgement of its notice", f"fate of its message: {fate['fate']}")
        return Case(
            stage=self.stage,
            id=referral,
            purpose="To decide whether the children of this household need protection",
            legal_ground="children_act_2004_s10",
            necessity="The referrer knows little, and the decision needs the fullest picture",
        )

    async def rate_amber(self, case: Case) -> None:
        """The manager rates amber; nobody else can."""
        self.record.step("The social work manager reads the referral and rates it amber")
        shown = await case.shown()
        names = {given for subject in shown["subjects"] for name in subject["names"] for given in name["given"]}
        self.record.expect("the subject is the 17-year-old", self.family.child.given in names)
        self.record.expect(
            "the software suggests a rating with its reasons, and sets none",
            shown["suggestion"]["rating"] and shown["suggestion"]["reasons"] and not shown["rating"],
        )
        body = {"rating": "green", "threshold": 1, "reasons": ["tried"], "cites": [], "relax_reason": None}
        others = ("police_lead", "screener", "coordinator", "security", "auditor")
        tried = [
            await self.stage.people[post].call("POST", f"/v1/referrals/{case.id}/ratings", body) for post in others
        ]
        self.record.expect(
            "nobody but a social work manager can rate: a professional lead and four others are refused",
            all(reply.status in {403, 404} for reply in tried) and tried[1].status == 403,
        )
        rated = await case.rate("amber", 3, "He is 17", "There is little information yet")
        received = instant((await case.shown())["received_at"])
        self.record.expect(
            "the manager rates amber, and the clock runs from receipt",
            rated["rating"] == "amber" and instant(rated["due_at"]) == received + timedelta(hours=AMBER_HOURS),
        )

    async def ask(self, case: Case) -> dict[str, dict[str, Any]]:
        """Requests go to the leads of all five agencies; without a legal ground none goes."""
        self.record.step("Requests go to police, health, local authority, education and probation")
        proposals = await self.stage.manager.get(f"/v1/referrals/{case.id}/proposals")
        rows = proposals["proposals"]
        self.record.expect(
            "whom to ask is proposed with a reason for each", rows and all(row.get("because") for row in rows)
        )
        groundless = case.request_body(ASKED, QUESTION) | {"legal_ground": None}
        refused = await self.stage.manager.call("POST", f"/v1/referrals/{case.id}/requests", groundless)
        self.record.expect("no request is made without a legal ground", refused.status in {400, 403, 422})
        requests = {made["agency"]: made for made in await case.ask(ASKED, QUESTION)}
        self.record.expect(
            "requests go to the leads of police, health, local authority, education and probation",
            requests.keys() == ASKED.keys(),
        )
        return requests

    async def answer(self, case: Case, requests: dict[str, dict[str, Any]]) -> None:
        """Four leads answer, while the hub's signing key is rotated; education does not answer yet."""
        self.record.step("The leads answer; meanwhile the hub's signing key is rotated")
        replies = {
            "police": told.police_reply(),
            "health": told.health_reply(),
            "council": told.council_reply(self.family),
            "probation": told.NOTHING_HELD,
        }
        before = {jwk["kid"] for jwk in await self.stage.hub_keys.published()}
        rotating = asyncio.create_task(self.stage.hub.run("keys", "rotate", "--purpose", "signing"))
        for agency, reply in replies.items():
            await self._answered(case, agency, requests[agency]["id"], reply)
        rotated = await rotating
        published = {jwk["kid"] for jwk in await self._published_after(before)}
        self.record.expect(
            "the hub's signing key is rotated while traffic runs, and nothing is refused",
            rotated.code == 0 and published - before and len(case.given) == len(replies),
        )
        if self.stage.client("probation.lead").publisher is not None:
            self.record.expect(
                "probation answers over the broker, under the user that the broker knows it by",
                any(view.agency == "probation" for view in self.views.values()),
            )
        asked = [request for agency in replies for request in self.stage.client(f"{agency}.lead").requests]
        self.record.expect(
            "each request names its purpose, its legal ground, its necessity and when it is due",
            asked and all(request.claims[name] for request in asked
                          for name in ("purpose", "legal_ground", "necessity", "due_at")),
        )  # fmt: skip
        self._expect_texts()

    async def _answered(self, case: Case, agency: str, request: str, reply: Reply) -> View:
        """Let an agency answer, and let the manager's system open what was disclosed."""
        await case.answer(agency, request, reply)
        self.record.saw(f"{agency.capitalize()} lead", "requests to itself, with purpose and legal ground")
        disclosed = await case.disclosed()
        view = await self.stage.managers_system.view(disclosed.content["view"])
        self.views[request] = view
        self.record.saw("Council: social work manager", *(f"{agency}: {text}" for text in view.texts))
        return view

    async def _published_after(self, before: set[str]) -> list[dict[str, Any]]:
        """The key set once it holds a key that it did not hold ``before``; as it is where none comes."""
        keys = await self.stage.hub_keys.published()
        for _ in range(80):
            if {jwk["kid"] for jwk in keys} - before:
                break
            await asyncio.sleep(0.1)
            keys = await self.stage.hub_keys.published()
        return keys

    def _expect_texts(self) -> None:
        by_agency = {view.agency: " ".join(view.texts) for view in self.views.values()}
        police_texts = by_agency.get("police", "")
        self.record.expect(
            "police: the child is well known for gang involvement, the stepfather for drugs",
            told.POLICE_GANG in police_texts and told.POLICE_STEPFATHER in police_texts,
        )
        self.record.expect("health: earlier hospital admissions", told.HEALTH_ADMISSIONS in by_agency.get("health", ""))
        self.record.expect(
            "local authority: younger children in the household", told.COUNCIL_CHILDREN in by_agency.get("council", "")
        )
        self.record.expect(
            "probation: nothing held is an answer of its own",
            any(view.agency == "probation" and view.decision == "nothing_held" for view in self.views.values()),
        )

    async def add_siblings(self, case: Case) -> list[str]:
        """The younger children become subjects, with checks of their own."""
        self.record.step("The younger siblings become subjects, with checks of their own")
        council = self._view_of("council")
        found = council.groups["reply"]["additional_persons"]
        ids: list[str] = []
        for person in found:
            body = {**person, "subject": True, "because": "named by the local authority as living in the household"}
            ids.append(str((await self.stage.manager.post(f"/v1/referrals/{case.id}/persons", body))["person"]))
        shown = await case.shown()
        self.record.expect(
            "the siblings become subjects of the referral",
            len(ids) == 2 and set(ids) <= {subject["person"] for subject in shown["subjects"]},
        )
        checks = await case.ask(SIBLINGS_ASKED, "What do you know of these two children?", persons=ids)
        names = frozenset(child.given for child in self.family.younger)
        replies = {"police": told.NOTHING_HELD, "health": told.siblings_health_reply()}
        alone = []
        for made in checks:
            await self._answered(case, made["agency"], made["id"], replies[made["agency"]])
            lead = self.stage.client(f"{made['agency']}.lead")
            alone.append([request.given_names for request in lead.requests if request.id == made["id"]] == [names])
        self.record.expect("the siblings have checks of their own", len(alone) == len(SIBLINGS_ASKED) and all(alone))
        return ids

    async def rate_red(self, case: Case, requests: dict[str, dict[str, Any]]) -> None:
        """Re-rated red, citing the siblings: earlier due times, the receipt and the history as they were."""
        self.record.step("The manager re-rates red, citing the siblings")
        before = await case.shown()
        council = self._view_of("council")
        now = datetime.now(UTC)
        rated = await case.rate("red", 4, "Two younger siblings live in the household", cites=(council.id,))
        after = await case.shown()
        self.record.expect(
            "the manager re-rates red, citing the siblings",
            after["rating"] == "red" and rated["previous"] == "amber" and after["ratings"][-1]["reasons"],
        )
        due = instant(after["due_at"])
        self.record.expect(
            "the due time moves earlier",
            due < instant(before["due_at"]) and due <= now + timedelta(hours=RED_HOURS) + _SLACK,
        )
        self.record.expect("the time of receipt does not move", after["received_at"] == before["received_at"])
        redated = {each["request"]: instant(each["due_at"]) for each in rated["redated"]}
        waiting = requests["education"]
        self.record.expect(
            "the open request is re-dated, and the answered ones are not",
            redated.keys() == {waiting["id"]} and redated[waiting["id"]] < instant(waiting["due_at"]),
        )
        self.record.expect(
            "the history of ratings stays",
            [(row["rating"], row["previous"]) for row in after["ratings"]] == [("amber", None), ("red", "amber")],
        )

    async def answer_late(self, case: Case, requests: dict[str, dict[str, Any]]) -> None:
        """Education answers the re-dated request."""
        self.record.step("Education answers the re-dated request")
        request = requests["education"]
        view = await self._answered(case, "education", request["id"], told.education_reply())
        asked = self.stage.client("education.lead").requests[-1]
        self.record.expect(
            "the lead of education is told the earlier due time",
            instant(asked.claims["due_at"]) < instant(request["due_at"]),
        )
        self.record.expect("education: attendance has fallen", told.EDUCATION_ATTENDANCE in " ".join(view.texts))
        own = [await self.stage.manager.call("GET", f"/v1/disclosures/{each.id}") for each in self.views.values()]
        self.record.expect(
            "the manager sees every disclosure, in the case system under its owner's signature and as a person",
            len(self.views) == len(ASKED) + len(SIBLINGS_ASKED) and all(reply.status == 200 for reply in own),
        )

    def _view_of(self, agency: str) -> View:
        return {view.agency: view for view in reversed(self.views.values())}[agency]
