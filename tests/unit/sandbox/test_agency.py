from __future__ import annotations

from typing import Any

import pytest

from crypto import canonical, jws, merkle
from crypto.canonical import JsonInput
from crypto.jwk import generate_signing_key, parse_public_jwk
from sandbox import base64url
from sandbox.disclosure import Group, Reply
from sandbox.failures import HubRefused, NothingArrived, NotTrusted
from sandbox.keys import AgencyKeys
from tests.unit.sandbox.conftest import Wire

FEEDBACK = {"kind": "feedback", "message": "msg_1", "outcomes": ["early_help"], "text": ""}


def request_content(wire: Wire, audience: str = "police") -> dict[str, Any]:
    claims: JsonInput = {
        "iss": "fake", "aud": audience, "jti": "req_1", "purpose": "to decide", "legal_ground": "x", "necessity": "y",
        "persons": [{"ref": "p1", "names": [{"given": ["Kieran"], "family": "Ashdown"}]}], "due_at": "",
    }  # fmt: skip
    return {"kind": "request", "request": jws.sign(canonical.dumps(claims), wire.hub.signing, typ="mash-request+jws")}


async def test_an_envelope_that_the_hub_sent_is_opened_proven_and_taken_off(wire: Wire) -> None:
    envelope = wire.hub.send("police.lead", FEEDBACK)
    opened = await wire.lead.open(await wire.lead.next("feedback"))
    assert opened.envelope == envelope
    assert opened.content == FEEDBACK
    assert (opened.logged.index, opened.logged.event) == (3, "envelope.opened")
    assert wire.hub.messages == []
    assert await wire.lead.pending() == []


async def test_another_clients_key_opens_nothing_with_the_same_token(wire: Wire) -> None:
    wire.hub.send("police.lead", FEEDBACK)
    delivery = await wire.lead.next("feedback")
    assert (await wire.desk.redeem(delivery)).status == 403


@pytest.mark.parametrize(
    "change",
    [
        {"proof": {"index": 2}},
        {"proof": {"index": 7}},
        {"proof": {"salt": base64url.encode(bytes(16))}},
        {"proof": {"path": []}},
        {"proof": {"path": [base64url.encode(merkle.leaf_hash(b"x"))] * 3}},
        {"proof": {"entry": base64url.encode(b'{"subject": "env_x", "actor": "police.lead"}')}},
        {"proof": {"checkpoint": "fake.mash.log\n7\nAAAA\n\n"}},
        {"envelope": "env_other"},
    ],
)
async def test_a_release_whose_proof_does_not_hold_is_refused_and_its_key_not_used(
    wire: Wire, change: dict[str, Any]
) -> None:
    def tamper(release: dict[str, Any]) -> dict[str, Any]:
        proof = release["proof"] | change.get("proof", {})
        return release | {"envelope": change.get("envelope", release["envelope"]), "proof": proof}

    wire.hub.tamper = tamper
    wire.hub.send("police.lead", FEEDBACK)
    delivery = await wire.lead.next("feedback")
    with pytest.raises(NotTrusted):
        await wire.lead.open(delivery)
    assert not wire.lead.transcript.holds("early_help")


@pytest.mark.parametrize("told", [{"subject": "env_other"}, {"actor": "health.lead"}])
async def test_a_release_that_is_proven_to_be_another_opening_is_refused(wire: Wire, told: dict[str, str]) -> None:
    wire.hub.logged = told
    wire.hub.send("police.lead", FEEDBACK)
    delivery = await wire.lead.next("feedback")
    with pytest.raises(NotTrusted, match="another opening"):
        await wire.lead.open(delivery)


async def test_an_envelope_that_the_hub_did_not_sign_is_refused(wire: Wire) -> None:
    published, wire.hub.signing = wire.hub.signing, generate_signing_key("hub-1")
    wire.hub.send("police.lead", FEEDBACK)
    wire.hub.signing = published
    with pytest.raises(NotTrusted, match="signature"):
        await wire.lead.open(await wire.lead.next("feedback"))


async def test_a_key_that_the_hub_began_to_use_later_is_fetched(wire: Wire) -> None:
    wire.hub.send("police.lead", FEEDBACK)
    await wire.lead.open(await wire.lead.next("feedback"))
    wire.hub.signing = generate_signing_key("hub-2")
    wire.hub.send("police.lead", FEEDBACK)
    assert (await wire.lead.open(await wire.lead.next("feedback"))).content == FEEDBACK


async def test_a_request_is_answered_under_the_agencys_signature_and_sealed_to_the_hub(
    wire: Wire, police: AgencyKeys
) -> None:
    wire.hub.send("police.lead", request_content(wire))
    asked = await wire.lead.asked(await wire.lead.open(await wire.lead.next("request")))
    assert asked.given_names == {"Kieran"}
    group = Group(name="g", category="police_incidents", items=(("words", "source", "2026-01-01"),))
    given = await wire.lead.answer(asked, Reply(decision="disclose", groups=(group,)), lead="sergeant")
    plain = canonical.loads_object(wire.hub.answers["req_1"])
    key = parse_public_jwk(police.enrolment()["signing_keys"][0], use="sig")
    verified = jws.verify(str(plain["disclosure"]), {key.kid: key}, typ="mash-disclosure+jws")
    claims = canonical.loads_object(verified.payload)
    assert (claims["iss"], claims["aud"], claims["request"], claims["lead"]) == ("police", "fake", "req_1", "sergeant")
    assert claims["request_digest"] == base64url.digest(asked.signed.encode())
    assert given.disclosure == "dis_1"


async def test_a_request_for_another_agency_is_not_answered(wire: Wire) -> None:
    wire.hub.send("police.lead", request_content(wire, audience="health"))
    opened = await wire.lead.open(await wire.lead.next("request"))
    with pytest.raises(NotTrusted, match="another agency"):
        await wire.lead.asked(opened)


async def test_what_does_not_arrive_is_waited_for_and_then_missed(wire: Wire) -> None:
    with pytest.raises(NothingArrived):
        await wire.lead.next("product", within=0.2)


async def test_a_refusal_names_its_status_and_code(wire: Wire) -> None:
    with pytest.raises(HubRefused) as caught:
        await wire.lead.fate("msg_none")
    assert caught.value.status == 404


async def test_everything_received_can_be_searched_sealed_and_opened(wire: Wire) -> None:
    wire.hub.send("police.lead", FEEDBACK)
    delivery = await wire.lead.next("feedback")
    assert not wire.lead.transcript.holds("early_help")
    await wire.lead.open(delivery)
    assert wire.lead.transcript.holds("early_help")
