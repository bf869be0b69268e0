"""The port through which the log reaches its keys: one that signs checkpoints, and all that ever did."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from crypto.checkpoint import CheckpointKey, CheckpointVerifier
from gateway.store import Reading
from gateway.store.records import KeyRow


class CheckpointKeys(Protocol):
    """Whoever holds the log's keys."""

    async def reload(self, work: Reading) -> bool:
        """Take the keys as this transaction sees them; tells whether any had changed."""

    def take(self, rows: Sequence[KeyRow]) -> bool:
        """As ``reload``, by all rows that a transaction read."""

    def checkpoint_key(self) -> CheckpointKey:
        """The key that signs new checkpoints.

        Raises:
            Unavailable: there is none at the moment.
        """

    def checkpoint_verifiers(self) -> Sequence[CheckpointVerifier]:
        """The verifiers in force: that of the signing key first, then those of keys that it took over from."""

    def former_checkpoint_verifiers(self) -> Sequence[CheckpointVerifier]:
        """The verifiers of keys that are trusted no more.

        A checkpoint by one of them counts only where a later one, by a key in force, covers the same leaves.
        """
