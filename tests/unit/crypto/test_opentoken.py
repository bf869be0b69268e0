from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from crypto import canonical, jws, opentoken
from crypto.failure import SealFailed
from crypto.jwk import PublicKey, SigningKey
from crypto.opentoken import OpenToken, mint_open_token, verify_open_token

ISS, AUD = "https://hub.example", "https://hub.example/v1/envelopes/e1/open"
Keys = Mapping[str, PublicKey]


@pytest.fixture
def token(now: datetime, stranger: SigningKey) -> OpenToken:
    return OpenToken(
        iss=ISS,
        aud=AUD,
        sub="police/lead",
        jti="t1",
        iat=now,
        nbf=now,
        exp=now + timedelta(days=1),
        jkt=stranger.public().thumbprint,
        mid="e1",
        cdg="c",
        rdg="r",
        pdg="p",
    )


def test_what_was_minted_is_what_is_verified(token: OpenToken, signer: SigningKey, keys: Keys, now: datetime) -> None:
    minted = mint_open_token(token, signer)
    assert verify_open_token(minted, keys, iss=ISS, aud=AUD, now=now) == token
    assert jws.claimed(minted).header["typ"] == "mash-open+jwt"


def test_it_opens_at_no_other_endpoint_and_at_no_other_time(
    token: OpenToken, signer: SigningKey, keys: Keys, now: datetime
) -> None:
    minted = mint_open_token(token, signer)
    for aud, at in ((AUD + "x", now), (AUD, token.exp), (AUD, now - timedelta(seconds=1))):
        with pytest.raises(SealFailed):
            verify_open_token(minted, keys, iss=ISS, aud=aud, now=at)


@pytest.mark.parametrize("claim", ["sub", "jti", "iat", "nbf", "exp", "cnf", "mid", "cdg", "rdg", "pdg"])
def test_every_claim_of_it_is_required(
    token: OpenToken, signer: SigningKey, keys: Keys, now: datetime, claim: str
) -> None:
    body = canonical.loads_object(jws.claimed_payload(mint_open_token(token, signer)))
    del body[claim]
    short = jws.sign(canonical.dumps(body), signer, typ=opentoken.OPEN_TYP)
    with pytest.raises(SealFailed):
        verify_open_token(short, keys, iss=ISS, aud=AUD, now=now)


def test_another_token_of_the_hub_does_not_pass_for_it(
    token: OpenToken, signer: SigningKey, keys: Keys, now: datetime
) -> None:
    body = jws.claimed_payload(mint_open_token(token, signer))
    with pytest.raises(SealFailed) as failed:
        verify_open_token(jws.sign(body, signer, typ="at+jwt"), keys, iss=ISS, aud=AUD, now=now)
    assert failed.value.reason == "jws.typ"


def test_a_digest_that_is_empty_is_refused(token: OpenToken, signer: SigningKey, keys: Keys, now: datetime) -> None:
    with pytest.raises(SealFailed):
        verify_open_token(mint_open_token(replace(token, pdg=""), signer), keys, iss=ISS, aud=AUD, now=now)
