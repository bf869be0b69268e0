from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import jws, keys, rotation
from crypto.jwk import generate_signing_key
from crypto.keys import KeyRecord, KeyRing, KeyState, Purpose
from schemas.errors import Conflict, Unknown

CACHE = timedelta(hours=1)
SIGNING = Purpose.SIGNING
START = datetime.fromisoformat("2026-11-20T09:30:00+00:00")


def fresh(ring: KeyRing, now: datetime, purpose: Purpose = SIGNING) -> KeyRecord:
    key = generate_signing_key()
    return keys.new_record(purpose, rotation.next_version(ring, purpose), key.kid, key, now=now)


@pytest.fixture
def ring() -> KeyRing:
    empty = KeyRing()
    return rotation.rotate(empty, SIGNING, fresh=fresh(empty, START), now=START, publish_for=CACHE)


def states(ring: KeyRing) -> list[KeyState]:
    return [record.state for record in ring.of(SIGNING)]


def test_the_first_key_need_not_wait(ring: KeyRing) -> None:
    assert states(ring) == [KeyState.ACTIVE]


def test_a_successor_is_published_waits_out_every_cache_and_takes_over(ring: KeyRing) -> None:
    published = rotation.rotate(ring, SIGNING, fresh=fresh(ring, START), now=START, publish_for=CACHE)
    assert states(published) == [KeyState.PRE_ACTIVE, KeyState.ACTIVE]
    assert rotation.promotable_at(published, SIGNING, publish_for=CACHE) == START + CACHE
    early = START + CACHE - timedelta(seconds=1)
    assert rotation.rotate(published, SIGNING, fresh=None, now=early, publish_for=CACHE) == published
    with pytest.raises(Conflict, match=r"crypto\.keys\.too_early"):
        rotation.promote(published, SIGNING, now=early, publish_for=CACHE)
    done = rotation.rotate(published, SIGNING, fresh=None, now=START + CACHE, publish_for=CACHE)
    assert states(done) == [KeyState.ACTIVE, KeyState.VERIFY_ONLY]
    assert done.active(SIGNING).promoted_at == START + CACHE


def test_what_was_signed_before_during_and_after_verifies_throughout(ring: KeyRing) -> None:
    published = rotation.rotate(ring, SIGNING, fresh=fresh(ring, START), now=START, publish_for=CACHE)
    done = rotation.promote(published, SIGNING, now=START + CACHE, publish_for=CACHE)
    tokens = [jws.sign(b"{}", each.signing_key(), typ="t") for each in (ring, published, done)]
    for token in tokens:
        assert jws.verify(token, done.verification_keys(), typ="t").payload == b"{}"
    # Whoever fetched the set while the new key was only published can verify what it signs from its first moment on.
    assert jws.verify(tokens[2], published.verification_keys(), typ="t").payload == b"{}"


def test_a_compromise_skips_the_wait_and_nothing_of_the_lost_key_verifies(ring: KeyRing) -> None:
    lost = ring.active(SIGNING).kid
    after = rotation.compromise(ring, lost, fresh=fresh(ring, START), now=START)
    assert states(after) == [KeyState.ACTIVE, KeyState.REVOKED]
    assert lost not in after.verification_keys()
    assert lost not in {jwk["kid"] for jwk in after.jwks()["keys"]}


def test_a_key_that_already_waits_takes_over_from_a_lost_one(ring: KeyRing) -> None:
    published = rotation.rotate(ring, SIGNING, fresh=fresh(ring, START), now=START, publish_for=CACHE)
    waiting = rotation.waiting(published, SIGNING)
    assert waiting is not None
    after = rotation.compromise(published, ring.active(SIGNING).kid, fresh=None, now=START)
    assert after.active(SIGNING).kid == waiting.kid


def test_a_lost_key_that_was_not_active_needs_no_successor(ring: KeyRing) -> None:
    done = rotation.promote(ring.added(fresh(ring, START)), SIGNING, now=START + CACHE, publish_for=CACHE)
    after = rotation.compromise(done, ring.active(SIGNING).kid, fresh=None, now=START + CACHE)
    assert states(after) == [KeyState.ACTIVE, KeyState.REVOKED]


def test_an_active_key_is_not_revoked_without_a_successor(ring: KeyRing) -> None:
    with pytest.raises(Conflict, match=r"crypto\.keys\.none_waiting"):
        rotation.compromise(ring, ring.active(SIGNING).kid, fresh=None, now=START)
    with pytest.raises(Unknown):
        rotation.compromise(ring, "nobody", fresh=None, now=START)


def test_a_key_that_does_not_fit_is_not_taken(ring: KeyRing) -> None:
    other = fresh(ring, START, Purpose.TOKEN)
    used = fresh(ring, START).moved(KeyState.ACTIVE, now=START)
    for wrong in (other, used):
        with pytest.raises(Conflict, match=r"crypto\.keys\.unfit"):
            rotation.rotate(ring, SIGNING, fresh=wrong, now=START, publish_for=CACHE)
    with pytest.raises(Conflict, match=r"crypto\.keys\.none_waiting"):
        rotation.rotate(ring, SIGNING, fresh=None, now=START, publish_for=CACHE)
    with pytest.raises(Conflict, match=r"crypto\.keys\.none_waiting"):
        rotation.promote(ring, SIGNING, now=START, publish_for=CACHE)
    assert rotation.promotable_at(ring, SIGNING, publish_for=CACHE) is None


@given(st.lists(st.integers(min_value=0, max_value=5400), max_size=12))
def test_however_often_it_is_asked_exactly_one_key_is_active_and_none_was_used_too_early(steps: list[int]) -> None:
    now, ring = START, KeyRing()
    for step in steps:
        now += timedelta(seconds=step)
        key = keys.new_record(
            SIGNING,
            rotation.next_version(ring, SIGNING),
            f"k{rotation.next_version(ring, SIGNING)}",
            bytes(32),
            now=now,
        )
        ring = rotation.rotate(ring, SIGNING, fresh=key, now=now, publish_for=CACHE)
        assert states(ring).count(KeyState.ACTIVE) == 1
        assert states(ring).count(KeyState.PRE_ACTIVE) <= 1
    for record in ring.of(SIGNING)[:-1]:
        assert record.published_at is not None
        assert record.promoted_at is None or record.promoted_at - record.published_at >= CACHE
