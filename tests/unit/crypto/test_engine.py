from __future__ import annotations

import pytest

from crypto import base64url, engine
from crypto.failure import SealFailed
from crypto.jwk import SigningKey


def test_it_serialises_and_checks_and_nothing_else(signer: SigningKey) -> None:
    token = engine.sign(b"text", {"typ": "t"}, signer.key)
    assert base64url.decode(token.split(".")[0]) == b'{"alg":"ES256","typ":"t"}'
    assert engine.verify(token, signer.key.public_key(), "ES256") == b"text"


@pytest.mark.parametrize("token", ["", "a.b", "a.b.c", "e30.e30.", "W10.e30.e30", "?.?.?"])
def test_whatever_the_library_throws_is_a_failed_seal(signer: SigningKey, token: str) -> None:
    with pytest.raises(SealFailed) as failed:
        engine.verify(token, signer.key.public_key(), "ES256")
    assert failed.value.__cause__ is None
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
