"""The life of the hub's keys: what each state allows, which transitions there are, and the ring that holds them.

Pure: every change is a new value, made at a given ``now`` (aware, UTC). Which key does what follows from rows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

from crypto.checkpoint import CheckpointKey
from crypto.jwk import DecryptionKey, PublicKey, SigningKey
from schemas.errors import Conflict, Unavailable, Unknown

Material: TypeAlias = "SigningKey | DecryptionKey | CheckpointKey | bytes"
"""What a key is made of: a private key, or 32 secret bytes."""


class Purpose(StrEnum):
    """What a key is for; a key has exactly one purpose."""

    SIGNING = "signing"
    SEALING = "sealing"
    TOKEN = "token"  # noqa: S105 - a name, not a secret
    AT_REST = "at_rest"
    LOOKUP = "lookup"
    CHECKPOINT = "checkpoint"
    POLICY = "policy"
    PSEUDONYM = "pseudonym"


class KeyState(StrEnum):
    """Where a key stands in its life. Source: NIST SP 800-57 part 1, section 7."""

    PRE_ACTIVE = "pre_active"
    ACTIVE = "active"
    VERIFY_ONLY = "verify_only"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    DESTROYED = "destroyed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Allows:
    """What a state allows: to sign or seal anew, to verify or open, and to be published for others to use."""

    originate: bool
    accept: bool
    because: str


ALLOWED: Mapping[KeyState, Allows] = {
    KeyState.PRE_ACTIVE: Allows(
        originate=False,
        accept=True,
        because="published, so a peer or another replica may use it before we promote it",
    ),
    KeyState.ACTIVE: Allows(
        originate=True,
        accept=True,
        because="the one key in use for its purpose",
    ),
    KeyState.VERIFY_ONLY: Allows(
        originate=False,
        accept=True,
        because="what it signed or sealed is still in flight or at rest",
    ),
    KeyState.SUSPENDED: Allows(
        originate=False,
        accept=False,
        because="in doubt: nothing of it is trusted until it is cleared",
    ),
    KeyState.REVOKED: Allows(
        originate=False,
        accept=False,
        because="known or feared to be in other hands",
    ),
    KeyState.DESTROYED: Allows(
        originate=False,
        accept=False,
        because="its material is gone",
    ),
}


@dataclass(frozen=True, slots=True)
class Transition:
    """One step that a key's life may take."""

    source: KeyState
    target: KeyState
    because: str


TRANSITIONS: tuple[Transition, ...] = (
    Transition(KeyState.PRE_ACTIVE, KeyState.ACTIVE, "published for longer than any cache holds the set"),
    Transition(KeyState.PRE_ACTIVE, KeyState.REVOKED, "compromised before it was used"),
    Transition(KeyState.PRE_ACTIVE, KeyState.DESTROYED, "never needed"),
    Transition(KeyState.ACTIVE, KeyState.VERIFY_ONLY, "its successor took over"),
    Transition(KeyState.ACTIVE, KeyState.SUSPENDED, "one officer doubts it"),
    Transition(KeyState.ACTIVE, KeyState.REVOKED, "compromised"),
    Transition(KeyState.VERIFY_ONLY, KeyState.SUSPENDED, "one officer doubts it"),
    Transition(KeyState.VERIFY_ONLY, KeyState.REVOKED, "compromised"),
    Transition(KeyState.VERIFY_ONLY, KeyState.DESTROYED, "a drill showed that nothing needs it any more"),
    Transition(KeyState.SUSPENDED, KeyState.ACTIVE, "cleared, and no successor took over meanwhile"),
    Transition(KeyState.SUSPENDED, KeyState.VERIFY_ONLY, "cleared, and a successor took over"),
    Transition(KeyState.SUSPENDED, KeyState.REVOKED, "the doubt was justified"),
    Transition(KeyState.REVOKED, KeyState.DESTROYED, "nothing may ever be opened with it again"),
)

_ALLOWED_STEPS = frozenset((row.source, row.target) for row in TRANSITIONS)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRecord:
    """One key and its history. Times are aware UTC; ``material`` is never shown and is None once destroyed or not here.

    ``changed_at`` is when the present state began.
    """

    kid: str
    purpose: Purpose
    version: int
    state: KeyState
    created_at: datetime
    changed_at: datetime
    published_at: datetime | None = None
    promoted_at: datetime | None = None
    material: Material | None = field(default=None, repr=False)

    def moved(self, state: KeyState, *, now: datetime) -> KeyRecord:
        """The record after this transition.

        Raises:
            Conflict: ``crypto.keys.transition``, where no row allows it.
        """
        if (self.state, state) not in _ALLOWED_STEPS:
            raise Conflict("crypto.keys.transition", f"{self.state} does not become {state}", at=self.kid)
        return replace(
            self,
            state=state,
            changed_at=now,
            promoted_at=now if state is KeyState.ACTIVE and self.promoted_at is None else self.promoted_at,
            material=None if state is KeyState.DESTROYED else self.material,
        )


def new_record(purpose: Purpose, version: int, kid: str, material: Material, *, now: datetime) -> KeyRecord:
    """A pre-active key, published from ``now`` on."""
    if now.utcoffset() != timedelta(0):
        message = "now must be aware UTC"
        raise ValueError(message)
    return KeyRecord(
        kid=kid,
        purpose=purpose,
        version=version,
        state=KeyState.PRE_ACTIVE,
        created_at=now,
        changed_at=now,
        published_at=now,
        material=material,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyRing:
    """All keys of one owner. At most one key per purpose is active; kids, and versions per purpose, are unique."""

    records: tuple[KeyRecord, ...] = ()

    def __post_init__(self) -> None:
        kids = {record.kid for record in self.records}
        versions = {(record.purpose, record.version) for record in self.records}
        active = [record.purpose for record in self.records if record.state is KeyState.ACTIVE]
        if len(kids) != len(self.records) or len(versions) != len(self.records):
            raise Conflict("crypto.keys.duplicate", at="kid")
        if len(set(active)) != len(active):
            raise Conflict("crypto.keys.two_active", at="state")

    def record(self, kid: str) -> KeyRecord:
        """The key with this kid.

        Raises:
            Unknown: there is none.
        """
        for record in self.records:
            if record.kid == kid:
                return record
        raise Unknown("crypto.keys.unknown", at="kid")

    def of(self, purpose: Purpose) -> tuple[KeyRecord, ...]:
        """The keys for this purpose, newest version first."""
        return tuple(
            sorted((r for r in self.records if r.purpose is purpose), key=lambda record: record.version, reverse=True)
        )

    def active(self, purpose: Purpose) -> KeyRecord:
        """The one key that signs or seals anew for this purpose.

        Raises:
            Unavailable: there is none; nothing is signed or sealed until one is promoted.
        """
        for record in self.records:
            if record.purpose is purpose and ALLOWED[record.state].originate:
                return record
        raise Unavailable("crypto.keys.none_active", at=purpose)

    def in_force(self, purpose: Purpose) -> dict[str, KeyRecord]:
        """The keys that still verify or open for this purpose, by kid."""
        return {record.kid: record for record in self.of(purpose) if ALLOWED[record.state].accept}

    def signing_key(self, purpose: Purpose = Purpose.SIGNING) -> SigningKey:
        """The active ES256 key for this purpose.

        Raises:
            Unavailable: none is active, or its material is not here.
        """
        material = self.active(purpose).material
        if not isinstance(material, SigningKey):
            raise Unavailable("crypto.keys.material", at=purpose)
        return material

    def checkpoint_key(self) -> CheckpointKey:
        """The active key that signs the log's checkpoints.

        Raises:
            Unavailable: none is active, or its material is not here.
        """
        material = self.active(Purpose.CHECKPOINT).material
        if not isinstance(material, CheckpointKey):
            raise Unavailable("crypto.keys.material", at=Purpose.CHECKPOINT)
        return material

    def verification_keys(self, purpose: Purpose = Purpose.SIGNING) -> dict[str, PublicKey]:
        """The public keys that tokens of this purpose are verified with, by kid."""
        in_force = self.in_force(purpose)
        return {kid: r.material.public() for kid, r in in_force.items() if isinstance(r.material, SigningKey)}

    def decryption_keys(self) -> dict[str, DecryptionKey]:
        """The private keys that open what was sealed to the owner, by kid."""
        in_force = self.in_force(Purpose.SEALING)
        return {kid: r.material for kid, r in in_force.items() if isinstance(r.material, DecryptionKey)}

    def secrets(self, purpose: Purpose) -> dict[int, bytes]:
        """The secret bytes in force for this purpose, by version."""
        in_force = self.in_force(purpose)
        return {r.version: r.material for r in in_force.values() if isinstance(r.material, bytes)}

    def jwks(self) -> dict[str, list[dict[str, str]]]:
        """The public JWK set: what others verify with and seal to.

        A sealing key that was replaced is left out, so that nobody seals to it any more; the active one stands
        before its successor, for readers that take the first.
        """
        order = (KeyState.ACTIVE, KeyState.PRE_ACTIVE, KeyState.VERIFY_ONLY)
        shown = sorted((r for r in self.records if r.state in order), key=lambda r: (order.index(r.state), -r.version))
        return {
            "keys": [
                r.material.public().jwk()
                for r in shown
                if isinstance(r.material, SigningKey)
                or (isinstance(r.material, DecryptionKey) and r.state is not KeyState.VERIFY_ONLY)
            ]
        }

    def added(self, record: KeyRecord) -> KeyRing:
        """The ring with this key too.

        Raises:
            Conflict: its kid or its version is taken.
        """
        return KeyRing(records=(*self.records, record))

    def replaced(self, *changed: KeyRecord) -> KeyRing:
        """The ring with these records in place of those with their kids."""
        by_kid = {record.kid: record for record in changed}
        return KeyRing(records=tuple(by_kid.get(record.kid, record) for record in self.records))
