"""The witness: it cosigns what follows what it saw, remembers it before it signs, and refuses everything else."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crypto import cosignature, merkle
from crypto.checkpoint import Checkpoint, generate_checkpoint_key, sign_checkpoint
from crypto.failure import SealFailed
from sandbox.log_proof import LogKey, follows
from sandbox.witness import Answer, Memory, Witness

ORIGIN = "hub.mash.log"
LOG_KEY = generate_checkpoint_key(ORIGIN)
KEY = Ed25519PrivateKey.generate()
NOW = 1_764_000_000


class Tree:
    """A log of numbered leaves; ``fork`` is what its leaves hold from there on."""

    def __init__(self, size: int, fork: int | None = None) -> None:
        leaves = [f"{'other' if fork is not None and n >= fork else 'leaf'} {n}".encode() for n in range(size)]
        self.size = size
        self.nodes = merkle.grown(0, [merkle.leaf_hash(leaf) for leaf in leaves], self.read)

    def read(self, level: int, index: int) -> bytes:
        return self.nodes[level, index]

    def root(self, size: int | None = None) -> bytes:
        return merkle.root(self.size if size is None else size, self.read)

    def path(self, old: int) -> list[bytes]:
        return merkle.consistency(old, self.size, self.read) if 0 < old < self.size else []

    def note(self) -> str:
        return sign_checkpoint(Checkpoint(origin=ORIGIN, size=self.size, root=self.root()), LOG_KEY)


def request(tree: Tree, old: int, *, path: list[bytes] | None = None, note: str = "") -> bytes:
    steps = tree.path(old) if path is None else path
    return "\n".join([f"old {old}", *(base64.b64encode(s).decode() for s in steps), "", note or tree.note()]).encode()


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    return again(tmp_path)


def again(directory: Path) -> Witness:
    """The witness as it starts on what it left on the disk."""
    key = LogKey.parse(LOG_KEY.verifier().text())
    return Witness("witness.example", KEY, {ORIGIN: key}, Memory(directory / "logs"))


def cosigned(answer: Answer, tree: Tree, witness: Witness) -> bool:
    assert answer.status == 200, answer
    cosigner = cosignature.parse_cosigner(witness.verifier())
    found = cosignature.verify_cosignature(tree.note(), answer.text.splitlines(), cosigner)
    return int(found.at.timestamp()) == NOW


def test_a_log_that_grows_is_cosigned_step_by_step(witness: Witness) -> None:
    old = 0
    for size in (1, 2, 3, 8, 8, 21, 64, 100):
        tree = Tree(size)
        assert cosigned(witness.add_checkpoint(request(tree, old), NOW), tree, witness)
        old = size


def test_every_size_follows_every_smaller_one_and_no_other_tree() -> None:
    whole = Tree(33)
    for new in range(2, 34):
        tree = Tree(new)
        for old in range(1, new):
            assert follows(old, new, tree.path(old), whole.root(old), tree.root())
            assert not follows(old, new, tree.path(old), Tree(old, fork=old - 1).root(), tree.root())
            assert not follows(old, new, tree.path(old)[:-1], whole.root(old), tree.root())


def test_a_fork_is_refused_at_the_same_size_and_beyond(witness: Witness) -> None:
    assert witness.add_checkpoint(request(Tree(8), 0), NOW).status == 200
    for size, status in ((8, 409), (12, 422)):
        assert witness.add_checkpoint(request(Tree(size, fork=5), 8), NOW).status == status


def test_a_rollback_is_refused_and_a_restart_forgets_nothing(witness: Witness, tmp_path: Path) -> None:
    assert witness.add_checkpoint(request(Tree(8), 0), NOW).status == 200
    for one in (witness, again(tmp_path)):
        # The old state of the database, restored; and the same with another history since.
        assert one.add_checkpoint(request(Tree(5), 0), NOW) == Answer(
            status=409, text="8\n", media_type="text/x.tlog.size"
        )
        assert one.add_checkpoint(request(Tree(5), 8), NOW).status == 400
        assert one.add_checkpoint(request(Tree(12, fork=5), 5), NOW).status == 409


def test_it_is_remembered_before_it_is_signed(witness: Witness, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(Memory, "keep", broken)
    with pytest.raises(OSError, match="full"):
        witness.add_checkpoint(request(Tree(3), 0), NOW)


def test_what_is_malformed_of_another_log_or_not_signed_is_refused(witness: Witness) -> None:
    tree, stranger = Tree(4), generate_checkpoint_key(ORIGIN)
    forged = sign_checkpoint(Checkpoint(origin=ORIGIN, size=4, root=tree.root()), stranger)
    foreign = sign_checkpoint(Checkpoint(origin="else", size=4, root=tree.root()), LOG_KEY)
    assert witness.add_checkpoint(request(tree, 0, note=forged), NOW).status == 403
    assert witness.add_checkpoint(request(tree, 0, note=foreign), NOW).status == 404
    for body in (
        b"",
        b"old\n\n",
        b"old x\n\n" + tree.note().encode(),
        b"\xff",
        b"old 0\nAAAA\n\n" + tree.note().encode(),
    ):
        assert witness.add_checkpoint(body, NOW).status == 400


def test_a_line_of_another_tree_time_or_witness_is_no_cosignature(witness: Witness) -> None:
    tree = Tree(4)
    lines = witness.add_checkpoint(request(tree, 0), NOW).text.splitlines()
    cosigner = cosignature.parse_cosigner(witness.verifier())
    name, _, encoded = lines[0].removeprefix("\N{EM DASH} ").partition(" ")
    blob = bytearray(base64.b64decode(encoded))
    blob[11] ^= 1
    later = f"\N{EM DASH} {name} {base64.b64encode(blob).decode()}"
    for note, tried in ((Tree(5).note(), lines), (tree.note(), [later]), (tree.note(), []), (tree.note(), lines * 2)):
        with pytest.raises(SealFailed):
            cosignature.verify_cosignature(note, tried, cosigner)
