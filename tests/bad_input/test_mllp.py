"""Bad input over MLLP: acknowledged in HL7's words where there is anybody to answer, and nothing lost."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from crypto import certificates
from sandbox.mllp import END, START
from tests.gateway import borough
from tests.gateway.fixtures import Starter
from tests.gateway.ground import Ground
from tests.gateway.natives import NARRATIVE, child, registration
from tests.gateway.town import Town

FEED = "health-mllp"
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@asynccontextmanager
async def connected(town: Town, tls: ssl.SSLContext | None = None) -> AsyncIterator[Streams]:
    """A connection to the MLLP port."""
    port = town.ground.ports[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1_000_000, ssl=tls)
    try:
        yield reader, writer
    finally:
        writer.close()


async def answered(reader: asyncio.StreamReader) -> bytes:
    """One acknowledgement, without its frame."""
    async with asyncio.timeout(15):
        framed = await reader.readuntil(END)
    return framed.removesuffix(END).removeprefix(START)


async def closed(reader: asyncio.StreamReader) -> bool:
    """Whether the hub ends the connection without another word."""
    async with asyncio.timeout(15):
        return await reader.read() == b""


async def test_what_cannot_be_read_is_kept_and_answered_in_hl7(town: Town) -> None:
    bad = {
        "empty": b"",
        "words": b"good morning",
        "no patient": registration().split(b"\rPID")[0] + b"\r",
        "another family": registration().replace(b"ADT^A28", b"MFN^M02"),
        "other bytes": b"\xff" * 500 + NARRATIVE.encode(),
        "no ends of segments": registration().replace(b"\r", b" "),
    }
    for number, (name, message) in enumerate(bad.items(), start=1):
        answer = await town.send_mllp(message)
        assert answer.partition(b"\rMSA|")[2][:3] in {b"AE|", b"AR|"}, (name, answer)
        counts = await town.counts(FEED)
        assert (counts["received"], counts["quarantined"]) == (number, number), name
    assert b"\rMSA|AA|" in await town.send_mllp(registration())


async def test_a_frame_that_is_too_large_is_refused_counted_and_ends_the_connection(town: Town) -> None:
    async with connected(town) as (reader, writer):
        writer.write(START + registration() + b"X" * (borough.LIMIT * 2))
        await writer.drain()
        assert b"\rMSA|AR|" in await answered(reader)
        assert await closed(reader)
    counts = await town.counts(FEED)
    assert (counts["received"], counts["refused"], counts["quarantined"]) == (1, 1, 0)
    refused = [one["detail"]["code"] for one in await town.events() if one["event"] == "message.refused"]
    assert refused == ["message.too_large"]


async def test_noise_without_a_start_is_passed_over_up_to_a_limit(town: Town) -> None:
    async with connected(town) as (reader, writer):
        writer.write(b"\r\n\r\n noise " + START + registration() + END)
        assert b"\rMSA|AA|" in await answered(reader)
    async with connected(town) as (reader, writer):
        writer.write(b"GET / HTTP/1.1\r\nHost: hub\r\n\r\n" + b"A" * 200_000)
        await writer.drain()
        assert b"\rMSA|AR|" in await answered(reader)
        assert await closed(reader)
    assert b"\rMSA|AA|" in await town.send_mllp(registration(child(1)))


async def test_a_frame_that_is_never_finished_leaves_nothing(town: Town) -> None:
    async with connected(town) as (_, writer):
        writer.write(START + registration()[:80])
        await writer.drain()
    await asyncio.sleep(0.1)
    assert (await town.counts(FEED))["received"] == 0
    assert b"\rMSA|AA|" in await town.send_mllp(registration())


async def test_messages_in_one_breath_are_answered_each_in_their_order(town: Town) -> None:
    names = [f"TBREATH{number}" for number in range(4)]
    async with connected(town) as (reader, writer):
        frames = [START + registration(child(number), control_id=name) + END for number, name in enumerate(names, 1)]
        frames.insert(2, START + b"no HL7 at all" + END)
        writer.write(b"".join(frames))
        told = [await answered(reader) for _ in frames]
    good = [one for place, one in enumerate(told) if place != 2]
    assert [f"MSA|AA|{name}".encode() in one for name, one in zip(names, good, strict=True)] == [True] * 4
    assert b"MSA|AR|" in told[2]


async def test_the_same_message_on_many_connections_at_once_is_accepted_once(town: Town) -> None:
    message = registration()
    told = await asyncio.gather(*(town.send_mllp(message) for _ in range(8)))
    assert len(set(told)) == 1
    assert b"\rMSA|AA|" in told[0]
    counts = await town.counts(FEED)
    assert (counts["received"], counts["accepted"], counts["duplicate"]) == (8, 1, 7)


@dataclass(frozen=True, kw_only=True)
class Office:
    """An authority that the hub knows, and contexts of senders with its certificates."""

    folder: Path
    authority: certificates.Issued

    def sender(self, name: str) -> ssl.SSLContext:
        """The context of a sender with a certificate in this common name; without one where the name is empty."""
        context = ssl.create_default_context(cafile=str(self.folder / "ca.pem"))
        if name:
            context.load_cert_chain(*self._issue(name))
        return context

    def _issue(self, name: str) -> tuple[Path, Path]:
        key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
        parent = x509.load_pem_x509_certificate(self.authority.certificate)
        signer = serialization.load_pem_private_key(self.authority.private_key, password=None)
        assert isinstance(signer, ec.EllipticCurvePrivateKey)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
            .issuer_name(parent.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(minutes=5))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]), critical=False)
            .sign(signer, hashes.SHA256())
        )
        paths = self.folder / f"{name}.pem", self.folder / f"{name}-key.pem"
        paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        secret = serialization.NoEncryption()
        paths[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, secret))
        return paths


def office(place: Ground) -> Office:
    """The authority, and the hub's own certificate by it, beside the hub's file."""
    now = place.clock()
    made = Office(folder=place.directory / "tls", authority=certificates.authority("authority of the tests", now=now))
    issued = certificates.server(["127.0.0.1"], made.authority, now=now)
    made.folder.mkdir()
    (made.folder / "ca.pem").write_bytes(made.authority.certificate)
    (made.folder / "server.pem").write_bytes(issued.certificate)
    (made.folder / "server-key.pem").write_bytes(issued.private_key)
    return made


def with_tls(made: borough.Document) -> None:
    """The hub's file with TLS on the MLLP port, whose one sender is ``health.system``."""
    made["mllp"] |= {"certificate": "tls/server.pem", "private_key": "tls/server-key.pem", "client_ca": "tls/ca.pem"}
    feed = next(one for one in made["feeds"] if one["name"] == FEED)
    feed |= {"authentication": "mllp-tls", "client": "health.system"}


async def sent(town: Town, tls: ssl.SSLContext | None) -> bytes:
    """The acknowledgement of a message that came over such a connection."""
    async with connected(town, tls) as (reader, writer):
        writer.write(START + registration(child(1)) + END)
        return await answered(reader)


@pytest.mark.parametrize("both", ["embedded"], indirect=True)
async def test_only_the_sender_that_the_feed_names_gets_as_far_as_a_message(place: Ground, start: Starter) -> None:
    senders = office(place)
    nothing = (asyncio.IncompleteReadError, ssl.SSLError, ConnectionError)
    async with start(with_tls) as town:
        async with connected(town, senders.sender("health.system")) as (reader, writer):
            writer.write(START + registration() + END)
            assert b"\rMSA|AA|" in await answered(reader)
        # another name of the same authority; no certificate; no TLS at all
        for tls in (senders.sender("police.system"), senders.sender(""), None):
            with pytest.raises(nothing):
                await sent(town, tls)
        assert (await town.counts(FEED))["received"] == 1
        strangers = await town.refused_strangers()
        assert [(one["door"], one["reason"]) for one in strangers] == [("mllp", "mllp.unknown_sender")]
