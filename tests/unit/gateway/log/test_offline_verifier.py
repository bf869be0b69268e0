"""The one file that checks a bundle: what it accepts, what it refuses, and that it needs nothing of ours."""

from __future__ import annotations

import ast
import base64
import hashlib
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from crypto import merkle
from gateway.log import Event, Log, offline_verifier
from gateway.log.offline_verifier import NotVerified, Tree, verify, verify_ed25519
from gateway.store import Store

FILE = Path(offline_verifier.__file__)


@pytest.fixture
async def bundle(log: Log, store: Store, now: object) -> bytes:
    assert now is not None
    for number in range(6):
        async with store.work() as work:
            referral = f"ref_{number % 2}"
            await log.append(
                work, event=Event.REFERRAL_VIEWED, actor="hub", now=log._clock(), referral=referral, subject=referral
            )
            await work.commit()
        if number % 2:
            await log.sequence()
    file = io.BytesIO()
    await log.export(file, "ref_1")
    return file.getvalue()


def lines(bundle: bytes) -> list[bytes]:
    return bundle.splitlines(keepends=True)


def edited(bundle: bytes, place: int, change: Callable[[dict[str, object]], object]) -> bytes:
    found = lines(bundle)
    value = json.loads(found[place])
    change(value)
    found[place] = json.dumps(value, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode() + b"\n"
    return b"".join(found)


def places(bundle: bytes, kind: str) -> list[int]:
    return [place for place, line in enumerate(lines(bundle)) if json.loads(line)["kind"] == kind]


def refused(bundle: bytes, **options: str) -> str:
    with pytest.raises(NotVerified) as caught:
        verify(io.BytesIO(bundle), **options)
    return str(caught.value)


async def test_a_bundle_is_verified_with_the_key_that_was_published(bundle: bytes, log: Log) -> None:
    result = verify(io.BytesIO(bundle), key=log._keys.checkpoint_key().verifier().text())
    assert result.entries == len(places(bundle, "entry")) + len(places(bundle, "leaf"))
    assert result.shown == 3
    assert result.checkpoints == len(places(bundle, "checkpoint")) >= 3


def test_a_changed_entry_is_found(bundle: bytes) -> None:
    place = places(bundle, "entry")[0]

    def change(line: dict[str, object]) -> None:
        line["entry"] = str(line["entry"]).replace("referral.viewed", "referral.closed")

    assert "root" in refused(edited(bundle, place, change))


def test_a_changed_leaf_or_salt_is_found(bundle: bytes) -> None:
    leaf = edited(bundle, places(bundle, "leaf")[0], lambda line: line.update(leaf="A" * 43))
    salt = edited(bundle, places(bundle, "entry")[0], lambda line: line.update(salt="A" * 43))
    assert "root" in refused(leaf)
    assert "root" in refused(salt)


@pytest.mark.parametrize("kind", ["entry", "leaf"])
def test_a_line_taken_away_doubled_or_moved_is_found(bundle: bytes, kind: str) -> None:
    found, place = lines(bundle), places(bundle, kind)[1]
    # Before a checkpoint it is the root that does not fit, else the next leaf's place.
    assert refused(b"".join(found[:place] + found[place + 1 :]))
    assert "out of order" in refused(b"".join(found[: place + 1] + found[place:]))
    assert refused(b"".join([*found[: place - 1], found[place], found[place - 1], *found[place + 1 :]]))


def test_a_bundle_that_is_cut_off_anywhere_is_found(bundle: bytes) -> None:
    found = lines(bundle)
    assert all(refused(b"".join(found[:count])) for count in range(len(found)))
    assert "cut off" in refused(bundle[:-1])


def test_something_after_the_seal_is_found(bundle: bytes) -> None:
    assert "after the seal" in refused(bundle + lines(bundle)[-2])


def test_a_history_without_its_last_entries_and_checkpoint_does_not_pass_the_seal(bundle: bytes) -> None:
    found, checkpoints = lines(bundle), places(bundle, "checkpoint")
    assert "sealed" in refused(b"".join([*found[: checkpoints[-2] + 1], found[-1]]))


def test_a_checkpoint_does_not_pass_for_a_seal(bundle: bytes) -> None:
    found = lines(bundle)
    note = json.loads(found[places(bundle, "checkpoint")[-1]])["note"]
    assert "another log" in refused(edited(bundle, len(found) - 1, lambda line: line.update(note=note)))


def test_a_header_that_brings_another_key_is_found(bundle: bytes, log: Log) -> None:
    private = Ed25519PrivateKey.generate().public_key().public_bytes_raw()
    key_id = hashlib.sha256(log.origin.encode() + b"\n\x01" + private).hexdigest()[:8]

    foreign = f"{log.origin}+{key_id}+{base64.b64encode(bytes([1]) + private).decode()}"
    assert "not signed" in refused(edited(bundle, 0, lambda line: line.update(keys=[foreign])))
    assert "another key than yours" in refused(bundle, key=foreign)


def test_a_checkpoint_that_was_kept_earlier_must_be_of_the_same_history(bundle: bytes) -> None:
    first = json.loads(lines(bundle)[places(bundle, "checkpoint")[0]])["note"]
    assert verify(io.BytesIO(bundle), seen=first).entries
    forged = first.replace(first.split("\n")[1], str(int(first.split("\n")[1]) + 1), 1)
    assert "kept" in refused(bundle, seen=forged)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300))
def test_noise_is_refused_in_words(noise: bytes) -> None:
    with pytest.raises(NotVerified):
        verify(io.BytesIO(noise))


HOSTILE = [
    b"{}\n",
    b"[]\n",
    b'{"kind":"header","format":"mash-log-bundle","v":1,"keys":[1]}\n',
    b'{"kind":"header","format":"mash-log-bundle","v":1,"keys":["a+b+c"]}\n',
    b'{"kind":"header","format":"mash-log-bundle","v":1,"keys":{}}\n',
    b'{"kind":"header","kind":"header"}\n',
    b"[" * 100_000 + b"\n",
    b"1" * 5_000 + b"\n",
    b"\xff\xfe\n",
    b"{" + b" " * 1_100_000 + b"}\n",
]


@pytest.mark.parametrize("hostile", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_lines_are_refused_in_words(hostile: bytes) -> None:
    assert refused(hostile)


@pytest.mark.parametrize("note", ["", "\n\n", "a\n1\n\n\n", "x\n²\nAAAA\n\n— x y\n", "x\n1\nnot base64\n\n— x AAAA\n"])
def test_malformed_notes_are_refused_in_words(bundle: bytes, note: str) -> None:
    for kind in ("checkpoint", "seal"):
        assert refused(edited(bundle, places(bundle, kind)[0], lambda line: line.update(note=note)))


@settings(max_examples=25, deadline=None)
@given(st.binary(min_size=32, max_size=32), st.binary(max_size=80), st.integers(0, 511))
def test_ed25519_agrees_with_an_independent_implementation(seed: bytes, message: bytes, bit: int) -> None:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    public, signature = key.public_key().public_bytes_raw(), key.sign(message)
    assert verify_ed25519(public, message, signature)
    changed = bytearray(signature)
    changed[bit // 8] ^= 1 << bit % 8
    assert not verify_ed25519(public, message, bytes(changed))
    assert not verify_ed25519(public, message + b"x", signature)


def test_ed25519_takes_the_published_example() -> None:
    # RFC 8032 section 7.1, test 2.
    public = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    signature = bytes.fromhex(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )
    assert verify_ed25519(public, b"\x72", signature)
    # The same signature with s + L is another spelling of it: refused (section 5.1.7).
    s = int.from_bytes(signature[32:], "little") + 2**252 + 27742317777372353535851937790883648493
    assert not verify_ed25519(public, b"\x72", signature[:32] + s.to_bytes(32, "little"))


@given(st.lists(st.binary(max_size=4), max_size=40))
def test_its_tree_is_the_tree_of_the_log(leaves: list[bytes]) -> None:
    tree, nodes = Tree(), dict[tuple[int, int], bytes]()
    for leaf in leaves:
        tree.append(leaf)
    made = merkle.append(0, [merkle.leaf_hash(leaf) for leaf in leaves], lambda level, index: nodes[level, index])
    nodes.update({(node.level, node.index): node.hash for node in made})
    assert tree.root() == merkle.root(len(leaves), lambda level, index: nodes[level, index])


def test_it_imports_the_standard_library_alone() -> None:
    imported = set()
    for node in ast.walk(ast.parse(FILE.read_text())):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            imported.add(str(node.module))
    assert imported <= sys.stdlib_module_names | {"__future__"}


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    # -I and -S: no site packages, nothing of the project on the path.
    command = [sys.executable, "-I", "-S", "verify.py", *arguments]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=60)


def test_alone_in_a_folder_it_says_verified_or_not_by_its_exit_code(bundle: bytes, log: Log, tmp_path: Path) -> None:
    folder = tmp_path / "alone"
    folder.mkdir()
    (folder / "verify.py").write_bytes(FILE.read_bytes())
    (folder / "log.bundle").write_bytes(bundle)
    (folder / "bad.bundle").write_bytes(bundle.replace(b"referral.viewed", b"referral.closed", 1))
    key = log._keys.checkpoint_key().verifier().text()
    good = run(folder, "log.bundle", "--key", key, "--json")
    assert (good.returncode, json.loads(good.stdout)["verified"], json.loads(good.stdout)["pinned"]) == (0, True, True)
    unpinned = run(folder, "log.bundle")
    assert unpinned.returncode == 0
    assert key in unpinned.stdout
    bad = run(folder, "bad.bundle")
    assert (bad.returncode, bad.stdout[:13]) == (1, "NOT verified:")
    missing = run(folder, "no.bundle")
    assert missing.returncode == 2
    assert not any("Traceback" in done.stderr for done in (good, unpinned, bad, missing))
