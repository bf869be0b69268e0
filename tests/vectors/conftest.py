"""Published test vectors where they are found, and the counts of what they showed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tests.vectors.published import FOLDER, Count, Vectors


@pytest.fixture
def vectors() -> Vectors:
    """Reads one file of vectors. The project carries none: tests/unit/crypto/test_attacks.py runs everywhere."""
    if not FOLDER.is_dir():
        pytest.skip("published vectors are not beside this checkout (../shared/vectors)")

    def read(name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((FOLDER / name).read_text(encoding="utf-8"))
        return found

    return read


@pytest.fixture
def count(
    record_property: Callable[[str, object], None],
    capsys: pytest.CaptureFixture[str],
    request: pytest.FixtureRequest,
) -> Iterator[Count]:
    """Counts outcomes by name; prints them and records them with the test when it ends."""
    found: Counter[str] = Counter()

    def note(outcome: str) -> None:
        found[outcome] += 1

    yield note
    for outcome, number in sorted(found.items()):
        record_property(outcome, number)
    shown = ", ".join(f"{outcome} {number}" for outcome, number in sorted(found.items()))
    with capsys.disabled():
        print(f"\n{request.node.name}: {shown}")  # noqa: T201 - the counts are asked for
