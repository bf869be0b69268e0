from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto import merkle
from crypto.failure import SealFailed

# The reference leaves and roots of Certificate Transparency's implementations of RFC 6962.
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


class Store:
    """Stored nodes that refuse a second value, as the table does, and that tell what was read."""

    def __init__(self) -> None:
        self.nodes: dict[tuple[int, int], bytes] = {}
        self.seen: set[tuple[int, int]] = set()

    def read(self, level: int, index: int) -> bytes:
        self.seen.add((level, index))
        return self.nodes[level, index]

    def append(self, size: int, entries: list[bytes]) -> None:
        for node in merkle.append(size, [merkle.leaf_hash(entry) for entry in entries], self.read):
            assert (node.level, node.index) not in self.nodes
            self.nodes[node.level, node.index] = node.hash


def entries(count: int) -> list[bytes]:
    return [f"entry {n}".encode() for n in range(count)]


def filled(count: int) -> Store:
    store = Store()
    store.append(0, entries(count))
    return store


def plain_root(leaves: list[bytes]) -> bytes:
    """The definition of RFC 6962 section 2.1, word by word."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + plain_root(leaves[:k]) + plain_root(leaves[k:])).digest()


@pytest.mark.parametrize("size", range(9))
def test_the_roots_are_those_of_certificate_transparency(size: int) -> None:
    store = Store()
    store.append(0, LEAVES[:size])
    assert merkle.root(size, store.read).hex() == ROOTS[size]


def test_the_proofs_are_those_of_certificate_transparency() -> None:
    store = Store()
    store.append(0, LEAVES)
    assert [part.hex() for part in merkle.inclusion(5, 8, store.read)] == [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]
    assert [part.hex() for part in merkle.consistency(6, 8, store.read)] == [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]


@given(st.lists(st.integers(min_value=0, max_value=9), max_size=8))
def test_however_it_is_appended_the_tree_is_the_same(batches: list[int]) -> None:
    store, size = Store(), 0
    everything = entries(sum(batches))
    for count in batches:
        store.append(size, everything[size : size + count])
        size += count
    assert store.nodes == filled(size).nodes
    assert merkle.root(size, store.read) == plain_root(everything)


@given(st.data())
@settings(max_examples=150)
def test_every_leaf_is_proved_and_nothing_else_is(data: st.DataObject) -> None:
    size = data.draw(st.integers(min_value=1, max_value=70))
    index = data.draw(st.integers(min_value=0, max_value=size - 1))
    store = filled(size)
    root, leaf = merkle.root(size, store.read), merkle.leaf_hash(entries(size)[index])
    proof = merkle.inclusion(index, size, store.read)
    merkle.verify_inclusion(leaf, index, size, proof, root)
    wrong = data.draw(st.integers(min_value=-1, max_value=size + 1).filter(lambda n: n != index))
    for arguments in (
        (leaf, wrong, size, proof, root),
        (merkle.leaf_hash(b"other"), index, size, proof, root),
        (leaf, index, size, [*proof, bytes(32)], root),
        (leaf, index, size, proof, merkle.leaf_hash(root)),
        *([(leaf, index, size, proof[:-1], root)] if proof else []),
        *([(leaf, index, size, [merkle.leaf_hash(proof[0]), *proof[1:]], root)] if proof else []),
    ):
        with pytest.raises(SealFailed):
            merkle.verify_inclusion(*arguments)


@given(st.data())
@settings(max_examples=150)
def test_a_tree_that_grew_is_proved_and_one_that_was_rewritten_is_not(data: st.DataObject) -> None:
    new = data.draw(st.integers(min_value=1, max_value=70))
    old = data.draw(st.integers(min_value=0, max_value=new))
    store = filled(new)
    old_root, new_root = merkle.root(old, store.read), merkle.root(new, store.read)
    proof = merkle.consistency(old, new, store.read)
    merkle.verify_consistency(old, new, proof, old_root, new_root)
    rewritten = Store()
    rewritten.append(0, [b"rewritten", *entries(new)[1:]])
    attempts = [(old, new, [*proof, bytes(32)], old_root, new_root), (new + 1, new, proof, old_root, new_root)]
    if old:
        forged = merkle.consistency(old, new, rewritten.read)
        attempts.append((old, new, forged, old_root, merkle.root(new, rewritten.read)))
        attempts.append((old, new, proof, merkle.leaf_hash(old_root), new_root))
    else:
        attempts.append((old, new, proof, bytes(32), new_root))
    if proof:
        attempts.append((old, new, proof[:-1], old_root, new_root))
        attempts.append((old, new, [], old_root, new_root))
    for arguments in attempts:
        with pytest.raises(SealFailed):
            merkle.verify_consistency(*arguments)


@given(st.data())
def test_what_will_be_read_is_known_beforehand(data: st.DataObject) -> None:
    size = data.draw(st.integers(min_value=1, max_value=300))
    index = data.draw(st.integers(min_value=0, max_value=size - 1))
    count = data.draw(st.integers(min_value=0, max_value=20))
    store = filled(size)
    merkle.append(size, [bytes(32)] * count, store.read)
    assert store.seen == merkle.nodes_for_append(size, count)
    store.seen = set()
    merkle.root(size, store.read)
    assert store.seen == merkle.nodes_for_root(size)
    store.seen = set()
    merkle.inclusion(index, size, store.read)
    assert store.seen == merkle.nodes_for_inclusion(index, size)
    store.seen = set()
    merkle.consistency(index, size, store.read)
    assert store.seen == merkle.nodes_for_consistency(index, size)


def test_few_nodes_are_read_however_large_the_tree() -> None:
    huge = 1_000_000_007
    assert len(merkle.nodes_for_append(huge, 1)) <= 30
    assert len(merkle.nodes_for_root(huge)) <= 30
    assert len(merkle.nodes_for_inclusion(123_456_789, huge)) <= 60
    assert len(merkle.nodes_for_consistency(123_456_789, huge)) <= 60


def test_what_makes_no_sense_is_an_error() -> None:
    read = Store().read
    for attempt in (
        lambda: merkle.append(-1, [], read),
        lambda: merkle.append(0, [b"short"], read),
        lambda: merkle.root(-1, read),
        lambda: merkle.inclusion(1, 1, read),
        lambda: merkle.inclusion(-1, 1, read),
        lambda: merkle.consistency(2, 1, read),
        lambda: merkle.consistency(-1, 1, read),
    ):
        with pytest.raises(ValueError):
            attempt()


@given(leaves=st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=40), data=st.data())
def test_proofs_of_several_leaves_are_those_of_each(leaves: list[bytes], data: st.DataObject) -> None:
    nodes = {(node.level, node.index): node.hash for node in merkle.append(0, leaves, _nothing)}

    def read(level: int, index: int) -> bytes:
        return nodes[level, index]

    indexes = data.draw(st.lists(st.integers(0, len(leaves) - 1), max_size=10))
    assert merkle.inclusions(indexes, len(leaves), read) == [merkle.inclusion(i, len(leaves), read) for i in indexes]
    with pytest.raises(ValueError, match="not among"):
        merkle.inclusions([len(leaves)], len(leaves), read)


def _nothing(level: int, index: int) -> bytes:
    raise AssertionError((level, index))
