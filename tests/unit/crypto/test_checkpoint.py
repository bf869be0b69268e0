from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import checkpoint
from crypto.checkpoint import Checkpoint, CheckpointKey, generate_checkpoint_key
from crypto.failure import SealFailed
from schemas.errors import Rejected

ORIGIN = "hub.example/log"
DASH = "\N{EM DASH}"


@pytest.fixture(scope="module")
def key() -> CheckpointKey:
    return generate_checkpoint_key(ORIGIN)


@pytest.fixture
def note(key: CheckpointKey) -> str:
    return checkpoint.sign_checkpoint(Checkpoint(origin=ORIGIN, size=7, root=bytes(range(32))), key)


@given(
    size=st.integers(min_value=0, max_value=2**53),
    root=st.binary(min_size=32, max_size=32),
    extensions=st.lists(st.text("abc xyz+/=\N{EM DASH}", min_size=1, max_size=9), max_size=3),
)
def test_what_is_signed_verifies_to_the_same(size: int, root: bytes, extensions: list[str]) -> None:
    key = checkpoint.load_checkpoint_key(bytes(range(32)), ORIGIN)
    said = Checkpoint(origin=ORIGIN, size=size, root=root, extensions=tuple(extensions))
    note = checkpoint.sign_checkpoint(said, key)
    assert checkpoint.verify_checkpoint(note, key.verifier(), origin=ORIGIN) == said
    assert checkpoint.parse_checkpoint(note) == said


def test_the_text_is_that_of_the_specification(key: CheckpointKey, note: str) -> None:
    origin, size, root, blank, signature, end = note.split("\n")
    assert (origin, size, blank, end) == (ORIGIN, "7", "", "")
    assert base64.b64decode(root) == bytes(range(32))
    assert signature.startswith(f"{DASH} {ORIGIN} ")
    assert base64.b64decode(signature.split(" ")[2])[:4] == key.verifier().key_id


def test_a_note_of_another_implementation_verifies() -> None:
    # The example of the package golang.org/x/mod/sumdb/note, which the format comes from.
    verifier = checkpoint.parse_verifier("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")
    text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
    blob = "x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM="
    body, signatures = checkpoint._split(f"{text}\n{DASH} PeterNeumann {blob}\n")
    assert body == text
    checkpoint._verify_signature(body, signatures, verifier)
    with pytest.raises(SealFailed):
        checkpoint._verify_signature(body.replace("answer", "question"), signatures, verifier)


def test_a_verifier_key_survives_as_text(key: CheckpointKey) -> None:
    assert checkpoint.parse_verifier(key.verifier().text()) == key.verifier()
    assert checkpoint.load_checkpoint_key(key.to_bytes(), ORIGIN).verifier() == key.verifier()


def test_a_verifier_key_that_is_not_exact_is_refused(key: CheckpointKey) -> None:
    name, key_id, encoded = key.verifier().text().split("+", 2)
    for wrong in ("", name, f"{name}+{key_id}+?", f"{name}x+{key_id}+{encoded}", f"{name}+00000000+{encoded}"):
        with pytest.raises(Rejected):
            checkpoint.parse_verifier(wrong)


def test_any_change_of_the_text_is_noticed(key: CheckpointKey, note: str) -> None:
    for old, new in (("\n7\n", "\n8\n"), ("log\n7", "log2\n7"), ("\n\n", "\nmore\n\n")):
        with pytest.raises(SealFailed) as failed:
            checkpoint.verify_checkpoint(note.replace(old, new, 1), key.verifier(), origin=ORIGIN)
        assert failed.value.reason == "checkpoint.signature"


def test_another_log_or_another_key_is_refused(key: CheckpointKey, note: str) -> None:
    with pytest.raises(SealFailed) as failed:
        checkpoint.verify_checkpoint(note, key.verifier(), origin="other.example/log")
    assert failed.value.reason == "checkpoint.origin"
    with pytest.raises(SealFailed) as failed:
        checkpoint.verify_checkpoint(note, generate_checkpoint_key(ORIGIN).verifier(), origin=ORIGIN)
    assert failed.value.reason == "checkpoint.signer"


def test_signatures_of_witnesses_are_passed_over(key: CheckpointKey, note: str) -> None:
    other = checkpoint.sign_checkpoint(
        Checkpoint(origin=ORIGIN, size=7, root=bytes(range(32))), generate_checkpoint_key("witness.example")
    )
    witnessed = note + other.rpartition("\n\n")[2]
    assert checkpoint.verify_checkpoint(witnessed, key.verifier(), origin=ORIGIN).size == 7


@pytest.mark.parametrize(
    "change",
    [
        lambda note: note[:-1],
        lambda note: note.replace("\n\n", "\n"),
        lambda note: note.replace(DASH, "-"),
        lambda note: note.replace("\n7\n", "\n07\n"),
        lambda note: note.replace("\n7\n", "\n-7\n"),
        lambda note: note.replace("\n7\n", "\n\n"),
        lambda note: note.replace("AAECAw", "AAECA"),
        lambda note: note.replace("AAECAw", "!AECAw"),
        lambda note: note + note.splitlines()[-1] + "\n",
        lambda note: note[:-4] + "?\n",
        lambda note: "x" * checkpoint.NOTE_LIMIT + note,
        lambda note: note[:0],
    ],
)
def test_a_malformed_note_is_refused(key: CheckpointKey, note: str, change: object) -> None:
    assert callable(change)
    with pytest.raises(SealFailed):
        checkpoint.verify_checkpoint(change(note), key.verifier(), origin=ORIGIN)


def test_what_would_not_be_one_line_is_not_signed(key: CheckpointKey) -> None:
    root = bytes(32)
    for wrong in (
        Checkpoint(origin="", size=0, root=root),
        Checkpoint(origin="a\nb", size=0, root=root),
        Checkpoint(origin=ORIGIN, size=-1, root=root),
        Checkpoint(origin=ORIGIN, size=0, root=root[:-1]),
        Checkpoint(origin=ORIGIN, size=0, root=root, extensions=("",)),
        Checkpoint(origin=ORIGIN, size=0, root=root, extensions=("a\n",)),
    ):
        with pytest.raises(ValueError, match="lines"):
            checkpoint.sign_checkpoint(wrong, key)


def test_a_key_that_does_not_fit_is_refused() -> None:
    for secret, name in ((bytes(31), ORIGIN), (bytes(32), "a b"), (bytes(32), "a+b"), (bytes(32), "")):
        with pytest.raises(Rejected):
            checkpoint.load_checkpoint_key(secret, name)


def test_the_private_key_does_not_show_itself(key: CheckpointKey) -> None:
    assert repr(key) == f"CheckpointKey(name='{ORIGIN}')"
