from __future__ import annotations

import pytest

from crypto import compact
from crypto.failure import SealFailed


def test_a_token_is_taken_apart() -> None:
    parts = compact.split("e30.QQ.", kind="jws", segments=3, limit=7)
    assert (parts.header, parts.parts) == ({}, (b"{}", b"A", b""))


@pytest.mark.parametrize(
    "token, reason",
    [
        ("e30.QQ.Q", "jws.size"),
        ("", "jws.segments"),
        ("e30.QQ", "jws.segments"),
        ("e30....", "jws.segments"),
        ("e30.QR.", "jws.encoding"),
        ("e30.\u00e9.", "jws.encoding"),
        (b"e30.\xff.", "jws.encoding"),
        ("..", "jws.header"),
        ("W10..", "jws.header"),
        ("QQ..", "jws.header"),
    ],
)
def test_what_is_not_its_one_spelling_is_refused(token: str | bytes, reason: str) -> None:
    with pytest.raises(SealFailed) as failed:
        compact.split(token, kind="jws", segments=3, limit=7)
    assert failed.value.reason == reason


def test_a_header_text_must_be_text() -> None:
    parts = compact.split("eyJhIjoxfQ..", kind="jws", segments=3, limit=20)
    for name in ("a", "b"):
        with pytest.raises(SealFailed) as failed:
            compact.header_text(parts, name, kind="jws")
        assert failed.value.reason == f"jws.{name}"
