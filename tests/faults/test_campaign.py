"""The long campaign, on both stores, with a broker that is killed too. SEED repeats one; POINTS makes it longer."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.campaign import campaign
from tests.faults.plan import points
from tests.gateway.fixtures import empty
from tests.services.plugin import BrokerMaker

SEED = int(os.environ.get("SEED") or 1)
POINTS = int(os.environ.get("POINTS") or 20)


@pytest.mark.faults
@pytest.mark.parametrize(
    "store", [pytest.param("sqlite", marks=pytest.mark.sqlite), pytest.param("postgres", marks=pytest.mark.postgres)]
)
async def test_nothing_is_lost_and_nothing_happens_twice_however_often_gateway_and_broker_are_killed(
    store: str,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    private_broker: BrokerMaker,
    tell: Callable[[str], None],
) -> None:
    url = f"sqlite:///{tmp_path / 'hub.sqlite3'}"
    if store == "postgres":
        url = str(request.getfixturevalue("postgres_url"))
        await empty(url)
    tell(f"\n{store}: SEED={SEED} POINTS={POINTS}")
    async with campaign(tmp_path, database_url=url, broker=private_broker(), tell=tell) as made:
        broken = await made.run(SEED, points(SEED, POINTS))
        log = made.process.log()
    tell("all of it held" if not broken else "\n".join(broken))
    assert not broken
    assert "Traceback" not in log
    assert '"background.bug"' not in log
    assert '"bug"' not in log
