from __future__ import annotations

import pytest

from crypto import base64url, engine
from crypto.failure import SealFailed
from crypto.jwk import SigningKey


def test_it_serialises_and_checks_and_nothing_else(signer: SigningKey) -> None:
    token = engine.sign(b"text", {"typ": "t"}, signer.key)
    assert base64url.decode(token.split(".")[0]) == b'{"alg":"ES256","typ":"t"}'
    signed, _, signature = token.rpartition(".")
    engine.verify(signed.encode(), base64url.decode(signature), signer.key.public_key(), "ES256")
    for changed in (signed[:-1] + "B", signed.swapcase()):
        with pytest.raises(SealFailed):
            engine.verify(changed.encode(), base64url.decode(signature), signer.key.public_key(), "ES256")


@pytest.mark.parametrize("alg", ["ES256", "RS256", "HS256", "none"])
@pytest.mark.parametrize("signature", [b"", b"s", bytes(64), b"\xff" * 64, bytes(65)])
def test_no_other_signature_and_no_other_algorithm_is_good(signer: SigningKey, signature: bytes, alg: str) -> None:
    with pytest.raises(SealFailed) as failed:
        engine.verify(b"a.b", signature, signer.key.public_key(), alg)
    assert (failed.value.reason, failed.value.__cause__) == ("jws.signature", None)


@pytest.mark.parametrize("token", ["", "a.b", "a.b.c", "e30.e30.", "W10.e30.e30", "?.?.?"])
def test_whatever_the_library_throws_is_a_failed_seal(token: str) -> None:
    with pytest.raises(SealFailed) as failed:
        engine.decrypt(token, bytes(32))
    assert failed.value.__cause__ is None


def test_no_answer_of_the_library_is_no_content(monkeypatch: pytest.MonkeyPatch) -> None:
    # It answers None where a stand-in content key happened to open the content; no token can be made that does this.
    monkeypatch.setattr("jose.jwe.decrypt", lambda _token, _key: None)
    with pytest.raises(SealFailed) as failed:
        engine.decrypt("token", bytes(32))
    assert failed.value.reason == "jwe.open"


def test_a_wrong_key_never_opens_as_empty_content() -> None:
    token = engine.encrypt(b"text", bytes(32), alg="A256KW", kid="k", cty="t")
    with pytest.raises(SealFailed):
        engine.decrypt(token, b"x" * 32)
