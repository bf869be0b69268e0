"""A private broker bears the users of its definitions, speaks TLS, and keeps what it confirmed through a kill."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import json
import secrets
import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import aio_pika
import aiormq.exceptions
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.services import probe
from tests.services.broker import PrivateBroker, Tls
from tests.services.declared import Declared
from tests.services.plugin import BrokerMaker

DEPLOYED = Path(__file__).parents[2] / "deploy" / "rabbitmq" / "rabbitmq.conf"
PASSWORD = secrets.token_urlsafe(16)


def password_hash(password: str) -> str:
    """Return a password as a definitions file holds it: salt and salted SHA-256, base64."""
    salt = secrets.token_bytes(4)
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


@pytest.fixture(scope="module")
def definitions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One virtual host, one user who may read one queue alone."""
    path = tmp_path_factory.mktemp("definitions") / "definitions.json"
    path.write_text(
        json.dumps(
            {
                "vhosts": [{"name": "mash"}],
                "users": [
                    {
                        "name": "school",
                        "password_hash": password_hash(PASSWORD),
                        "hashing_algorithm": "rabbit_password_hashing_sha256",
                        "tags": "",
                    }
                ],
                "permissions": [
                    {"user": "school", "vhost": "mash", "configure": "", "write": "^mash\\.in$", "read": "^school$"}
                ],
                "exchanges": [
                    {
                        "name": "mash.in",
                        "vhost": "mash",
                        "type": "topic",
                        "durable": True,
                        "auto_delete": False,
                        "arguments": {},
                    }
                ],
                "queues": [
                    {
                        "name": name,
                        "vhost": "mash",
                        "durable": True,
                        "auto_delete": False,
                        "arguments": {"x-queue-type": "quorum"},
                    }
                    for name in ("school", "police")
                ],
                "bindings": [
                    {
                        "source": "mash.in",
                        "vhost": "mash",
                        "destination": "school",
                        "destination_type": "queue",
                        "routing_key": "#",
                        "arguments": {},
                    }
                ],
            }
        ),
        encoding="utf-8",
    )
    return path


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Tls:
    """A certificate for 127.0.0.1 that signs itself."""
    folder = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "broker of the tests")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    made = Tls(ca=folder / "ca.pem", certificate=folder / "server.pem", key=folder / "server-key.pem")
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    made.ca.write_bytes(pem)
    made.certificate.write_bytes(pem)
    made.key.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return made


@pytest.fixture(scope="module")
def school_broker(private_broker: BrokerMaker, definitions: Path, tls: Tls) -> Iterator[PrivateBroker]:
    """A broker that knows the school alone, configured as the hub's own is but for its ports and files."""
    lines = DEPLOYED.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if "/run/mash" not in line and not line.startswith("listeners.")]
    made = private_broker(definitions, tls=tls, more="\n".join(kept))
    yield made
    made.close()


def test_only_the_users_of_the_definitions_may_enter(school_broker: PrivateBroker) -> None:
    assert probe.broker_trouble(school_broker.url("school", PASSWORD, "mash")) == ""
    assert "ACCESS_REFUSED" in probe.broker_trouble(school_broker.url("guest", "guest", "/"))
    assert "ACCESS_REFUSED" in probe.broker_trouble(school_broker.url("school", "another", "mash"))


async def test_a_user_reads_no_queue_but_its_own(school_broker: PrivateBroker) -> None:
    connection = await aio_pika.connect(school_broker.url("school", PASSWORD, "mash"))
    async with connection:
        channel = await connection.channel()
        queue = await channel.get_queue("police", ensure=False)
        with pytest.raises(aiormq.exceptions.ChannelAccessRefused):
            await queue.get()


async def test_it_speaks_tls_with_the_certificate_that_it_was_given(school_broker: PrivateBroker, tls: Tls) -> None:
    trusting = ssl.create_default_context(cafile=str(tls.ca))
    url = school_broker.url("school", PASSWORD, "mash", tls=True)
    connection = await aio_pika.connect(url, ssl_context=trusting)
    await connection.close()
    with pytest.raises(aio_pika.exceptions.AMQPConnectionError):
        await aio_pika.connect(url, ssl_context=ssl.create_default_context())


async def test_what_it_confirmed_survives_a_kill(school_broker: PrivateBroker) -> None:
    url = school_broker.url("school", PASSWORD, "mash")
    connection = await aio_pika.connect(url)
    channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
    exchange = await channel.get_exchange("mash.in", ensure=False)
    message = aio_pika.Message(b"kept", delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
    await exchange.publish(message, "feed.school", mandatory=True)
    # RabbitMQ 3.10 may never elect a leader again for a queue that was declared seconds before the kill.
    await asyncio.sleep(6)
    school_broker.kill()
    assert not probe.speaks_amqp(school_broker.port)
    await connection.close()
    school_broker.start()
    assert "school" in school_broker.ctl("list_queues", "--vhost", "mash", "name")
    assert await first_of("school", url) == b"kept"


async def first_of(name: str, url: str) -> bytes | None:
    """Take the first message of a quorum queue; after a start its leader may not be elected yet, so ask again."""
    for _attempt in range(12):
        connection = await aio_pika.connect(url)
        async with connection:
            channel = await connection.channel()
            queue = await channel.get_queue(name, ensure=False)
            with contextlib.suppress(TimeoutError, aio_pika.exceptions.AMQPError):
                if (message := await queue.get(timeout=10, fail=False)) is not None:
                    await message.ack()
                    return message.body
        await asyncio.sleep(1)
    return None


async def test_what_a_test_declares_under_its_prefix_is_deleted_afterwards(amqp_url: str) -> None:
    names = Declared(prefix=f"test-{secrets.token_hex(6)}.")
    names.expect(queues=(f"{names.prefix}never.made",))
    connection = await aio_pika.connect(amqp_url)
    async with connection:
        channel = await connection.channel()
        with pytest.MonkeyPatch.context() as patch:
            names.watch(patch)
            queue = await channel.declare_queue(f"{names.prefix}inbox", durable=True)
            exchange = await channel.declare_exchange(f"{names.prefix}out", "topic", durable=True)
            await queue.bind(exchange, "#")
        names.sweep(amqp_url)
        for gone in (channel.get_queue(queue.name), channel.get_exchange(exchange.name)):
            with pytest.raises(aio_pika.exceptions.ChannelNotFoundEntity):
                await gone
            await channel.reopen()
