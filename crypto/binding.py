"""What ties a kept content key to the policy under which its envelope was cut.

Whoever can write to the database but does not hold the key cannot put another policy under an envelope, nor another
content key under a policy.
"""

from __future__ import annotations

import hmac

from crypto.failure import SealFailed

_LABEL = b"mash-policy-binding-v1"


def bind(key: bytes, *, envelope_id: str, policy_digest: str, wrapped_key: bytes) -> bytes:
    """HMAC-SHA256 (32 bytes) over the envelope's id, its policy's digest and its wrapped content key."""
    parts = (_LABEL, envelope_id.encode(), policy_digest.encode(), wrapped_key)
    return hmac.digest(key, b"".join(len(part).to_bytes(4, "big") + part for part in parts), "sha256")


def verify_binding(binding: bytes, key: bytes, *, envelope_id: str, policy_digest: str, wrapped_key: bytes) -> None:
    """That this policy and this wrapped key belong to this envelope.

    Raises:
        SealFailed: ``binding.mismatch``.
    """
    expected = bind(key, envelope_id=envelope_id, policy_digest=policy_digest, wrapped_key=wrapped_key)
    if not hmac.compare_digest(expected, binding):
        raise SealFailed("binding.mismatch")
