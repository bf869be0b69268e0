"""The table of attacks names tests that are there, and guards that are there."""

from __future__ import annotations

import ast
from pathlib import Path

from tests.attacks.guards import GUARDS
from tests.attacks.table import ROOT, ROWS


def functions(path: Path) -> set[str]:
    tree = ast.parse(path.read_text("utf-8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}


def test_every_attack_of_the_table_has_its_test() -> None:
    assert len(ROWS) > 40
    assert len({row.attack for row in ROWS}) == len(ROWS)
    missing = [f"{row.attack}: {row.test}" for row in ROWS if row.test not in functions(ROOT / row.path)]
    assert missing == []


def test_every_attack_of_the_table_has_a_guard_and_no_guard_is_without_an_attack() -> None:
    assert {one.attack for one in GUARDS} == {row.attack for row in ROWS}


def test_every_guard_stands_in_the_code_in_one_place() -> None:
    found = {
        f"{one.attack}: {cut.file}": (ROOT / cut.file).read_text("utf-8").count(cut.old)
        for one in GUARDS
        for cut in one.cuts
    }
    assert {place: count for place, count in found.items() if count != 1} == {}
