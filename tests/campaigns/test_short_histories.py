"""A few leaves of a small log are changed on each run of the tests; ``make campaigns`` does it among 100,000."""

from __future__ import annotations

import random
import sqlite3
from pathlib import Path

from tests.campaigns import histories
from tests.campaigns.histories import KINDS, SEED, campaign, verified, verified_file

ENTRIES, EACH = 500, 2


async def test_a_leaf_that_is_deleted_edited_reordered_or_forked_is_found_every_time(tmp_path: Path) -> None:
    outcome = await campaign(tmp_path, entries=ENTRIES, each=EACH, seed=SEED, tell=lambda _: None)
    assert outcome.missed == []
    assert outcome.found.total() == 2 * EACH * len(KINDS)
    said = {(who, kind): problem for who, kind, problem in outcome.found}
    assert said["mash log verify", "forked"] == "log.seen.forked"
    assert said["verify.py", "forked"] == "the checkpoint that you kept is of another history"


async def test_what_was_not_changed_verifies_and_a_fork_only_a_kept_checkpoint_tells(tmp_path: Path) -> None:
    base, dice = await histories._made(tmp_path, 300), random.Random(SEED)  # noqa: S311 - no secret
    assert await verified(base.database, base.key, [base.kept]) is None
    assert verified_file(base.lines, base, base.kept) is None
    # Made well: nothing but what somebody kept tells it from the hub's own history.
    forked = histories.change_file(base, "forked", 7, dice, thorough=True)
    assert verified_file(forked, base) is None
    with sqlite3.connect(base.database) as connection:
        histories.change_database(connection, "forked", 7, dice, base, thorough=True)
    connection.close()
    assert await verified(base.database, base.key) is None
