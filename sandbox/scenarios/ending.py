"""How every story ends: decided, the product with its one reader, the referrer told, everybody's view, closed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.disclosure import REPLY, View
from sandbox.failures import NothingArrived
from sandbox.inbox import Delivery
from sandbox.product_documents import MARKING, Documents, take_out
from sandbox.scenarios.expectation import Record
from sandbox.scenarios.stage import Case, Stage

TEAM = "council.assessment-team"
LEADS = ("police", "health", "council", "education", "probation")
TEAM_VIEW = "Council: assessment team"
_OPEN_STATES = frozenset({"answered", "withdrawn"})


@dataclass(frozen=True, kw_only=True)
class Product:
    """A product on its way, and the delivery that brought it."""

    id: str
    envelope: str
    delivery: Delivery


@dataclass(kw_only=True)
class Ending:
    """The end of one case. ``views`` are the disclosures that the manager was shown, by request."""

    stage: Stage
    record: Record
    case: Case
    views: Mapping[str, View]
    outcomes: tuple[str, ...] = field(default=())

    async def decide(self, outcomes: Sequence[str], rationale: str) -> None:
        """The manager decides, on named evidence; nobody else can."""
        self.record.step("The manager decides")
        self.outcomes = tuple(outcomes)
        shown = await self.case.shown()
        missing = [row["id"] for row in shown["requests"] if row["state"] not in _OPEN_STATES]
        body = {
            "outcomes": list(outcomes),
            "rationale": rationale,
            "evidence": [view.id for view in self.views.values()],
            "missing_acknowledged": missing,
        }
        path = f"/v1/referrals/{self.case.id}/decisions"
        refused = await self.stage.people["screener"].call("POST", path, body)
        self.record.expect("nobody but a social work manager can decide", refused.status == 403)
        decided = await self.stage.manager.post(path, body)
        self.record.expect(f"the manager decides: {', '.join(outcomes)}", decided["decision"])

    async def expect_unreleased(self, chosen: Collection[str], owner: str) -> None:
        """A product with text that its owner has not released to the team is refused."""
        body = self._product_body(chosen, "Too early")
        refused = await self.stage.manager.call("POST", f"/v1/referrals/{self.case.id}/products", body)
        self.record.expect(
            f"no product leaves with text that {owner} has not released to its reader",
            refused.status == 403 and refused.code == "product.not_released",
        )

    async def send_product(self, chosen: Collection[str], summary: str) -> Product:
        """The manager sends the product to the assessment team; others can't open it."""
        self.record.step("The product goes to the assessment team alone")
        body = self._product_body(chosen, summary)
        made = await self.stage.manager.post(f"/v1/referrals/{self.case.id}/products", body)
        delivery = await self.stage.team.next("product")
        self.record.expect(
            "the assessment team receives the product", delivery.envelope == made["envelope"] and delivery.token
        )
        thieves = ("police.lead", "council.lead", "health.lead")
        stolen = [await self.stage.client(thief).redeem(delivery) for thief in thieves]
        self.record.expect(
            "with the team's own token in hand, no other client can open it",
            all(reply.status in {400, 401, 403, 404, 409} for reply in stolen),
        )
        return Product(id=str(made["product"]), envelope=delivery.envelope, delivery=delivery)

    async def team_reads(self, product: Product) -> str:
        """The team opens the product, once; the words that it reads there."""
        team = self.stage.team
        opened = await self.stage.open(team, product.delivery)
        again = await team.redeem(product.delivery)
        self.record.expect(
            "an honest retry by the same key gets the identical bytes",
            again.status == 200 and again.body == opened.release,
        )
        other = await self.stage.client("council.lead").redeem(product.delivery)
        self.record.expect(
            "the key is released once: after that any other key is refused", other.status in {400, 401, 403, 404, 409}
        )
        views = [await team.view(view) for view in opened.content["evidence"]]
        texts = [text for view in views for text in view.texts]
        self.record.expect(
            "every part of the product verifies under its owner's signature",
            views and opened.content["marking"] == "OFFICIAL-SENSITIVE",
        )
        self.record.expect(
            "nobody's reasons for answering are in the product", all(REPLY not in v.groups for v in views)
        )
        self._expect_documents(opened.content, views)
        self.record.saw(TEAM_VIEW, f"product: {opened.content['summary']}", *texts)
        self.record.saw(TEAM_VIEW, *(f"withheld: ask {marker['ask']}" for marker in opened.content["withheld"]))
        await self._expect_alone()
        return " ".join(texts)

    async def accept(self, product: Product) -> None:
        """Delivered, accepted and acted on are three facts."""
        early = await self.stage.manager.call("POST", f"/v1/referrals/{self.case.id}/close", {"reason": "too early"})
        self.record.expect("a referral whose product nobody has accepted can't be closed", early.status == 409)
        team = self.stage.team
        accepted = await team.accept(product.id, by="duty social worker", action="visit today")
        acted = await team.accept(product.id, by="duty social worker", action="visited", acted_on=True)
        self.record.expect(
            "the product is accepted by a person, and acted on: three facts", accepted.status == acted.status == 204
        )

    async def tell_referrer(self, message: str, phrases: Collection[str], *clients: str) -> None:
        """The referrer hears the outcome and no contents."""
        self.record.step("The referrer is told the outcome")
        await self.stage.manager.post(f"/v1/referrals/{self.case.id}/feedback", {"text": ""})
        client, told = await self.stage.feedback(*clients)
        content = told.content
        self.record.expect(
            "the referrer gets the outcome",
            tuple(content["outcomes"]) == self.outcomes and content["message"] == message,
        )
        self.record.expect(
            "and no contents: nothing that any agency disclosed",
            not any(client.transcript.holds(phrase) for phrase in phrases if phrase),
        )
        agency = client.agency.agency.capitalize()
        self.record.saw(f"{agency} (referrer)", f"outcome: {', '.join(content['outcomes'])}")

    async def look_on(self, phrases: Collection[str]) -> None:
        """What those see who may not see contents; and that every opening so far is in the log."""
        self.record.step("The auditor and the integration engineer look")
        auditor, engineer = self.stage.people["auditor"], self.stage.people["engineer"]
        entries = await auditor.get(f"/v1/log/entries?referral={self.case.id}")
        events = [str(entry["event"]) for entry in entries["entries"]]
        self.record.expect(
            "the auditor sees every step and no contents",
            "envelope.opened" in events
            and "rating.given" in events
            and not any(auditor.transcript.holds(phrase) for phrase in phrases),
        )
        counts = [f"{name} x {events.count(name)}" for name in sorted(set(events))]
        self.record.saw("Auditor", f"{len(events)} events, no contents", *counts)
        feeds = await engineer.get("/v1/feeds")
        rows: list[dict[str, Any]] = feeds["feeds"]
        self.record.expect(
            "the integration engineer sees counts per feed that reconcile, and no contents",
            rows and all(map(_reconciles, rows)) and not any(engineer.transcript.holds(phrase) for phrase in phrases),
        )
        self.record.saw("Integration engineer", *(_feed(row) for row in rows))
        refused = await engineer.call("GET", f"/v1/referrals/{self.case.id}")
        self.record.expect("the integration engineer sees no case", refused.status in {403, 404})
        self.record.expect(
            f"each of {len(self.stage.openings)} openings carried a proof that it is in the log, and each proof holds",
            self.stage.openings and all(opened.logged.event == "envelope.opened" for opened in self.stage.openings),
        )

    async def close(self) -> None:
        """The manager closes the referral."""
        self.record.step("The manager closes the referral")
        await self.stage.manager.post(f"/v1/referrals/{self.case.id}/close", {"reason": "Passed on and told"})
        self.record.expect("the referral is closed", (await self.case.shown())["state"] == "closed")

    def _product_body(self, chosen: Collection[str], summary: str) -> dict[str, Any]:
        parts = [
            {"disclosure": view.id, "digests": [view.digests[name] for name in view.digests if name in chosen]}
            for view in self.views.values()
            if chosen & view.digests.keys()
        ]
        return {"recipient": TEAM, "summary": summary, "parts": parts}

    def _expect_documents(self, content: Mapping[str, Any], views: Sequence[View]) -> None:
        """What the team's case system files: the same words as JSON and PDF, and the start of a CIN record."""
        documents = take_out(content)
        for taken in documents.files.values():
            self.stage.team.transcript.add(taken)
        released = sorted(text for view in views for text in view.texts)
        self.record.expect(
            "it comes as JSON too, with the released words and no others",
            documents.product["marking"] == MARKING and sorted(documents.words) == released,
        )
        title = f"Information product {content['product']}".encode()
        self.record.expect(
            "and as a PDF for people, tagged, whose title names nobody",
            documents.is_print and title in _info(documents),
        )
        children = documents.children
        subjects = [person for person in documents.product["persons"] if person["part"] == "subject"]
        self.record.expect(
            "and as a CIN record of each child, for the case system to begin with",
            children and len(children) == len(subjects) and not content["left_out"],
        )
        self.record.saw(
            TEAM_VIEW, *(f"{name}: {len(taken):,} bytes" for name, taken in sorted(documents.files.items()))
        )

    async def _expect_alone(self) -> None:
        others = [self.stage.client(f"{agency}.lead") for agency in LEADS]
        got = [waiting for client in others for waiting in await client.pending() if waiting.kind == "product"]
        try:
            await self.stage.team.next("product", within=0.5)
            second = True
        except NothingArrived:
            second = False
        self.record.expect("the assessment team alone receives it, and once", not got and not second)


def _info(documents: Documents) -> bytes:
    """What the PDF says of itself, which is never compressed."""
    return documents.files["pdf"].rpartition(b"/Title")[2]


def _reconciles(row: Mapping[str, Any]) -> bool:
    return bool(row["received"] == sum(row[fate] for fate in ("accepted", "duplicate", "quarantined", "refused")))


def _feed(row: Mapping[str, Any]) -> str:
    counts = ", ".join(f"{name} {value}" for name, value in row.items() if value and type(value) is int)
    return f"{row['feed']}: {counts or 'nothing yet'}"
