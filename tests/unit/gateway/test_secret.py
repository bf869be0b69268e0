"""A secret of the environment: its text, or a file of its owner alone; no error tells what it holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.secret import secret
from schemas.errors import Rejected


def kept(path: Path, text: str, mode: int = 0o600) -> str:
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return str(path)


def test_it_is_the_text_or_what_the_file_holds(tmp_path: Path) -> None:
    file = kept(tmp_path / "secret", "from the file\n")
    assert secret({"S": " said "}, "S") == "said"
    assert secret({"S_FILE": file}, "S") == "from the file"
    assert secret({"S": "said", "S_FILE": file}, "S") == "said"
    assert secret({}, "S") is None


@pytest.mark.parametrize("text", ["", "  \n", "two\nlines", "nul\0"])
def test_what_is_no_line_of_text_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(Rejected):
        secret({"S_FILE": kept(tmp_path / "secret", text)}, "S")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620])
def test_a_file_that_others_may_read_or_write_is_refused(mode: int, tmp_path: Path) -> None:
    with pytest.raises(Rejected) as refused:
        secret({"S_FILE": kept(tmp_path / "secret", "velvet", mode)}, "S")
    assert "velvet" not in str(refused.value)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Rejected):
        secret({"S_FILE": str(tmp_path / "nothing")}, "S")
