"""Which PostgreSQL and which RabbitMQ the tests run against.

In this order, the first that serves:

1. the one that the environment names (MASH_TEST_DATABASE_URL, MASH_TEST_AMQP_URL): it must serve, nothing stands in;
2. the one on this machine's standard port;
3. a private one from installed binaries;
4. the same after installing them (Debian, as root);
5. Docker Compose.

If none serves, the tests fail with what to do; they never skip.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from tests.services import broker, containers, debian, postgres, probe
from tests.services.process import ServiceFailed, stop_warden


@dataclass(frozen=True, kw_only=True)
class Server:
    """A server to test against. What we started ourselves carries what it takes to end it."""

    url: str
    how: str
    wardens: tuple[int, ...] = ()
    project: str = ""
    folder: str = ""

    def end(self) -> None:
        """End what we started; a server that was there before is left alone."""
        for pid in self.wardens:
            stop_warden(pid)
        if self.project:
            containers.stop(self.project)


@dataclass(frozen=True, kw_only=True)
class Kind:
    """What the steps need to know about one kind of server."""

    name: str
    service: str
    variable: str
    standard_url: str
    trouble: Callable[[str], str]
    installed: Callable[[], bool]
    private: Callable[[int], Server]


def private_postgres_server(owner: int) -> Server:
    """Start a PostgreSQL of the tests' own."""
    made = postgres.private_postgres(owner=owner)
    try:
        warden = made.start()
    except ServiceFailed:
        made.close()
        raise
    return Server(url=made.url, how="private", wardens=(warden,), folder=str(made.folder))


def private_broker_server(owner: int) -> Server:
    """Start a RabbitMQ of the tests' own."""
    made = broker.private_broker(owner=owner)
    try:
        node = made.start()
    except ServiceFailed:
        made.close()
        raise
    mapper = made.mapper.warden
    wardens = (node,) if mapper is None else (node, mapper)
    return Server(url=made.url(), how="private", wardens=wardens, folder=str(made.folder))


POSTGRES = Kind(
    name="PostgreSQL",
    service="postgres",
    variable="MASH_TEST_DATABASE_URL",
    standard_url="postgresql://postgres@127.0.0.1:5432/postgres",
    trouble=probe.postgres_trouble,
    installed=lambda: postgres.binaries() is not None,
    private=private_postgres_server,
)
RABBITMQ = Kind(
    name="RabbitMQ",
    service="rabbitmq",
    variable="MASH_TEST_AMQP_URL",
    standard_url="amqp://guest:guest@127.0.0.1:5672/",
    trouble=probe.broker_trouble,
    installed=lambda: broker.binaries() is not None,
    private=private_broker_server,
)


def standard(kind: Kind, url: str) -> Server:
    """Take the server on the standard port, if it serves."""
    if reason := kind.trouble(url):
        raise ServiceFailed(reason)
    return Server(url=url, how="localhost")


def installed(kind: Kind, owner: int) -> Server:
    """Start a private server from what is installed."""
    if not kind.installed():
        raise ServiceFailed("it is not installed")
    return kind.private(owner)


def fetched(kind: Kind, owner: int) -> Server:
    """Install the server, then start a private one. Where it is installed already, installing mends nothing."""
    if kind.installed():
        raise ServiceFailed("it is installed already, and does not start")
    if reason := debian.trouble():
        raise ServiceFailed(reason)
    debian.install(kind.service)
    return kind.private(owner)


def contained(kind: Kind) -> Server:
    """Start the server in a container."""
    if reason := containers.trouble():
        raise ServiceFailed(reason)
    url, project = containers.start(kind.service)
    return Server(url=url, how="docker compose", project=project)


def resolve(kind: Kind, *, environment: Mapping[str, str], owner: int, standard_url: str | None = None) -> Server:
    """Return the first server that serves, in the order of this module's docstring.

    ``owner`` is the process whose end ends what we start. ``standard_url`` says where to look first.

    Raises:
        ServiceFailed: none serves; with each step's reason and what to do.
    """
    if named := environment.get(kind.variable):
        if reason := kind.trouble(named):
            raise ServiceFailed(f"the {kind.name} that {kind.variable} names does not serve: {reason}")
        return Server(url=named, how=kind.variable)
    steps: dict[str, Callable[[], Server]] = {
        "on the standard port": partial(standard, kind, standard_url or kind.standard_url),
        "from installed binaries": partial(installed, kind, owner),
        "by installing it": partial(fetched, kind, owner),
        "by docker compose": partial(contained, kind),
    }
    reasons = []
    for where, step in steps.items():
        try:
            return step()
        except ServiceFailed as error:
            reasons.append(f"  {where}: {error}")
    raise ServiceFailed(
        f"the tests need a {kind.name} and found none:\n"
        + "\n".join(reasons)
        + f"\nSet {kind.variable} to the URL of one, start one on its standard port, "
        f"or install the package {debian.PACKAGES[kind.service]}."
    )
