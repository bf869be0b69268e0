"""The bound does the work that it says: a ratio against less would be worth nothing."""

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.bounds.admitting import Arrived, arrive
from benchmarks.bounds.sealing import known_scope
from benchmarks.bounds.stores import Sqlite
from benchmarks.bounds.tree import Tree
from benchmarks.load.messages import Mix, concern, registration
from crypto import merkle


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "bound.sqlite3"


@pytest.fixture
def store(path: Path) -> Iterator[Sqlite]:
    made = Sqlite(str(path))
    yield made
    made.close()


@pytest.fixture
def rows(path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(path)
    yield connection
    connection.close()


def count(rows: sqlite3.Connection, table: str) -> int:
    return int(rows.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608 - names of ours alone


async def test_a_registration_of_somebody_unknown_leaves_what_the_gateway_leaves(
    store: Sqlite, rows: sqlite3.Connection
) -> None:
    await store.commit([arrive(registration(1, "T"))], [])
    left = {table: count(rows, table) for table in ("messages", "items", "scopes", "log_entries", "notices", "persons")}
    assert left == {"messages": 1, "items": 1, "scopes": 1, "log_entries": 1, "notices": 1, "persons": 0}


async def test_a_concern_opens_a_referral_with_its_people(store: Sqlite, rows: sqlite3.Connection) -> None:
    await store.commit([arrive(concern(1, "T"))], [])
    tables = ("referrals", "persons", "person_terms", "referral_persons", "item_persons", "scopes", "log_entries")
    assert [count(rows, table) for table in tables] == [1, 2, 1, 2, 2, 4, 2]


async def test_somebody_known_is_found_and_their_record_sealed_anew(store: Sqlite, rows: sqlite3.Connection) -> None:
    await store.commit([arrive(concern(1, "T"))], [])
    before = dict(rows.execute("SELECT id, sealed FROM persons"))
    await store.commit([arrive(registration(2, "T", about=1))], [])
    after = dict(rows.execute("SELECT id, sealed FROM persons"))
    changed = [name for name in after if after[name] != before[name]]
    assert len(changed) == 1
    wrapped = rows.execute("SELECT wrapped FROM scopes WHERE id = ?", changed).fetchone()[0]
    held = json.loads(known_scope(changed[0], wrapped).open(after[changed[0]], b"persons.sealed"))
    assert held["addresses"][0]["postcode"] == "ZZ99 3VZ"


async def test_what_is_kept_is_sealed_and_opens_again(store: Sqlite, rows: sqlite3.Connection) -> None:
    message = registration(1, "T")
    await store.commit([arrive(message)], [])
    name, sealed, wrapped = rows.execute(
        "SELECT m.id, sealed, wrapped FROM messages m JOIN scopes s ON s.id = scope"
    ).fetchone()
    assert message not in sealed
    assert known_scope(name, wrapped).open(sealed, b"messages.sealed") == message


async def test_the_same_again_gets_the_first_answer_and_leaves_nothing(store: Sqlite, rows: sqlite3.Connection) -> None:
    first, second = arrive(registration(1, "T")), arrive(registration(1, "T"))
    change = await store.commit([first], [])
    again = await store.commit([second], [])
    assert again.answers == change.answers == [first.answer]
    assert count(rows, "messages") == 1


async def test_a_proof_is_used_once_within_a_batch_and_across(store: Sqlite, rows: sqlite3.Connection) -> None:
    def with_proof(number: int) -> Arrived:
        return arrive(registration(number, "T"), used="the same")

    change = await store.commit([with_proof(1), with_proof(2)], [])
    again = await store.commit([with_proof(3)], [])
    assert change.answers[0] is not None
    assert (change.answers[1], again.answers) == (None, [None])
    assert count(rows, "messages") == 1


async def test_confirmed_notices_go_with_the_next_commit(store: Sqlite, rows: sqlite3.Connection) -> None:
    change = await store.commit([arrive(registration(1, "T"))], [])
    await store.commit([arrive(registration(2, "T"))], change.notices)
    assert count(rows, "notices") == 1


async def test_its_tree_is_the_gateways(store: Sqlite, rows: sqlite3.Connection) -> None:
    mix = Mix(run="T", first=0, lag=20)
    for start in range(0, 30, 7):
        await store.commit([arrive(mix.message(place)) for place in range(start, start + 7)], [])
    kept = rows.execute("SELECT commitment FROM log_entries ORDER BY position").fetchall()
    nodes = {(level, index): octets for level, index, octets in rows.execute("SELECT * FROM log_nodes")}
    leaves = [merkle.leaf_hash(row[0]) for row in kept]
    assert nodes == {
        (node.level, node.index): node.hash
        for node in merkle.append(0, leaves, lambda level, index: nodes[level, index])
    }


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 13])
def test_the_root_is_that_of_the_rfc(size: int) -> None:
    entries = [bytes([number]) * 32 for number in range(size)]
    tree = Tree()
    nodes = {(level, index): octets for level, index, octets in tree.append(entries)}
    assert tree.root() == merkle.root(size, lambda level, index: nodes[level, index])


@pytest.mark.parametrize("payload, size", [(registration(1, "T"), 2_700), (concern(1, "T"), 4_800)])
def test_the_record_is_about_as_long_as_the_gateways(payload: bytes, size: int) -> None:
    assert size * 0.75 < len(arrive(payload).read.record) < size * 1.25
