"""The log's Merkle tree: leaves appended and proved, beside one call of hashlib per node."""

from __future__ import annotations

import hashlib
import os

from benchmarks.measuring import Row, interleaved, per_second
from crypto import merkle

_LEAVES = 1_000
_BATCH = 10


def rows() -> list[Row]:
    """A thousand leaves, ten at a time, with the root after each ten and then a proof for each leaf."""
    entries = [os.urandom(32) for _ in range(_LEAVES)]
    nodes = _hashes(entries)
    pair = os.urandom(65)

    def bound() -> None:
        for _ in range(nodes):
            hashlib.sha256(pair).digest()

    figures = interleaved({"ours": per_second(lambda: _log(entries)), "bound": per_second(bound)})
    return [
        Row(
            name=f"log: append and prove {_LEAVES} leaves",
            unit="trees/s",
            figure=figures["ours"],
            bound=figures["bound"],
            bound_name=f"one hashlib call for each of the {nodes} hashes that it takes",
        )
    ]


def _log(entries: list[bytes]) -> bytes:
    stored: dict[tuple[int, int], bytes] = {}

    def read(level: int, index: int) -> bytes:
        return stored[level, index]

    top = merkle.EMPTY_ROOT
    for start in range(0, len(entries), _BATCH):
        leaves = [merkle.leaf_hash(entry) for entry in entries[start : start + _BATCH]]
        stored.update({(node.level, node.index): node.hash for node in merkle.append(start, leaves, read)})
        top = merkle.root(start + len(leaves), read)
    for index, entry in enumerate(entries):
        proof = merkle.inclusion(index, len(entries), read)
        if index % 100 == 0:
            merkle.verify_inclusion(merkle.leaf_hash(entry), index, len(entries), proof, top)
    return top


def _hashes(entries: list[bytes]) -> int:
    """How many hashes the work takes, counted once on a tree whose hashing is watched."""
    counted = 0
    leaf, node = merkle.leaf_hash, merkle.node_hash

    def counting_leaf(entry: bytes) -> bytes:
        nonlocal counted
        counted += 1
        return leaf(entry)

    def counting_node(left: bytes, right: bytes) -> bytes:
        nonlocal counted
        counted += 1
        return node(left, right)

    merkle.leaf_hash, merkle.node_hash = counting_leaf, counting_node
    try:
        _log(entries)
    finally:
        merkle.leaf_hash, merkle.node_hash = leaf, node
    return counted
