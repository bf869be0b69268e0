"""``mash erase`` and ``mash subject``: what is due, erased by two people and proved; what a data subject is told."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from adapters import registry
from crypto.jwk import DecryptionKey
from gateway.bootstrap import Gateway
from gateway.cli.erase import erase
from gateway.cli.subject import subject
from schemas.errors import MashError
from schemas.vocabulary import Outcome
from tests.gateway import borough
from tests.gateway.natives import FAMILY
from tests.unit.gateway.case import opened, rated
from tests.unit.gateway.whole import document, person, put_together

YEARS = timedelta(days=8 * 366)
ONE, OTHER = ("--operator", "e.sandhu"), ("--operator", "k.moss")


@pytest.fixture
def case(tmp_path: Path, rsa_pairs: Iterator[DecryptionKey], monkeypatch: pytest.MonkeyPatch) -> tuple[str, str]:
    """A case that was closed long ago, and its child; the commands find the hub in the environment."""
    assert rsa_pairs is not None
    monkeypatch.setitem(registry.BUILT_IN, borough.MEND, "tests.gateway.mending:ADAPTER")
    master, url = os.urandom(32), f"sqlite:///{tmp_path / 'hub.sqlite3'}"
    monkeypatch.setenv("MASH_CONFIG", str(tmp_path / "hub.toml"))
    monkeypatch.setenv("MASH_MASTER_KEY", base64.b64encode(master).decode())
    monkeypatch.setenv("MASH_DATABASE_URL", url)
    monkeypatch.chdir(tmp_path)

    async def closed(gateway: Gateway) -> tuple[str, str]:
        referral = await opened(gateway)
        await rated(gateway, referral)
        await gateway.deciding.decide(
            person("manager"),
            referral,
            outcomes=[Outcome.NO_FURTHER_ACTION],
            rationale="r",
            evidence=["the notification"],
            acknowledged=(),
        )
        await gateway.deciding.close(person("manager"), referral, "Nobody is to be told")
        async with gateway.store.reading() as work:
            child = next(one.person_id for one in await work.referrals.persons(referral) if one.part == "subject")
        await gateway.due.round(datetime.now(UTC))
        return referral, child

    async def made() -> tuple[str, str]:
        at = document("https://id.example")
        async with put_together(
            tmp_path, lambda: datetime.now(UTC) - YEARS, at, database_url=url, master=master
        ) as gateway:
            return await closed(gateway)

    return asyncio.run(made())


def call(command: click.Command, *arguments: str) -> str:
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == 0, (result.output, result.exception)
    return result.stdout


def answer(command: click.Command, *arguments: str) -> Any:  # noqa: ANN401 - JSON
    return json.loads(call(command, *arguments, "--json"))


def failure(command: click.Command, *arguments: str) -> str:
    result = CliRunner().invoke(command, arguments)
    assert isinstance(result.exception, MashError), result.output
    return result.exception.code


def test_what_is_due_is_erased_by_two_people_and_proved(case: tuple[str, str], tmp_path: Path) -> None:
    referral, _ = case
    (row,) = answer(erase, "due")
    assert (row["subject"], row["class"], row["held"]) == (referral, "no-further-action", False)
    assert referral in call(erase, "due", "--class", "no-further-action")
    assert "Nothing is due" in call(erase, "due", "--class", "early-help")
    assert failure(erase, "proof", referral) == "erasure.not_done"
    assert not (tmp_path / f"{referral}.erased").exists()
    made = answer(erase, "propose-due", *ONE)
    approval = ("approve-due", made["list"], "--digest", made["digest"])
    assert failure(erase, *approval, *ONE) == "erasure.same_person"
    call(erase, "hold", referral, "--reason", "CASE-2026/17", *ONE)
    assert "left as it is: retention.held" in call(erase, *approval, *OTHER)
    call(erase, "lift", referral, *ONE)
    assert "1 erased, 0 left" in call(erase, *approval, *OTHER)
    assert [one["ledger"] for one in answer(erase, "status")] == [1]
    told = answer(erase, "proof", referral)
    assert datetime.fromisoformat(told["for_good"]) > datetime.now(UTC) + timedelta(days=34)
    command = [sys.executable, told["verifier"], told["proof"], "--trust", told["key"]]
    checked = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stdout.split("\n")[0]) == (0, "erased")
    assert failure(erase, "proof", referral) == "export.exists"
    assert "no sooner than" in call(erase, "proof", referral, "--replace")


def test_a_data_subject_is_told_by_two_people_once_it_was_approved(case: tuple[str, str], tmp_path: Path) -> None:
    _, child = case
    file = tmp_path / "answer.json"
    export = ("export", "--person", child, str(file), *ONE)
    assert failure(subject, *export) == "access.unknown"
    name = call(subject, "ask", "--person", child, *ONE).split("mash subject approve ")[1].split(" ")[0]
    assert failure(subject, *export) == "access.unknown"
    assert failure(subject, "approve", name, *ONE) == "access.same_person"
    call(subject, "approve", name, *OTHER)
    call(subject, *export)
    document_told = json.loads(file.read_text(encoding="utf-8"))
    assert document_told["identity"]["names"][0]["family"] == FAMILY
    assert file.stat().st_mode & 0o077 == 0
    assert failure(subject, *export) == "export.exists"
    call(subject, *export, "--print", "--replace")
    assert file.read_text(encoding="utf-8").startswith("<!doctype html>")
