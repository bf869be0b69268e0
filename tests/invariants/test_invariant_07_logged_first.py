"""Invariant 7: an opening is in the log before the key leaves, and the release carries the proof of that entry."""

from __future__ import annotations

import asyncio
import io
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from gateway.log import offline_verifier
from gateway.log.placing import Placing
from sandbox import base64url, jose
from sandbox.agency import RELEASE
from sandbox.door import Reply
from sandbox.failures import NotTrusted
from sandbox.inbox import Delivery
from sandbox.log_proof import check
from sandbox.scenarios.stage import Case
from schemas.errors import Unavailable
from tests.gateway.faults import killed_after_commit, killed_before_commit
from tests.gateway.natives import notice
from tests.gateway.town import Town

pytestmark = pytest.mark.invariant(7)
TEAM = "council.assessment-team"


async def delivered(town: Town) -> tuple[Case, Delivery]:
    """A product that has reached the assessment team and was not opened."""
    case = await town.referral(notice())
    await town.disclosed(case)
    return case, await town.product(case)


async def openings(town: Town, envelope: str) -> list[str]:
    """The ids of the log's entries about openings of an envelope."""
    return [
        one["id"] for one in await town.events() if one["subject"] == envelope and one["event"] == "envelope.opened"
    ]


async def proven(town: Town, delivery: Delivery, reply: Reply) -> tuple[str, int]:
    """Which entry a release proves, as its reader verifies it by itself: the entry's id and its index."""
    own = town.client(TEAM).keys
    released = jose.json_object(jose.open_with(reply.body.decode(), own.encryption, cty=RELEASE))
    logged = check(
        released["proof"], key=await town.stage.hub_keys.log(), envelope=delivery.envelope, client_id=own.client_id
    )
    entry = jose.json_object(base64url.decode(released["proof"]["entry"]))
    assert logged.event == entry["event"] == "envelope.opened"
    return str(entry["id"]), logged.index


async def test_invariant_07_the_release_carries_a_proof_that_its_reader_verifies(town: Town) -> None:
    _, delivery = await delivered(town)
    reply = await town.client(TEAM).redeem(delivery)
    name, index = await proven(town, delivery, reply)
    assert await openings(town, delivery.envelope) == [name]
    assert (await town.events())[index]["id"] == name
    released = jose.json_object(jose.open_with(reply.body.decode(), town.client(TEAM).keys.encryption, cty=RELEASE))
    key = await town.stage.hub_keys.log()
    with pytest.raises(NotTrusted):
        check(released["proof"], key=key, envelope=delivery.envelope, client_id="police.lead")
    with pytest.raises(NotTrusted):
        check(released["proof"] | {"index": index + 1}, key=key, envelope=delivery.envelope, client_id=TEAM)


async def test_invariant_07_killed_before_its_commit_nothing_was_opened_and_nothing_left(
    town: Town, impatient: None
) -> None:
    assert impatient is None
    _, delivery = await delivered(town)
    with killed_before_commit("envelopes", times=99) as struck:
        reply = await town.client(TEAM).redeem(delivery)
    assert struck.times > 0
    assert (reply.status, reply.code) == (503, "store.connection")
    assert await openings(town, delivery.envelope) == []
    async with town.gateway.store.reading() as work:
        assert (await work.envelopes.get_many([delivery.envelope]))[0].state == "sealed"
    assert (await town.client(TEAM).redeem(delivery)).status == 200


async def test_invariant_07_killed_between_commit_and_answer_a_retry_gets_what_was_kept_with_the_same_entry(
    town: Town, impatient: None
) -> None:
    assert impatient is None
    _, delivery = await delivered(town)
    # The one commit holds entry, place and release; nobody was told.
    with killed_after_commit("envelopes", times=99) as struck:
        reply = await town.client(TEAM).redeem(delivery)
    assert struck.times > 0
    assert len(await openings(town, delivery.envelope)) == 1
    again = [await town.client(TEAM).redeem(delivery) for _ in range(3)]
    assert {one.status for one in again} == {200}
    assert len({one.body for one in again} | ({reply.body} if reply.status == 200 else set())) == 1
    assert [(await proven(town, delivery, again[0]))[0]] == await openings(town, delivery.envelope)


async def test_invariant_07_without_a_place_in_the_tree_the_key_does_not_leave(
    town: Town, monkeypatch: pytest.MonkeyPatch, impatient: None
) -> None:
    assert impatient is None
    _, delivery = await delivered(town)

    async def no_checkpoint(*_: object) -> None:
        raise Unavailable("log.checkpoint", "the fault of a test")

    with monkeypatch.context() as patch:
        patch.setattr(Placing, "place", no_checkpoint)
        assert (await town.client(TEAM).redeem(delivery)).status == 503
        async with town.gateway.store.reading() as work:
            record = (await work.envelopes.get_many([delivery.envelope]))[0]
        # Nothing happened, and no release exists.
        assert (record.state, record.release) == ("sealed", None)
    assert await openings(town, delivery.envelope) == []
    reply = await town.client(TEAM).redeem(delivery)
    assert [(await proven(town, delivery, reply))[0]] == await openings(town, delivery.envelope)


async def test_invariant_07_a_key_is_released_once_and_its_retry_ends_with_time(town: Town) -> None:
    _, delivery = await delivered(town)
    team = town.client(TEAM)
    first, *rest = await asyncio.gather(*(team.redeem(delivery) for _ in range(6)))
    assert first.status == 200
    assert {(one.status, one.body) for one in rest} == {(200, first.body)}
    assert len(await openings(town, delivery.envelope)) == 1
    town.clock.pass_by(timedelta(minutes=town.gateway.hub.tokens.retry_minutes, seconds=1))
    late = await team.redeem(delivery)
    assert (late.status, late.code) == (409, "envelope.released")
    refused = [one for one in await town.events() if one["event"] == "envelope.opening_refused"]
    assert [one["detail"]["code"] for one in refused] == ["envelope.released"]


async def test_invariant_07_an_outsider_finds_the_opening_in_the_exported_log(town: Town, tmp_path: Path) -> None:
    _, delivery = await delivered(town)
    await town.client(TEAM).open(delivery)
    bundle = io.BytesIO()
    await town.gateway.log.export(bundle)
    file = tmp_path / "log.json"
    file.write_bytes(bundle.getvalue())
    verified, said = await verified_alone(file)
    assert verified == 0, said
    assert delivery.envelope in file.read_text()
    changed = tmp_path / "changed.json"
    other = delivery.envelope[:-1] + ("1" if delivery.envelope.endswith("0") else "0")
    changed.write_text(file.read_text().replace(delivery.envelope, other))
    verified, said = await verified_alone(changed)
    assert verified == 1, said


async def verified_alone(file: Path) -> tuple[int, str]:
    """The verifier by itself, in a process with nothing of the gateway to import: its exit code and what it says."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-I", str(offline_verifier.__file__), str(file),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=file.parent,
    )  # fmt: skip
    out, _ = await process.communicate()
    return process.returncode or 0, out.decode()
