"""A small race for the same tokens on each run of the tests; ``make campaign-openings`` is the whole one."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.campaigns.openings import Reckoning, campaign
from tests.gateway.fixtures import empty

PROCESSES, TOKENS, KILLS = 3, 24, 1
BOTH = [pytest.param("sqlite", marks=pytest.mark.sqlite), pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.mark.slow
@pytest.mark.parametrize("store", BOTH)
async def test_processes_that_redeem_the_same_tokens_get_one_release_of_each_and_a_kill_changes_nothing(
    store: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = f"sqlite:///{tmp_path / 'hub.sqlite3'}"
    if store == "postgres":
        url = str(request.getfixturevalue("postgres_url"))
        await empty(url)
    reckoning = await campaign(tmp_path, url, processes=PROCESSES, tokens=TOKENS, kills=KILLS)
    assert reckoning.problems(sorted(reckoning.releases)) == []
    assert (len(reckoning.releases), reckoning.opened.total(), reckoning.killed) == (TOKENS, TOKENS, KILLS)


def test_what_is_not_as_it_must_be_is_named() -> None:
    reckoning = Reckoning(opened=Counter({"a": 2, "c": 1}), refusals=Counter({"envelope.released": 3}))
    reckoning.releases["a"] = {"1", "2"}
    reckoning.releases["b"] = {"1"}
    problems = reckoning.problems(["a", "b"])
    assert problems == [
        "envelope.released: 3 refused",
        "a: 2 releases",
        "a: 2 entries",
        "b: 0 entries",
        "c: nobody asked for it",
        "the log",
    ]
