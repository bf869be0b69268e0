"""``mash keys``, ``mash log`` and ``mash agencies``: what they print, what they change, how they end."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Protocol

import click
import pytest
from click.testing import CliRunner, Result

from crypto.jwk import DecryptionKey, SigningKey, generate_sealing_key, generate_signing_key
from gateway.cli import agencies, db, keys, log, persons
from gateway.log import Event
from schemas.envelope import LogProof
from schemas.errors import Conflict, MashError, Rejected, Unknown
from schemas.hub import KeysSection
from tests.unit.gateway.enrolling import signed, stamped


class Hub(Protocol):
    """The hub that the commands open."""

    url: str

    def run(self, body: Any) -> Any:  # noqa: ANN401 - as the fixture says
        """Run a coroutine function with its parts."""


def call(command: click.Command, *arguments: str) -> Result:
    return CliRunner().invoke(command, arguments)


def answer(command: click.Command, *arguments: str) -> Any:  # noqa: ANN401 - JSON
    result = call(command, *arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def failure(command: click.Command, *arguments: str) -> MashError:
    result = call(command, *arguments)
    assert result.exit_code == 1
    assert isinstance(result.exception, MashError)
    return result.exception


def database(hub: Hub) -> Path:
    return Path(hub.url.removeprefix("sqlite:///"))


def tamper(hub: Hub, sql: str) -> None:
    with closing(sqlite3.connect(database(hub))) as connection:
        connection.execute(sql)
        connection.commit()


GROUPS = [agencies.agencies, db.db, keys.keys, log.log, persons.persons]


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: str(group.name))
def test_every_command_helps_with_an_example(group: click.Group) -> None:
    for command in (group, *group.commands.values()):
        helped = call(command, "--help")
        assert helped.exit_code == 0
        assert "Example: mash" in helped.output


def test_keys_are_listed_without_their_secrets(hub: Hub) -> None:
    rows = answer(keys.keys, "list")
    assert hub.url
    assert {row["purpose"] for row in rows} == {
        "signing",
        "sealing",
        "at_rest",
        "lookup",
        "checkpoint",
        "policy",
        "pseudonym",
    }
    assert {row["state"] for row in rows} == {"active"}
    assert not {"wrapped", "secret", "material"} & set(rows[0])
    lines = call(keys.keys, "list").stdout.splitlines()
    assert len(lines) == len(rows) + 1


def test_rotating_publishes_successors_of_the_published_pairs(hub: Hub) -> None:
    before = answer(keys.keys, "list")
    steps = answer(keys.keys, "rotate")
    assert hub.url
    assert [step["purpose"] for step in steps] == ["signing", "sealing"]
    assert all(step["state"] == "pre_active" and step["due_at"] for step in steps)
    assert len(answer(keys.keys, "list")) == len(before) + 2


def test_a_compromise_takes_over_at_once(hub: Hub) -> None:
    (step,) = answer(keys.keys, "rotate", "--purpose", "signing", "--compromise")
    states = {row["kid"]: row["state"] for row in answer(keys.keys, "list") if row["purpose"] == "signing"}
    assert hub.url
    assert states.pop(step["kid"]) == "active"
    assert list(states.values()) == ["revoked"]


def test_after_a_compromise_at_rest_every_scope_is_wrapped_anew(hub: Hub) -> None:
    async def scopes(parts: Any) -> None:  # noqa: ANN401 - the hub's parts
        async with parts.store.work() as work:
            for number in range(3):
                await parts.vault.new_scope(work, f"ref_{number}", now=parts.world.now())
            await work.commit()

    async def versions(parts: Any) -> list[int]:  # noqa: ANN401 - the hub's parts
        async with parts.store.reading() as work:
            return [(await work.scopes.get(f"ref_{number}")).kek_version for number in range(3)]

    hub.run(scopes)
    assert hub.run(versions) == [1, 1, 1]
    answer(keys.keys, "rotate", "--purpose", "at_rest", "--compromise")
    assert hub.run(versions) == [2, 2, 2]
    states = {row["kid"]: row["state"] for row in answer(keys.keys, "list")}
    assert (states["at_rest.1"], states["at_rest.2"]) == ("revoked", "active")


def test_revoking_says_why_in_a_code_and_names_an_unknown_key(hub: Hub) -> None:
    assert call(keys.keys, "revoke", "policy.1", "--reason", "suspected").exit_code == 0
    assert hub.url
    assert isinstance(failure(keys.keys, "revoke", "policy.1", "--reason", "suspected"), Conflict)
    assert isinstance(failure(keys.keys, "revoke", "nobody", "--reason", "lost"), Unknown)
    assert call(keys.keys, "revoke", "policy.2", "--reason", "because she left").exit_code == 2


def test_a_key_is_suspended_cleared_revoked_and_not_destroyed_before_its_time(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert hub.url
    assert call(keys.keys, "suspend", "policy.1", "--reason", "suspected").exit_code == 0
    assert call(keys.keys, "resume", "policy.1").output == "policy.1 is verify_only\n"
    done = answer(keys.keys, "revoke", "policy.1", "--reason", "lost")
    assert (done["state"], done["touched"]["counts"]) == ("revoked", {"envelopes": 0})
    assert answer(keys.keys, "touched", "policy.1") == done["touched"]
    wait = SimpleNamespace(hub=SimpleNamespace(keys=KeysSection()))
    monkeypatch.setattr(keys, "settings", lambda _: wait)
    assert failure(keys.keys, "destroy", "policy.1").code == "crypto.keys.too_early"
    assert "touched" in answer(keys.keys, "rotate", "--purpose", "signing", "--compromise")[0]
    assert answer(log.log, "verify")["verified"]


def test_a_whole_log_is_verified_and_a_broken_one_ends_with_one(hub: Hub) -> None:
    found = answer(log.log, "verify")
    assert (found["verified"], found["first_bad"]) == (True, None)
    assert found["entries"] == 14
    tamper(hub, "UPDATE log_entries SET actor = 'nobody' WHERE position = 3")
    broken = call(log.log, "verify", "--json")
    assert broken.exit_code == 1
    assert {name: json.loads(broken.stdout)[name] for name in ("verified", "first_bad", "problem")} == {
        "verified": False,
        "first_bad": 3,
        "problem": "log.columns",
    }
    assert call(log.log, "verify").exit_code == 1


def test_a_tree_that_takes_no_more_entries_is_told_of_with_those_that_wait(hub: Hub) -> None:
    assert answer(log.log, "verify")["entries"] == 14
    tamper(hub, "UPDATE log_nodes SET hash = zeroblob(32) WHERE level = 3")

    async def append(parts: Any) -> None:  # noqa: ANN401 - the hub's parts
        async with parts.store.work() as work:
            await parts.log.append(work, event=Event.HUB_STARTED, actor="hub", now=parts.world.now())
            await work.commit()

    hub.run(append)
    broken = json.loads(call(log.log, "verify", "--json").stdout)
    assert (broken["verified"], broken["problem"], broken["entries"]) == (False, "log.node", 14)


def test_an_entry_is_proved(hub: Hub) -> None:
    async def first(parts: Any) -> str:  # noqa: ANN401 - the hub's parts
        async with parts.store.reading() as work:
            return str((await work.log.unsequenced(1))[0].id)

    name = hub.run(first)
    proof = LogProof.model_validate_json(call(log.log, "prove", name, "--json").stdout)
    assert proof.index >= 0
    assert name in call(log.log, "prove", name).stdout
    assert isinstance(failure(log.log, "prove", "log_nothing"), Unknown)


def test_an_export_brings_its_verifier_and_is_itself_in_the_log(hub: Hub, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    bundle = folder / "log.bundle"
    done = answer(log.log, "export", str(bundle))
    assert bundle.stat().st_mode & 0o077 == 0
    assert sorted(path.name for path in folder.iterdir()) == ["log.bundle", "verify.py"]
    command = [sys.executable, "-I", "-S", "verify.py", "log.bundle", "--key", done["key"], "--json"]
    checked = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True, timeout=60)
    assert json.loads(checked.stdout)["shown"] == done["shown"] == 14

    async def events(parts: Any) -> list[str]:  # noqa: ANN401 - the hub's parts
        async with parts.store.reading() as work:
            return [entry.event for entry in await work.log.unsequenced(100)]

    assert hub.run(events) == [Event.LOG_EXPORTED]


def test_a_chain_of_custody_is_of_a_referral_that_there_is(hub: Hub, tmp_path: Path) -> None:
    assert hub.url
    target = tmp_path / "case.custody"
    assert isinstance(failure(log.log, "export", str(target), "--referral", "ref_" + "0" * 26), Unknown)
    assert failure(log.log, "export", str(target), "--referral", "ref_x", "--agency", "nobody").code == "agency.unknown"
    assert not list(tmp_path.glob("*.custody"))
    assert call(log.log, "export").exit_code == 2
    assert call(log.log, "export", "--referral", "ref_x", "--agency", "police", "--whole").exit_code == 2


def test_an_export_writes_over_nothing_that_is_there(hub: Hub, tmp_path: Path) -> None:
    assert hub.url
    folder = tmp_path / "out"
    folder.mkdir()
    bundle, verifier = folder / "log.bundle", folder / "verify.py"
    verifier.write_text("print('mine')")
    assert failure(log.log, "export", str(bundle)).code == "export.verifier"
    assert not bundle.exists()
    verifier.unlink()
    bundle.write_text("mine")
    assert failure(log.log, "export", str(bundle)).code == "export.exists"
    assert bundle.read_text() == "mine"
    assert call(log.log, "export", str(bundle), "--replace").exit_code == 0
    assert isinstance(failure(log.log, "export", str(tmp_path / "nowhere" / "x")), Rejected)


def enrolment(folder: Path, hub: str) -> Path:
    keys: list[SigningKey | DecryptionKey] = [generate_sealing_key()]

    def public() -> dict[str, str]:
        keys.append(key := generate_signing_key())
        return key.public().jwk()

    client = {
        "client_id": "police.lead",
        "recipient": "lead",
        "grants": ["open"],
        "authentication_key": public(),
        "dpop_key": public(),
        "encryption_key": keys[0].public().jwk(),
    }
    path = folder / "police.json"
    form = {"agency": "police", "signing_keys": [public()], "clients": [client]}
    path.write_bytes(signed(stamped(form, datetime.now(UTC), hub), keys))
    return path


def test_an_agency_is_enrolled_listed_and_suspended(hub: Hub, tmp_path: Path) -> None:
    assert hub.url
    assert answer(agencies.agencies, "list")[0]["status"] == "not enrolled"
    done = answer(agencies.agencies, "enrol", "--keys", str(enrolment(tmp_path, "demo")))
    assert (done["agency"], done["clients"]) == ("police", ["police.lead"])
    (listed,) = answer(agencies.agencies, "list")
    assert (listed["status"], listed["signing_keys"][0]["kid"]) == ("active", done["signing_keys"][0])
    assert "police" in call(agencies.agencies, "list").stdout
    assert call(agencies.agencies, "suspend", "police").exit_code == 0
    assert answer(agencies.agencies, "list")[0]["status"] == "suspended"
    assert isinstance(failure(agencies.agencies, "suspend", "health"), Unknown)


def test_a_file_that_is_not_there_is_named(hub: Hub, tmp_path: Path) -> None:
    assert hub.url
    assert failure(agencies.agencies, "enrol", "--keys", str(tmp_path / "no.json")).code == "agency.file"
