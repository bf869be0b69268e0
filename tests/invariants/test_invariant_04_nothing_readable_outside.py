"""Invariant 4: nothing personal in clear at rest, on the broker, in logs, metrics, errors or addresses.

One child, whose name, number and words stand nowhere else, goes through a whole case; then every byte is searched.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from aio_pika.abc import AbstractQueue

from sandbox.disclosure import Group, Reply, Sibling
from sandbox.door import Reply as Answer
from sandbox.transcript import Transcript
from tests.gateway import borough
from tests.gateway.kept import everything, found_in
from tests.gateway.natives import CANARIES, FAMILY, NARRATIVE, NHS, notice, registration
from tests.gateway.town import Town, part

pytestmark = pytest.mark.invariant(4)
DISCLOSED = "a cobalt metronome ticks under the floor"
EXPLAINED = "the hemlock ledger is not shared"
THOUGHT = "an ochre periscope was mentioned"
TOLD = "thank you for the marigold telescope"
SIBLING = "Thessalonike"
SECRETS = (*CANARIES, DISCLOSED, EXPLAINED, THOUGHT, TOLD, SIBLING)
ANSWER = Reply(
    decision="partial",
    reasons=("third_party",),
    explanation=EXPLAINED,
    siblings=(Sibling(relation="sibling", given=SIBLING, family=FAMILY, birth_date="2019-05-05"),),
    groups=(
        Group(
            name="history",
            category="health_history",
            items=((DISCLOSED, "record", "2026-05-01"),),
            audiences=("social_work_manager", "receiving_team"),
        ),
    ),
)


async def play(town: Town) -> str:
    """A whole case with every word in it a secret one, and senders' mistakes beside it; the referral."""
    case = await town.referral(notice())
    await town.notify(b"<broken>" + NARRATIVE.encode() + b" " + NHS.encode())
    await town.notify(registration(), feed="health-hl7", client="health.gp")
    await town.notify(registration()[:60] + FAMILY.encode(), feed="health-hl7", client="health.gp")
    await town.send_mllp(registration().replace(b"PID|", b"P|D"))
    await case.rate("amber", 2, THOUGHT)
    screening = {"history": THOUGHT, "consent": "", "already_open": False}
    await town.person("screener").post(f"/v1/referrals/{case.id}/screening", screening)
    made = await case.ask({"health": ("health_history",)}, f"What of {FAMILY}?")
    await case.answer("health", made[0]["id"], ANSWER)
    await case.disclosed()
    added = {
        "relation": "sibling",
        "given": SIBLING,
        "family": FAMILY,
        "birth_date": "2019-05-05",
        "identifiers": [],
        "subject": True,
        "because": THOUGHT,
    }
    await town.manager.post(f"/v1/referrals/{case.id}/persons", added)
    body = {
        "outcomes": ["section_17_assessment"],
        "rationale": THOUGHT,
        "evidence": [case.given[0].disclosure],
        "missing_acknowledged": [],
    }
    await town.manager.post(f"/v1/referrals/{case.id}/decisions", body)
    product = {"recipient": "council.assessment-team", "summary": THOUGHT, "parts": [part(case, "history")]}
    await town.manager.post(f"/v1/referrals/{case.id}/products", product)
    team = town.client("council.assessment-team")
    opened = await team.open(await team.next("product"))
    await team.accept(opened.content["product"], by=FAMILY, action=THOUGHT)
    await town.manager.post(f"/v1/referrals/{case.id}/feedback", {"text": TOLD})
    desk = town.client("police.desk")
    await desk.open(await desk.next("feedback"))
    await town.manager.get(f"/v1/referrals/{case.id}")
    await town.manager.post(f"/v1/referrals/{case.id}/close", {"reason": THOUGHT})
    await town.gateway.watch.round()
    return case.id


async def test_invariant_04_nothing_is_readable_at_rest(town: Town, log_lines: Callable[[], str]) -> None:
    referral = await play(town)
    held = await everything(town.gateway)
    assert found_in(held, [referral, "rating.given", borough.HUB]) == [referral, "rating.given", borough.HUB]
    assert found_in(held, SECRETS) == []
    # Who may read did read all of it: the search would have found the words.
    readers = (town.manager.transcript, town.client("council.assessment-team").transcript)
    assert [
        one for one in (NARRATIVE, DISCLOSED, THOUGHT, SIBLING) if not any(each.holds(one) for each in readers)
    ] == []
    assert found_in(log_lines().encode(), SECRETS) == []


async def test_invariant_04_nothing_is_readable_in_metrics_or_in_what_anybody_may_fetch(town: Town) -> None:
    referral = await play(town)
    for path in (
        f"/{FAMILY}",
        f"/v1/referrals/{FAMILY}",
        f"/v1/agencies/{FAMILY}/jwks.json",
        f"/v1/quarantine?feed={NHS}",
    ):
        assert (await town.person("engineer").call("GET", path)).status in {200, 403, 404}
    assert found_in((await town.plain("GET", "/metrics")).body, [referral]) == []
    for path in ("/metrics", "/healthz", "/readyz", "/openapi.json", "/asyncapi.json", "/.well-known/jwks.json"):
        reply = await town.plain("GET", path)
        assert reply.status == 200
        assert found_in(reply.body, SECRETS) == [], path
    for path in ("/v1/feeds", "/v1/quarantine"):
        assert found_in((await town.person("engineer").call("GET", path)).body, SECRETS) == [], path
    assert found_in((await town.person("auditor").call("GET", "/v1/log/entries?limit=500")).body, SECRETS) == []


@pytest.mark.parametrize("both", ["servers"], indirect=True)
async def test_invariant_04_nothing_is_readable_on_the_broker(town: Town) -> None:
    channel, prefix = await town.channel(), town.ground.prefix
    tap = await channel.declare_queue(exclusive=True)
    for name in ("mash.in", "mash.out", "mash.dead"):
        await tap.bind(await channel.get_exchange(prefix + name, ensure=False), "#")
    await play(town)
    seen = await drained(tap)
    # request, disclosure, product and feedback; each with its token
    assert len(seen) >= 4
    transcript = Transcript()
    for body, headers in seen:
        transcript.add(body)
        transcript.add(repr(headers).encode())
        assert "access-token" in headers
    assert [one for one in SECRETS if transcript.holds(one)] == []
    assert transcript.holds("mash-open+jwt")
    # No key material travels, not even wrapped: the content is sealed under a key that the body does not hold.
    assert all(body.split(b".")[1] == b"" for body, _ in seen)


async def drained(queue: AbstractQueue) -> list[tuple[bytes, Mapping[str, object]]]:
    """Everything in a queue."""
    taken: list[tuple[bytes, Mapping[str, object]]] = []
    while (message := await queue.get(fail=False)) is not None:
        taken.append((message.body, dict(message.headers)))
    return taken


BAD_BODIES = (
    f'{{"rating": "{FAMILY}", "threshold": 2, "reasons": []}}',
    f'{{"{FAMILY}": "{NARRATIVE}"}}',
    f'{{"rating": "red", "rating": "{FAMILY}"}}',
    f'{{"rating": "amber", "threshold": "{NHS}", "reasons": ["{NARRATIVE}"]}}',
    f'{{"rating": "amber", "threshold": 2, "reasons": [{{"{FAMILY}": 1}}]}}',
    f'{{"rating": "amber", "threshold": 2, "reasons": ["A reason"], "{FAMILY}": 1}}',
    f'["{FAMILY}"]',
    f'{{"rating": "amber", {FAMILY}',
)


async def test_invariant_04_no_error_echoes_what_was_sent(town: Town) -> None:
    case = await town.referral(notice())
    bearer = await token_of(town)
    replies: list[Answer] = [
        await town.plain("POST", f"/v1/referrals/{case.id}/ratings", body=body.encode(), headers=bearer)
        for body in BAD_BODIES
    ]
    replies += [
        await town.plain("GET", path, headers=bearer)
        for path in (
            f"/v1/referrals/{FAMILY}",
            f"/v1/disclosures/{FAMILY}",
            f"/{FAMILY}",
            f"/v1/messages/{FAMILY}",
            f"/v1/log/entries?referral={FAMILY}",
        )
    ]
    replies += [
        await town.notify(notice().replace(b"<given>", b"<given><x/>")),
        await town.notify(notice()[:-40]),
        await town.notify(b"\xff\xfe" + NARRATIVE.encode()),
        await town.notify(registration().replace(b"ADT^A28", FAMILY.encode()), feed="health-hl7", client="health.gp"),
        await town.notify(registration().replace(b"MSH|", b"MSH#"), feed="health-hl7", client="health.gp"),
        await town.client("police.desk").notify(FAMILY, notice(), "application/xml"),
    ]
    assert all(reply.status >= 400 for reply in replies), [reply.status for reply in replies]
    echoed = [(reply.status, reply.body) for reply in replies if found_in(reply.body, SECRETS)]
    assert echoed == []


async def token_of(town: Town) -> dict[str, str]:
    """The manager's own header, for bodies that the simulated person would not send."""
    await town.manager.sign_in()
    return {"Authorization": f"Bearer {town.manager._token}", "Content-Type": "application/json"}
