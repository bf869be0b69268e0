"""A campaign that is short enough for every run: two kills on the embedded defaults."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.campaign import campaign
from tests.faults.plan import Moment, Point

KILLS = (
    # Letters that wait together share a commit: the first is the only one that is sure to come.
    Point(number=1, moment=Moment.AFTER, table="messages", nth=1, delay_ms=0, broker_away_ms=0, letters=6, cases=0),
    Point(number=2, moment=Moment.BEFORE, table="envelopes", nth=1, delay_ms=0, broker_away_ms=0, letters=4, cases=1),
)


@pytest.mark.sqlite
@pytest.mark.mailbox
async def test_a_kill_after_a_commit_and_one_before_lose_nothing_and_double_nothing(
    tmp_path: Path, tell: Callable[[str], None]
) -> None:
    url = f"sqlite:///{tmp_path / 'hub.sqlite3'}"
    async with campaign(tmp_path, database_url=url, broker=None, tell=tell) as made:
        assert await made.run(7, KILLS) == []
        assert made.struck == len(KILLS)
        assert "Traceback" not in made.process.log()
