from __future__ import annotations

import base64
import json

from hypothesis import given
from hypothesis import strategies as st

from sandbox.transcript import Transcript


@given(st.binary(max_size=40), st.integers(0, 3))
def test_a_phrase_is_found_however_often_it_was_encoded(noise: bytes, layers: int) -> None:
    inner = json.dumps({"text": "a stab wound to the thigh"}).encode()
    for _ in range(layers):
        inner = b"header." + base64.urlsafe_b64encode(inner).rstrip(b"=") + b".signature"
    transcript = Transcript()
    transcript.add(noise)
    transcript.add(inner)
    assert transcript.holds("Stab wound to the thigh")
    assert not transcript.holds("a broken arm")
    assert len(transcript) == len(noise) + len(inner)
