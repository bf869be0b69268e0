from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given
from hypothesis import strategies as st

from crypto import chunked
from crypto.failure import SealFailed
from schemas.errors import TooLarge

KEY = bytes(range(32))
DATA = bytes(range(250))


def sealed() -> list[bytes]:
    return chunked.seal_chunks(DATA, KEY, message_id="m1", chunk=100)


def refused(chunks: list[bytes], key: bytes = KEY, message_id: str = "m1") -> str:
    with pytest.raises(SealFailed) as failed:
        chunked.open_chunks(chunks, key, message_id=message_id)
    return failed.value.reason


@given(st.binary(max_size=300), st.integers(min_value=1, max_value=120))
def test_what_is_sealed_in_chunks_opens_to_the_same(data: bytes, chunk: int) -> None:
    chunks = chunked.seal_chunks(data, KEY, message_id="m1", chunk=chunk)
    assert len(chunks) == max(1, -(-len(data) // chunk))
    assert chunked.open_chunks(iter(chunks), KEY, message_id="m1") == data


def test_an_attachment_far_beyond_a_token_goes_through() -> None:
    data = bytes(3_000_000)
    chunks = chunked.seal_chunks(data, KEY, message_id="m1")
    assert len(chunks) == 46
    assert chunked.open_chunks(chunks, KEY, message_id="m1") == data


def test_a_message_cut_short_is_noticed() -> None:
    for kept in range(3):
        assert refused(sealed()[:kept]) == "chunked.truncated"


def test_chunks_out_of_order_twice_or_left_out_are_noticed() -> None:
    one, two, three = sealed()
    for wrong in ([two, one, three], [one, one, two, three], [one, three], [two, three], [one, two, three, three]):
        assert refused(wrong) == "chunked.order"


def test_a_chunk_of_another_message_or_content_is_noticed() -> None:
    one, two, three = sealed()
    other = chunked.seal_chunks(DATA[::-1], KEY, message_id="m1", chunk=100)
    assert refused([one, other[1], three]) == "chunked.order"
    assert refused([one, two, three], message_id="m2") == "chunked.open"
    assert refused([one, two, three], key=bytes(32)) == "chunked.open"


def test_a_last_flag_cannot_be_set_or_cleared() -> None:
    one, two, three = sealed()
    flag = chunked._HEAD_BYTES - 1
    assert refused([one, two[:flag] + b"\x01" + two[flag + 1 :]]) == "chunked.open"
    assert refused([one, two, three[:flag] + b"\x00" + three[flag + 1 :]]) == "chunked.open"
    assert refused([one, two, three[:flag] + b"\x02" + three[flag + 1 :]]) == "chunked.order"


def test_nothing_may_follow_a_last_chunk_even_from_one_who_holds_the_key() -> None:
    salt = chunked._salt(KEY, "m1", b"onetwo")
    cipher = AESGCM(chunked._chunk_key(KEY, "m1", salt))
    heads = [b"\x01" + salt + index.to_bytes(4, "big") + b"\x01" for index in range(2)]
    both = [
        head + cipher.encrypt(chunked._nonce(index), part, chunked._aad(head, "m1"))
        for index, (head, part) in enumerate(zip(heads, (b"one", b"two"), strict=True))
    ]
    assert refused(both) == "chunked.order"


def test_every_changed_byte_is_noticed() -> None:
    chunks = sealed()
    for index in range(len(chunks[2])):
        changed = chunks[2][:index] + bytes([chunks[2][index] ^ 1]) + chunks[2][index + 1 :]
        refused([*chunks[:2], changed])


def test_what_is_no_chunk_is_refused() -> None:
    assert refused([b""]) == "chunked.format"
    assert refused([sealed()[0][: chunked._HEAD_BYTES + 15]]) == "chunked.format"


def test_two_contents_under_one_key_share_no_salt() -> None:
    other = chunked.seal_chunks(DATA + b"\0", KEY, message_id="m1", chunk=100)
    assert sealed()[0][1:17] != other[0][1:17]
    assert sealed() == sealed()


def test_no_more_is_opened_than_the_limit() -> None:
    assert chunked.open_chunks(sealed(), KEY, message_id="m1", limit=250) == DATA
    with pytest.raises(TooLarge):
        chunked.open_chunks(sealed(), KEY, message_id="m1", limit=249)


def test_a_key_or_chunk_that_does_not_fit_is_an_error() -> None:
    for attempt in (
        lambda: chunked.seal_chunks(DATA, KEY[:16], message_id="m1"),
        lambda: chunked.seal_chunks(DATA, KEY, message_id="m1", chunk=0),
        lambda: chunked.open_chunks([], KEY[:16], message_id="m1"),
    ):
        with pytest.raises(ValueError):
            attempt()
