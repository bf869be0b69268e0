"""The rows of the table in the README: an attack and the test that shows its refusal."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
_ROW = re.compile(r"^\| (.+?) \| `(.+?)::(\w+)` \|$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True)
class Row:
    """An attack in its words, and its test: a file under the root, and a function in it."""

    attack: str
    path: str
    test: str


ROWS = tuple(
    Row(attack=attack, path=path, test=test)
    for attack, path, test in _ROW.findall(Path(__file__).with_name("README.md").read_text("utf-8"))
)
