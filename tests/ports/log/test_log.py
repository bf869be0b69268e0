"""The log keeps its promises over SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import io
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Protocol

import pytest
from sqlalchemy import text

from crypto import merkle
from crypto.checkpoint import (
    Checkpoint,
    CheckpointKey,
    CheckpointVerifier,
    generate_checkpoint_key,
    sign_checkpoint,
    verify_checkpoint,
)
from gateway.log import Disagrees, Event, Log
from gateway.log.offline_verifier import verify as verify_offline
from gateway.log.placing import WAITING
from gateway.store import Store
from schemas.envelope import LogProof
from schemas.errors import Rejected, Unavailable, Unknown

ORIGIN = "demo.mash.log"
NOW = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)
Write = Callable[..., Awaitable[list[str]]]


class OneKey(Protocol):
    """The checkpoint key of the log under test, and those that were trusted before it."""

    key: CheckpointKey
    former: tuple[CheckpointVerifier, ...]


def raw(encoded: str) -> bytes:
    return base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))


def check(proof: LogProof, key: CheckpointKey) -> dict[str, object]:
    """As an agency's system would, by the page on the wire and nothing else of ours but RFC 9162."""
    data = hmac.digest(raw(proof.salt), b"mash-log-v1\n" + raw(proof.entry), "sha256")
    checkpoint = verify_checkpoint(proof.checkpoint, key.verifier(), origin=ORIGIN)
    leaf = hashlib.sha256(b"\x00" + data).digest()
    merkle.verify_inclusion(leaf, proof.index, checkpoint.size, [raw(node) for node in proof.path], checkpoint.root)
    entry: dict[str, object] = json.loads(raw(proof.entry))
    return entry


async def statement(store: Store, sql: str) -> None:
    async with store.work() as work:
        await work._transaction.execute(text(sql))
        await work.commit()


async def test_an_empty_log_is_verified_and_has_no_checkpoint(log: Log) -> None:
    found = await log.verify()
    assert (found.entries, found.verified, found.first_bad) == (0, True, None)
    assert await log.checkpoint() is None


async def test_every_entry_can_be_proved_as_the_wire_says(log: Log, write: Write, one_key: OneKey) -> None:
    names = await write(7)
    key = one_key.key
    entries = [check(await log.proof(name), key) for name in names]
    assert [entry["id"] for entry in entries] == names
    assert {entry["actor"] for entry in entries} == {"council.lead"}
    assert {entry["at"] for entry in entries} == {"2026-11-02T09:30:00.000000Z"}


async def test_a_proof_gives_a_waiting_entry_its_place_first(log: Log, write: Write) -> None:
    (name,) = await write(1)
    assert (await log.verify()).waiting == 1
    assert (await log.proof(name)).index == 0
    assert (await log.verify()).waiting == 0


async def test_an_entry_that_did_not_commit_is_not_in_the_log(log: Log, store: Store, write: Write) -> None:
    async with store.work() as work:
        name = await log.append(work, event=Event.HUB_STARTED, actor="hub", now=NOW)
    await write(1)
    with pytest.raises(Unknown):
        await log.proof(name)
    await log.sequence()
    assert (await log.verify()).entries == 1


async def test_many_callers_at_once_in_two_processes_leave_one_whole_tree(
    log: Log, another_log: Log, store: Store, write: Write
) -> None:
    async def appear(which: Log) -> None:
        (name,) = await write(1)
        await which.proof(name)

    await asyncio.gather(*(appear(which) for which in [log, another_log] * 12))
    found = await log.verify()
    assert (found.entries, found.waiting, found.verified) == (24, 0, True)
    assert found.checkpoints <= 24
    async with store.reading() as work:
        assert [entry.position for entry in await work.log.entries(0, 100)] == list(range(24))


async def test_there_is_one_sequencer_at_a_time(log: Log, another_log: Log, store: Store, write: Write) -> None:
    await write(3)
    async with store.work() as work:
        await work.log.lock_sequencer()
        waiting = asyncio.create_task(another_log.sequence())
        await asyncio.sleep(0.5)
        assert not waiting.done()
    await waiting
    assert (await log.verify()).entries == 3


async def test_callers_of_one_process_share_a_run(log: Log, write: Write) -> None:
    await write(20)
    await asyncio.gather(*(log.sequence() for _ in range(20)))
    assert (await log.verify()).checkpoints == 1


async def test_a_run_takes_what_was_committed_before_it_was_asked_for(log: Log, store: Store, write: Write) -> None:
    async def once() -> bool:
        (name,) = await write(1)
        await log.sequence()
        async with store.reading() as work:
            return (await work.log.entry(name)).position is not None

    assert all(await asyncio.gather(*(once() for _ in range(15))))


async def test_old_checkpoints_begin_the_newer_ones(log: Log, write: Write, one_key: OneKey) -> None:
    key = one_key.key
    roots = {}
    for count in (1, 2, 4, 3, 5):
        await write(count)
        await log.sequence()
        record = await log.checkpoint()
        assert record is not None
        roots[record.size] = verify_checkpoint(record.note, key.verifier(), origin=ORIGIN).root
    sizes = sorted(roots)
    assert sizes == [1, 3, 7, 10, 15]
    for old in sizes:
        for new in (size for size in sizes if size >= old):
            proof = [raw(node) for node in await log.consistency(old, new)]
            merkle.verify_consistency(old, new, proof, roots[old], roots[new])


async def test_a_proof_of_a_size_that_the_log_has_not_is_not_given(log: Log, write: Write) -> None:
    await write(1)
    await log.sequence()
    with pytest.raises(Unavailable):
        await log.consistency(1, 5)


# Each breaks the stored log in one way; all were committed and signed before. Place and code of what is found first.
BROKEN = {
    "an entry's text": ("UPDATE log_entries SET entry = salt WHERE position = 4", 4, "log.commitment"),
    "an entry's salt": ("UPDATE log_entries SET salt = commitment WHERE position = 4", 4, "log.commitment"),
    "a commitment": ("UPDATE log_entries SET commitment = salt WHERE position = 4", 4, "log.commitment"),
    "a column": ("UPDATE log_entries SET actor = 'hub' WHERE position = 5", 5, "log.columns"),
    "an event": ("UPDATE log_entries SET event = 'referral.closed' WHERE position = 5", 5, "log.columns"),
    "an entry taken away": ("DELETE FROM log_entries WHERE position = 2", 2, "log.gap"),
    "the last entry taken away": ("DELETE FROM log_entries WHERE position = 9", 9, "log.checkpoint.size"),
    "a leaf": ('UPDATE log_nodes SET hash = (SELECT salt FROM log_entries LIMIT 1) WHERE level = 0 AND "index" = 3', 3,
               "log.node"),
    "an inner node": ('DELETE FROM log_nodes WHERE level = 1 AND "index" = 1', 2, "log.node"),
    "a root": ("UPDATE log_checkpoints SET root = (SELECT hash FROM log_nodes LIMIT 1) WHERE size = 6", 6,
               "log.checkpoint.root"),
    "a signature": ("UPDATE log_checkpoints SET note = replace(note, 'demo', 'else') WHERE size = 6", 6,
                    "log.checkpoint.signature"),
    "the last checkpoint taken away": ("DELETE FROM log_checkpoints WHERE size = 10", 6, "log.checkpoint.size"),
    "all checkpoints taken away": ("DELETE FROM log_checkpoints", 0, "log.checkpoint.missing"),
}  # fmt: skip


@pytest.mark.parametrize("change", BROKEN)
async def test_whatever_is_changed_behind_its_back_is_found(log: Log, store: Store, write: Write, change: str) -> None:
    for count in (3, 3, 4):
        await write(count)
        await log.sequence()
    assert (await log.verify()).verified
    sql, place, problem = BROKEN[change]
    await statement(store, sql)
    found = await log.verify()
    assert (found.verified, found.first_bad, found.problem) == (False, place, problem)


# Each changes the tree that the next entry would follow.
CUT_OFF = (
    "the last entry taken away",
    "the last checkpoint taken away",
    "all checkpoints taken away",
    "the edge of the tree",
    "the last root",
)
EDGE = {
    "the edge of the tree": ("UPDATE log_nodes SET hash = (SELECT salt FROM log_entries LIMIT 1) WHERE level = 3", ""),
    "the last root": ("UPDATE log_checkpoints SET root = (SELECT hash FROM log_nodes LIMIT 1) WHERE size = 10", ""),
}


@pytest.mark.parametrize("change", CUT_OFF)
async def test_no_entry_follows_a_tree_that_was_changed(
    log: Log, another_log: Log, store: Store, write: Write, change: str
) -> None:
    for count in (3, 3, 4):
        await write(count)
        await log.sequence()
    await statement(store, (BROKEN | EDGE)[change][0])
    await write(2)
    # Neither in a process that has yet to read the tree's edge, nor in one that knew it before, unless it is that one.
    with pytest.raises(Disagrees):
        await another_log.sequence()
    if change != "the edge of the tree":
        with pytest.raises(Disagrees):
            await log.sequence()
    found = await log.verify()
    assert (found.verified, found.waiting >= 2) == (False, True)


async def test_each_of_two_processes_follows_the_tree_as_the_other_left_it(
    log: Log, another_log: Log, write: Write
) -> None:
    for count, which in ((1, log), (2, another_log), (1, log), (3, another_log), (9, log)):
        await write(count)
        await which.sequence()
    found = await log.verify()
    assert (found.entries, found.waiting, found.checkpoints, found.verified) == (16, 0, 5, True)


async def test_more_entries_than_one_run_places_have_their_places_in_several(log: Log, store: Store) -> None:
    drafts = [
        log.draft(event=Event.REFERRAL_VIEWED, actor="council.lead", now=NOW, subject=f"ref_{number}")
        for number in range(2 * WAITING + 3)
    ]
    async with store.work() as work:
        await log.append_all(work, drafts)
        await work.commit()
    await log.sequence()
    found = await log.verify()
    assert (found.entries, found.waiting, found.checkpoints, found.verified) == (2 * WAITING + 3, 0, 3, True)


async def test_a_history_rewritten_and_signed_by_a_former_key_is_found(log: Log, write: Write, one_key: OneKey) -> None:
    await write(3)
    await log.sequence()
    former = one_key.key.verifier()
    one_key.key = generate_checkpoint_key(ORIGIN)
    assert (await log.verify()).problem == "log.checkpoint.signature"
    one_key.former = (former,)
    assert (await log.verify()).problem == "log.checkpoint.former_key"
    await write(1)
    await log.sequence()
    assert (await log.verify()).verified


async def test_an_exported_bundle_is_verified_offline(log: Log, write: Write, one_key: OneKey) -> None:
    await write(3)
    await log.sequence()
    await write(4, referral="ref_x")
    file = io.BytesIO()
    assert await log.export(file) == 7
    file.seek(0)
    result = verify_offline(file, key=one_key.key.verifier().text())
    assert (result.entries, result.shown, result.checkpoints) == (7, 7, 2)
    assert result.root == (await log.verify()).root.hex()


async def test_a_referrals_bundle_shows_its_entries_and_hides_the_others(log: Log, write: Write) -> None:
    await write(3, referral="ref_hidden")
    await write(4, referral="ref_x")
    file = io.BytesIO()
    assert await log.export(file, "ref_x") == 4
    assert b"ref_hidden" not in file.getvalue()
    file.seek(0)
    result = verify_offline(file)
    assert (result.entries, result.shown) == (7, 4)


async def test_a_database_that_was_put_back_or_forked_is_found_by_a_checkpoint_kept_elsewhere(
    log: Log, write: Write, one_key: OneKey
) -> None:
    await write(5)
    await log.sequence()
    kept = await log.checkpoint()
    assert kept is not None
    assert (await log.verify([kept.note])).verified
    await write(3)
    await log.sequence()
    assert (await log.verify([kept.note])).verified
    forked = sign_checkpoint(Checkpoint(origin=ORIGIN, size=4, root=bytes(32)), one_key.key)
    assert (await log.verify([forked])).problem == "log.seen.forked"
    longer = sign_checkpoint(Checkpoint(origin=ORIGIN, size=9, root=bytes(32)), one_key.key)
    assert (await log.verify([kept.note, longer])).problem == "log.seen.longer"
    with pytest.raises(Rejected):
        await log.verify([longer.replace("9", "8", 1)])


async def test_an_entry_that_is_blanked_without_a_word_in_the_log_is_found(
    log: Log, write: Write, store: Store
) -> None:
    await write(5)
    await log.sequence()
    await statement(store, "UPDATE log_entries SET salt = salt || salt WHERE position = 3")
    assert (await log.verify()).problem == "log.commitment"
    await statement(store, "UPDATE log_entries SET salt = '', entry = '' WHERE position = 3")
    found = await log.verify()
    assert (found.problem, found.first_bad) == ("log.commitment", 3)
