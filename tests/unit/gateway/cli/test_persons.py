"""``mash persons``: what waits for somebody to look, by opaque ids and codes alone."""

from __future__ import annotations

import json
from datetime import UTC, datetime

from click.testing import CliRunner

from gateway.cli.persons import links, merges
from gateway.store.direct import intake as sets
from gateway.store.records import How, LinkRecord, MergeRecord, MergeState
from tests.ports.store import samples
from tests.unit.gateway.cli.conftest import Opening, Parts


def a_merge(name: str, state: MergeState) -> MergeRecord:
    return MergeRecord(
        id=name,
        message_id="msg_1",
        position=0,
        place=int(name[-1]),
        kind="merge",
        state=state,
        because="numbers_differ",
        at=datetime(2026, 3, 2, 10, 15, tzinfo=UTC),
        surviving_id="per_1",
        prior_id=None,
    )


async def kept(parts: Parts) -> None:
    async with parts.store.work() as work:
        await samples.keep(work, samples.message("msg_1", native="n1"))
        await samples.keep(work, samples.person("per_1"))
        records = [a_merge("mrg_1", MergeState.WAITING), a_merge("mrg_2", MergeState.MADE)]
        await work.sets.write(sets.MERGES.insert(work.sets.dialect, records))
        await work.commit()


def test_a_merge_that_waits_is_listed_with_its_reason_and_one_that_was_made_is_not(hub: Opening) -> None:
    assert CliRunner().invoke(merges, []).output == "No merge waits for a person.\n"
    hub.run(kept)
    told = json.loads(CliRunner().invoke(merges, ["--json"]).output)
    assert [(one["id"], one["because"], one["surviving"], one["prior"]) for one in told] == [
        ("mrg_1", "numbers_differ", "per_1", None)
    ]
    lines = CliRunner().invoke(merges, []).output.splitlines()
    assert lines[0].split() == ["id", "at", "kind", "because", "surviving", "prior"]
    assert lines[1].split() == ["mrg_1", "2026-03-02T10:15:00+00:00", "merge", "numbers_differ", "per_1", "-"]


async def linked(parts: Parts) -> None:
    async with parts.store.work() as work:
        await samples.keep(work, samples.message("msg_1", native="n1"))
        await samples.keep(work, samples.person("per_1"))
        await work.sets.write(sets.ITEMS.insert(work.sets.dialect, [samples.item("itm_1")]))
        record = LinkRecord(
            item_id="itm_1",
            ref="child-1",
            person_id="per_1",
            how=How.WEIGHTS,
            weight=2150,
            at=datetime(2026, 3, 2, 10, 15, tzinfo=UTC),
        )
        await work.sets.write(sets.LINKS.insert(work.sets.dialect, [record]))
        await work.commit()


def test_a_link_is_listed_with_its_weight_and_one_of_somebody_erased_says_so(hub: Opening) -> None:
    assert CliRunner().invoke(links, ["per_1"]).output == "Nothing links anybody to this person.\n"
    hub.run(linked)
    (told,) = json.loads(CliRunner().invoke(links, ["per_1", "--json"]).output)
    assert (told["how"], told["weight"], told["because"], told["reasons"]) == ("weights", 21.5, "erased", [])
    assert CliRunner().invoke(links, ["per_1"]).output.endswith("weights  itm_1 child-1: erased\n")
