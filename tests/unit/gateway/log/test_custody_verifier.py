"""One referral's chain of custody: what it shows, to whom, and that no bit of it can be changed."""

from __future__ import annotations

import ast
import base64
import hashlib
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from crypto import base64url, canonical
from crypto.checkpoint import Checkpoint, generate_checkpoint_key, sign_checkpoint
from crypto.commitment import commit
from gateway.bootstrap import Gateway
from gateway.cli.log import _answer
from gateway.log import Event, custody_verifier
from gateway.log.custody_verifier import STAGES, TOLD, Bundle, NotVerified, sentence, verifier
from gateway.store.records import MessageRecord
from schemas.errors import Unknown
from tests.campaigns.spellings import SPELLINGS, Sealed, twin
from tests.unit.gateway.case import asked, decided, opened, product, rated
from tests.unit.gateway.fixtures import gateway, hub_file, issuer
from tests.unit.gateway.whole import person

__all__ = ["gateway", "hub_file", "issuer"]
FILE = Path(custody_verifier.__file__)
SOURCE = FILE.read_bytes()


async def exported(gateway: Gateway, referral: str, agency: str | None = None) -> bytes:
    async def answer(work: object, message: MessageRecord) -> bytes | None:
        return await _answer(gateway, work, message)  # type: ignore[arg-type]

    file = io.BytesIO()
    await gateway.log.export_custody(file, referral, agency=agency, answer=answer)
    return file.getvalue()


async def worked(gateway: Gateway) -> str:
    """A referral that was asked about, viewed, decided on and told of."""
    referral = await opened(gateway)
    await gateway.log.sequence()
    await rated(gateway, referral)
    request = await asked(gateway, referral)
    await gateway.log.sequence()
    await gateway.viewing.referral(person("manager"), referral)
    await decided(gateway, referral, acknowledged=[request])
    await product(gateway, referral)
    return referral


def trust(gateway: Gateway) -> list[tuple[str, bytes, bytes]]:
    return [verifier(gateway.keys.log_key())]


def refused(data: bytes, keys: list[tuple[str, bytes, bytes]], seen: str | None = None) -> str:
    with pytest.raises(NotVerified) as caught:
        Bundle(data, keys, seen)
    return str(caught.value)


def resealed(gateway: Gateway, data: bytes, change: Callable[[list[dict[str, Any]]], object]) -> bytes:
    """As a hub that lies would make it: changed, and sealed again by its own key."""
    lines = [json.loads(line) for line in data.splitlines()[:-1]]
    change(lines)
    body = b"".join(canonical.dumps(line) + b"\n" for line in lines)
    sealed = Checkpoint(origin=gateway.log.origin + "/custody", size=len(lines), root=hashlib.sha256(body).digest())
    note = sign_checkpoint(sealed, gateway.keys.checkpoint_key())
    return body + canonical.dumps({"kind": "seal", "note": note}) + b"\n"


async def test_a_bundle_tells_the_story_from_the_notification_on(gateway: Gateway) -> None:
    referral = await worked(gateway)
    bundle = Bundle(await exported(gateway, referral), trust(gateway))
    events = [entry["event"] for entry in bundle.story]
    assert {"message.accepted", "referral.created", "rating.given", "request.sent", "envelope.sealed"} <= set(events)
    assert {"referral.viewed", "decision.made", "product.made", "key.created", "key.promoted"} <= set(events)
    assert events.index("message.accepted") < events.index("rating.given") < events.index("product.made")
    (native,) = bundle.natives
    assert native["acknowledgement"]["digest"]
    assert {key["purpose"] for key in bundle.keys} >= {"signing", "checkpoint", "at_rest"}
    words = "\n".join(bundle.words())
    assert referral in words
    assert native["digest"] in words
    assert "{" not in words


async def test_a_bundle_for_an_agency_holds_its_own_part_alone(gateway: Gateway) -> None:
    referral = await worked(gateway)
    # Of another agency: its name is in what everybody sees only where that agency took part.
    data = await exported(gateway, referral, "health")
    bundle = Bundle(data, trust(gateway))
    assert {entry["event"] for entry in bundle.story} <= {
        "request.sent", "agency.enrolled", "key.created", "key.promoted", "envelope.delivered",
    }  # fmt: skip
    assert bundle.natives == []
    assert "request.sent" in {entry["event"] for entry in bundle.story}
    assert b"police" not in data
    assert b"council" not in data
    sender = Bundle(await exported(gateway, referral, "police"), trust(gateway))
    assert len(sender.natives) == 1
    assert "request.sent" not in {entry["event"] for entry in sender.story}


async def test_another_referral_is_not_in_it(gateway: Gateway) -> None:
    referral, other = await worked(gateway), "ref_" + "1" * 26
    async with gateway.store.work() as work:
        await gateway.log.append(
            work, event=Event.REFERRAL_VIEWED, actor="hub", now=gateway.world.now(), referral=other, subject=other
        )
        await work.commit()
    assert other.encode() not in await exported(gateway, referral)


async def test_an_unknown_referral_has_no_custody(gateway: Gateway) -> None:
    with pytest.raises(Unknown):
        await exported(gateway, "ref_" + "0" * 26)


async def test_no_other_spelling_of_a_bundle_is_taken(gateway: Gateway) -> None:
    data, keys = await exported(gateway, await worked(gateway), "police"), trust(gateway)
    whole = Sealed.of(data)
    assert Bundle(whole.noted(whole.note), keys).story
    assert base64.b64decode(twin(whole.note.split("\n")[2])) == base64.b64decode(whole.note.split("\n")[2])
    for name, spelling in SPELLINGS.items():
        changed = spelling(whole)
        assert changed != data, name
        try:
            Bundle(changed, keys)
        except NotVerified:
            continue
        pytest.fail(f"taken: {name}")


async def test_an_empty_file_is_no_checkpoint_that_was_kept(gateway: Gateway) -> None:
    data, keys = await exported(gateway, await worked(gateway), "police"), trust(gateway)
    assert "the checkpoint that you kept" in refused(data, keys, "")


async def test_a_file_that_is_cut_off_or_goes_on_is_found(gateway: Gateway) -> None:
    data, keys = await exported(gateway, await worked(gateway)), trust(gateway)
    lines = data.splitlines(keepends=True)
    for count in range(len(lines)):
        refused(b"".join(lines[:count]), keys)
    for more in (b"\n", b"{}\n", lines[-1], lines[3]):
        refused(data + more, keys)


async def test_another_key_than_the_trusted_is_refused(gateway: Gateway) -> None:
    data = await exported(gateway, await worked(gateway))
    foreign = verifier(generate_checkpoint_key(gateway.log.origin).verifier().text())
    assert "not signed" in refused(data, [foreign])


LIES = {
    "an entry changed": lambda lines: lines[-1].update(entry=lines[-1]["entry"].replace("2026-", "2025-")),
    "an entry at another place": lambda lines: lines[-1].update(index=lines[-1]["index"] + 1),
    "entries in another order": lambda lines: lines.insert(-1, lines.pop()),
    "an entry twice": lambda lines: lines.append(lines[-1]),
    "another digest of the notification": lambda lines: next(line for line in lines if line["kind"] == "native").update(
        digest="A" * 43
    ),
    "a key that was never revoked": lambda lines: next(line for line in lines if line["kind"] == "key").update(
        revoked_at="2026-11-02T09:30:00.000000Z"
    ),
    "a key promoted at another time": lambda lines: next(line for line in lines if line["kind"] == "key").update(
        promoted_at="2026-11-02T09:30:00.000001Z"
    ),
    "a history that does not begin the other": lambda lines: lines[1].update(consistency=lines[1]["consistency"][1:]),
    "a checkpoint less": lambda lines: lines.pop(
        max(i for i, line in enumerate(lines) if line["kind"] == "checkpoint")
    ),
    "a number in another spelling": lambda lines: lines[0].update(size=float(lines[0]["size"])),
    "a place that is no number": lambda lines: lines[-1].update(index=True),
    "a member more": lambda lines: lines[0].update(more=1),
}


@pytest.mark.parametrize("lie", LIES)
async def test_even_the_hub_cannot_tell_another_story_than_its_log(gateway: Gateway, lie: str) -> None:
    data, keys = await exported(gateway, await worked(gateway)), trust(gateway)
    assert Bundle(resealed(gateway, data, lambda _: None), keys).story
    assert refused(resealed(gateway, data, LIES[lie]), keys)


def erase(lines: list[dict[str, Any]], event: str) -> None:
    """As an erasure leaves an entry: its leaf and no text."""
    place = next(n for n, line in enumerate(lines) if f'"event":"{event}"' in str(line.get("entry")))
    line = lines[place]
    leaf = commit(base64url.decode(line["salt"]), line["entry"].encode())
    lines[place] = {"kind": "erased", "index": line["index"], "leaf": base64url.encode(leaf), "path": line["path"]}


async def test_an_erasure_takes_the_proof_of_what_it_erased_and_of_nothing_else(gateway: Gateway) -> None:
    data, keys = await exported(gateway, await worked(gateway)), trust(gateway)

    def other_digest(lines: list[dict[str, Any]]) -> None:
        erase(lines, "rating.given")
        next(line for line in lines if line["kind"] == "native")["digest"] = "0" * 64

    assert "digest" in refused(resealed(gateway, data, other_digest), keys)
    bundle = Bundle(resealed(gateway, data, lambda lines: erase(lines, "message.accepted")), keys)
    words = "\n".join(bundle.words())
    assert "the hub's word: the entry was erased" in words
    assert "- 0 notifications, by the digest" in words


async def test_a_checkpoint_that_was_kept_must_be_of_the_same_history(gateway: Gateway) -> None:
    data, keys = await exported(gateway, await worked(gateway)), trust(gateway)
    lines = [json.loads(line) for line in data.splitlines()]
    kept = next(line["note"] for line in lines if line["kind"] == "checkpoint")
    size = int(kept.split("\n")[1])
    assert Bundle(data, keys, kept).story
    forked = sign_checkpoint(
        Checkpoint(origin=gateway.log.origin, size=size, root=bytes(32)), gateway.keys.checkpoint_key()
    )
    assert "forked" in refused(data, keys, forked)


def test_every_event_has_words_and_every_word_an_event() -> None:
    shared = {"actor": "hub", "subject": "env_1", "referral": "ref_1", "detail": {}}
    said = {event: sentence({"event": str(event), **shared}) for event in Event}
    assert all("env_1" in words or event in TOLD for event, words in said.items())
    assert said[Event.PERSON_MERGED] == "person merged: env_1, by the hub"
    assert not any(
        "None" in sentence({"event": str(event), **shared, "subject": None}) for event in Event if event not in TOLD
    )
    assert STAGES.keys() <= set(Event)
    assert TOLD.keys() <= set(Event)


def test_it_imports_the_standard_library_alone() -> None:
    imported = set()
    for node in ast.walk(ast.parse(FILE.read_text())):
        if isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        if isinstance(node, ast.ImportFrom):
            imported.add(str(node.module).split(".")[0])
    assert imported <= sys.stdlib_module_names | {"__future__"}


async def test_alone_in_a_folder_it_says_what_it_checked(gateway: Gateway, tmp_path: Path) -> None:
    data = await exported(gateway, await worked(gateway))
    (tmp_path / "custody.py").write_bytes(SOURCE)
    (tmp_path / "case.custody").write_bytes(data)
    (tmp_path / "bad.custody").write_bytes(data.replace(b"referral.created", b"referral.crested", 1))

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", "-S", "custody.py", *arguments]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)

    key = gateway.keys.log_key()
    good, bad = run("case.custody", "--trust", key), run("bad.custody", "--trust", key, "--json")
    assert good.returncode == 0, good.stdout + good.stderr
    assert good.stdout.startswith("verified\n")
    assert "it opened the referral" in good.stdout
    assert (bad.returncode, json.loads(bad.stdout)["verified"]) == (1, False)
    assert run("case.custody").returncode == 2  # nobody's key is trusted by itself
    assert run("none.custody", "--trust", key).returncode == 2
