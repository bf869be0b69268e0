from __future__ import annotations

import itertools
from datetime import datetime, timedelta

import pytest

from crypto import keys
from crypto.checkpoint import generate_checkpoint_key
from crypto.jwk import DecryptionKey, SigningKey
from crypto.keys import ALLOWED, TRANSITIONS, KeyRecord, KeyRing, KeyState, Material, Purpose
from schemas.errors import Conflict, Unavailable, Unknown


def record(now: datetime, kid: str, material: Material, **changes: object) -> KeyRecord:
    purpose = changes.pop("purpose", Purpose.SIGNING)
    version = changes.pop("version", 1)
    state = changes.pop("state", KeyState.ACTIVE)
    assert isinstance(purpose, Purpose)
    assert isinstance(version, int)
    assert isinstance(state, KeyState)
    return KeyRecord(
        kid=kid, purpose=purpose, version=version, state=state, created_at=now, changed_at=now, material=material
    )


def test_a_new_key_is_published_and_not_yet_used(now: datetime, signer: SigningKey) -> None:
    made = keys.new_record(Purpose.SIGNING, 1, signer.kid, signer, now=now)
    assert (made.state, made.published_at, made.promoted_at) == (KeyState.PRE_ACTIVE, now, None)
    ring = KeyRing(records=(made,))
    assert ring.jwks() == {"keys": [signer.public().jwk()]}
    with pytest.raises(Unavailable, match=r"crypto\.keys\.none_active"):
        ring.active(Purpose.SIGNING)


@pytest.mark.parametrize("source, target", list(itertools.product(KeyState, KeyState)))
def test_only_the_transitions_of_the_table_happen(now: datetime, source: KeyState, target: KeyState) -> None:
    before = record(now, "k", bytes(32), state=source)
    if any((row.source, row.target) == (source, target) for row in TRANSITIONS):
        after = before.moved(target, now=now + timedelta(hours=1))
        assert (after.state, after.changed_at) == (target, now + timedelta(hours=1))
    else:
        with pytest.raises(Conflict, match=r"crypto\.keys\.transition"):
            before.moved(target, now=now)


def test_a_destroyed_key_leaves_for_nowhere_and_its_material_is_gone(now: datetime) -> None:
    assert all(row.source is not KeyState.DESTROYED for row in TRANSITIONS)
    retired = record(now, "k", bytes(32), state=KeyState.VERIFY_ONLY)
    assert retired.moved(KeyState.DESTROYED, now=now).material is None


def test_a_key_is_promoted_once(now: datetime) -> None:
    later = now + timedelta(days=1)
    active = record(now, "k", bytes(32), state=KeyState.PRE_ACTIVE).moved(KeyState.ACTIVE, now=now)
    cleared = active.moved(KeyState.SUSPENDED, now=later).moved(KeyState.ACTIVE, now=later)
    assert cleared.promoted_at == now


def test_every_state_says_what_it_allows_and_only_active_keys_originate() -> None:
    assert ALLOWED.keys() == set(KeyState)
    assert [state for state, row in ALLOWED.items() if row.originate] == [KeyState.ACTIVE]
    assert {state for state, row in ALLOWED.items() if not row.accept} == {
        KeyState.SUSPENDED,
        KeyState.REVOKED,
        KeyState.DESTROYED,
    }


def test_what_verifies_and_what_is_published_follows_from_the_state(
    now: datetime, signer: SigningKey, stranger: SigningKey, opener: DecryptionKey
) -> None:
    for state in KeyState:
        other = record(now, stranger.kid, stranger, version=2, state=state)
        ring = KeyRing(records=(record(now, signer.kid, signer, state=KeyState.VERIFY_ONLY), other))
        accepted = {signer.kid, stranger.kid} if ALLOWED[state].accept else {signer.kid}
        assert ring.verification_keys().keys() == ring.in_force(Purpose.SIGNING).keys() == accepted
        assert {jwk["kid"] for jwk in ring.jwks()["keys"]} == accepted
        sealing = KeyRing(records=(record(now, opener.kid, opener, purpose=Purpose.SEALING, state=state),))
        assert (opener.kid in sealing.decryption_keys()) == ALLOWED[state].accept
        shown = state in {KeyState.PRE_ACTIVE, KeyState.ACTIVE}
        assert (sealing.jwks()["keys"] == [opener.public().jwk()]) == shown


def test_the_active_key_stands_first_in_the_published_set(
    now: datetime, signer: SigningKey, stranger: SigningKey
) -> None:
    waiting = record(now, stranger.kid, stranger, version=2, state=KeyState.PRE_ACTIVE)
    ring = KeyRing(records=(waiting, record(now, signer.kid, signer)))
    assert [jwk["kid"] for jwk in ring.jwks()["keys"]] == [signer.kid, stranger.kid]


def test_secrets_and_log_keys_are_never_published(now: datetime) -> None:
    log = generate_checkpoint_key("hub.example/log")
    ring = KeyRing(
        records=(
            record(now, "kek", bytes(32), purpose=Purpose.AT_REST, version=3),
            record(now, "log", log, purpose=Purpose.CHECKPOINT),
        )
    )
    assert ring.jwks() == {"keys": []}
    assert ring.secrets(Purpose.AT_REST) == {3: bytes(32)}
    assert ring.checkpoint_key() is log


def test_a_key_whose_material_is_not_here_signs_nothing(now: datetime) -> None:
    ring = KeyRing(records=(record(now, "k", bytes(32)), record(now, "l", bytes(32), purpose=Purpose.CHECKPOINT)))
    with pytest.raises(Unavailable, match=r"crypto\.keys\.material"):
        ring.signing_key()
    with pytest.raises(Unavailable, match=r"crypto\.keys\.material"):
        ring.checkpoint_key()


def test_purposes_do_not_mix(now: datetime, signer: SigningKey, stranger: SigningKey) -> None:
    ring = KeyRing(
        records=(record(now, signer.kid, signer), record(now, stranger.kid, stranger, purpose=Purpose.TOKEN))
    )
    assert ring.signing_key() is signer
    assert ring.signing_key(Purpose.TOKEN) is stranger
    assert ring.verification_keys(Purpose.TOKEN).keys() == {stranger.kid}


def test_a_ring_never_has_two_keys_of_one_name_or_two_active_for_one_purpose(now: datetime) -> None:
    one = record(now, "a", bytes(32))
    for other in (
        record(now, "a", bytes(32), version=2, state=KeyState.REVOKED),
        record(now, "b", bytes(32), version=1, state=KeyState.REVOKED),
        record(now, "b", bytes(32), version=2),
    ):
        with pytest.raises(Conflict):
            KeyRing(records=(one,)).added(other)


def test_a_kid_that_nobody_has_is_unknown(now: datetime) -> None:
    ring = KeyRing(records=(record(now, "a", bytes(32)),))
    assert ring.record("a").kid == "a"
    with pytest.raises(Unknown):
        ring.record("b")


def test_a_time_that_is_not_utc_is_an_error(now: datetime) -> None:
    with pytest.raises(ValueError, match="UTC"):
        keys.new_record(Purpose.SIGNING, 1, "k", bytes(32), now=now.replace(tzinfo=None))


def test_material_does_not_show_itself(now: datetime) -> None:
    assert "material" not in repr(record(now, "a", b"secret" * 6))
    assert "secret" not in repr(KeyRing(records=(record(now, "a", b"secret" * 6),)))
