"""URLs lead to drivers, or are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.store.connections import connect
from schemas.errors import Rejected


@pytest.mark.parametrize(
    "url, driver",
    [
        ("postgresql://mash@db.example/mash", "postgresql+asyncpg"),
        ("postgres://mash@db.example/mash", "postgresql+asyncpg"),
        ("postgresql+asyncpg://mash@db.example/mash?sslmode=require", "postgresql+asyncpg"),
    ],
)
def test_postgresql_is_spoken_to_by_asyncpg(url: str, driver: str) -> None:
    connections = connect(url)
    assert connections.dialect == "postgresql"
    assert connections.work.url.drivername == driver
    assert "sslmode" not in connections.work.url.query


def test_libpqs_sslmode_is_handed_on_under_asyncpgs_name() -> None:
    assert connect("postgresql://db.example/mash?sslmode=verify-full").work.url.query["ssl"] == "verify-full"


@pytest.mark.parametrize("scheme", ["sqlite", "sqlite+aiosqlite"])
def test_sqlite_is_a_file_of_the_owners_alone(tmp_path: Path, scheme: str) -> None:
    connections = connect(f"{scheme}:///{tmp_path}/hub.sqlite3")
    assert connections.dialect == "sqlite"
    assert (tmp_path / "hub.sqlite3").stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("url", ["", "hub.sqlite3", "sqlite://", "sqlite:///:memory:", "mysql://db.example/mash"])
def test_anything_else_is_refused(url: str) -> None:
    with pytest.raises(Rejected) as refused:
        connect(url)
    assert (refused.value.code, refused.value.at) == ("store.url", "MASH_DATABASE_URL")


def test_a_refusal_never_repeats_the_url() -> None:
    with pytest.raises(Rejected) as refused:
        connect("mysql://mash:secret@db.example/mash")
    assert "secret" not in str(refused.value)
