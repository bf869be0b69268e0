from __future__ import annotations

import pytest

from crypto import binding
from crypto.failure import SealFailed

KEY = bytes(range(32))


def test_policy_and_key_stay_with_their_envelope() -> None:
    bound = binding.bind(KEY, envelope_id="e1", policy_digest="p1", wrapped_key=b"w1")
    binding.verify_binding(bound, KEY, envelope_id="e1", policy_digest="p1", wrapped_key=b"w1")
    for key, envelope, policy, wrapped in (
        (KEY, "e2", "p1", b"w1"),
        (KEY, "e1", "p2", b"w1"),
        (KEY, "e1", "p1", b"w2"),
        (KEY, "e1p1", "", b"w1"),
        (KEY, "e1", "p1w1", b""),
        (bytes(32), "e1", "p1", b"w1"),
    ):
        with pytest.raises(SealFailed):
            binding.verify_binding(bound, key, envelope_id=envelope, policy_digest=policy, wrapped_key=wrapped)


def test_a_binding_cut_short_does_not_hold() -> None:
    bound = binding.bind(KEY, envelope_id="e1", policy_digest="p1", wrapped_key=b"w1")
    assert len(bound) == 32
    with pytest.raises(SealFailed):
        binding.verify_binding(bound[:16], KEY, envelope_id="e1", policy_digest="p1", wrapped_key=b"w1")
