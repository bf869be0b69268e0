"""Invariant 10: no configuration takes one of the five core components away; conformance shows each with evidence."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gateway.conformance import examine
from gateway.store.records import RatingRecord
from routing.components import COMPONENTS, FORBIDDEN
from schemas.errors import Refused
from tests.gateway import borough
from tests.gateway.fixtures import Starter
from tests.gateway.ground import Ground
from tests.gateway.natives import notice
from tests.gateway.town import Town

pytestmark = pytest.mark.invariant(10)
FIVE = [1, 2, 3, 4, 5]


def _put(*path: str, value: object) -> borough.Change:
    """A change of the hub's file: this value at this path; a list of tables is changed in its first."""

    def change(made: borough.Document) -> None:
        table = made
        for name in path[:-1]:
            inner = table.setdefault(name, {})
            table = inner[0] if isinstance(inner, list) else inner
        table[path[-1]] = value

    return change


AWAY = (
    (1, _put("feeds", "bypass_hub", value=True)),
    (1, _put("feeds", "minimum_level", value="amber")),
    (2, _put("agencies", "auto_disclose", value=True)),
    (2, _put("requests", "require_ground", value=False)),
    (3, _put("audit", "enabled", value=False)),
    (3, _put("need_to_know", "enabled", value=False)),
    (4, _put("ratings", "auto_rate", value=True)),
    (4, _put("permissions", "decide", value="coordinator")),
    (5, _put("repeats", "enabled", value=False)),
    (5, _put("repeats", "count", value=1_000)),
)


def test_invariant_10_each_of_the_five_is_tried_and_has_its_rows() -> None:
    assert sorted({number for number, _ in AWAY}) == FIVE
    assert sorted({row.component for row in FORBIDDEN}) == FIVE
    assert [component.number for component in COMPONENTS] == FIVE


@pytest.mark.parametrize("both", ["embedded"], indirect=True)
@pytest.mark.parametrize("number, change", AWAY)
async def test_invariant_10_a_file_that_takes_one_away_is_refused_at_start_with_its_number(
    start: Starter, number: int, change: Callable[[borough.Document], None]
) -> None:
    with pytest.raises(Refused) as refused:
        async with start(change):
            pytest.fail("it started")
    assert refused.value.code == f"component.{number}"
    assert f"core component {number}" in refused.value.detail


@pytest.mark.parametrize("both", ["embedded"], indirect=True)
async def test_invariant_10_the_command_says_so_too_and_starts_nothing(place: Ground) -> None:
    with pytest.raises(Refused):
        place.settings(_put("hub", "sealed", value=False))
    ran = await place.command_line().run("serve", "--config", str(place.config))
    assert ran.code != 0
    said = place.command_line().log_file.read_text()
    assert "component.3" in said
    assert "Traceback" not in said


def _installed_adapters_alone(made: borough.Document) -> None:
    """The hub's file without the feed whose adapter lives in these tests: a process of its own can't find that."""
    made["feeds"] = [feed for feed in made["feeds"] if feed["adapter"] != borough.MEND]


async def test_invariant_10_conformance_shows_the_five_with_evidence_of_this_hub(start: Starter) -> None:
    async with start(_installed_adapters_alone) as town:
        case = await town.referral(notice())
        await town.disclosed(case)
        team = town.client("council.assessment-team")
        await team.open(await town.product(case))
        ran = await town.stage.hub.run("conformance", "--json")
    assert ran.code == 0
    shown = ran.json()
    assert isinstance(shown, list)
    assert [one["number"] for one in shown] == FIVE
    assert all(one["holds"] for one in shown)
    for one in shown:
        assert any(claim["seen"] > 0 for claim in one["claims"]), one["title"]
        assert all(claim["broken"] == 0 for claim in one["claims"]), one["title"]
    seen = {claim["text"]: claim["seen"] for one in shown for claim in one["claims"]}
    assert seen["concerns that opened or joined a referral"] == 1
    assert seen["answers under the owner's own signature"] == 1


async def test_invariant_10_evidence_to_the_contrary_is_shown_as_broken(town: Town) -> None:
    case = await town.referral(notice())
    await case.rate("amber", 2, "A reason")
    now = town.clock()
    async with town.gateway.store.work() as work:
        # A rating that nobody is on record as having given.
        await work.ratings.add(
            RatingRecord(
                id="rat_00000000000000000000000000",
                referral_id=case.id,
                at=now,
                rating="green",
                previous="amber",
                threshold=1,
                by="nobody",
                due_at=now,
                relaxed=False,
                sealed=b"",
            )
        )
        await work.commit()
    await town.gateway.log.sequence()
    assert [one.component.number for one in await examine(town.gateway) if not one.holds] == [4]
