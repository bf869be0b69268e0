"""The optional port of adapters whose messages may be thin: where more stands, and how the two become one message.

Pure, as every adapter: nothing is fetched here. What is fetched comes in as a message of the same feed, of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Protocol, runtime_checkable

from adapters.port import Adapter

BUILT_IN: Mapping[str, str] = {
    "probation.event": "adapters.probation.detail:COMPLETING",
}
"""Where each of ours lives, by the adapter's name, as ``module:attribute``."""


@runtime_checkable
class Completing(Protocol):
    """What an adapter offers, itself or beside it, that can complete a thin message."""

    def detail_url(self, payload: bytes) -> str:
        """Where the detail of this message stands, as its sender wrote it; empty where it names none. Never raises."""

    def completed(self, payload: bytes, detail: bytes) -> bytes:
        """A message of the adapter's own format that says what both say, and whose identity is its own.

        The same two give the same bytes.

        Raises:
            Rejected: the detail is none of the message's.
            TooLarge: it passes a limit of size, depth or count.
        """


def completing(adapter: Adapter) -> Completing | None:
    """How messages of this adapter are completed, or None where they are not."""
    if adapter.name in BUILT_IN:
        module, _, attribute = BUILT_IN[adapter.name].partition(":")
        ours: Completing = getattr(import_module(module), attribute)
        return ours
    return adapter if isinstance(adapter, Completing) else None
