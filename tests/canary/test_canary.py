"""A child whose name is known to the test goes through the demo: then every byte on disk and on the wire is searched.

On disk: the hub's folder (its file, its log, SQLite's file with the write-ahead log), temporary files, the whole data
folders of a PostgreSQL and a RabbitMQ of the test's own, write-ahead logs and segments included, and the home and the
working directory of the run. On the wire: everything between the agencies and the hub's front door (TLS), between hub
and agencies and the broker, and between hub and PostgreSQL (both in clear: what is in there is sealed).

One leg bears native bytes in clear and is no part of the promise: MLLP from a sender on the hub's own machine (a feed
of authentication ``loopback``; every other has TLS). There the search shows that it would have found them.
"""

from __future__ import annotations

import asyncio
import sqlite3
import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import aio_pika
import asyncpg
import pytest

from sandbox.demo import Outcome, Wanted, run_demo
from sandbox.identity_provider import IdentityProvider
from sandbox.scenarios.stage import Stage
from tests.canary.search import Found, Search, files
from tests.canary.stage import CANARIES, CHILD, MOTHER, PHRASE, WORDS, Scene, cast_the_canary, listen_in
from tests.canary.tap import Tap, tap
from tests.services.plugin import BrokerMaker
from tests.services.postgres import PrivatePostgres

# Compiled code of the sandbox holds the stories' own phrases; it is no data.
_CODE = "bytecode"
_USUAL = (Path("/var/tmp"), Path("/dev/shm"))  # noqa: S108 - searched, not written to
Look = Callable[[Search], set[Found]]


@dataclass(kw_only=True)
class Places:
    """Everywhere that the run left bytes, by name; and who saw the words, as they may."""

    looks: dict[str, Look] = field(default_factory=dict)
    sizes: dict[str, int] = field(default_factory=dict)
    found: dict[str, set[Found]] = field(default_factory=dict)
    planted: dict[str, set[Found]] = field(default_factory=dict)
    native: set[Found] = field(default_factory=set)
    rows: bytes = b""
    outcome: Outcome | None = None
    seen: bool = False


def on_disk(*folders: Path, since: float = 0.0) -> Iterable[Path]:
    for path in files(*folders):
        with suppress(OSError):
            if path.stat().st_mtime >= since and _CODE not in path.parts and "__pycache__" not in path.parts:
                yield path


def on_wire(one: Tap) -> Look:
    return lambda search: {found for stream in one.streams for found in search.look(bytes(stream), one.name)}


def through(url: str, port: int) -> str:
    """The same URL, at this port."""
    parts = urlsplit(url)
    place = f"{parts.netloc.rpartition(':')[0]}:{port}"
    return urlunsplit((parts.scheme, place, parts.path, parts.query, ""))


@asynccontextmanager
async def servers(
    scene: Scene, places: Places, postgres: PrivatePostgres | None, broker_folder: Path | None, broker_url: str
) -> AsyncIterator[Wanted]:
    """What the run stands on: the embedded defaults, or servers of the test's own behind taps."""
    async with AsyncExitStack() as stack:
        database = broker = None
        began = time.time()
        if postgres is not None and broker_folder is not None:
            to_database = await stack.enter_async_context(tap("PostgreSQL's wire", urlsplit(postgres.url).port or 0))
            to_broker = await stack.enter_async_context(tap("AMQP", urlsplit(broker_url).port or 0))
            database, broker = through(postgres.url, to_database.port), through(broker_url, to_broker.port)
            scene.taps += [to_database, to_broker]
            data = postgres.folder
            places.looks["PostgreSQL's data"] = lambda search: search.look_into(on_disk(data, since=began))
            places.looks["RabbitMQ's data"] = lambda search: search.look_into(on_disk(broker_folder))
        yield Wanted(database=database, broker=broker, directory=scene.directory, keep=True)


async def dumped(url: str) -> bytes:
    """Every row of a PostgreSQL database as text, bytes in hexadecimal: what its files may hold compressed."""
    if not url.startswith("postgresql"):
        return b""
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("CHECKPOINT")
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        parts: list[str] = []
        for (table,) in tables:
            every = f'SELECT t::text FROM "{table}" AS t'  # noqa: S608 - the database's own name for it
            parts += [str(row[0]) for row in await connection.fetch(every)]
    finally:
        await connection.close()
    return "\n".join(parts).encode()


async def make_mistakes(stage: Stage) -> list[bytes]:
    """Senders' and callers' mistakes with the canary in them; what the hub answers."""
    desk, engineer = stage.client("police.desk"), stage.people["engineer"]
    broken = f"<notice><name>{CHILD.name}</name>{PHRASE}".encode()
    answers = [
        await desk.notify("police-ppn", broken, "application/xml"),
        await desk.notify("police-ppn", b"\xff\xfe" + CHILD.name.encode("utf-16"), "application/xml"),
        await stage.client("health.gp").notify("health-hl7", f"MSH|^~\\&|GP|X\rP|D|{MOTHER.name}^{MOTHER.nhs}".encode(),
                                               "application/hl7-v2+er7"),
        await stage.manager.call("POST", "/v1/referrals/none/ratings", {"rating": CHILD.name, CHILD.family: PHRASE}),
        *[await engineer.call("GET", path) for path in ("/v1/feeds", "/v1/quarantine", "/metrics", "/v1/alarms")],
        await stage.people["auditor"].call("GET", "/v1/log/entries?limit=500"),
    ]  # fmt: skip
    return [one.body for one in answers]


async def plant(scene: Scene, places: Places, stage: Stage) -> None:
    """The canary in clear in every place, for the search to find."""
    word = CHILD.family
    with stage.hub.log_file.open("a", encoding="utf-8") as log:
        log.write(f'{{"event": "{word}"}}\n')
    for folder in (scene.temporary, scene.elsewhere):
        (folder / "left").write_text(word, encoding="utf-8")
    scene.urls.append(f"https://localhost/v1/referrals/{word}")
    for one in (scene.http, *scene.taps):
        if one is not None:
            _, writer = await asyncio.open_connection("127.0.0.1", one.port)
            writer.write(f"GET /{word} HTTP/1.1\r\n\r\n".encode())
            await writer.drain()
            writer.close()
    await asyncio.sleep(0.5)
    if "PostgreSQL's data" in places.looks:
        connection = await asyncpg.connect(stage.hub.database_url)
        await connection.execute(f"CREATE TABLE planted AS SELECT '{word}' AS word")
        await connection.close()
        broker = await aio_pika.connect(str(stage.hub.broker_url))
        async with broker, broker.channel() as channel:
            queue = await channel.declare_queue("planted", durable=True, arguments={"x-queue-type": "quorum"})
            message = aio_pika.Message(word.encode(), delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
            await channel.default_exchange.publish(message, queue.name)
    else:
        with sqlite3.connect(stage.hub.directory / "hub.sqlite3", timeout=20) as database:
            database.execute("CREATE TABLE planted (word TEXT)")
            database.execute("INSERT INTO planted VALUES (?)", (word,))


async def run(places: Places, scene: Scene, wanted: Wanted) -> None:
    """Play the demo, search while the hub still runs, plant, and search again."""

    async def linger(outcome: Outcome, stage: Stage, _provider: IdentityProvider) -> None:
        everything, began = Search(WORDS), time.time() - outcome.seconds - 60
        answers = await make_mistakes(stage)
        for one in (scene.http, *scene.taps):
            if one is not None:
                places.looks[one.name] = on_wire(one)
                places.sizes[one.name] = one.heard
        places.looks["the hub's folder"] = lambda search: search.look_into(on_disk(scene.directory))
        places.looks["temporary files"] = lambda search: search.look_into(on_disk(scene.temporary))
        places.looks["URLs"] = lambda search: search.look("\n".join(scene.urls).encode(), "a URL")
        places.looks["answers to mistakes, metrics and the log's entries"] = lambda search: {
            found for body in answers for found in search.look(body, "an answer")
        }
        places.looks["home and working directory"] = lambda search: search.look_into(on_disk(scene.elsewhere))
        places.looks["where systems keep temporary files"] = lambda search: search.look_into(
            on_disk(*_USUAL, since=began)
        )
        if stage.hub.database_url.startswith("postgresql"):
            places.looks["PostgreSQL's rows"] = lambda search: search.look(places.rows, "a row")
            places.rows = await dumped(stage.hub.database_url)
        places.found = {name: await asyncio.to_thread(look, everything) for name, look in places.looks.items()}
        places.native = on_wire(scene.mllp)(everything) if scene.mllp is not None else set()
        read = stage.manager.transcript.holds(PHRASE) and stage.manager.transcript.holds(CHILD.nhs)
        places.seen = read and stage.manager.transcript.holds(MOTHER.nhs)
        await plant(scene, places, stage)
        places.rows = await dumped(stage.hub.database_url)
        planted = Search((CHILD.family,))
        places.planted = {name: await asyncio.to_thread(look, planted) for name, look in places.looks.items()}
        places.outcome = outcome

    _ = await run_demo(wanted, linger=linger)


@pytest.mark.slow
@pytest.mark.parametrize(
    "both",
    [
        pytest.param("embedded", marks=[pytest.mark.sqlite, pytest.mark.mailbox]),
        pytest.param("servers", marks=[pytest.mark.postgres, pytest.mark.rabbitmq]),
    ],
)
async def test_a_canary_is_in_clear_nowhere_on_disk_and_on_no_wire(
    both: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    postgres, broker_folder, broker_url = None, None, ""
    if both == "servers":
        make: Callable[[], PrivatePostgres] = request.getfixturevalue("private_postgres")
        make_broker: BrokerMaker = request.getfixturevalue("private_broker")
        postgres, broker = make(), make_broker()
        broker_folder, broker_url = broker.folder, broker.url()
    scene, places = (
        Scene(directory=tmp_path / "hub", temporary=tmp_path / "temporary", elsewhere=tmp_path / "elsewhere"),
        Places(),
    )
    cast_the_canary(monkeypatch)
    listen_in(monkeypatch, scene)
    async with servers(scene, places, postgres, broker_folder, broker_url) as wanted:
        await run(places, scene, wanted)
    # Both stories held, with the canary as the child, and whoever may read did read.
    assert places.outcome is not None
    assert [one.text for record in places.outcome.records for one in record.expectations if not one.held] == []
    assert places.seen
    # Nothing of it is anywhere.
    assert {name: sorted(found) for name, found in places.found.items() if found} == {}
    assert min(places.sizes.values()) > 20_000, places.sizes
    # The search would have found it: on the wire that bears native bytes, and in every place where it was planted.
    assert {MOTHER.given, MOTHER.family, MOTHER.nhs} <= {one.word for one in places.native}
    may_be_clean = {"answers to mistakes, metrics and the log's entries", "where systems keep temporary files"}
    assert {name for name, found in places.planted.items() if not found} <= may_be_clean
    in_folder = {Path(one.place).name.partition("-")[0] for one in places.planted["the hub's folder"]}
    assert in_folder == ({"serve.log"} if both == "servers" else {"serve.log", "hub.sqlite3"})
    assert len(places.found) == (12 if both == "servers" else 7)


def test_the_canaries_are_odd_enough_to_stand_nowhere_by_chance() -> None:
    assert all(len(word) >= 8 for word in CANARIES)
