from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import base64url


@given(st.binary(max_size=200))
def test_what_is_encoded_decodes_to_the_same_bytes(data: bytes) -> None:
    assert base64url.decode(base64url.encode(data)) == data


@given(st.text(alphabet="ABab01-_", max_size=24))
def test_a_text_that_decodes_is_the_only_spelling_of_its_bytes(text: str) -> None:
    try:
        data = base64url.decode(text)
    except base64url.NotCanonical:
        return
    assert base64url.encode(data) == text


@pytest.mark.parametrize(
    "text", ["QQ==", "QQ=", "QR", "Q", "QQ\n", " QQ", "Q Q", "Q+", "Q/", "QQ?", "QUJ", "QUI=", "Q\u00e9", "QUJD\x00"]
)
def test_every_other_spelling_is_refused(text: str) -> None:
    with pytest.raises(base64url.NotCanonical):
        base64url.decode(text)


def test_bytes_are_taken_as_text_is() -> None:
    assert base64url.decode(b"QUI") == b"AB"
