"""Two rotations of every kind of key under load on each run of the tests; ``make campaigns`` does a hundred."""

from __future__ import annotations

from pathlib import Path

from tests.campaigns.rotations import campaign


async def test_nothing_valid_is_refused_while_every_key_takes_its_turn(tmp_path: Path) -> None:
    told: list[str] = []
    held = await campaign(tmp_path, 2, told.append)
    assert held.wrong == []
    assert (held.waves, len(told)) == (2, 2)
    assert held.letters > held.cases > 0
    assert held.again > 0
    # Each of three agencies: the key that it signs with, one that opens, and two of each of its eight clients in all.
    assert held.changed == 2 * (3 * 2 + 2 * 8)
    assert held.opened > 0
