"""The address of a key in a token: what is taken, what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.keys.pkcs11_uri import TokenAddress
from schemas.errors import Rejected

GOOD = "pkcs11:token=mash%20hub;object=master;type=secret-key?module-path=/usr/lib/hsm.so&pin-source=file:/run/pin"
TEXTS = st.text(st.characters(blacklist_categories=["C", "Z"]), min_size=1, max_size=20)


def test_an_address_is_read_whole() -> None:
    assert TokenAddress.parse(f" {GOOD}\n") == TokenAddress(
        module=Path("/usr/lib/hsm.so"), token="mash hub", key="master", pin_file=Path("/run/pin")
    )


@given(token=TEXTS, key=TEXTS, serial=st.none() | TEXTS)
def test_what_is_written_is_read_again(token: str, key: str, serial: str | None) -> None:
    address = TokenAddress(module=Path("/usr/lib/hsm.so"), token=token, serial=serial, key=key, pin_file=Path("/a b/p"))
    assert TokenAddress.parse(address.text()) == address


@pytest.mark.parametrize(
    "text,says",
    [
        ("", "write pkcs11:"),
        ("https://hsm.example", "write pkcs11:"),
        ("pkcs11:" + "a" * 3_000, "write pkcs11:"),
        ("pkcs11:?module-path=/l.so", "name the token"),
        ("pkcs11:token=a?module-path=/l.so", "name the token"),
        ("pkcs11:object=a?module-path=/l.so", "name the token"),
        ("pkcs11:token=a;object=b", "library"),
        ("pkcs11:token=a;object=b?module-path=l.so", "library"),
        ("pkcs11:token=a;token=c;object=b?module-path=/l.so", "once"),
        ("pkcs11:token=a;object=b%ZZ?module-path=/l.so", "once"),
        ("pkcs11:token=a;object=b%ff?module-path=/l.so", "UTF-8"),
        ("pkcs11:token=a;object=b%00?module-path=/l.so", "control"),
        ("pkcs11:token=a;object=b;slot-id=3?module-path=/l.so", "these alone"),
        ("pkcs11:token=a;object=b;type=private?module-path=/l.so", "secret-key"),
        ("pkcs11:token=a;object=b?module-path=/l.so&pin-source=pin", "whole path"),
        ("pkcs11:token=a;object=b?module-path=/l.so&pin-value=271828", "a PIN does not stand"),
    ],
)
def test_anything_else_is_refused_and_not_repeated(text: str, says: str) -> None:
    with pytest.raises(Rejected, match=says) as caught:
        TokenAddress.parse(text)
    assert "271828" not in str(caught.value)
