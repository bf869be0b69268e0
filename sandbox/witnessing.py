"""``mash witness``: a witness as a server, for a hub's logs to be cosigned by somebody else than the hub."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import click
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from sandbox.failures import NotTrusted
from sandbox.hub import write_secret
from sandbox.log_proof import LogKey
from sandbox.witness import LARGEST_BODY, Memory, Witness


def load(directory: Path, name: str, log_keys: tuple[str, ...]) -> Witness:
    """The witness that lives in this directory, with a key of its own, made at the first start.

    Raises:
        NotTrusted: a log's key is malformed.
    """
    file = directory / "witness.key"
    if not file.exists():
        write_secret(file, Ed25519PrivateKey.generate().private_bytes_raw().hex())
    key = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(file.read_text(encoding="ascii").strip()))
    logs = {parsed.name: parsed for parsed in map(LogKey.parse, log_keys)}
    return Witness(name, key, logs, Memory(directory / "logs"))


@asynccontextmanager
async def serving(witness: Witness, host: str, port: int) -> AsyncIterator[int]:
    """Serve until the block ends; the port that it listens on. One request is answered at a time."""
    turn = asyncio.Lock()

    async def add(request: web.Request) -> web.Response:
        body = await request.read()
        async with turn:
            answer = await asyncio.to_thread(witness.add_checkpoint, body, int(time.time()))
        return web.Response(status=answer.status, text=answer.text, content_type=answer.media_type)

    app = web.Application(client_max_size=LARGEST_BODY)
    app.router.add_post("/add-checkpoint", add)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        yield int(runner.addresses[0][1])
    finally:
        await runner.cleanup()


@click.command(epilog="Example: mash witness --state witness --log 'hub.mash.log+1a2b3c4d+AV...'")
@click.option("--state", type=click.Path(path_type=Path, file_okay=False), required=True, help="Its key and memory.")
@click.option("--name", default="witness.example", show_default=True, help="Its key's name.")
@click.option("--log", "logs", multiple=True, required=True, help="A log's verifier key; may be given again.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=int, default=8099, show_default=True)
def witness(state: Path, name: str, logs: tuple[str, ...], host: str, port: int) -> None:
    """Cosign checkpoints of these logs, and refuse those that do not follow what was seen before."""
    os.umask(0o077)
    try:
        made = load(state, name, logs)
    except NotTrusted as error:
        raise click.ClickException(str(error)) from error
    sys.stdout.write(f"{made.verifier()}\n")
    sys.stdout.flush()
    asyncio.run(_until_interrupted(made, host, port))


async def _until_interrupted(made: Witness, host: str, port: int) -> None:
    ended, loop = asyncio.Event(), asyncio.get_running_loop()
    for each in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(each, ended.set)
    async with serving(made, host, port) as listening:
        sys.stderr.write(f"http://{host}:{listening}/add-checkpoint\n")
        await ended.wait()
