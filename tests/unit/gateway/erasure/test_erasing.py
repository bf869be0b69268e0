"""Erasing a referral: two people, no way back, not even by an old backup, and a log that stays whole."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from adapters import registry
from crypto.jwk import DecryptionKey
from crypto.keys import Purpose
from gateway.bootstrap import Gateway
from gateway.conformance import Evidence, examine
from gateway.intake.intake import BYTES_PLACE
from gateway.log import Event
from schemas.errors import Conflict, Rejected, Unavailable, Unknown
from tests.gateway import borough
from tests.gateway.natives import child, notice
from tests.unit.gateway.case import opened, rated
from tests.unit.gateway.conftest import Clock
from tests.unit.gateway.fixtures import gateway, hub_file, issuer
from tests.unit.gateway.issuer import Issuer
from tests.unit.gateway.whole import document, entries, person, put_together

__all__ = ["gateway", "hub_file", "issuer"]
ONE, OTHER = "operator:e.sandhu", "operator:k.moss"


async def closed(gateway: Gateway) -> str:
    referral = await opened(gateway)
    await rated(gateway, referral)
    await close(gateway, referral)
    return referral


async def close(gateway: Gateway, referral: str) -> None:
    async with gateway.store.work() as work:
        record = await work.referrals.lock(referral)
        await work.referrals.save(replace(record, closed_at=gateway.world.now(), state="closed"))
        await work.commit()


async def native_bytes(gateway: Gateway, referral: str) -> bytes:
    async with gateway.store.reading() as work:
        (item,) = await work.messages.items_of_referral(referral)
        message = await work.messages.get(item.message_id)
        return await gateway.vault.open(work, message.scope, message.sealed, aad=f"{BYTES_PLACE}.{message.id}")


async def erased(gateway: Gateway) -> str:
    referral = await closed(gateway)
    await gateway.erasing.propose(referral, "retention", actor=ONE)
    await gateway.erasing.approve(referral, actor=OTHER)
    return referral


async def test_what_was_erased_is_unreadable_and_the_log_is_whole(gateway: Gateway) -> None:
    referral = await closed(gateway)
    assert b"<" in await native_bytes(gateway, referral)
    seen = await gateway.erasing.preview(referral)
    assert seen.scopes >= 3  # the referral, the message, the child
    assert seen.entries >= 1
    await gateway.erasing.propose(referral, "retention", actor=ONE)
    line = await gateway.erasing.approve(referral, actor=OTHER)
    assert len(line.scopes) == seen.scopes
    with pytest.raises(Unknown):
        await native_bytes(gateway, referral)
    await gateway.log.sequence()
    assert (await gateway.log.verify()).verified
    async with gateway.store.reading() as work:
        rows = await work.log.entries(0, await work.log.size())
    blank = [row.position for row in rows if not row.entry]
    assert len(blank) == seen.entries
    (done,) = [row for row in rows if row.event == Event.ERASURE_DONE]
    assert f'"leaves":{blank}'.replace(" ", "") in done.entry.decode()


async def test_what_the_hub_did_is_counted_after_an_erasure_too(gateway: Gateway) -> None:
    await closed(gateway)

    def seen(found: tuple[Evidence, ...]) -> list[tuple[int, int]]:
        return [(claim.seen, claim.broken) for one in found for claim in one.claims]

    before = seen(await examine(gateway))
    await erased(gateway)
    await opened(gateway)
    after = seen(await examine(gateway))
    assert [one for one in await examine(gateway) if not one.holds] == []
    assert after != before


async def test_what_comes_later_of_the_same_child_opens_a_referral_of_its_own(gateway: Gateway) -> None:
    referral = await erased(gateway)
    assert await opened(gateway) != referral


async def test_what_was_erased_and_comes_again_is_answered_and_stays_erased(gateway: Gateway) -> None:
    native = notice()
    feed = gateway.feeds["police-ppn"]
    first = await gateway.intake.receive(feed, native, "police.desk")
    async with gateway.store.reading() as work:
        (item,) = await work.messages.items(first.message_id)
    referral = str(item.referral_id)
    await close(gateway, referral)
    await gateway.erasing.propose(referral, "retention", actor=ONE)
    await gateway.erasing.approve(referral, actor=OTHER)
    again = await gateway.intake.receive(feed, native, "police.desk")
    assert (again.message_id, str(again.fate)) == (first.message_id, "duplicate")
    with pytest.raises(Unknown):
        await native_bytes(gateway, referral)


async def test_nothing_is_erased_by_one_person_or_while_it_is_open_or_twice(gateway: Gateway) -> None:
    open_one = await opened(gateway)
    with pytest.raises(Conflict, match="open"):
        await gateway.erasing.propose(open_one, "retention", actor=ONE)
    with pytest.raises(Unknown):
        await gateway.erasing.approve(open_one, actor=ONE)
    referral = await closed(gateway)
    await gateway.erasing.propose(referral, "retention", actor=ONE)
    with pytest.raises(Conflict, match="same_person"):
        await gateway.erasing.approve(referral, actor=ONE)
    await gateway.erasing.approve(referral, actor=OTHER)
    with pytest.raises(Conflict, match="done"):
        await gateway.erasing.approve(referral, actor=OTHER)
    assert len(gateway.erasing.ledger.read()) == 1


async def test_a_legal_hold_prevents_it_until_it_is_lifted(gateway: Gateway) -> None:
    referral = await closed(gateway)
    await gateway.erasing.propose(referral, "retention", actor=ONE)
    await gateway.erasing.hold(referral, "CASE-2026/17", actor=ONE)
    (held,) = await entries(gateway, "hold.placed")
    assert (held["actor"], held["detail"]) == (ONE, {"reason": "CASE-2026/17"})
    with pytest.raises(Conflict, match="held"):
        await gateway.erasing.approve(referral, actor=OTHER)
    assert await native_bytes(gateway, referral)
    await gateway.erasing.lift(referral, actor=ONE)
    await gateway.erasing.approve(referral, actor=OTHER)
    with pytest.raises(Unknown):
        await native_bytes(gateway, referral)


def put_back(folder: Path) -> None:
    for beside in folder.glob("whole.sqlite3*"):
        beside.unlink()
    shutil.copy(folder / "old", folder / "whole.sqlite3")


async def test_an_old_backup_is_told_what_was_erased_before_it_serves(
    issuer: Issuer,
    tmp_path: Path,
    clock: Callable[[], datetime],
    rsa_pairs: Iterator[DecryptionKey],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert rsa_pairs is not None
    monkeypatch.setitem(registry.BUILT_IN, borough.MEND, "tests.gateway.mending:ADAPTER")
    database, master = tmp_path / "whole.sqlite3", os.urandom(32)
    made, url = document(issuer.url), f"sqlite:///{database}"
    async with put_together(tmp_path, clock, made, database_url=url, master=master) as gateway:
        referral = await closed(gateway)
    shutil.copy(database, tmp_path / "old")
    async with put_together(tmp_path, clock, made, database_url=url, master=master, enrol=()) as gateway:
        await gateway.erasing.propose(referral, "retention", actor=ONE)
        await gateway.erasing.approve(referral, actor=OTHER)
        newest = gateway.erasing.ledger.path
    put_back(tmp_path)
    async with put_together(tmp_path, clock, made, database_url=url, master=master, enrol=()) as gateway:
        with pytest.raises(Unknown):
            await native_bytes(gateway, referral)
        await gateway.log.sequence()
        assert (await gateway.log.verify()).verified
        assert await gateway.erasing.catch_up() == 0
    newest.unlink()
    with pytest.raises(Unavailable, match="put the newest ledger back"):
        async with put_together(tmp_path, clock, made, database_url=url, master=master, enrol=()):
            pass


async def test_a_backup_that_is_older_than_backups_are_kept_opens_no_more(
    issuer: Issuer,
    tmp_path: Path,
    clock: Clock,
    rsa_pairs: Iterator[DecryptionKey],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert rsa_pairs is not None
    monkeypatch.setitem(registry.BUILT_IN, borough.MEND, "tests.gateway.mending:ADAPTER")
    database, master = tmp_path / "whole.sqlite3", os.urandom(32)
    made, url = document(issuer.url), f"sqlite:///{database}"
    async with put_together(tmp_path, clock, made, database_url=url, master=master) as gateway:
        referral = await closed(gateway)
        await gateway.intake.receive(gateway.feeds["police-ppn"], notice(child(1)), "police.desk")
    shutil.copy(database, tmp_path / "old")
    async with put_together(tmp_path, clock, made, database_url=url, master=master, enrol=()) as gateway:
        await gateway.erasing.propose(referral, "retention", actor=ONE)
        await gateway.erasing.approve(referral, actor=OTHER)
        for days in (8, 1, 1):
            clock.pass_by(timedelta(days=days))
            await gateway.watch.round()
    shutil.copy(database, tmp_path / "young")
    async with put_together(tmp_path, clock, made, database_url=url, master=master, enrol=()) as gateway:
        clock.pass_by(timedelta(days=36))
        for _ in range(2):
            await gateway.watch.round()
        assert len(gateway.erasing.ledger.read()) == 2
    put_back(tmp_path)
    with pytest.raises(Unavailable, match="older than backups are kept"):
        async with put_together(tmp_path, clock, made, database_url=url, master=master, enrol=()):
            pass
    # One from since then still serves, and is told of the key too.
    shutil.copy(tmp_path / "young", tmp_path / "old")
    put_back(tmp_path)
    async with put_together(tmp_path, clock, made, database_url=url, master=master, enrol=()) as gateway:
        assert [str(one.state) for one in gateway.keys.ring.of(Purpose.AT_REST)] == ["active", "destroyed"]
        assert await gateway.erasing.catch_up() == 0


async def test_a_ledger_that_was_changed_is_refused(gateway: Gateway) -> None:
    await erased(gateway)
    await erased(gateway)
    path = gateway.erasing.ledger.path
    whole = path.read_bytes()
    first, second = whole.splitlines(keepends=True)
    assert len(gateway.erasing.ledger.read()) == 2
    for changed in (
        second,
        second + first,
        first + first,
        first + second[:-1],
        first.replace(b"ref_", b"reg_") + second,
    ):
        path.write_bytes(changed)
        with pytest.raises(Rejected):
            gateway.erasing.ledger.read()
    path.write_bytes(first)
    with pytest.raises(Unavailable):
        await gateway.erasing.catch_up()
    assert person("manager").actor.encode() not in whole
