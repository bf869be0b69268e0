"""A hub's first day: nothing is overwritten, nothing secret is readable by others, and what is laid out works."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import stat
import time
from datetime import UTC, datetime
from pathlib import Path
from ssl import create_default_context
from urllib.parse import urlsplit

import aio_pika
import aiohttp
import pytest
from aiohttp import web
from aiormq.exceptions import ChannelAccessRefused
from click.testing import CliRunner

from gateway import settings
from gateway.cli.init import init
from gateway.delivery.broker import Broker, Names
from gateway.enrolment import BROKER_USER
from gateway.first_day import broker_users
from gateway.first_day.laying_out import Plan, lay_out
from gateway.serving import tls
from gateway.world import World
from schemas.errors import Conflict
from tests.services import probe
from tests.services.broker import PrivateBroker, Tls
from tests.services.plugin import BrokerMaker

WORLD = World(now=lambda: datetime.now(UTC))
HTTP, HTTPS = "http://127.0.0.1:8080", "https://localhost:8443"
VIRTUAL_HOST = "mash"


def laid_out(directory: Path, *, url: str = HTTP, broker: str | None = None) -> list[Path]:
    return lay_out(Plan(directory=directory, public_url=url, listen="127.0.0.1", broker=broker), WORLD)


def modes(paths: list[Path], directory: Path) -> dict[str, str]:
    return {str(path.relative_to(directory)): oct(stat.S_IMODE(path.stat().st_mode)) for path in paths}


def test_a_hub_without_tls_is_its_file_and_its_master_key(tmp_path: Path) -> None:
    written = laid_out(tmp_path / "hub")
    assert modes(written, tmp_path / "hub") == {"hub.toml": "0o644", "secrets/master.key": "0o600"}
    loaded = settings.load(tmp_path / "hub" / "hub.toml", {})
    assert loaded.hub.hub.public_url == HTTP
    assert loaded.hub.http.port == 8080
    assert (tmp_path / "hub" / "secrets").stat().st_mode & 0o077 == 0


def test_every_hub_has_a_master_key_of_its_own(tmp_path: Path) -> None:
    keys = set()
    for name in ("one", "two"):
        laid_out(tmp_path / name)
        keys.add((tmp_path / name / "secrets" / "master.key").read_text())
    assert len(keys) == 2
    assert all(len(base64.b64decode(key)) == 32 for key in keys)


def test_a_second_time_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    written = laid_out(tmp_path / "hub", url=HTTPS, broker="amqps://rabbitmq:5671/mash")
    before = {path: path.read_bytes() for path in written}
    with pytest.raises(Conflict, match=r"hub\.exists"):
        laid_out(tmp_path / "hub")
    assert {path: path.read_bytes() for path in written} == before


@pytest.mark.parametrize("name", ["secrets/master.key", "tls/ca.pem", "secrets/ca-key.pem", "tls/server.pem"])
def test_a_secret_that_is_there_without_a_hub_is_not_overwritten_either(tmp_path: Path, name: str) -> None:
    path = tmp_path / "hub" / name
    path.parent.mkdir(parents=True)
    path.write_text("of a hub whose file was lost")
    with pytest.raises(Conflict):
        laid_out(tmp_path / "hub", url=HTTPS)
    assert path.read_text() == "of a hub whose file was lost"


def test_what_is_refused_for_what_is_there_leaves_nothing_behind(tmp_path: Path) -> None:
    key = tmp_path / "hub" / "secrets" / "master.key"
    key.parent.mkdir(parents=True)
    key.write_text("of a hub whose file was lost")
    with pytest.raises(Conflict):
        laid_out(tmp_path / "hub", url=HTTPS)
    assert [path for path in (tmp_path / "hub").rglob("*") if path.is_file()] == [key]


def test_nothing_secret_is_readable_by_others(tmp_path: Path) -> None:
    written = laid_out(tmp_path / "hub", url=HTTPS, broker="amqps://rabbitmq:5671/mash")
    open_to_others = {name for name, mode in modes(written, tmp_path / "hub").items() if int(mode, 8) & 0o077}
    assert open_to_others == {"hub.toml", "tls/ca.pem", "tls/server.pem"}
    for path in written:
        if str(path.relative_to(tmp_path / "hub")) in open_to_others:
            assert b"PRIVATE KEY" not in path.read_bytes()


def test_a_file_that_others_must_not_read_is_never_open_to_them_for_a_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    write = Path.write_bytes

    def watched(path: Path, data: bytes) -> int:
        if "secrets" in path.parts:
            seen.append(stat.S_IMODE(path.stat().st_mode))
        return write(path, data)

    monkeypatch.setattr(Path, "write_bytes", watched)
    before = os.umask(0)
    try:
        laid_out(tmp_path / "hub")
    finally:
        os.umask(before)
    assert set(seen) <= {0o600}
    assert (tmp_path / "hub" / "secrets" / "master.key").stat().st_mode & 0o077 == 0


async def test_the_https_variant_serves_what_a_client_verifies_with_its_authority(tmp_path: Path) -> None:
    directory = tmp_path / "hub"
    laid_out(directory, url=HTTPS)
    hub, _ = settings.read_hub(directory / "hub.toml")
    context = tls(hub.http, directory)
    assert context is not None

    async def answer(_: web.Request) -> web.Response:
        return web.Response(text="ok")

    app = web.Application()
    app.router.add_get("/", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
        port = runner.addresses[0][1]
        async with aiohttp.ClientSession() as session:
            trusting = create_default_context(cafile=directory / "tls" / "ca.pem")
            for host in ("localhost", "127.0.0.1"):
                async with session.get(f"https://{host}:{port}/", ssl=trusting) as response:
                    assert await response.text() == "ok"
            with pytest.raises(aiohttp.ClientConnectorCertificateError):
                await session.get(f"https://localhost:{port}/")
    finally:
        await runner.cleanup()


def test_with_tls_senders_of_hl7_are_known_by_their_certificates(tmp_path: Path) -> None:
    laid_out(tmp_path / "hub", url=HTTPS)
    hub, _ = settings.read_hub(tmp_path / "hub" / "hub.toml")
    assert hub.mllp is not None
    assert hub.mllp.client_ca == "tls/ca.pem"
    assert {feed.authentication for feed in hub.feeds if feed.name == "health-mllp"} == {"mllp-tls"}


def test_the_command_says_what_it_wrote_and_what_comes_next(tmp_path: Path) -> None:
    directory = tmp_path / "hub"
    result = CliRunner().invoke(init, [str(directory)])
    assert result.exit_code == 0
    assert str(directory / "hub.toml") in result.stdout
    assert f"mash serve --config {directory / 'hub.toml'}" in result.stdout
    assert (directory / "secrets" / "master.key").read_text().strip() not in result.output
    assert isinstance(CliRunner().invoke(init, [str(directory)]).exception, Conflict)


# --- the broker's users ---


def definitions(directory: Path) -> dict[str, list[dict[str, str]]]:
    found: dict[str, list[dict[str, str]]] = json.loads((directory / "broker" / "definitions.json").read_text())
    return found


def password(directory: Path, user: str) -> str:
    return (directory / "secrets" / "broker" / f"{user}.password").read_text()


def test_every_recipient_on_the_broker_has_a_user_and_a_password_of_its_own(tmp_path: Path) -> None:
    laid_out(tmp_path, broker=f"amqp://127.0.0.1:5672/{VIRTUAL_HOST}")
    hub, _ = settings.read_hub(tmp_path / "hub.toml")
    expected = {
        f"{agency.id}-{one.name}" for agency in hub.agencies for one in agency.recipients if one.channel == "amqp"
    }
    users = {user["name"] for user in definitions(tmp_path)["users"]}
    assert users == expected | {BROKER_USER}
    assert len({password(tmp_path, user) for user in users}) == len(users)


def test_a_password_is_in_the_definitions_as_the_brokers_hash_of_it_alone(tmp_path: Path) -> None:
    laid_out(tmp_path, broker=f"amqp://127.0.0.1:5672/{VIRTUAL_HOST}")
    text = (tmp_path / "broker" / "definitions.json").read_text()
    for user in definitions(tmp_path)["users"]:
        secret = password(tmp_path, user["name"])
        assert secret not in text
        decoded = base64.b64decode(user["password_hash"])
        assert decoded[4:] == hashlib.sha256(decoded[:4] + secret.encode()).digest()
        assert user["hashing_algorithm"] == "rabbit_password_hashing_sha256"


def test_a_user_of_the_broker_shows_no_password(tmp_path: Path) -> None:
    laid_out(tmp_path, broker="amqp://127.0.0.1:5672/mash")
    hub, _ = settings.read_hub(tmp_path / "hub.toml")
    user = broker_users.users_of(hub, WORLD.random)[0]
    assert user.password not in repr(user)
    assert user.password_hash not in repr(user)


@pytest.fixture(scope="module")
def laid_out_broker(
    tmp_path_factory: pytest.TempPathFactory, private_broker: BrokerMaker
) -> tuple[Path, PrivateBroker]:
    """A hub's directory, and a broker with its definitions and its certificates."""
    directory = tmp_path_factory.mktemp("hub")
    laid_out(directory, url=HTTPS, broker=f"amqps://localhost:5671/{VIRTUAL_HOST}")
    files = Tls(
        ca=directory / "tls" / "ca.pem",
        certificate=directory / "tls" / "server.pem",
        key=directory / "tls" / "server-key.pem",
    )
    broker = private_broker(directory / "broker" / "definitions.json", tls=files)
    # It is started once it speaks in the clear; its listener for TLS may come a moment later.
    end = time.monotonic() + 30
    while not probe.listens(int(broker.tls_port or 0)):
        assert time.monotonic() < end
        time.sleep(0.1)
    return directory, broker


async def test_the_gateway_signs_in_to_the_broker_over_tls_with_its_url(
    laid_out_broker: tuple[Path, PrivateBroker],
) -> None:
    directory, broker = laid_out_broker
    hub, _ = settings.read_hub(directory / "hub.toml")
    url = (directory / "secrets" / "broker.url").read_text()
    assert urlsplit(url).username == BROKER_USER
    connected = await Broker.connect(url.replace(":5671/", f":{broker.tls_port}/"), hub)
    assert connected.user == BROKER_USER
    await connected.close()


async def test_a_recipient_reads_its_own_queue_and_no_other(laid_out_broker: tuple[Path, PrivateBroker]) -> None:
    directory, broker = laid_out_broker
    hub, _ = settings.read_hub(directory / "hub.toml")
    gateway = await Broker.connect(broker.url(BROKER_USER, password(directory, BROKER_USER), VIRTUAL_HOST), hub)
    await gateway.publish("recipient.police.lead.inbox", b"x", {}, "env_1")
    await gateway.close()
    names = Names(prefix=hub.broker.prefix)
    user = "police-lead"
    async with await aio_pika.connect(broker.url(user, password(directory, user), VIRTUAL_HOST)) as connection:
        channel = await connection.channel()
        own = await channel.get_queue(names.queue("recipient.police.lead.inbox"), ensure=False)
        assert (await own.get(no_ack=True)).body == b"x"
        for other in ("recipient.health.lead.inbox", "recipient.police.desk.inbox", "agency.police.disclosures"):
            channel = await connection.channel()
            queue = await channel.get_queue(names.queue(other), ensure=False)
            with pytest.raises(ChannelAccessRefused):
                await queue.get(no_ack=True)


async def test_a_recipient_writes_its_agencys_answers_and_nobody_elses(
    laid_out_broker: tuple[Path, PrivateBroker],
) -> None:
    directory, broker = laid_out_broker
    hub, _ = settings.read_hub(directory / "hub.toml")
    gateway = await Broker.connect(broker.url(BROKER_USER, password(directory, BROKER_USER), VIRTUAL_HOST), hub)
    await gateway.close()
    names = Names(prefix=hub.broker.prefix)
    url = broker.url("police-lead", password(directory, "police-lead"), VIRTUAL_HOST)
    async with await aio_pika.connect(url) as connection:

        async def publish(exchange_name: str, key: str, user_id: str | None = None) -> None:
            channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
            exchange = await channel.get_exchange(exchange_name, ensure=False)
            await exchange.publish(aio_pika.Message(b"x", user_id=user_id), key, mandatory=True, timeout=10)

        await publish(names.incoming, "agency.police.disclosures", "police-lead")
        for exchange, key in (
            (names.incoming, "agency.health.disclosures"),
            (names.incoming, "feed.police-ppn"),
            (names.outgoing, "recipient.police.lead.inbox"),
            (names.dead, "recipient.police.lead.inbox"),
        ):
            with pytest.raises(ChannelAccessRefused):
                await publish(exchange, key)
        with pytest.raises(aio_pika.exceptions.ChannelPreconditionFailed):
            await publish(names.incoming, "agency.police.disclosures", "health-lead")


async def test_a_recipient_declares_nothing(laid_out_broker: tuple[Path, PrivateBroker]) -> None:
    directory, broker = laid_out_broker
    url = broker.url("police-lead", password(directory, "police-lead"), VIRTUAL_HOST)
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        with pytest.raises(ChannelAccessRefused):
            await channel.declare_queue("police-lead-private")


async def test_a_wrong_password_and_the_guest_are_let_in_nowhere(laid_out_broker: tuple[Path, PrivateBroker]) -> None:
    directory, broker = laid_out_broker
    for user, secret in (("police-lead", password(directory, "health-lead")), ("guest", "guest")):
        with pytest.raises(aio_pika.exceptions.AMQPError):
            await aio_pika.connect(broker.url(user, secret, VIRTUAL_HOST))
