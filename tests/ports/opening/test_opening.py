"""Openings that share a commit: as many as come, each with its own outcome, on both databases."""

from __future__ import annotations

import asyncio
import json
import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Executable, update

from crypto import base64url, merkle
from crypto.checkpoint import verify_checkpoint
from crypto.commitment import commit
from crypto.opentoken import OpenToken
from gateway.bootstrap import Gateway
from gateway.log import Event
from gateway.single_use import Replayed, Use
from gateway.store.direct import Query, Write
from gateway.store.direct.postgres import PostgresWork
from gateway.store.direct.sqlite import SqliteWork
from gateway.store.records import EnvelopeRecord
from gateway.store.tables.envelopes import envelopes
from gateway.store.transaction import Transaction
from sandbox import jose
from sandbox.agency import RELEASE
from schemas.envelope import KeyRelease
from schemas.errors import Conflict, Unavailable, Unknown
from tests.gateway import borough
from tests.gateway.faults import killed_after_commit, killed_before_commit
from tests.ports.delivery.test_delivery import token_of
from tests.ports.delivery.ways import CLIENT, referral_of, sent
from tests.ports.opening.conftest import BOTH
from tests.unit.gateway.whole import entries, person

STATEMENTS = 17
"""That an opening, or a batch of them, takes at most between its transaction's beginning and its commit."""


@dataclass
class Counted:
    """What went to the database, straight to the driver: reads, transactions that were committed, and statements.

    ``other`` is everything that went through SQLAlchemy.
    """

    reads: int = 0
    commits: int = 0
    statements: int = 0
    other: int = 0


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counted:
    made = Counted()

    def watch(kind: type[SqliteWork | PostgresWork]) -> None:
        read, write, commit = kind.read, kind.write, kind.commit

        async def reads(self: Any, *queries: Query) -> object:  # noqa: ANN401 - either kind
            made.reads += 1
            made.statements += len(queries)
            return await read(self, *queries)

        async def writes(self: Any, *some: Write) -> object:  # noqa: ANN401 - either kind
            made.statements += len([one for one in some if one.rows])
            return await write(self, *some)

        async def commits(self: Any, *some: Write) -> object:  # noqa: ANN401 - either kind
            made.commits += 1
            return await commit(self, *some)

        monkeypatch.setattr(kind, "read", reads)
        monkeypatch.setattr(kind, "write", writes)
        monkeypatch.setattr(kind, "commit", commits)

    watch(SqliteWork)
    watch(PostgresWork)
    execute = Transaction.execute

    async def executes(self: Transaction, statement: Executable, values: Any = None) -> object:  # noqa: ANN401 - of any kind
        made.other += 1
        return await execute(self, statement, values)

    monkeypatch.setattr(Transaction, "execute", executes)
    return made


def use(gateway: Gateway) -> Use:
    return Use(digest=secrets.token_hex(32), expires_at=gateway.world.now() + timedelta(minutes=3))


async def several(gateway: Gateway, count: int) -> list[EnvelopeRecord]:
    referral = await referral_of(gateway)
    made = [await sent(gateway, referral, f"Words {number}.") for number in range(count)]
    await gateway.log.sequence()
    return made


async def redeem(gateway: Gateway, record: EnvelopeRecord, once: Use | None = None) -> bytes:
    token = token_of(gateway, record)
    return await gateway.opening.redeem(record.id, token, token.jkt, once or use(gateway))


def release_of(sealed: bytes) -> KeyRelease:
    """What the recipient finds in its release."""
    key = borough.keys_of(CLIENT.partition(".")[0]).clients[CLIENT].encryption
    return KeyRelease.model_validate_json(jose.open_with(sealed.decode(), key, cty=RELEASE))


def proven(gateway: Gateway, release: KeyRelease) -> tuple[dict[str, object], int]:
    """The entry that the release proves, and the size of the tree that its proof is of."""
    proof = release.proof
    verifier = gateway.keys.checkpoint_verifiers()[0]
    checkpoint = verify_checkpoint(proof.checkpoint, verifier, origin=gateway.keys.origin)
    text = base64url.decode(proof.entry)
    leaf = merkle.leaf_hash(commit(base64url.decode(proof.salt), text))
    path = [base64url.decode(node) for node in proof.path]
    merkle.verify_inclusion(leaf, proof.index, checkpoint.size, path, checkpoint.root)
    entry: dict[str, object] = json.loads(text)
    return entry, checkpoint.size


async def test_those_who_come_at_once_share_a_commit_and_as_many_statements_as_one(
    gateway: Gateway, counted: Counted
) -> None:
    records = await several(gateway, 26)
    await redeem(gateway, records[0])  # not counted: the first one reads the edge of the log's tree
    before = replace(counted)
    await redeem(gateway, records[1])
    alone = counted.statements - before.statements
    assert (counted.reads - before.reads, counted.commits - before.commits) == (2, 1)
    assert alone <= STATEMENTS
    before = replace(counted)
    releases = await asyncio.gather(*(redeem(gateway, one) for one in records[2:]))
    expected = replace(before, reads=before.reads + 2, commits=before.commits + 1, statements=before.statements + alone)
    assert counted == expected
    assert len(set(releases)) == len(releases)


async def test_each_release_holds_its_own_key_with_the_proof_of_its_own_entry(gateway: Gateway) -> None:
    records = await several(gateway, 9)
    releases = [release_of(one) for one in await asyncio.gather(*(redeem(gateway, one) for one in records))]
    for record, release in zip(records, releases, strict=True):
        entry, _ = proven(gateway, release)
        assert (entry["event"], entry["subject"], release.envelope) == ("envelope.opened", record.id, record.id)
        body = jose.open_direct(
            record.body.decode(), base64url.decode(release.key), kid=record.id, cty="mash-envelope+jws"
        )
        assert body.count(b".") == 2
    assert len({proven(gateway, one)[1] for one in releases[1:]}) == 1
    verified = await gateway.log.verify()
    assert (verified.verified, verified.waiting) == (True, 0)


async def test_one_that_is_refused_disturbs_no_other_and_is_in_the_log(gateway: Gateway) -> None:
    records = await several(gateway, 6)
    await gateway.revoking.revoke(person("security"), records[2].id, "A mistake.")
    strange = token_of(gateway, records[3])
    asking = [redeem(gateway, one) for one in records[:3]]
    asking += [gateway.opening.redeem(records[3].id, strange, "another-key", use(gateway))]
    asking += [gateway.opening.redeem("env_nobody", strange, strange.jkt, use(gateway))]
    asking += [redeem(gateway, one) for one in records[4:]]
    outcomes = await asyncio.gather(*asking, return_exceptions=True)
    kinds = [type(one) for one in outcomes]
    assert [isinstance(one, bytes) for one in outcomes] == [True, True, False, False, False, True, True], kinds
    assert isinstance(outcomes[2], Conflict)
    assert isinstance(outcomes[3], Unknown)
    assert isinstance(outcomes[4], Unknown)
    refused = {one["subject"]: one["detail"]["code"] for one in await entries(gateway, "envelope.opening_refused")}
    assert refused == {records[2].id: "envelope.revoked", records[3].id: "client.key"}
    assert await redeem(gateway, records[3]) != b""


async def test_a_fault_is_met_by_the_one_that_brought_it(gateway: Gateway) -> None:
    records = await several(gateway, 5)
    async with gateway.store.work() as work:
        broken = update(envelopes).where(envelopes.c.id == records[2].id).values(kind="nonsense")
        await work._transaction.execute(broken)
        await work.commit()
    outcomes = await asyncio.gather(*(redeem(gateway, one) for one in records), return_exceptions=True)
    assert [isinstance(one, bytes) for one in outcomes] == [True, True, False, True, True]
    assert isinstance(outcomes[2], ValueError)
    assert len(await entries(gateway, "envelope.opened")) == 4


async def test_one_proof_opens_once_in_one_batch_and_after_it_and_elsewhere(gateway: Gateway, another: Gateway) -> None:
    records, once = await several(gateway, 3), use(gateway)
    outcomes = await asyncio.gather(*(redeem(gateway, one, once) for one in records), return_exceptions=True)
    assert [type(one) for one in outcomes] == [bytes, Replayed, Replayed]
    for elsewhere in (gateway, another):
        with pytest.raises(Replayed):
            await redeem(elsewhere, records[1], once)
    # With a fresh proof, it is an honest first time for one and an honest retry for the other.
    assert await redeem(another, records[0]) == outcomes[0]
    assert await redeem(another, records[1]) != outcomes[0]


async def test_of_two_processes_that_meet_one_proof_at_once_one_opens(gateway: Gateway, another: Gateway) -> None:
    records = await several(gateway, 12)
    for first, second in zip(records[:6], records[6:], strict=True):
        once = use(gateway)
        asking = (redeem(gateway, first, once), redeem(another, second, once))
        outcomes = await asyncio.gather(*asking, return_exceptions=True)
        assert sorted(type(one).__name__ for one in outcomes) == ["Replayed", "bytes"]
    assert len(await entries(gateway, "envelope.opened")) == 6


async def test_a_batch_that_dies_before_its_commit_opened_nothing_and_used_no_proof_up(gateway: Gateway) -> None:
    records = await several(gateway, 4)
    uses = [use(gateway) for _ in records]
    with killed_before_commit("envelopes", times=99) as struck:
        asking = (redeem(gateway, one, once) for one, once in zip(records, uses, strict=True))
        outcomes = await asyncio.gather(*asking, return_exceptions=True)
    assert struck.times == 1
    assert {type(one) for one in outcomes} == {Unavailable}
    assert await entries(gateway, "envelope.opened") == []
    async with gateway.store.reading() as work:
        found = await work.envelopes.get_many([one.id for one in records])
    assert {(one.state, one.release) for one in found} == {("sealed", None)}
    asking = (redeem(gateway, one, once) for one, once in zip(records, uses, strict=True))
    assert len(set(await asyncio.gather(*asking))) == 4


async def test_a_batch_that_dies_after_its_commit_is_kept_for_the_honest_retry(
    gateway: Gateway, another: Gateway
) -> None:
    records = await several(gateway, 4)
    with killed_after_commit("envelopes", times=99) as struck:
        await asyncio.gather(*(redeem(gateway, one) for one in records), return_exceptions=True)
    assert struck.times == 1
    first = await asyncio.gather(*(redeem(another, one) for one in records))
    assert await asyncio.gather(*(redeem(gateway, one) for one in records)) == first
    assert len(await entries(gateway, "envelope.opened")) == 4


async def test_two_processes_release_each_key_once_with_the_same_bytes(gateway: Gateway, another: Gateway) -> None:
    records = await several(gateway, 12)
    for number in range(5):  # both know the log's tree, and each of them is overtaken by the other
        await redeem((gateway, another)[number % 2], records[number])
    outcomes = await asyncio.gather(
        *(redeem(through, one) for one in records for through in (gateway, another, gateway))
    )
    for place, _ in enumerate(records):
        assert len(set(outcomes[3 * place : 3 * place + 3])) == 1
    opened = [one["subject"] for one in await entries(gateway, "envelope.opened")]
    assert sorted(opened) == sorted(one.id for one in records)
    verified = await another.log.verify()
    assert (verified.verified, verified.waiting) == (True, 0)


async def test_what_was_committed_before_an_opening_comes_before_it_in_the_log(gateway: Gateway) -> None:
    (record,) = await several(gateway, 1)
    names = []
    for number in range(3):
        async with gateway.store.work() as work:
            names.append(
                await gateway.log.append(
                    work, event=Event.REFERRAL_VIEWED, actor="t", now=gateway.world.now(), subject=f"ref_{number}"
                )
            )
            await work.commit()
    release = release_of(await redeem(gateway, record))
    async with gateway.store.reading() as work:
        places = [(await work.log.entry(name)).position for name in names]
    assert places == [release.proof.index - 3, release.proof.index - 2, release.proof.index - 1]


@pytest.mark.parametrize("database_url", [BOTH[1]], indirect=True)  # SQLite is locked as a whole
async def test_whoever_waits_for_other_work_holds_nobody_up(gateway: Gateway, another: Gateway) -> None:
    held, free = await several(gateway, 2)
    async with another.store.work() as work:
        await work.envelopes.lock(held.id)
        waiting = asyncio.create_task(redeem(gateway, held))
        await asyncio.wait_for(redeem(gateway, free), timeout=5)
        assert not waiting.done()
    assert release_of(await waiting).envelope == held.id
    assert len(await entries(gateway, "envelope.opened")) == 2


async def test_what_an_older_gateway_left_between_its_commits_is_finished_with_its_own_entry(gateway: Gateway) -> None:
    (record,) = await several(gateway, 1)
    token: OpenToken = token_of(gateway, record)
    now = gateway.world.now()
    async with gateway.store.work() as work:
        entry = await gateway.log.append(
            work, event=Event.ENVELOPE_OPENED, actor=CLIENT, now=now, referral=record.referral_id, subject=record.id
        )
        await work.envelopes.save(
            replace(
                record,
                state="released",
                released_at=now,
                released_to=token.jkt,
                release_until=now + timedelta(minutes=10),
                entry_id=entry,
            )
        )
        await work.commit()
    sealed = await redeem(gateway, record)
    assert proven(gateway, release_of(sealed))[0]["id"] == entry
    assert await redeem(gateway, record) == sealed
    assert len(await entries(gateway, "envelope.opened")) == 1
    with pytest.raises(Unknown):
        await gateway.opening.redeem(record.id, token, "another-key")
