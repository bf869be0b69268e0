from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from crypto import canonical, jws, tokens
from crypto.canonical import JsonInput
from crypto.failure import SealFailed
from crypto.jwk import PublicKey, SigningKey

TYP = "mash-test+jwt"
ISS, AUD = "https://hub.example", "https://hub.example/open"
Keys = Mapping[str, PublicKey]


def claims(now: datetime, **changes: JsonInput) -> dict[str, JsonInput]:
    seconds = int(now.timestamp())
    found: dict[str, JsonInput] = {"iss": ISS, "aud": AUD, "exp": seconds + 60, "iat": seconds, "nbf": seconds}
    found.update(changes)
    return {name: value for name, value in found.items() if value != "absent"}


def signed(payload: Mapping[str, JsonInput] | bytes, key: SigningKey, typ: str = TYP) -> str:
    return jws.sign(payload if isinstance(payload, bytes) else canonical.dumps(payload), key, typ=typ)


def failure(
    token: str, keys: Keys, now: datetime, *, required: tuple[str, ...] = (), longest: timedelta | None = None
) -> str:
    with pytest.raises(SealFailed) as failed:
        tokens.verify_claims(token, keys, typ=TYP, iss=ISS, aud=AUD, now=now, required=required, longest=longest)
    return failed.value.reason


def test_claims_that_hold_are_given_with_their_times_in_utc(signer: SigningKey, keys: Keys, now: datetime) -> None:
    token = tokens.mint(claims(now, sub="agency", jti="1", extra=[1]), signer, typ=TYP)
    found = tokens.verify_claims(token, keys, typ=TYP, iss=ISS, aud=AUD, now=now, required=("sub", "jti", "nbf"))
    assert (found.sub, found.jti, found.iat, found.nbf) == ("agency", "1", now, now)
    assert found.exp == now + timedelta(seconds=60)
    assert found.exp.utcoffset() == timedelta(0)
    assert found.all["extra"] == [1]
    assert found.kid == signer.kid


@pytest.mark.parametrize(
    "changes, reason",
    [
        ({"exp": "absent"}, "token.exp"),
        ({"exp": None}, "token.exp"),
        ({"exp": True}, "token.exp"),
        ({"exp": "1800000000"}, "token.exp"),
        ({"exp": 1.8e9}, "token.exp"),
        ({"exp": -1}, "token.exp"),
        ({"exp": 10**15}, "token.exp"),
        ({"exp": [1800000000]}, "token.exp"),
        ({"exp": 0}, "token.expired"),
        ({"nbf": 4000000000}, "token.early"),
        ({"nbf": "soon"}, "token.nbf"),
        ({"iat": 4000000000}, "token.early"),
        ({"iat": False}, "token.iat"),
        ({"iss": "https://other.example"}, "token.iss"),
        ({"iss": "absent"}, "token.iss"),
        ({"iss": [ISS]}, "token.iss"),
        ({"aud": "https://other.example"}, "token.aud"),
        ({"aud": "absent"}, "token.aud"),
        ({"aud": [AUD]}, "token.aud"),
        ({"aud": [AUD, "https://other.example"]}, "token.aud"),
        ({"aud": AUD + "/"}, "token.aud"),
        ({"sub": 7}, "token.sub"),
        ({"jti": {}}, "token.jti"),
    ],
)
def test_a_claim_that_does_not_hold_is_refused(
    signer: SigningKey, keys: Keys, now: datetime, changes: dict[str, JsonInput], reason: str
) -> None:
    assert failure(signed(claims(now, **changes), signer), keys, now) == reason


@pytest.mark.parametrize("payload", [b"[]", b"", b"{", b'{"exp":1,"exp":9999999999}', b'{"exp":1e400}', b'{"exp":NaN}'])
def test_a_payload_that_is_not_one_object_is_refused(
    signer: SigningKey, keys: Keys, now: datetime, payload: bytes
) -> None:
    assert failure(signed(payload, signer), keys, now) == "token.claims"


def test_the_edges_of_time_are_exact(signer: SigningKey, keys: Keys, now: datetime) -> None:
    token = signed(claims(now), signer)
    end = now + timedelta(seconds=60)

    def holds(at: datetime, leeway: int = 0) -> bool:
        try:
            tokens.verify_claims(token, keys, typ=TYP, iss=ISS, aud=AUD, now=at, leeway=timedelta(seconds=leeway))
        except SealFailed:
            return False
        return True

    second = timedelta(seconds=1)
    assert [holds(now - second), holds(now), holds(end - second), holds(end)] == [False, True, True, False]
    assert [holds(now - second, 1), holds(now - 2 * second, 1), holds(end, 1), holds(end + second, 1)] == [
        True,
        False,
        True,
        False,
    ]


def test_a_token_of_another_type_is_refused(signer: SigningKey, keys: Keys, now: datetime) -> None:
    for typ in ("JWT", "at+jwt", "MASH-TEST+JWT"):
        assert failure(signed(claims(now), signer, typ), keys, now) == "jws.typ"


@pytest.mark.parametrize("value", ["absent", None, ""])
def test_what_is_required_must_be_there(signer: SigningKey, keys: Keys, now: datetime, value: JsonInput) -> None:
    token = signed(claims(now, jti=value), signer)
    assert failure(token, keys, now, required=("jti",)) == "token.jti"


def test_a_life_that_is_too_long_or_of_unknown_start_is_refused(signer: SigningKey, keys: Keys, now: datetime) -> None:
    short = timedelta(seconds=59)
    assert failure(signed(claims(now), signer), keys, now, longest=short) == "token.life"
    assert failure(signed(claims(now, iat="absent"), signer), keys, now, longest=timedelta(days=1)) == "token.life"


@pytest.mark.parametrize("cnf", [None, "key", {}, {"jkt": 1}, {"x5t#S256": "a"}, []])
def test_a_confirmation_that_is_not_a_thumbprint_is_refused(
    signer: SigningKey, keys: Keys, now: datetime, cnf: JsonInput
) -> None:
    found = tokens.verify_claims(signed(claims(now, cnf=cnf), signer), keys, typ=TYP, iss=ISS, aud=AUD, now=now)
    with pytest.raises(SealFailed):
        _ = found.jkt


def test_a_token_without_its_essentials_is_not_minted(signer: SigningKey, now: datetime) -> None:
    for broken in ({"exp": "absent"}, {"exp": True}, {"aud": [AUD]}, {"iss": "absent"}):
        with pytest.raises(ValueError, match="iss, aud and exp"):
            tokens.mint(claims(now, **broken), signer, typ=TYP)


def test_the_claimed_issuer_can_be_read_to_choose_keys(signer: SigningKey, now: datetime) -> None:
    assert tokens.claimed_issuer(signed(claims(now), signer)) == ISS
    for payload in (b"{}", b'{"iss":1}', b"[]"):
        with pytest.raises(SealFailed):
            tokens.claimed_issuer(signed(payload, signer))


def test_a_numeric_date_is_whole_seconds_of_an_aware_time() -> None:
    assert tokens.numeric_date(datetime(1970, 1, 1, 0, 0, 1, 999999, tzinfo=UTC)) == 1
    with pytest.raises(ValueError, match="time zone"):
        tokens.numeric_date(datetime(2026, 1, 1))  # noqa: DTZ001 - a naive time is what is refused


def test_claims_do_not_show_themselves(signer: SigningKey, keys: Keys, now: datetime) -> None:
    token = signed(claims(now, name="Ann Example"), signer)
    assert "Ann" not in repr(tokens.verify_claims(token, keys, typ=TYP, iss=ISS, aud=AUD, now=now))
