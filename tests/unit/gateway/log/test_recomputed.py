"""The tree that verification recomputes is the tree of the log, however its leaves come."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from crypto import merkle
from gateway.log.recomputed import Recomputed


@given(st.lists(st.lists(st.binary(max_size=4), max_size=9), max_size=8))
def test_it_makes_the_nodes_and_the_roots_of_the_log(batches: list[list[bytes]]) -> None:
    tree, nodes, size = Recomputed(), dict[tuple[int, int], bytes](), 0

    def read(level: int, index: int) -> bytes:
        return nodes[level, index]

    for batch in batches:
        leaves = [merkle.leaf_hash(leaf) for leaf in batch]
        grown = merkle.grown(size, leaves, read)
        nodes |= grown
        size += len(batch)
        made = tree.append(batch)
        assert {(level, first + n): value for level, first, row in made for n, value in enumerate(row)} == grown
        assert tree.root() == merkle.root(size, read)
