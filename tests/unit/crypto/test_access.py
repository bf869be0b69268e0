from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest

from crypto import access, canonical, jws, tokens
from crypto.canonical import JsonInput
from crypto.failure import SealFailed
from crypto.jwk import PublicKey, SigningKey

ISS, AUD, CLIENT = "https://hub.example", "https://hub.example/v1", "police-system"
Keys = Mapping[str, PublicKey]


def minted(signer: SigningKey, now: datetime) -> str:
    return access.mint_access_token(
        signer,
        iss=ISS,
        aud=AUD,
        client_id=CLIENT,
        scope=["requests", "envelopes"],
        jkt="thumb",
        jti="1",
        now=now,
        life=timedelta(minutes=5),
    )


def test_an_access_token_says_who_may_do_what_with_which_key(signer: SigningKey, keys: Keys, now: datetime) -> None:
    granted = access.verify_access_token(minted(signer, now), keys, iss=ISS, aud=AUD, now=now)
    assert (granted.client_id, granted.jkt) == (CLIENT, "thumb")
    assert granted.scope == {"requests", "envelopes"}
    assert granted.claims.exp == now + timedelta(minutes=5)


@pytest.mark.parametrize(
    "change", [{"cnf": {}}, {"cnf": None}, {"scope": ["a"]}, {"client_id": ""}, {"client_id": 1}, {"jti": None}]
)
def test_an_access_token_that_is_not_bound_or_not_whole_grants_nothing(
    signer: SigningKey, keys: Keys, now: datetime, change: dict[str, JsonInput]
) -> None:
    body: dict[str, JsonInput] = {**canonical.loads_object(jws.claimed_payload(minted(signer, now))), **change}
    with pytest.raises(SealFailed):
        access.verify_access_token(
            jws.sign(canonical.dumps(body), signer, typ="at+jwt"), keys, iss=ISS, aud=AUD, now=now
        )


def assertion(key: SigningKey, now: datetime, typ: str = "JWT", **changes: JsonInput) -> str:
    seconds = tokens.numeric_date(now)
    body: dict[str, JsonInput] = {
        "iss": CLIENT,
        "sub": CLIENT,
        "aud": ISS,
        "jti": "a1",
        "iat": seconds,
        "exp": seconds + 60,
        **changes,
    }
    return jws.sign(canonical.dumps(body), key, typ=typ)


def test_a_client_assertion_says_who_the_client_is(signer: SigningKey, keys: Keys, now: datetime) -> None:
    found = access.verify_client_assertion(assertion(signer, now), keys, client_id=CLIENT, aud=ISS, now=now)
    assert (found.sub, found.jti) == (CLIENT, "a1")


@pytest.mark.parametrize(
    "change",
    [
        {"sub": "other"},
        {"sub": None},
        {"iss": "other"},
        {"jti": ""},
        {"aud": [ISS]},
        {"exp": 4000000000},
        {"iat": None},
    ],
)
def test_a_client_assertion_that_is_not_exact_is_refused(
    signer: SigningKey, keys: Keys, now: datetime, change: dict[str, JsonInput]
) -> None:
    token = assertion(signer, now, "JWT", **change)
    with pytest.raises(SealFailed):
        access.verify_client_assertion(token, keys, client_id=CLIENT, aud=ISS, now=now)


def test_no_other_token_passes_for_a_client_assertion(signer: SigningKey, keys: Keys, now: datetime) -> None:
    for typ in ("at+jwt", "mash-open+jwt", "dpop+jwt"):
        with pytest.raises(SealFailed):
            access.verify_client_assertion(assertion(signer, now, typ), keys, client_id=CLIENT, aud=ISS, now=now)


def identity(key: SigningKey, now: datetime, **changes: JsonInput) -> str:
    seconds = tokens.numeric_date(now)
    body: dict[str, JsonInput] = {
        "iss": "https://id.example",
        "sub": "u1",
        "aud": "console",
        "nonce": "n1",
        "iat": seconds,
        "exp": seconds + 60,
        **changes,
    }
    return jws.sign(canonical.dumps(body), key, typ="JWT")


def test_an_identity_token_says_who_signed_in_for_this_sign_in(signer: SigningKey, keys: Keys, now: datetime) -> None:
    found = access.verify_identity_token(
        identity(signer, now), keys, iss="https://id.example", client_id="console", nonce="n1", now=now
    )
    assert found.sub == "u1"


@pytest.mark.parametrize(
    "change", [{"nonce": "n2"}, {"nonce": None}, {"nonce": 1}, {"azp": "other"}, {"aud": "other"}, {"sub": ""}]
)
def test_an_identity_token_for_another_is_refused(
    signer: SigningKey, keys: Keys, now: datetime, change: dict[str, JsonInput]
) -> None:
    token = identity(signer, now, **change)
    with pytest.raises(SealFailed):
        access.verify_identity_token(token, keys, iss="https://id.example", client_id="console", nonce="n1", now=now)
