"""What a ring of the hub's keys gives to those who sign, seal, look up and check."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar, cast

from crypto import canonical
from crypto.atrest import KekSet
from crypto.checkpoint import CheckpointKey, CheckpointVerifier, parse_verifier
from crypto.jwk import PublicKey
from crypto.keys import KeyRing, KeyState, Purpose
from crypto.lookup import LookupKeys
from gateway.store.records import KeyRow
from schemas.errors import Unavailable

T = TypeVar("T")


class InForce:
    """The keys as they were last read. ``origin`` is the log's name."""

    def __init__(self, *, origin: str) -> None:
        self._origin = origin
        self._ring = KeyRing()
        self._rows: Mapping[str, KeyRow] = {}
        # What is asked for with every call, worked out once for a ring: a ring is a value and never changes.
        self._made_of, self._made = self._ring, dict[str, object]()

    @property
    def ring(self) -> KeyRing:
        """All keys, as a value: take it once where two answers must agree."""
        return self._ring

    @property
    def rows(self) -> tuple[KeyRow, ...]:
        """All keys as the store holds them, by purpose and version: states and times, nothing secret in clear."""
        return tuple(self._rows.values())

    @property
    def origin(self) -> str:
        """The log's name."""
        return self._origin

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """The public JWK set, successors included; may be cached for ``JWKS_CACHE``."""
        return self._ring.jwks()

    def keks(self) -> KekSet:
        """The key-encryption keys, and which one wraps anew.

        Raises:
            Unavailable: none is active.
        """
        return self._once(
            "keks",
            lambda ring: KekSet(current=ring.active(Purpose.AT_REST).version, keys=ring.secrets(Purpose.AT_REST)),
        )

    def lookup(self) -> LookupKeys:
        """The keys of look-up hashes, and which one hashes anew.

        Raises:
            Unavailable: none is active.
        """
        return self._once(
            "lookup",
            lambda ring: LookupKeys(current=ring.active(Purpose.LOOKUP).version, keys=ring.secrets(Purpose.LOOKUP)),
        )

    def pseudonym(self) -> LookupKeys:
        """The key of pseudonyms, which is the same for as long as the hub is.

        Raises:
            Unavailable: there is none.
        """
        return self._once(
            "pseudonym",
            lambda ring: LookupKeys(
                current=ring.active(Purpose.PSEUDONYM).version, keys=ring.secrets(Purpose.PSEUDONYM)
            ),
        )

    def policy_key(self) -> bytes:
        """The secret (32 bytes) that binds policies and makes nonces.

        Raises:
            Unavailable: none is active.
        """
        ring = self._ring
        return ring.secrets(Purpose.POLICY)[ring.active(Purpose.POLICY).version]

    def policy_keys(self) -> tuple[bytes, ...]:
        """The secrets that bindings and nonces are checked with, the newest first."""
        return self._once("policy", _policy)

    def verification_keys(self) -> Mapping[str, PublicKey]:
        """The public keys that the hub's own tokens are verified with, by kid."""
        return self._once("verification", KeyRing.verification_keys)

    def checkpoint_key(self) -> CheckpointKey:
        """The key that signs checkpoints (see ``gateway.log.signers``).

        Raises:
            Unavailable: none is active.
        """
        return self._ring.checkpoint_key()

    def checkpoint_verifiers(self) -> Sequence[CheckpointVerifier]:
        """The verifiers of the log that are in force, the active key's first."""
        # Out of the material, which the master key vouches for, and not out of the row's public column.
        in_force = self._ring.in_force(Purpose.CHECKPOINT).values()
        records = sorted(in_force, key=lambda record: record.state is not KeyState.ACTIVE)
        return tuple(r.material.verifier() for r in records if isinstance(r.material, CheckpointKey))

    def former_checkpoint_verifiers(self) -> Sequence[CheckpointVerifier]:
        """The verifiers of the log that are trusted no more, the newest first."""
        in_force = self._ring.in_force(Purpose.CHECKPOINT)
        return tuple(_verifier(self._rows[r.kid]) for r in self._ring.of(Purpose.CHECKPOINT) if r.kid not in in_force)

    def log_key(self) -> str:
        """The log's verifier key as text, as the server's metadata name it.

        Raises:
            Unavailable: none is active.
        """
        return self.checkpoint_key().verifier().text()

    def _once(self, name: str, make: Callable[[KeyRing], T]) -> T:
        ring = self._ring
        if self._made_of is not ring:
            self._made_of, self._made = ring, {}
        if name not in self._made:
            self._made[name] = make(ring)
        return cast("T", self._made[name])


def _verifier(row: KeyRow) -> CheckpointVerifier:
    public = canonical.loads(row.public or "{}")
    text = public.get("verifier") if isinstance(public, dict) else None
    if not isinstance(text, str):
        raise Unavailable("keys.checkpoint.public", "the row of a checkpoint key holds no verifier", at="kid")
    return parse_verifier(text)


def _policy(ring: KeyRing) -> tuple[bytes, ...]:
    return tuple(secret for _, secret in sorted(ring.secrets(Purpose.POLICY).items(), reverse=True))
