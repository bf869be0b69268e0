"""A secret of the environment: its text, or a file that only its owner may read."""

from __future__ import annotations

import os
import stat
from collections.abc import Mapping
from pathlib import Path

from schemas.errors import Rejected

_LONGEST = 8_192


def secret(environ: Mapping[str, str], name: str) -> str | None:
    """What ``name`` says, or the file that ``name`` with ``_FILE`` names holds, without white space around it.

    None where neither is set.

    Raises:
        Rejected: the file can't be read, others may read or write it, or it holds no single line of text.
    """
    text = environ.get(name)
    path = environ.get(f"{name}_FILE")
    if text is None and path:
        text = _read(Path(path), f"{name}_FILE")
    if text is None:
        return None
    text = text.strip()
    if not text or not text.isprintable():
        raise Rejected("config.secret", "write one line of text", at=name)
    return text


def _read(path: Path, at: str) -> str:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            content = file.read(_LONGEST)
    except OSError:
        raise Rejected("config.secret", "the file can't be read", at=at) from None
    if not stat.S_ISREG(mode) or mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise Rejected("config.secret", "let only its owner read it: chmod 600", at=at)
    return content.decode("utf-8", errors="replace")
