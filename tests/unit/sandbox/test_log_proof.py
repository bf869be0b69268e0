from __future__ import annotations

import contextlib
import hmac
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import merkle
from crypto.checkpoint import generate_checkpoint_key
from crypto.commitment import commit
from sandbox.failures import NotTrusted
from sandbox.log_proof import COMMITMENT, LogKey, _root


def tree(size: int) -> tuple[list[bytes], dict[tuple[int, int], bytes]]:
    leaves = [merkle.leaf_hash(bytes([number])) for number in range(size)]
    nodes: dict[tuple[int, int], bytes] = {}
    for node in merkle.append(0, leaves, lambda level, index: nodes[level, index]):
        nodes[node.level, node.index] = node.hash
    return leaves, nodes


def read(nodes: dict[tuple[int, int], bytes], level: int, index: int) -> bytes:
    return nodes[level, index]


@given(st.integers(1, 70), st.data())
def test_every_path_of_the_hubs_tree_leads_to_its_root_and_from_no_other_place(size: int, data: st.DataObject) -> None:
    leaves, nodes = tree(size)
    index = data.draw(st.integers(0, size - 1))
    reader = partial(read, nodes)
    path, root = merkle.inclusion(index, size, reader), merkle.root(size, reader)
    assert _root(leaves[index], index, size, path) == root
    other = data.draw(st.integers(0, size))
    if other != index:
        with contextlib.suppress(NotTrusted):
            assert _root(leaves[index], other, size, path) != root


def test_the_logs_key_is_read_as_the_hub_writes_it() -> None:
    verifier = generate_checkpoint_key("x.mash.log").verifier()
    key = LogKey.parse(verifier.text())
    assert (key.name, key.public, key.key_id) == ("x.mash.log", verifier.public, verifier.key_id)
    name, _, rest = verifier.text().partition("+")
    with pytest.raises(NotTrusted):
        LogKey.parse(f"other{name}+{rest}")


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=200))
def test_the_hub_commits_to_an_entry_as_the_wire_says(salt: bytes, entry: bytes) -> None:
    assert commit(salt, entry) == hmac.digest(salt, COMMITMENT + entry, "sha256")
