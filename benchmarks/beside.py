"""What stands beside the gateway: its bounds and its peers, each started as a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from aiormq.abc import AbstractConnection
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from benchmarks.arrivals import ARRIVALS, Queue, delete
from benchmarks.load.order import Credential, Over
from benchmarks.load.possession import header_of, public_jwk, signed, thumbprint
from benchmarks.subject import Subject
from sandbox import servers
from sandbox.failures import HubFailed
from sandbox.hub import free_ports

_START_SECONDS = 30.0
_TOKEN_HOURS = 3
ENGINE, ENGINE_VARIABLE = "Open Integration Engine", "MASH_BENCH_OIE"


@asynccontextmanager
async def intake_bound(
    over: Over, server: str | None, connection: AbstractConnection | None, broker: str
) -> AsyncIterator[Subject]:
    """The bound of intake, with its notices on the broker where there is one."""
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(_database(server))
        prefix, keys = f"bound-{secrets.token_hex(4)}.", Keys()
        port = free_ports(1)[0]
        hub = f"http://127.0.0.1:{port}"
        told = {"hub": hub, "broker": broker if connection else "", "prefix": prefix, **keys.public()}
        pid = await stack.enter_async_context(started("benchmarks.bounds.intake", over, str(port), database, told=told))
        await listening(port)
        queue = None
        if connection is not None:
            queue = Queue(connection, prefix + ARRIVALS)
            stack.push_async_callback(delete, connection, [queue.name], [f"{prefix}mash.out"])
        yield Subject(
            name="bound",
            pid=pid,
            database=database,
            ports={over: port},
            queue=queue,
            path="/v1/feeds/bench/notifications",
            credential=keys.credential(hub, keys.token({})),
        )


@asynccontextmanager
async def python_hl7() -> AsyncIterator[Subject]:
    """python-hl7's own server."""
    async with AsyncExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mash-peer-")))
        port = free_ports(1)[0]
        command = ("benchmarks.peers.hl7_mllp", str(port), str(directory / "peer.sqlite3"))
        pid = await stack.enter_async_context(started(*command))
        await listening(port)
        yield Subject(name="python-hl7", pid=pid, ports={"mllp": port})


def engine() -> Subject | None:
    """Open Integration Engine, where ``MASH_BENCH_OIE`` says at which port of this machine it takes MLLP."""
    host, _, port = os.environ.get(ENGINE_VARIABLE, "").rpartition(":")
    return Subject(name=ENGINE, pid=None, host=host or "127.0.0.1", ports={"mllp": int(port)}) if port else None


class Keys:
    """The keys that a bound believes: of whoever issues tokens, and of their holder."""

    def __init__(self) -> None:
        self._issuer = ec.generate_private_key(ec.SECP256R1())
        self._holder = ec.generate_private_key(ec.SECP256R1())

    def public(self) -> dict[str, str]:
        """The public halves, as PEM."""
        return {"issuer": _public(self._issuer), "holder": _public(self._holder)}

    def token(self, more: Mapping[str, object]) -> str:
        """A token for the holder, with more claims."""
        jwk = public_jwk(self._holder.public_key())
        now = int(time.time())
        claims: dict[str, object] = {
            "iss": "bound", "sub": "health.gp", "client_id": "health.gp", "aud": "bound", "iat": now,
            "exp": now + _TOKEN_HOURS * 3600, "jti": secrets.token_hex(16), "cnf": {"jkt": thumbprint(jwk)},
            "scope": "notify open",
        }  # fmt: skip
        return signed(header_of(alg="ES256", kid="bound", typ="at+jwt"), claims | dict(more), self._issuer)

    def credential(self, hub: str, token: str) -> Credential:
        """How the holder shows who it is."""
        private = self._holder.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return Credential(hub=hub, dpop=private.decode("ascii"), token=token)


@asynccontextmanager
async def started(module: str, *arguments: str, told: Mapping[str, object] | None = None) -> AsyncIterator[int]:
    """A module of ours as a process; its id. ``told`` goes to its standard input as a line of JSON."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module, *arguments), stdin=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdin is not None
        process.stdin.write(json.dumps(told or {}).encode() + b"\n")
        await process.stdin.drain()
        yield process.pid
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


async def listening(port: int) -> None:
    """Wait until somebody listens there.

    Raises:
        HubFailed: nobody does, in time.
    """
    until = time.monotonic() + _START_SECONDS
    while True:
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            if time.monotonic() > until:
                raise HubFailed("a bound or a peer did not start") from None
            await asyncio.sleep(0.05)
            continue
        writer.close()
        return


@asynccontextmanager
async def _database(server: str | None) -> AsyncIterator[str]:
    if server is None:
        with tempfile.TemporaryDirectory(prefix="mash-bound-") as directory:
            yield f"sqlite:///{directory}/bound.sqlite3"
        return
    database = await servers.create_database(server)
    try:
        yield database
    finally:
        await servers.drop_database(server, database)


def _public(key: ec.EllipticCurvePrivateKey) -> str:
    octets = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return octets.decode("ascii")
