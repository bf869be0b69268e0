"""The search for what must not be readable finds it in every form that it might take."""

from __future__ import annotations

import base64
import secrets

import pytest

from tests.gateway.kept import found_in
from tests.gateway.natives import CANARIES


@pytest.mark.parametrize("offset", range(6))
def test_a_phrase_is_found_in_clear_in_hexadecimal_and_in_base64_at_any_offset(offset: int) -> None:
    for phrase in CANARIES:
        raw = secrets.token_bytes(offset) + phrase.encode() + secrets.token_bytes(7)
        for held in (raw, raw.hex().encode(), base64.b64encode(raw), base64.urlsafe_b64encode(raw), raw.upper()):
            assert found_in(b"before " + held + b" after", [phrase]) == [phrase], (phrase, offset)


def test_nothing_is_found_where_nothing_is() -> None:
    noise = secrets.token_bytes(200_000)
    assert found_in(noise + base64.b64encode(noise) + noise.hex().encode(), CANARIES) == []
