"""A master key inside a PKCS#11 token: what can't be had out of it, and what is refused with which words."""

from __future__ import annotations

import os
from pathlib import Path

import pkcs11
import pytest
from pkcs11 import Attribute, KeyType

from gateway.keys.pkcs11_uri import TokenAddress
from gateway.keys.token import TokenKey
from schemas.errors import Conflict, MashError, Rejected, Unavailable
from tests.services.softhsm import SoftToken


def key_of(token: SoftToken, name: str = "master", *, pin: str | None = None) -> TokenKey:
    return TokenKey(TokenAddress.parse(token.uri(name)), pin or token.pin)


def refused(key: TokenKey) -> MashError:
    with pytest.raises(MashError) as caught:
        key.wrap(b"secret", kid="one", random=os.urandom)
    assert key.pin not in str(caught.value)
    return caught.value


def test_a_key_made_there_cannot_be_read_out(token: SoftToken) -> None:
    key_of(token).make(random=os.urandom)
    with pkcs11.lib(str(token.library)).get_token(token_label=token.label).open(user_pin=token.pin) as session:
        (found,) = session.get_objects({Attribute.LABEL: "master"})
        assert found[Attribute.SENSITIVE]
        assert not found[Attribute.EXTRACTABLE]
        with pytest.raises(pkcs11.PKCS11Error):
            found[Attribute.VALUE]


def test_a_second_key_of_the_same_name_is_not_made(token: SoftToken) -> None:
    key_of(token).make(random=os.urandom)
    with pytest.raises(Conflict, match=r"keys\.pkcs11\.exists"):
        key_of(token).make(random=os.urandom)


def test_a_key_that_could_be_read_out_is_not_used(token: SoftToken) -> None:
    with pkcs11.lib(str(token.library)).get_token(token_label=token.label).open(rw=True, user_pin=token.pin) as session:
        lax = {Attribute.SENSITIVE: False, Attribute.EXTRACTABLE: True}
        session.generate_key(KeyType.AES, 256, id=b"12345678", label="lax", store=True, template=lax)
    assert refused(key_of(token, "lax")).code == "keys.pkcs11.extractable"


def test_a_wrong_pin_a_missing_key_a_missing_token_and_a_missing_library_are_told_apart(token: SoftToken) -> None:
    key_of(token).make(random=os.urandom)
    assert refused(key_of(token, pin="0000")).code == "keys.pkcs11.pin"
    assert refused(key_of(token, "other")).code == "keys.pkcs11.key"
    gone = SoftToken(label="none-such", pin=token.pin, library=token.library)
    assert isinstance(refused(key_of(gone)), Unavailable)
    nowhere = SoftToken(label=token.label, pin=token.pin, library=Path("/nowhere/lib.so"))
    assert isinstance(refused(key_of(nowhere)), Unavailable)


def test_a_key_that_others_made_has_no_id_of_ours(token: SoftToken) -> None:
    with pkcs11.lib(str(token.library)).get_token(token_label=token.label).open(rw=True, user_pin=token.pin) as session:
        shut = {Attribute.SENSITIVE: True, Attribute.EXTRACTABLE: False}
        session.generate_key(KeyType.AES, 256, id=b"x", label="theirs", store=True, template=shut)
    with pytest.raises(Rejected, match=r"keys\.pkcs11\.id"):
        key_of(token, "theirs").id  # noqa: B018 - asking for it is the attempt


def test_without_the_extra_the_refusal_says_what_to_install(token: SoftToken, monkeypatch: pytest.MonkeyPatch) -> None:
    key = key_of(token)
    monkeypatch.setitem(__import__("sys").modules, "pkcs11", None)
    with pytest.raises(Unavailable, match=r"mash-gateway\[pkcs11\]"):
        key.exists()
