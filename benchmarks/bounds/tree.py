"""The log's tree, least said: leaves appended, the new nodes to store, and the root. Source: RFC 9162, section 2.1."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

Node = tuple[int, int, bytes]
"""Level, index, hash."""


class Tree:
    """Keeps its right edge in memory: the newest whole subtree of each size that the tree is made of."""

    def __init__(self) -> None:
        self.size = 0
        self._edge: dict[int, bytes] = {}

    def append(self, commitments: Sequence[bytes]) -> list[Node]:
        """Append a leaf for each; every node that became whole by it."""
        made: list[Node] = []
        for commitment in commitments:
            level, index, top = 0, self.size, hashlib.sha256(b"\x00" + commitment).digest()
            made.append((level, index, top))
            while index & 1:
                top = hashlib.sha256(b"\x01" + self._edge.pop(level) + top).digest()
                level, index = level + 1, index >> 1
                made.append((level, index, top))
            self._edge[level] = top
            self.size += 1
        return made

    def root(self) -> bytes:
        """The root of what was appended."""
        top = b""
        for level in sorted(self._edge):
            top = hashlib.sha256(b"\x01" + self._edge[level] + top).digest() if top else self._edge[level]
        return top
