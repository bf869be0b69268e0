"""Invariant 11: the same behaviour on both defaults: SQLite with the mailbox, PostgreSQL with RabbitMQ.

Every test of these folders that takes a hub runs on both; here one script is played on both and its whole visible
result is compared.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from adapters import registry
from sandbox.disclosure import Reply
from sandbox.door import Reply as Answer
from sandbox.scenarios.stage import Case
from tests.gateway import borough
from tests.gateway import ground as grounds
from tests.gateway import town as towns
from tests.gateway.clock import Clock
from tests.gateway.fixtures import empty
from tests.gateway.mending import Mending
from tests.gateway.natives import child, notice, registration
from tests.gateway.town import Town, part

pytestmark = [pytest.mark.invariant(11), pytest.mark.sqlite, pytest.mark.mailbox]
TEAM = "council.assessment-team"


@dataclass
class Script:
    """One run: what was seen at each step, in order, without what differs by chance (names, times, signatures)."""

    town: Town
    seen: list[tuple[str, object]] = field(default_factory=list)

    def note(self, step: str, *what: object) -> None:
        """Write down what a step showed."""
        self.seen.append((step, what))

    def answered(self, step: str, reply: Answer) -> Answer:
        """Write down an answer's outside: status, code and media type."""
        self.note(step, reply.status, reply.code, reply.headers.get("Content-Type", "").partition(";")[0])
        return reply

    async def case(self, step: str, case: Case) -> dict[str, Any]:
        """Write down what the manager is shown of a case."""
        shown = await case.shown()
        received = shown["received_at"]
        self.note(
            step,
            shown["state"],
            shown["rating"],
            len(shown["subjects"]),
            len(shown["household"]),
            [one["narrative"] for one in shown["notifications"]],
            shown["suggestion"],
            [(one["kind"], one["because"], one["count"]) for one in shown["alerts"]],
            [one["kind"] for one in shown["alarms"]],
            [(one["agency"], one["state"], one["decision"]) for one in shown["requests"]],
            [(one["rating"], one["previous"], one["relaxed"]) for one in shown["ratings"]],
            [(one["outcomes"], one["rationale"]) for one in shown["decisions"]],
            shown["due_at"] is not None and shown["due_at"] > received,
        )
        return shown


async def play(town: Town, mending: Mending) -> list[tuple[str, object]]:
    """The script."""
    script = Script(town=town)
    await intake(script, mending)
    await casework(script)
    await stays(script)
    return script.seen


async def intake(script: Script, mending: Mending) -> None:
    """Accepted, duplicate, conflict, quarantined, replayed, too large, a stranger, HL7 both ways."""
    town, desk = script.town, script.town.client("police.desk")
    first = notice(reference="T-SCRIPT-1")
    for step, message in (
        ("accepted", first),
        ("duplicate", first),
        ("conflict", notice(reference="T-SCRIPT-1", words="other words")),
        ("garbage", b"<no notice"),
        ("too large", b"x" * (borough.LIMIT + 1)),
    ):
        script.answered(step, await town.notify(message))
    script.answered("stranger", await town.plain("POST", "/v1/feeds/police-ppn/notifications", body=first))
    script.answered("unknown feed", await desk.notify("nobody", first, "application/xml"))
    mending.broken = True
    waiting = script.answered("quarantined", await town.notify(notice(child(3)), feed="police-mend"))
    mending.broken = False
    engineer, name = town.person("engineer"), waiting.headers["Mash-Message-Id"]
    script.answered("replayed", await engineer.call("POST", f"/v1/messages/{name}/replay", {}))
    script.note("fate", (await desk.fate(name))["fate"])
    hl7 = registration(control_id="TSCRIPT1")
    script.answered("hl7", await town.notify(hl7, feed="health-hl7", client="health.gp"))
    script.note("mllp", b"MSA|AA|TSCRIPT1" in await town.send_mllp(hl7))


async def casework(script: Script) -> None:
    """A case from its notification to its closing."""
    town, desk = script.town, script.town.client("police.desk")
    case = await town.referral(notice())
    await script.case("joined", case)
    for person in ("screener", "police_lead", "auditor"):
        body = {"rating": "red", "threshold": 4, "reasons": ["tried"], "cites": [], "relax_reason": None}
        path = f"/v1/referrals/{case.id}/ratings"
        script.answered(f"rated by {person}", await town.person(person).call("POST", path, body))
    await case.rate("amber", 2, "A reason")
    groundless = case.request_body({"health": ("health_history",)}, "What?") | {"legal_ground": None}
    path = f"/v1/referrals/{case.id}/requests"
    script.answered("no ground", await town.manager.call("POST", path, groundless))
    await town.disclosed(case)
    await town.disclosed(case, Reply(decision="nothing_held"))
    await case.rate("red", 4, "A graver reason", cites=(case.given[0].disclosure,))
    await script.case("re-rated", case)
    await town.decided(case)
    case.given.pop()
    script.answered("not released", await town.send_product(case, part(case, "mental")))
    delivery = await sent(town, case)
    team = town.client(TEAM)
    script.answered("stolen", await town.client("police.lead").redeem(delivery))
    opened = await team.open(delivery)
    script.note("opened", opened.content["withheld"], opened.content["outcomes"], opened.content["persons"])
    script.answered("opened again", await team.redeem(delivery))
    town.clock.pass_by(timedelta(minutes=11))
    script.answered("opened late", await team.redeem(delivery))
    accepted = await team.accept(opened.content["product"], by="somebody", action="visit")
    script.answered("accepted", accepted)
    await town.manager.post(f"/v1/referrals/{case.id}/feedback", {"text": ""})
    told = [await desk.open(await desk.next("feedback")) for _ in range(2)]
    script.note("feedback", [one.content["outcomes"] for one in told])
    await town.manager.post(f"/v1/referrals/{case.id}/close", {"reason": "done"})
    await script.case("closed", case)


async def stays(script: Script) -> None:
    """What stays: counts, quarantine, the log."""
    town, engineer = script.town, script.town.person("engineer")
    script.note("feeds", (await engineer.get("/v1/feeds"))["feeds"])
    rows = (await engineer.get("/v1/quarantine"))["messages"]
    script.note("quarantine", [(one["code"], one["at"], one["conflict_with"] is not None) for one in rows])
    await town.sent()
    events = Counter(await town.event_names())
    # Keys are looked at by the clock of each hub's own tasks; everything else is what happened.
    script.note("log", {name: count for name, count in events.items() if not name.startswith("key.")})
    verified = await town.gateway.log.verify()
    script.note("verified", verified.verified)


async def sent(town: Town, case: Case) -> Any:  # noqa: ANN401 - a delivery, as the simulated inbox has it
    """The product on its way, as it reached the team."""
    (await town.send_product(case, part(case, "history"))).expect("a product", 201)
    return await town.client(TEAM).next("product")


async def test_invariant_11_one_script_shows_the_same_on_both_defaults(  # noqa: PLR0917 - both at once
    tmp_path: Path,
    clock: Clock,
    hub_pairs: None,
    mending: Mending,
    monkeypatch: pytest.MonkeyPatch,
    postgres_url: str,
    amqp_url: str,
    broker_prefix: str,
) -> None:
    assert hub_pairs is None
    monkeypatch.setitem(registry.BUILT_IN, borough.MEND, "tests.gateway.mending:ADAPTER")
    await empty(postgres_url)
    runs: list[list[tuple[str, object]]] = []
    for name, database, broker, prefix in (
        ("embedded", f"sqlite:///{tmp_path / 'embedded.sqlite3'}", None, ""),
        ("servers", postgres_url, amqp_url, broker_prefix),
    ):
        folder = tmp_path / name
        folder.mkdir()
        place = grounds.ground(folder, clock, database_url=database, broker_url=broker, prefix=prefix)
        async with place as ground, towns.town(ground) as town:
            assert town.gateway.store.dialect in {"sqlite", "postgresql"}
            runs.append(await play(town, mending))
    embedded, servers = runs
    assert len(embedded) >= 30
    for here, there in zip(embedded, servers, strict=True):
        assert here == there
