"""What the source of a module reaches for is found by its line, whatever branch it stands in."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters import registry
from adapters.kit.purity import impurities

ADAPTERS = Path(registry.__file__).parent


@pytest.mark.parametrize(
    "line",
    [
        "import os",
        "import urllib.request",
        "from random import choice",
        "from os.path import join",
        "x = open('f')",
        "x = datetime.now(UTC)",
        "x = datetime.datetime.utcnow()",
        "x = date.today()",
        "print(1)",
        "eval('1')",
    ],
)
def test_a_line_that_reaches_out_is_found(line: str) -> None:
    source = f"def f():\n    if False:\n        {line}\n"
    assert [number for number, _ in impurities(source)] == [3]


@pytest.mark.parametrize(
    "line", ["import re", "import osiris", "x = table.now()", "x = self.open()", "x = datetime(1, 1, 1)"]
)
def test_a_line_that_stays_inside_is_let_be(line: str) -> None:
    assert not list(impurities(line))


def test_no_adapter_of_ours_reaches_out() -> None:
    found = [
        (path.name, line, what)
        for folder in ("nhs", "police", "probation", "schools")
        for path in (ADAPTERS / folder).glob("*.py")
        for line, what in impurities(path.read_text(encoding="utf-8"))
    ]
    assert not found
