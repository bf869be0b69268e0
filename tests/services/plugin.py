"""Fixtures that give the tests a real PostgreSQL and a real RabbitMQ, and the line that says how much ran against each.

- ``postgres_url``: a database of this worker's own, as an async SQLAlchemy URL; dropped at the end.
- ``sqlite_url``: a file of this test's own, as an async SQLAlchemy URL.
- ``amqp_url``: a broker that others may use too: take names under ``broker_prefix``, which are deleted after the test.
- ``token``: a fresh PKCS#11 token, by SoftHSM.
- ``private_broker``, ``private_postgres``: make servers that a test may configure, kill and start again.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import pytest
from _pytest.terminal import TerminalReporter
from xdist.workermanage import WorkerController

from tests.services import broker, postgres, probe, tally
from tests.services import softhsm as hsm
from tests.services.declared import Declared
from tests.services.process import ServiceFailed
from tests.services.resolve import POSTGRES, RABBITMQ, Kind, Server
from tests.services.shared import SharedServers

SHARED = pytest.StashKey[SharedServers]()
WORKER_INPUT = "mash_servers"


class BrokerMaker(Protocol):
    """Starts a broker of the tests' own, with the users of a definitions file and more of rabbitmq.conf if given."""

    def __call__(
        self, definitions: Path | None = None, *, tls: broker.Tls | None = None, more: str = ""
    ) -> broker.PrivateBroker:
        """Return it, started."""


def pytest_configure(config: pytest.Config) -> None:
    """Open the run's record of servers; a worker takes its run's."""
    given: dict[str, str] | None = getattr(config, "workerinput", {}).get(WORKER_INPUT)
    if given is None:
        config.stash[SHARED] = SharedServers.of_this_run()
    else:
        config.stash[SHARED] = SharedServers(folder=Path(given["folder"]), owner=int(given["owner"]))


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: WorkerController) -> None:
    """Tell a worker where its run keeps the record of servers."""
    shared = node.config.stash[SHARED]
    node.workerinput[WORKER_INPUT] = {"folder": str(shared.folder), "owner": str(shared.owner)}


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """End what the run started, once, after its last worker."""
    if not hasattr(config, "workerinput") and SHARED in config.stash:
        config.stash[SHARED].end()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark each test with the real parts that it uses, so that -m can choose by them."""
    for item in items:
        tally.mark(item)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Note the real parts for the tally."""
    tally.note(item)


def pytest_terminal_summary(terminalreporter: TerminalReporter, config: pytest.Config) -> None:
    """Say how many tests ran against each real part, and where those parts came from."""
    reports = [report for outcome in ("passed", "failed") for report in terminalreporter.getreports(outcome)]
    terminalreporter.section("real parts")
    terminalreporter.write_line(tally.line(tally.count(reports)))
    for kind in (POSTGRES, RABBITMQ):
        for server in config.stash[SHARED].found(kind):
            terminalreporter.write_line(f"{kind.name}: {server.how}")


def serve(config: pytest.Config, kind: Kind) -> Server:
    """Return the run's server of a kind, or fail the test that needs it."""
    try:
        return config.stash[SHARED].server(kind, os.environ)
    except ServiceFailed as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture(scope="session")
def postgres_server(pytestconfig: pytest.Config) -> Server:
    return serve(pytestconfig, POSTGRES)


@pytest.fixture(scope="session")
def postgres_url(postgres_server: Server) -> Iterator[str]:
    """An empty database of this worker's own, ``postgresql+asyncpg://``; who uses it makes and drops its tables."""
    database = f"mash_test_{secrets.token_hex(8)}"
    probe.execute(postgres_server.url, f"CREATE DATABASE {database} TEMPLATE template0 ENCODING 'UTF8'")
    yield probe.sqlalchemy_postgres(postgres_server.url, database)
    probe.execute(postgres_server.url, f"DROP DATABASE {database} WITH (FORCE)")


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A database file that is not there yet, ``sqlite+aiosqlite:///``."""
    return f"sqlite+aiosqlite:///{tmp_path / 'hub.sqlite3'}"


@pytest.fixture(scope="session")
def amqp_url(pytestconfig: pytest.Config) -> str:
    return serve(pytestconfig, RABBITMQ).url


@pytest.fixture
def declared(amqp_url: str) -> Iterator[Declared]:
    """What this test declares under its prefix; deleted after it."""
    names = Declared(prefix=f"test-{secrets.token_hex(6)}.")
    with pytest.MonkeyPatch.context() as patch:
        names.watch(patch)
        yield names
    names.sweep(amqp_url)


@pytest.fixture
def broker_prefix(declared: Declared) -> str:
    """What every exchange and queue of this test must begin with."""
    return declared.prefix


@pytest.fixture(scope="session")
def softhsm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """SoftHSM's library, its tokens in a folder of this process's own."""
    try:
        found = hsm.library()
    except ServiceFailed as error:
        pytest.fail(str(error), pytrace=False)
    hsm.configure(tmp_path_factory.mktemp("softhsm"))
    return found


@pytest.fixture
def token(softhsm: Path) -> hsm.SoftToken:
    """A fresh PKCS#11 token."""
    return hsm.make_token(softhsm)


@pytest.fixture(scope="session")
def private_broker() -> Iterator[BrokerMaker]:
    """Start brokers of the tests' own; ``definitions`` is a RabbitMQ definitions file. All end with the session."""
    made: list[broker.PrivateBroker] = []

    def make(definitions: Path | None = None, *, tls: broker.Tls | None = None, more: str = "") -> broker.PrivateBroker:
        made.append(broker.private_broker(owner=os.getpid(), definitions=definitions, tls=tls, more=more))
        made[-1].start()
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.fixture(scope="session")
def private_postgres() -> Iterator[Callable[[], postgres.PrivatePostgres]]:
    """Start PostgreSQL servers of the tests' own. All end with the session."""
    made: list[postgres.PrivatePostgres] = []

    def make() -> postgres.PrivatePostgres:
        made.append(postgres.private_postgres(owner=os.getpid()))
        made[-1].start()
        return made[-1]

    yield make
    for one in made:
        one.close()
