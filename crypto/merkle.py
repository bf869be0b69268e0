"""The log's Merkle tree: append-only, over stored hashes of complete subtrees.

A node (level, index) covers the leaves from ``index * 2**level`` up to, not including, ``(index + 1) * 2**level``. Only
complete nodes are stored, and a stored node never changes. Every function here is pure and takes ``read``, which gives
the stored hash of a node; ``nodes_for_...`` tells beforehand which nodes that will be, so that a shell can fetch
them in one go.
Source: RFC 6962 section 2.1, RFC 9162 section 2.1.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from crypto.failure import SealFailed

HASH_BYTES = 32
Read: TypeAlias = Callable[[int, int], bytes]
"""The stored hash (32 bytes) of the node at this level and index."""
EMPTY_ROOT = hashlib.sha256(b"").digest()


@dataclass(frozen=True, slots=True)
class Node:
    """A complete subtree's hash (32 bytes) at its place."""

    level: int
    index: int
    hash: bytes


def leaf_hash(entry: bytes) -> bytes:
    """The hash of a leaf: SHA-256 over 0x00 and the entry."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node: SHA-256 over 0x01, the left and the right hash."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def append(size: int, leaf_hashes: Sequence[bytes], read: Read) -> list[Node]:
    """The nodes to store when these leaves follow the first ``size``: the leaves, and each subtree that they complete.

    Raises:
        ValueError: a negative size, or a hash that is not 32 bytes.
    """
    if size < 0 or any(len(leaf) != HASH_BYTES for leaf in leaf_hashes):
        message = "a size is not negative, a leaf hash has 32 bytes"
        raise ValueError(message)
    return [Node(level, index, value) for (level, index), value in grown(size, leaf_hashes, read).items()]


def grown(size: int, leaf_hashes: Sequence[bytes], read: Read) -> dict[tuple[int, int], bytes]:
    """As ``append``, of leaf hashes that were made here: each node's hash by its level and index."""
    made: dict[tuple[int, int], bytes] = {}
    for offset, leaf in enumerate(leaf_hashes):
        level, index, current = 0, size + offset, leaf
        made[level, index] = current
        # A right-hand node completes its parent.
        while index % 2:
            sibling = made.get((level, index - 1)) or read(level, index - 1)
            current = node_hash(sibling, current)
            level, index = level + 1, index // 2
            made[level, index] = current
    return made


def root(size: int, read: Read) -> bytes:
    """The root over the first ``size`` leaves; of none, the hash of nothing. Source: RFC 9162 section 2.1.1.

    Raises:
        ValueError: a negative size.
    """
    if size < 0:
        message = "a size is not negative"
        raise ValueError(message)
    return _subtree(0, size, read) if size else EMPTY_ROOT


def inclusion(index: int, size: int, read: Read) -> list[bytes]:
    """The proof that the leaf at ``index`` is among the first ``size``. Source: RFC 9162 section 2.1.3.1.

    Raises:
        ValueError: there is no such leaf.
    """
    return _path(index, size, lambda start, end: _subtree(start, end, read))


def inclusions(indexes: Sequence[int], size: int, read: Read) -> list[list[bytes]]:
    """The proofs of ``inclusion`` for several leaves of one tree; what they share is worked out once.

    Raises:
        ValueError: there is no such leaf.
    """
    known: dict[tuple[int, int], bytes] = {}

    def subtree(start: int, end: int) -> bytes:
        found = known.get((start, end))
        if found is None:
            found = known[start, end] = _subtree(start, end, read)
        return found

    return [_path(index, size, subtree) for index in indexes]


def consistency(old: int, new: int, read: Read) -> list[bytes]:
    """The proof that the first ``old`` leaves begin the first ``new``. Source: RFC 9162 section 2.1.4.1.

    For equal sizes, and for an empty old tree, nothing needs proof: the list is empty.

    Raises:
        ValueError: the old tree is larger than the new, or negative.
    """
    if not 0 <= old <= new:
        message = "the old tree is no larger than the new"
        raise ValueError(message)
    if old in {0, new}:
        return []
    start, end, path, whole = 0, new, list[bytes](), True
    while end != old:
        middle = start + _split(end - start)
        if old <= middle:
            path.append(_subtree(middle, end, read))
            end = middle
        else:
            path.append(_subtree(start, middle, read))
            start, whole = middle, False
    if not whole:
        path.append(_subtree(start, end, read))
    return path[::-1]


def verify_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes], root_hash: bytes) -> None:
    """That the leaf with this hash is at ``index`` under the root of ``size`` leaves. Source: RFC 9162 section 2.1.3.2.

    Raises:
        SealFailed: ``merkle.inclusion``.
    """
    if not 0 <= index < size:
        raise SealFailed("merkle.inclusion")
    number, last, current = index, size - 1, leaf
    for sibling in proof:
        if last == 0:
            raise SealFailed("merkle.inclusion")
        if number % 2 or number == last:
            current = node_hash(sibling, current)
            while not number % 2 and number:
                number, last = number >> 1, last >> 1
        else:
            current = node_hash(current, sibling)
        number, last = number >> 1, last >> 1
    if last != 0 or current != root_hash:
        raise SealFailed("merkle.inclusion")


def verify_consistency(old: int, new: int, proof: Sequence[bytes], old_root: bytes, new_root: bytes) -> None:
    """That the tree of ``old`` leaves begins the tree of ``new`` leaves. Source: RFC 9162 section 2.1.4.2.

    Raises:
        SealFailed: ``merkle.consistency``.
    """
    failed = SealFailed("merkle.consistency")
    if not 0 <= old <= new:
        raise failed
    if old in {0, new}:
        if proof or (old == new and old_root != new_root) or (old == 0 and old_root != EMPTY_ROOT):
            raise failed
        return
    path = [old_root, *proof] if old & (old - 1) == 0 else list(proof)
    if not path:
        raise failed
    number, last = old - 1, new - 1
    while number % 2:
        number, last = number >> 1, last >> 1
    first = second = path[0]
    for sibling in path[1:]:
        if last == 0:
            raise failed
        if number % 2 or number == last:
            first, second = node_hash(sibling, first), node_hash(sibling, second)
            while not number % 2 and number:
                number, last = number >> 1, last >> 1
        else:
            second = node_hash(second, sibling)
        number, last = number >> 1, last >> 1
    if last != 0 or first != old_root or second != new_root:
        raise failed


def nodes_for_append(size: int, count: int) -> set[tuple[int, int]]:
    """The stored nodes that ``append`` of so many leaves to so many reads."""
    return _reads(lambda read: append(size, [bytes(HASH_BYTES)] * count, read))


def nodes_for_root(size: int) -> set[tuple[int, int]]:
    """The stored nodes that ``root`` reads."""
    return _reads(lambda read: root(size, read))


def nodes_for_inclusion(index: int, size: int) -> set[tuple[int, int]]:
    """The stored nodes that ``inclusion`` reads."""
    return _reads(lambda read: inclusion(index, size, read))


def nodes_for_consistency(old: int, new: int) -> set[tuple[int, int]]:
    """The stored nodes that ``consistency`` reads."""
    return _reads(lambda read: consistency(old, new, read))


def _reads(run: Callable[[Read], object]) -> set[tuple[int, int]]:
    # What is read never depends on the hashes, so a run over blank ones reads the same nodes.
    seen: set[tuple[int, int]] = set()

    def note(level: int, index: int) -> bytes:
        seen.add((level, index))
        return bytes(HASH_BYTES)

    run(note)
    return seen


def _path(index: int, size: int, subtree: Callable[[int, int], bytes]) -> list[bytes]:
    if not 0 <= index < size:
        message = "the leaf is not among these"
        raise ValueError(message)
    start, end, path = 0, size, list[bytes]()
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            path.append(subtree(middle, end))
            end = middle
        else:
            path.append(subtree(start, middle))
            start = middle
    return path[::-1]


def _split(count: int) -> int:
    """The largest power of two smaller than ``count``."""
    return 1 << ((count - 1).bit_length() - 1)


def _subtree(start: int, end: int, read: Read) -> bytes:
    """The hash over the leaves from ``start`` to ``end``: one stored node, or what hangs together from several."""
    count = end - start
    if count & (count - 1) == 0:
        level = count.bit_length() - 1
        return read(level, start >> level)
    middle = start + _split(count)
    return node_hash(_subtree(start, middle, read), _subtree(middle, end, read))
