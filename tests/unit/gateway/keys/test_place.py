"""Where the master key is taken from: one place, its files its owner's alone."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from gateway.keys import MasterKey, place
from gateway.keys.pkcs11_uri import TokenAddress
from gateway.keys.token import TokenKey
from schemas.errors import Rejected

URI = "pkcs11:token=mash;object=master?module-path=/usr/lib/hsm.so"
PIN = {"MASH_PKCS11_PIN": "271828"}


@pytest.fixture
def hub(tmp_path: Path) -> Path:
    (tmp_path / "secrets").mkdir()
    return tmp_path


def kept(path: Path) -> MasterKey:
    key = MasterKey(os.urandom(32))
    path.write_text(key.text())
    path.chmod(0o600)
    return key


def test_the_environment_goes_before_the_file(hub: Path) -> None:
    beside, elsewhere, said = kept(place.key_file(hub)), kept(hub / "other.key"), MasterKey(os.urandom(32))
    assert place.master_key(hub, {}) == beside
    assert place.master_key(hub, {"MASH_MASTER_KEY_FILE": str(hub / "other.key")}) == elsewhere
    assert place.master_key(hub, {"MASH_MASTER_KEY": said.text()}) == said
    token = place.master_key(hub, {"MASH_MASTER_KEY_PKCS11": URI, **PIN})
    assert token == TokenKey(TokenAddress.parse(URI), "271828")


def test_two_places_are_refused(hub: Path) -> None:
    kept(place.key_file(hub))
    with pytest.raises(Rejected, match="in one place"):
        place.master_key(hub, {"MASH_MASTER_KEY_PKCS11": URI, "MASH_MASTER_KEY_FILE": "x", **PIN})


def test_what_was_remembered_is_found_until_it_is_forgotten(hub: Path) -> None:
    key = kept(place.key_file(hub))
    place.remember(hub, TokenAddress.parse(URI))
    assert isinstance(place.master_key(hub, PIN), TokenKey)
    place.remember(hub, None)
    assert place.master_key(hub, PIN) == key


def test_the_pin_is_read_from_the_file_that_the_address_names(hub: Path) -> None:
    pin = hub / "pin"
    pin.write_text("314159\n")
    pin.chmod(0o600)
    found = place.token_key(f"{URI}&pin-source=file:{pin}", {})
    assert found.pin == "314159"
    assert "314159" not in repr(found)
    pin.chmod(0o644)
    with pytest.raises(Rejected, match="chmod 600"):
        place.token_key(f"{URI}&pin-source=file:{pin}", {})


def test_without_a_pin_the_refusal_says_where_it_may_stand() -> None:
    with pytest.raises(Rejected, match="MASH_PKCS11_PIN_FILE"):
        place.token_key(URI, {})
