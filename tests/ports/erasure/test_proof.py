"""The proof of an erasure holds offline, and nothing else passes for one."""

from __future__ import annotations

import importlib
import io
import json
import random
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import ModuleType

import pytest

from gateway.bootstrap import Gateway
from gateway.cli.log import CUSTODY, ERASED
from gateway.log import custody, custody_verifier
from schemas.errors import Unknown
from tests.gateway.clock import Clock
from tests.gateway.natives import child, notice
from tests.ports.erasure.test_keks import DAY, ONE, OTHER, erased

FLIPS = 60


@pytest.fixture
def verifier(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.setitem(sys.modules, "custody", custody_verifier)
    return importlib.import_module("gateway.log.erasure_verifier")


async def proof_of(gateway: Gateway, subject: str) -> bytes:
    file = io.BytesIO()
    await gateway.proofs.write(file, subject)
    return file.getvalue()


def says(verifier: ModuleType, data: bytes, gateway: Gateway) -> str:
    """What keeps it from being a proof; empty of one that is."""
    try:
        verifier.Proof(data, [custody_verifier.verifier(gateway.keys.log_key())])
    except custody_verifier.NotVerified as error:
        return str(error)
    return ""


def ran(command: list[str]) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, check=False)


async def test_two_files_of_python_prove_an_erasure_by_themselves(gateway: Gateway, tmp_path: Path) -> None:
    referral = await erased(gateway)
    for program in (ERASED, CUSTODY):
        (tmp_path / program.name).write_text(program.text(), encoding="utf-8")
    (tmp_path / "proof").write_bytes(await proof_of(gateway, referral))
    command = [sys.executable, str(tmp_path / ERASED.name), str(tmp_path / "proof"), "--trust", gateway.keys.log_key()]
    done = ran([*command, "--json"])
    told = json.loads(done.stdout)
    assert (done.returncode, told["erased"], told["subject"], told["number"]) == (0, True, referral, 1)
    words = ran(command).stdout
    assert words.startswith(f"erased\n{referral} was erased: line 1 of the ledger")
    assert "no sooner than" in words
    (tmp_path / "proof").write_bytes(b"{}\n")
    assert ran(command).returncode == 1


async def test_any_bit_that_is_flipped_is_noticed(gateway: Gateway, verifier: ModuleType) -> None:
    data = await proof_of(gateway, await erased(gateway))
    assert says(verifier, data, gateway) == ""
    for place in random.Random(7).sample(range(len(data) * 8), FLIPS):  # noqa: S311 - which bits
        changed = bytearray(data)
        changed[place // 8] ^= 1 << place % 8
        assert says(verifier, bytes(changed), gateway)


async def test_what_the_hub_itself_seals_is_no_proof_where_ledger_log_and_keys_differ(
    gateway: Gateway, verifier: ModuleType
) -> None:
    await erased(gateway)
    referral = await erased(gateway)
    async with gateway.store.reading() as work:
        shown, _ = await gateway.proofs.shown(work, referral)
        whole = await custody.erased(work, referral, shown)
        other = json.loads(gateway.erasing.ledger.text(1))
        line = json.loads(shown.ledger)

        async def sealed(told: custody.Custody) -> str:
            file = io.BytesIO()
            await custody.export(
                work,
                gateway.keys,
                file,
                told,
                acknowledgements={},
                origin=gateway.log.origin,
                now=gateway.world.now(),
            )
            return says(verifier, file.getvalue(), gateway)

        def with_line(text: str) -> custody.Custody:
            return replace(whole, erasure=replace(shown, ledger=text))

        assert await sealed(whole) == ""
        assert "another erasure" in await sealed(with_line(gateway.erasing.ledger.text(1)))
        assert "not the one that was signed" in await sealed(with_line(json.dumps({**line, "scopes": []})))
        assert "of another log" in await sealed(with_line(json.dumps({**line, "note": "x" + other["note"]})))
        assert "no erasure" in await sealed(replace(whole, erasure=None))
        assert "not those of" in await sealed(replace(whole, erasure=replace(shown, keks=())))
        visible = [one for one in whole.entries if one.salt]
        assert "not what is shown" in await sealed(replace(whole, entries=visible))
        untold = [one for one in whole.entries if one.event != "erasure.done"]
        assert "does not tell" in await sealed(replace(whole, entries=untold))
        keks = [replace(one, state="destroyed", changed_at=gateway.world.now()) for one in shown.keks]
        assert "the same of the keys" in await sealed(replace(whole, erasure=replace(shown, keks=keks)))


async def test_it_says_when_the_last_copy_ends_and_then_that_the_key_is_gone(
    gateway: Gateway, clock: Clock, verifier: ModuleType
) -> None:
    referral = await erased(gateway)
    first = await gateway.proofs.gone(referral)
    assert not first.fixed
    for days in (8, 1, 1):
        clock.pass_by(timedelta(days=days))
        await gateway.watch.round()
    second = await gateway.proofs.gone(referral)
    assert second.fixed
    assert clock() + 33 * DAY < second.at <= clock() + 35 * DAY
    clock.pass_by(36 * DAY)
    for _ in range(2):
        await gateway.watch.round()
    third = await gateway.proofs.gone(referral)
    assert third.at <= clock()
    found = verifier.Proof(await proof_of(gateway, referral), [custody_verifier.verifier(gateway.keys.log_key())])
    assert [bool(one["destroyed_at"]) for one in found.line["keks"]] == [True]


async def test_a_message_that_was_erased_has_a_proof_and_what_was_not_has_none(
    gateway: Gateway, verifier: ModuleType
) -> None:
    bad = await gateway.intake.receive(gateway.feeds["police-ppn"], b"<broken", "police.desk")
    await gateway.erasing.propose(bad.message_id, "mistake", actor=ONE)
    with pytest.raises(Unknown):
        await gateway.proofs.gone(bad.message_id)
    await gateway.erasing.approve(bad.message_id, actor=OTHER)
    data = await proof_of(gateway, bad.message_id)
    assert says(verifier, data, gateway) == ""
    whole = await gateway.intake.receive(gateway.feeds["police-ppn"], notice(child(1)), "police.desk")
    with pytest.raises(Unknown):
        await proof_of(gateway, whole.message_id)
