"""Everything that one agency or person ever received, so that it can be searched for what it must not hold."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator

_ENCODED = re.compile(rb"[A-Za-z0-9_-]{16,}")
_DEPTH = 4


class Transcript:
    """Bytes as they came, and as they were once opened. A search looks inside base64url too, layer by layer."""

    def __init__(self) -> None:
        self._layers: list[bytes] = []
        self._size = 0

    def add(self, raw: bytes) -> None:
        """Keep these bytes."""
        self._size += len(raw)
        self._layers.extend(layer.lower() for layer in _layers(raw, _DEPTH))

    def holds(self, phrase: str) -> bool:
        """Whether the phrase stands anywhere in what was received. Case counts for nothing."""
        wanted = phrase.encode().lower()
        return any(wanted in layer for layer in self._layers)

    def __len__(self) -> int:
        return self._size


def _layers(raw: bytes, depth: int) -> Iterator[bytes]:
    yield raw
    if depth == 0:
        return
    for found in _ENCODED.finditer(raw):
        text = found.group()
        try:
            inner = base64.urlsafe_b64decode(text + b"=" * (-len(text) % 4))
        except (binascii.Error, ValueError):
            continue
        yield from _layers(inner, depth - 1)
