"""The header of NHS MESH: what NHS England's own client makes of the same, and only with the password."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from mesh_client import AuthTokenGenerator

from crypto.mesh_authorization import authorization

NOW = datetime(2026, 3, 28, 23, 30, tzinfo=UTC)


def test_it_is_what_the_client_of_nhs_england_makes() -> None:
    oracle = AuthTokenGenerator(b"shared", "X26ABC1", "password")
    for count in range(2):
        said = oracle.generate_token()
        stamp = datetime.strptime(said.split(":")[3], "%Y%m%d%H%M").replace(tzinfo=UTC)
        nonce = str(oracle._nonce)
        assert authorization("X26ABC1", "password", b"shared", nonce=nonce, count=count, now=stamp) == said


def test_another_password_key_nonce_count_or_minute_gives_another_code() -> None:
    def code(word: str = "p", key: bytes = b"k", nonce: str = "n", count: int = 0, now: datetime = NOW) -> str:
        return authorization("X26ABC1", word, key, nonce=nonce, count=count, now=now).rpartition(":")[2]

    codes = {code(), code("q"), code(key=b"l"), code(nonce="o"), code(count=1), code(now=NOW + timedelta(minutes=1))}
    assert len(codes) == 6


def test_the_minute_is_utc_wherever_the_clock_stands() -> None:
    summer = NOW.astimezone(timezone(timedelta(hours=1)))
    assert authorization("M", "p", b"k", nonce="n", count=0, now=summer).split(":")[3] == "202603282330"
