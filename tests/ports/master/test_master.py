"""The port of the master key: one suite for a secret of this process and a key inside a PKCS#11 token."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crypto.jwk import DecryptionKey, generate_sealing_key
from crypto.keys import Purpose
from crypto.master import Master
from gateway.keys import Keys, MasterKey, material
from gateway.keys.moving import move
from gateway.keys.pkcs11_uri import TokenAddress
from gateway.keys.policy import PURPOSES
from gateway.keys.token import TokenKey
from gateway.store import Store
from schemas.errors import Conflict, Rejected
from tests.services.softhsm import SoftToken, make_token

NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
ORIGIN = "demo.mash.log"
KINDS = ("secret", "made_in_token", "imported")
ROW = b"a private key of any length " * 200


def make(kind: str, library: Path) -> Master:
    if kind == "secret":
        return MasterKey(os.urandom(32))
    token = make_token(library)
    key = TokenKey(TokenAddress.parse(token.uri("master")), token.pin)
    key.make(MasterKey(os.urandom(32)) if kind == "imported" else None, random=os.urandom)
    return key


@pytest.fixture(scope="module")
def pair() -> DecryptionKey:
    return generate_sealing_key()


@pytest.fixture(autouse=True)
def one_pair(pair: DecryptionKey, monkeypatch: pytest.MonkeyPatch) -> None:
    """RSA pairs are slow to make; which one a hub has does not matter here."""
    monkeypatch.setattr(material, "generate_sealing_key", lambda: pair)


@pytest.fixture(params=KINDS)
def master(request: pytest.FixtureRequest, softhsm: Path) -> Master:
    return make(request.param, softhsm)


@pytest.fixture(params=KINDS)
def another(request: pytest.FixtureRequest, softhsm: Path) -> Master:
    return make(request.param, softhsm)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    store = Store.open(f"sqlite:///{tmp_path / 'hub.sqlite3'}")
    await store.upgrade()
    yield store
    await store.close()


async def loaded(store: Store, master: Master) -> Keys:
    return await Keys.load(store, master, origin=ORIGIN, random=os.urandom)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=15, deadline=None)
@given(secret=st.binary(min_size=1, max_size=3_000))
def test_what_it_wraps_it_unwraps(master: Master, secret: bytes) -> None:
    wrapped = master.wrap(secret, kid="one", random=os.urandom)
    assert secret not in wrapped or len(secret) < 4
    assert master.unwrap(wrapped, kid="one") == secret


def test_the_same_secret_is_wrapped_otherwise_each_time(master: Master) -> None:
    assert master.wrap(ROW, kid="one", random=os.urandom) != master.wrap(ROW, kid="one", random=os.urandom)


def test_what_it_wrapped_for_one_key_opens_as_no_other_and_not_when_changed(master: Master) -> None:
    wrapped = master.wrap(ROW, kid="one", random=os.urandom)
    flipped = [
        bytes([*wrapped[:place], wrapped[place] ^ 1, *wrapped[place + 1 :]]) for place in (0, 5, 40, -1 % len(wrapped))
    ]
    wrong = [
        (wrapped, "two"),
        (b"", "one"),
        (wrapped[:20], "one"),
        (wrapped[:-1], "one"),
        *((one, "one") for one in flipped),
    ]
    for bytes_, kid in wrong:
        with pytest.raises(Rejected) as caught:
            master.unwrap(bytes_, kid=kid)
        assert caught.value.code == "keys.master.other"
    assert master.unwrap(wrapped, kid="one") == ROW


def test_another_key_opens_nothing_of_it_and_has_another_id(master: Master, another: Master) -> None:
    wrapped = master.wrap(ROW, kid="one", random=os.urandom)
    with pytest.raises(Rejected, match=r"keys\.master\.other"):
        another.unwrap(wrapped, kid="one")
    assert master.id != another.id
    assert len(master.id) == 16


def test_it_does_not_show_its_secret_or_its_pin(master: Master) -> None:
    hidden = master.pin if isinstance(master, TokenKey) else "secret="
    assert hidden not in repr(master)
    assert "secret=" not in repr(master)


async def test_a_hub_starts_on_it_and_starts_again(store: Store, master: Master) -> None:
    first = await loaded(store, master)
    await first.ensure(NOW)
    again = await loaded(store, master)
    assert again.jwks() == first.jwks()
    assert again.keks().keys == first.keks().keys


async def test_keys_are_moved_to_another_and_back(store: Store, master: Master, another: Master) -> None:
    before = await loaded(store, master)
    await before.ensure(NOW)
    assert await move(store, master, another, random=os.urandom, now=NOW, actor="operator") == len(PURPOSES)
    after = await loaded(store, another)
    assert after.keks().keys == before.keks().keys
    assert after.jwks() == before.jwks()
    with pytest.raises(Rejected, match=r"keys\.master\.other"):
        await loaded(store, master)
    assert await move(store, another, master, random=os.urandom, now=NOW, actor="operator") == len(PURPOSES)
    assert (await loaded(store, master)).keks().keys == before.keks().keys


async def test_a_move_that_was_done_does_nothing_and_is_in_the_log_once(store: Store, softhsm: Path) -> None:
    source, target = make("secret", softhsm), make("made_in_token", softhsm)
    await (await loaded(store, source)).ensure(NOW)
    assert await move(store, source, target, random=os.urandom, now=NOW, actor="operator") == len(PURPOSES)
    assert await move(store, source, target, random=os.urandom, now=NOW, actor="operator") == 0
    async with store.reading() as work:
        told = [entry for entry in await work.log.unsequenced(100) if entry.event == "master.moved"]
    assert len(told) == 1
    assert source.id.encode() in told[0].entry
    assert target.id.encode() in told[0].entry


async def test_who_ran_on_through_a_move_makes_no_key_under_the_old_one(store: Store, softhsm: Path) -> None:
    source, target = make("secret", softhsm), make("made_in_token", softhsm)
    running = await loaded(store, source)
    await running.ensure(NOW)
    await move(store, source, target, random=os.urandom, now=NOW, actor="operator")
    with pytest.raises((Conflict, Rejected), match=r"keys\.master\."):
        await running.rotate(Purpose.POLICY, NOW)
    assert len((await loaded(store, target)).rows) == len(PURPOSES)


async def test_a_wrong_source_changes_nothing(store: Store, softhsm: Path) -> None:
    source, wrong, target = (make("secret", softhsm) for _ in range(3))
    await (await loaded(store, source)).ensure(NOW)
    with pytest.raises(Conflict, match=r"keys\.master\.moved"):
        await move(store, wrong, target, random=os.urandom, now=NOW, actor="operator")
    await loaded(store, source)


def test_an_imported_key_and_its_secret_open_what_the_other_wrapped(token: SoftToken) -> None:
    secret = MasterKey(os.urandom(32))
    inside = TokenKey(TokenAddress.parse(token.uri("master")), token.pin)
    inside.make(secret, random=os.urandom)
    assert inside.id == secret.id
    assert secret.unwrap(inside.wrap(ROW, kid="one", random=os.urandom), kid="one") == ROW
    assert inside.unwrap(secret.wrap(ROW, kid="one", random=os.urandom), kid="one") == ROW
