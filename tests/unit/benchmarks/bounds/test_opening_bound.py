"""The bound of an opening releases once, and does all that it says before it answers."""

import hashlib
import os
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from benchmarks.bounds.admitting import entry
from benchmarks.bounds.opening import Asked, Openings
from crypto import merkle

AT = datetime(2026, 5, 4, 9, tzinfo=UTC)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "bound.sqlite3"


@pytest.fixture
def openings(path: Path) -> Iterator[Openings]:
    made = Openings(str(path))
    made.prepare([(f"env_{number}", f"jti_{number}") for number in range(20)])
    yield made
    made.close()


def asked(number: int, *, jti: int | None = None, used: str = "") -> Asked:
    told = entry("envelope.opened", f"env_{number}", AT, hashlib.sha256(os.urandom(8)).hexdigest())
    return Asked(
        envelope=f"env_{number}",
        jti=f"jti_{number if jti is None else jti}",
        used=used or os.urandom(8).hex(),
        at=AT,
        entry=told,
    )


async def test_an_envelope_is_released_once_whether_in_one_commit_or_in_two(openings: Openings) -> None:
    first, second = await openings.commit([asked(1), asked(1)])
    assert first is not None
    assert second is None
    assert await openings.commit([asked(1)]) == [None]


async def test_a_proof_is_used_once(openings: Openings) -> None:
    releases = await openings.commit([asked(1, used="the same"), asked(2, used="the same")])
    assert [release is None for release in releases] == [False, True]
    assert await openings.commit([asked(2, used="the same")]) == [None]


async def test_another_envelopes_token_opens_nothing(openings: Openings) -> None:
    assert await openings.commit([asked(1, jti=2)]) == [None]


async def test_every_release_is_a_jwe_of_its_own_and_stored(openings: Openings, path: Path) -> None:
    releases = await openings.commit([asked(number) for number in range(5)])
    assert len(set(releases)) == 5
    assert all(release is not None and release.count(b".") == 4 for release in releases)
    connection = sqlite3.connect(path)
    stored = connection.execute("SELECT release FROM envelopes WHERE state = 'released' ORDER BY id").fetchall()
    connection.close()
    assert [row[0] for row in stored] == releases


async def test_the_checkpoint_covers_every_opening(openings: Openings, path: Path) -> None:
    await openings.commit([asked(number) for number in range(3)])
    await openings.commit([asked(number) for number in range(3, 7)])
    connection = sqlite3.connect(path)
    size, root = connection.execute("SELECT size, root FROM log_checkpoints ORDER BY size DESC").fetchone()
    nodes = {(level, index): octets for level, index, octets in connection.execute("SELECT * FROM log_nodes")}
    connection.close()
    assert size == 7
    assert root == merkle.root(7, lambda level, index: nodes[level, index])
