"""Bad answers of owners and bad bodies of people over HTTP: tampered, sealed wrongly, too large, twice at once."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

from joserfc.jwk import RSAKey

from sandbox import disclosure, jose
from sandbox.agency import Asked, Given
from sandbox.disclosure import Group, Reply
from sandbox.keys import public_jwk
from sandbox.scenarios.stage import Case
from tests.bad_input.credentials import tampered
from tests.gateway import answers, borough
from tests.gateway.kept import rows
from tests.gateway.natives import notice
from tests.gateway.town import HELD, Town

LEAD = "health.lead"


async def asked(town: Town) -> tuple[Case, Asked]:
    """A case in which health was asked, and the request as its lead opened it."""
    case = await town.referral(notice())
    await case.rate("amber", 2, "A reason")
    made = await case.ask({"health": ("health_history", "health_mental")}, "What do you know?")
    return case, await case.asked("health", made[0]["id"])


async def test_a_tampered_answer_is_refused_in_the_same_words_wherever_it_was_tampered_with(town: Town) -> None:
    _, request = await asked(town)
    given = await answers.answer(town, request)
    lead, told = town.client(LEAD), set()
    for part in range(5):
        reply = await lead.send_answer(request.id, tampered(given.sealed, part))
        told.add((reply.status, reply.body))
    for part in range(3):
        inside = replace(given.answer, disclosure=tampered(given.answer.disclosure, part))
        reply = await lead.send_answer(request.id, await answers.sealed(town, inside))
        told.add((reply.status, reply.body))
    assert {status for status, _ in told} == {400}
    assert len(told) == 1, told
    refused = [one for one in await town.events() if one["event"] == "disclosure.refused"]
    assert [one["actor"] for one in refused] == [LEAD] * 8
    assert (await rows(town.gateway))["disclosures"] == []
    assert (await answers.send(town, given)).disclosure


async def test_an_answer_that_is_sealed_or_signed_in_another_way_is_refused(town: Town) -> None:
    _, request = await asked(town)
    given = await answers.answer(town, request)
    plain, hub = given.answer.plaintext(), await town.stage.hub_keys.sealing()
    own = borough.keys_of("health")
    public = public_jwk(own.clients[LEAD].encryption)
    elsewhere, renamed = RSAKey.import_key(public), RSAKey.import_key(public | {"kid": hub.kid})
    other_typ = replace(given.answer, disclosure=jose.sign(b"{}", own.signing, typ=disclosure.RELEASE_TYP))
    for sealed in (
        jose.seal_to(plain, hub, cty="mash-release+json"),
        jose.seal_to(plain, elsewhere, cty=disclosure.SEALED_CTY),
        jose.seal_to(plain, renamed, cty=disclosure.SEALED_CTY),
        given.answer.disclosure,
        plain.decode(),
        "",
        "....",
        "a.b.c.d.e",
        "\u00e9" * 20,
        await answers.sealed(town, other_typ),
    ):
        reply = await town.client(LEAD).door.call(
            "POST", f"/v1/requests/{request.id}/disclosure", body=sealed.encode(), media_type="application/jose"
        )
        assert reply.status == 400, sealed[:40]
    assert (await rows(town.gateway))["disclosures"] == []


async def test_an_answer_that_does_not_fit_its_request_is_refused_with_what_to_change(town: Town) -> None:
    _, request = await asked(town)
    unasked = Group(name="other", category="maternity", items=(("A text.", "record", "2026-01-01"),))
    for reply, claims in (
        (Reply(decision="refuse"), {}),
        (Reply(decision="disclose", groups=(unasked,)), {}),
        (HELD, {"jti": "req_00000000000000000000000000"}),
        (HELD, {"iss": "another-hub"}),
        (Reply(decision="perhaps"), {}),
    ):
        given = await answers.answer(town, request, reply, claims=claims)
        refused = await town.client(LEAD).send_answer(request.id, given.sealed)
        assert refused.status in {400, 422}, (reply.decision, claims)
    assert (await rows(town.gateway))["disclosures"] == []


async def test_an_answer_that_is_too_large_is_refused(town: Town) -> None:
    _, request = await asked(town)
    reply = await town.client(LEAD).send_answer(request.id, "A" * (borough.LIMIT + 1))
    assert (reply.status, reply.code) == (413, "message.too_large")


async def test_of_two_answers_at_once_one_is_taken(town: Town) -> None:
    case, request = await asked(town)
    made: list[Given] = [await answers.answer(town, request) for _ in range(2)]
    lead = town.client(LEAD)
    replies = await asyncio.gather(*(lead.send_answer(request.id, one.sealed) for one in made))
    assert sorted(one.status for one in replies) == [201, 409]
    assert (await town.event_names(referral=case.id)).count("disclosure.received") == 1


async def test_the_same_answer_many_times_at_once_is_one(town: Town) -> None:
    case, request = await asked(town)
    given = await answers.answer(town, request)
    lead = town.client(LEAD)
    replies = await asyncio.gather(*(lead.send_answer(request.id, given.sealed) for _ in range(6)))
    assert {one.status for one in replies} == {201}
    assert len({one.json()["id"] for one in replies}) == 1
    assert (await town.event_names(referral=case.id)).count("disclosure.received") == 1


async def test_a_token_of_an_envelope_that_was_tampered_with_or_is_over_opens_nothing(town: Town) -> None:
    case = await town.referral(notice())
    await town.disclosed(case)
    delivery = await town.product(case)
    team = town.client("council.assessment-team")
    for part in range(3):
        bad = replace(delivery, token=tampered(delivery.token, part))
        assert (await team.redeem(bad)).status == 401, part
    town.clock.pass_by(timedelta(hours=town.gateway.hub.tokens.open_hours, minutes=1))
    late = await team.redeem(delivery)
    assert late.status in {401, 410}
    assert "envelope.opened" not in [one["event"] for one in await town.events() if one["subject"] == delivery.envelope]
    await town.manager.sign_in()
    await town.gateway.watch.round()
    expired = [one["subject"] for one in await town.events() if one["event"] == "envelope.expired"]
    assert delivery.envelope in expired


BAD_JSON = (
    b"",
    b"{",
    b"[]",
    b"null",
    b"\xff\xfe",
    b'{"rating": NaN}',
    b'{"rating": "amber", "threshold": "2", "reasons": []}',
    b'{"rating": "amber", "threshold": true, "reasons": ["A reason"]}',
    b'{"rating": "amber", "threshold": 99, "reasons": ["A reason"]}',
    b'{"rating": "blue", "threshold": 2, "reasons": ["A reason"]}',
    b'{"rating": "amber", "threshold": 2, "reasons": []}',
    b'{"rating": "amber", "threshold": 2, "reasons": ["  "]}',
    b'{"rating": "amber", "threshold": 2, "reasons": ["A reason"], "cites": ["dis_nothing"]}',
    b'{"a":' * 500 + b"1" + b"}" * 500,
    b'{"rating": "amber", "threshold": 1e400, "reasons": ["A reason"]}',
    b'{"rating": "amber", "threshold": 2, "reasons": ["\\ud800"]}',
)


async def test_a_bad_body_is_a_problem_that_names_the_field_and_changes_nothing(town: Town) -> None:
    case = await town.referral(notice())
    await town.manager.sign_in()
    shown = {"Authorization": f"Bearer {town.manager._token}", "Content-Type": "application/json"}
    for body in BAD_JSON:
        reply = await town.plain("POST", f"/v1/referrals/{case.id}/ratings", body=body, headers=shown)
        assert reply.status in {413, 422}, (body[:60], reply.status, reply.body)
        assert reply.headers["Content-Type"].startswith("application/problem+json")
        assert reply.code
    large = await town.plain(
        "POST", f"/v1/referrals/{case.id}/ratings", body=b'"' + b"a" * borough.LIMIT + b'"', headers=shown
    )
    assert (large.status, large.code) == (413, "message.too_large")
    assert (await rows(town.gateway))["ratings"] == []


async def test_names_that_are_none_and_routes_that_are_none_are_problems(town: Town) -> None:
    await town.manager.sign_in()
    shown = {"Authorization": f"Bearer {town.manager._token}"}
    for path in (
        "/v1/referrals/x",
        "/v1/referrals/ref_" + "0" * 25 + "%00",
        "/v1/referrals/..%2f..%2fetc%2fpasswd",
        "/v1/referrals/" + "r" * 4_000,
        "/v1/disclosures/%27%20OR%201%3D1--",
        "/v2/referrals",
    ):
        reply = await town.plain("GET", path, headers=shown)
        assert (reply.status, reply.headers["Content-Type"].partition(";")[0]) == (404, "application/problem+json"), (
            path
        )
    wrong = await town.plain("DELETE", "/v1/referrals", headers=shown)
    assert (wrong.status, wrong.code) == (405, "http.405")
