"""The master key: where it is read from, what is refused, what it wraps."""

from __future__ import annotations

import base64
import os
from pathlib import Path

import pytest

from gateway.keys import MasterKey
from schemas.errors import Rejected

SECRET = bytes(range(32))
TEXT = base64.b64encode(SECRET).decode()


def test_base64_of_32_bytes_is_a_key() -> None:
    assert MasterKey.parse(f" {TEXT}\n").secret == SECRET


@pytest.mark.parametrize("text", ["", "AAAA", TEXT[:-4], TEXT + "AAAA", "not base64 at all", TEXT.replace("A", "é")])
def test_anything_else_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(Rejected) as caught:
        MasterKey.parse(text)
    assert caught.value.code == "keys.master.form"
    assert len(text) < 4 or text not in str(caught.value)


def test_a_file_that_only_its_owner_reads_is_read(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    path.write_text(TEXT)
    path.chmod(0o600)
    assert MasterKey.read(path).secret == SECRET


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o644, 0o610])
def test_a_file_that_others_may_touch_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "master.key"
    path.write_text(TEXT)
    path.chmod(mode)
    with pytest.raises(Rejected) as caught:
        MasterKey.read(path)
    assert caught.value.code == "keys.master.mode"


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Rejected) as caught:
        MasterKey.read(tmp_path / "master.key")
    assert caught.value.code == "keys.master.file"


def test_it_does_not_show_itself() -> None:
    master = MasterKey(SECRET)
    assert TEXT not in repr(master)
    assert repr(SECRET)[2:-1] not in repr(master)


def test_what_it_wrapped_for_one_key_does_not_open_as_another() -> None:
    master = MasterKey(SECRET)
    wrapped = master.wrap(b"the secret", kid="one", random=os.urandom)
    assert master.unwrap(wrapped, kid="one") == b"the secret"
    with pytest.raises(Rejected):
        master.unwrap(wrapped, kid="two")
    with pytest.raises(Rejected):
        MasterKey(bytes(32)).unwrap(wrapped, kid="one")
