"""A hub whose log somebody else watches: cosigned as it grows; set back or forked, it is found out."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.log.witnessing import Reply
from sandbox.failures import NotTrusted
from sandbox.log_proof import LogKey
from sandbox.witness import Memory, Witness
from sandbox.witnessing import load, serving
from tests.gateway import borough
from tests.gateway.fixtures import Starter
from tests.gateway.natives import notice
from tests.gateway.town import Town

pytestmark = pytest.mark.parametrize("both", ["embedded"], indirect=True)
TEAM = "council.assessment-team"


async def alarms(town: Town) -> list[tuple[str, str]]:
    rows = (await town.person("security").get("/v1/alarms"))["alarms"]
    return [(row["kind"], row["subject"]) for row in rows]


async def opened_with(town: Town, witness: Witness) -> None:
    """The assessment team opens a product, and uses no key that the witness did not see logged."""
    case = await town.referral(notice())
    await town.disclosed(case)
    delivery = await town.product(case)
    team = town.client(TEAM)
    team.witnesses = (LogKey.of_witness(witness.verifier()),)
    assert (await team.open(delivery)).content["kind"] == "product"


async def test_a_reader_uses_no_key_before_a_witness_saw_its_opening_in_the_log(
    start: Starter, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with start() as first:
        log_key = first.gateway.keys.log_key()
    witness = load(tmp_path / "witness", "witness.example", (log_key,))
    async with serving(witness, "127.0.0.1", 0) as port:

        def watched(made: borough.Document) -> None:
            made["witnesses"] = [{"url": f"http://127.0.0.1:{port}", "key": witness.verifier()}]

        async with start(watched, enrol=False) as town:
            await opened_with(town, witness)
            assert await alarms(town) == []
            # The log is set back: its newest checkpoints are gone, and the witness has seen more.
            monkeypatch.setattr(Memory, "last", lambda _self, _origin: (10**6, b"\0" * 32))
            await town.gateway.log.sequence()
            await town.notify(notice())
            await town.gateway.log.sequence()
            await town.gateway.witnessing.once()
            assert await alarms(town) == [("witness", "witness.example")]
            # Nothing waited for it: the hub goes on.
            assert (await town.notify(notice())).status == 202
            # A reader who asks for the witness's word uses no key without it.
            monkeypatch.setattr("sandbox.agency.WAIT_SECONDS", 0.2)
            case = await town.referral(notice())
            await town.disclosed(case)
            delivery = await town.product(case)
            with pytest.raises(NotTrusted, match="witness"):
                await town.client(TEAM).open(delivery)


async def test_a_witness_that_is_away_raises_an_alarm_in_time_and_holds_nothing_up(
    start: Starter, tmp_path: Path
) -> None:
    stranger = load(tmp_path / "witness", "witness.example", ())

    def watched(made: borough.Document) -> None:
        made["witnesses"] = [{"url": "http://127.0.0.1:9", "key": stranger.verifier(), "alarm_minutes": 5}]

    async with start(watched) as town:
        assert (await town.notify(notice())).status == 202
        await town.gateway.log.sequence()
        await town.gateway.witnessing.once()
        assert await alarms(town) == []
        town.clock.pass_by(timedelta(minutes=6))
        await town.gateway.witnessing.once()
        assert await alarms(town) == [("witness", "witness.example")]
        # It comes back, and the alarm goes.
        known = LogKey.parse(town.gateway.keys.log_key())
        back = Witness("witness.example", stranger._key, {known.name: known}, Memory(tmp_path / "logs"))

        async def send(_url: str, body: bytes) -> Reply:
            answer = back.add_checkpoint(body, int(time.time()))
            return Reply(status=answer.status, text=answer.text)

        town.gateway.witnessing.send = send
        await town.gateway.log.sequence()
        await town.gateway.witnessing.once()
        assert await alarms(town) == []
