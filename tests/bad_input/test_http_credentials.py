"""Bad credentials over HTTP: expired, replayed, tampered or another's; one answer for all, the reason in the log."""

from __future__ import annotations

import asyncio
import secrets
from datetime import timedelta
from typing import Any

from crypto import access as access_tokens
from crypto import tokens
from crypto.canonical import JsonInput
from crypto.opentoken import OPEN_TYP
from sandbox import base64url, jose
from sandbox.agency import Client
from sandbox.door import Reply
from tests.bad_input import credentials
from tests.bad_input.credentials import assertion, grant, headers, proof, tampered, warmed
from tests.gateway import borough
from tests.gateway.natives import notice
from tests.gateway.town import Town

PATH = "/v1/mailbox"
LEAD = "police.lead"
HOUR = timedelta(hours=1)


async def reasons(town: Town) -> dict[str, int]:
    """Why strangers were turned away, as the log tells it."""
    return {one["reason"]: one["count"] for one in await town.refused_strangers()}


async def call(town: Town, token: str, *proofs: str) -> Reply:
    """Ask for the mailbox."""
    return await town.plain("GET", PATH, headers=headers(token, *proofs))


async def test_a_right_proof_is_taken_once(town: Town) -> None:
    lead = town.client(LEAD)
    token = await warmed(lead)
    made = proof(town, lead, "GET", PATH, token)
    assert (await call(town, token, made)).status == 200
    assert [(await call(town, token, made)).status for _ in range(3)] == [401] * 3
    assert await reasons(town) == {"dpop.replayed": 3}


async def test_of_one_proof_at_once_from_many_sides_one_is_taken(town: Town) -> None:
    lead = town.client(LEAD)
    token = await warmed(lead)
    made = proof(town, lead, "GET", PATH, token)
    replies = await asyncio.gather(*(call(town, token, made) for _ in range(8)))
    assert sorted(one.status for one in replies) == [200] + [401] * 7


OTHER_PROOFS: tuple[dict[str, Any], ...] = (
    {"htm": "POST"},
    {"htm": None},
    {"htu": "http://127.0.0.1/v1/mailbox"},
    {"htu": None},
    {"iat": 0},
    {"iat": 4_000_000_000},
    {"iat": None},
    {"jti": None},
    {"jti": ""},
    {"ath": "AAAA"},
    {"ath": None},
)


async def test_a_proof_of_something_else_is_refused(town: Town) -> None:
    lead = town.client(LEAD)
    token = await warmed(lead)
    for claims in OTHER_PROOFS:
        reply = await call(town, token, proof(town, lead, "GET", PATH, token, claims=claims))
        assert (reply.status, reply.code) == (401, "credential.invalid"), claims
    assert sum((await reasons(town)).values()) == len(OTHER_PROOFS)
    assert (await call(town, token, proof(town, lead, "GET", PATH, token))).status == 200


async def test_a_proof_without_a_nonce_of_the_hub_is_asked_for_one(town: Town) -> None:
    lead = town.client(LEAD)
    token = await warmed(lead)
    for nonce in (None, "", "AAAA", "a nonce of nobody"):
        reply = await call(town, token, proof(town, lead, "GET", PATH, token, claims={"nonce": nonce}))
        assert (reply.status, reply.code) in {(401, "dpop.use_nonce"), (401, "credential.invalid")}, nonce
        if reply.code == "dpop.use_nonce":
            assert reply.headers["DPoP-Nonce"]
    reply = await call(town, token, proof(town, lead, "GET", PATH, token, claims={"nonce": None}))
    assert reply.code == "dpop.use_nonce"


async def test_an_old_nonce_is_asked_for_anew(town: Town) -> None:
    lead = town.client(LEAD)
    await warmed(lead)
    town.clock.pass_by(timedelta(minutes=11))
    stale = await grant(town, lead, assertion(town, lead))
    assert (stale.status, stale.code) == (400, "use_dpop_nonce")
    # The client takes up the new one by itself.
    assert (await lead.door.call("GET", PATH)).status == 200


async def test_the_proof_of_another_key_is_refused(town: Town) -> None:
    lead, thief = town.client(LEAD), town.client("health.lead")
    token = await warmed(lead)
    await warmed(thief)
    assert (await call(town, token, proof(town, thief, "GET", PATH, token))).status == 401
    own = await warmed(thief)
    assert (await call(town, own, proof(town, lead, "GET", PATH, own))).status == 401


async def test_an_access_token_ends(town: Town) -> None:
    lead, other = town.client(LEAD), town.client("police.desk")
    token = await warmed(lead)
    town.clock.pass_by(timedelta(seconds=town.gateway.hub.tokens.access_seconds) + town.gateway.skew * 2)
    await warmed(other)
    fresh = {"nonce": other.door._nonce}
    reply = await call(town, token, proof(town, lead, "GET", PATH, token, claims=fresh))
    assert (reply.status, reply.code) == (401, "credential.invalid")
    assert sum((await reasons(town)).values()) == 1
    assert (await lead.door.call("GET", PATH)).status == 200


async def test_a_tampered_access_token_is_refused(town: Town) -> None:
    lead = town.client(LEAD)
    right = await warmed(lead)
    for part in range(3):
        token = tampered(right, part)
        reply = await call(town, token, proof(town, lead, "GET", PATH, token))
        assert (reply.status, reply.code) == (401, "credential.invalid"), part


async def test_an_assertion_is_taken_once(town: Town) -> None:
    lead = town.client(LEAD)
    await warmed(lead)
    made = assertion(town, lead)
    assert (await grant(town, lead, made)).status == 200
    again = await grant(town, lead, made)
    assert (again.status, again.code) == (401, "invalid_client")
    assert await reasons(town) == {"assertion.replayed": 1}


OTHER_ASSERTIONS: tuple[dict[str, Any], ...] = (
    {"aud": "http://another.invalid/oauth2/token"},
    {"aud": None},
    {"exp": 1},
    {"exp": None},
    {"exp": 4_000_000_000},
    {"iat": 4_000_000_000},
    {"jti": None},
    {"iss": "police.nobody", "sub": "police.nobody"},
    {"iss": "health.lead", "sub": "health.lead"},
    {"sub": "health.lead"},
    {"iss": None},
)


async def test_an_assertion_that_does_not_hold_gets_one_answer_and_a_reason_in_the_log(town: Town) -> None:
    lead = town.client(LEAD)
    await warmed(lead)
    for claims in OTHER_ASSERTIONS:
        reply = await grant(town, lead, assertion(town, lead, claims=claims))
        assert (reply.status, reply.body) == (401, b'{"error": "invalid_client"}'), claims
    assert sum((await reasons(town)).values()) == len(OTHER_ASSERTIONS)


async def test_an_assertion_by_another_key_or_without_one_is_refused(town: Town) -> None:
    lead, other = town.client(LEAD), town.client("health.lead")
    await warmed(lead)
    right = assertion(town, lead)
    unsigned = base64url.encode(b'{"alg":"none","typ":"JWT"}') + "." + right.split(".")[1] + "."
    for made in (
        assertion(town, lead, key=other.keys.authentication),
        assertion(town, lead, key=lead.keys.dpop),
        assertion(town, lead, key=lead.agency.signing),
        unsigned,
        *(tampered(right, part) for part in range(3)),
        "",
        "a.b.c",
        "." * 200,
    ):
        reply = await grant(town, lead, made)
        assert (reply.status, reply.body) == (401, b'{"error": "invalid_client"}'), made[:30]
    assert (await grant(town, lead, right)).status == 200


async def test_a_form_that_is_none_is_refused_as_oauth_says(town: Town) -> None:
    lead = town.client(LEAD)
    await warmed(lead)
    made = assertion(town, lead)
    assert (await grant(town, lead, made, grant_type="password")).code == "unsupported_grant_type"
    assert (await grant(town, lead, made, client_assertion_type="x")).code == "invalid_request"
    for body in (b"", b"\xff", b"a" * 20_000, b"grant_type=client_credentials&grant_type=client_credentials"):
        reply = await town.plain("POST", "/oauth2/token", body=body, headers=credentials.FORM)
        assert reply.status == 400


async def test_people_without_a_token_that_holds_are_asked_to_sign_in(town: Town) -> None:
    await town.manager.sign_in()
    token = town.manager._token
    for shown in (
        {"Authorization": "Bearer nonsense"},
        *({"Authorization": f"Bearer {tampered(token, part)}"} for part in range(3)),
        {"Authorization": f"DPoP {token}"},
        {},
    ):
        reply = await town.plain("GET", "/v1/referrals", headers=shown)
        assert reply.status == 401, shown
        assert reply.headers["Content-Type"].startswith("application/problem+json")
    town.clock.pass_by(2 * HOUR)
    late = await town.plain("GET", "/v1/referrals", headers={"Authorization": f"Bearer {token}"})
    assert (late.status, late.code) == (401, "sign_in.invalid")
    assert {one["door"] for one in await town.refused_strangers()} == {"/v1/referrals"}


async def test_a_token_for_one_purpose_serves_no_other(town: Town) -> None:
    case = await town.referral(notice())
    await town.disclosed(case)
    delivery = await town.product(case)
    team = town.client("council.assessment-team")
    access = await warmed(team)
    path = f"/v1/envelopes/{delivery.envelope}/open"
    with_access = await town.plain("POST", path, headers=headers(access, proof(town, team, "POST", path, access)))
    assert with_access.status == 401
    with_message = await call(town, delivery.token, proof(town, team, "GET", PATH, delivery.token))
    assert with_message.status == 401
    assert (await team.redeem(delivery)).status == 200
    # Nor one that is right in everything but whom, or what, it is for.
    for aud, typ, status in (
        (town.url, access_tokens.ACCESS_TYP, 200),
        ("https://another.invalid", access_tokens.ACCESS_TYP, 401),
        (town.url, OPEN_TYP, 401),
    ):
        minted = minted_by_the_hub(town, team, aud, typ)
        assert (await call(town, minted, proof(town, team, "GET", PATH, minted))).status == status, (aud, typ)


def minted_by_the_hub(town: Town, client: Client, aud: str, typ: str) -> str:
    """An access token for this client under the hub's own key, for this audience and of this type."""
    issued = jose.seconds(town.clock())
    claims: dict[str, JsonInput] = {
        "iss": borough.HUB,
        "aud": aud,
        "sub": client.keys.client_id,
        "client_id": client.keys.client_id,
        "scope": "mailbox",
        "cnf": {"jkt": client.keys.dpop.thumbprint()},
        "jti": secrets.token_hex(16),
        "iat": issued,
        "exp": issued + 60,
    }
    return tokens.mint(claims, town.gateway.keys.ring.signing_key(), typ=typ)
