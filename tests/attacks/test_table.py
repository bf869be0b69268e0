"""The table of attacks names tests that are there."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
ROWS = re.findall(
    r"^\| (.+?) \| `(.+?)::(\w+)` \|$", Path(__file__).with_name("README.md").read_text("utf-8"), re.MULTILINE
)


def functions(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_every_attack_of_the_table_has_its_test() -> None:
    assert len(ROWS) > 40
    missing = [f"{attack}: {name}" for attack, path, name in ROWS if name not in functions(ROOT / path)]
    assert missing == []
