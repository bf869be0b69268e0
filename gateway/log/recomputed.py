"""The log's tree as its entries make it, level by level: for many leaves at once."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence

from crypto.merkle import EMPTY_ROOT


class Recomputed:
    """An RFC 9162 tree that keeps the roots of its complete subtrees and nothing else.

    ``size`` leaves; ``peaks`` are those roots by their levels.
    """

    def __init__(self, size: int = 0, peaks: Mapping[int, bytes] | None = None) -> None:
        self.size = size
        self._peaks = dict(peaks or {})

    def copy(self) -> Recomputed:
        """Another that begins where this one is."""
        return Recomputed(self.size, self._peaks)

    def append(self, commitments: Sequence[bytes]) -> list[tuple[int, int, list[bytes]]]:
        """Add these leaves; the complete nodes that they made: level, index of the first, and the hashes from there."""
        sha256, made = hashlib.sha256, list[tuple[int, int, list[bytes]]]()
        level, first = 0, self.size
        current = [sha256(b"\x00" + one).digest() for one in commitments]
        while current:
            made.append((level, first, current))
            row, start = ([self._peaks[level], *current], first - 1) if first % 2 else (current, first)
            if len(row) % 2:
                self._peaks[level] = row[-1]
            else:
                self._peaks.pop(level, None)
            pairs = zip(row[::2], row[1::2], strict=False)
            current = [sha256(b"\x01" + left + right).digest() for left, right in pairs]
            level, first = level + 1, start // 2
        self.size += len(commitments)
        return made

    def root(self) -> bytes:
        """The root over all leaves so far."""
        peaks: Iterator[bytes] = (self._peaks[level] for level in sorted(self._peaks))
        root = next(peaks, EMPTY_ROOT)
        for peak in peaks:
            root = hashlib.sha256(b"\x01" + peak + root).digest()
        return root
