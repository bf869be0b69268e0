"""A hub of the sandbox's own: laid out in a directory, started as a process, known by its URL, ended by its id."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import secrets
import socket
import sys
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import aiohttp

from sandbox.borough import HUB, Place, hub_file
from sandbox.failures import HubFailed
from sandbox.keys import AgencyKeys

START_SECONDS = 45.0
STOP_SECONDS = 15.0
COMMAND_SECONDS = 90.0
LOG_TAIL = 1_500
_READ_SECONDS = 2.0
_PORTS = range(10_240, 32_768)
"""Above what services use by custom, below what systems give to outgoing connections."""


@dataclass(frozen=True, kw_only=True)
class Ran:
    """How a command ended. ``out`` is what it wrote for programs to read."""

    code: int
    out: str

    def json(self) -> object:
        """What it wrote, as JSON; nothing where it wrote none."""
        try:
            return json.loads(self.out)
        except ValueError:
            return None


@dataclass(kw_only=True)
class Hub:
    """One hub. ``database_url`` and ``broker_url`` may hold passwords: they go into the environment alone."""

    directory: Path
    place: Place
    database_url: str = field(repr=False)
    broker_url: str | None = field(repr=False)
    _process: asyncio.subprocess.Process | None = None

    @property
    def config(self) -> Path:
        """The hub's file."""
        return self.directory / "hub.toml"

    @property
    def log_file(self) -> Path:
        """Where the hub's process writes its log."""
        return self.directory / "serve.log"

    async def lay_out(self) -> None:
        """Write the hub's file and its master key, and lay out its database.

        Raises:
            HubFailed: the database could not be laid out.
        """
        self.directory.mkdir(parents=True, exist_ok=True)
        self.config.write_text(hub_file(self.place), encoding="utf-8")
        write_secret(self.directory / "secrets" / "master.key", base64.b64encode(secrets.token_bytes(32)).decode())
        await self.run_or_fail("db", "upgrade")

    async def open(self, agencies: Iterable[AgencyKeys]) -> None:
        """Enrol the agencies and start the gateway.

        Raises:
            HubFailed: an agency was not taken, or the gateway did not start.
        """
        first, *rest = agencies
        # The first command makes the hub's keys; what follows it may run side by side.
        await self.enrol(first)
        await asyncio.gather(self.start(), *(self.enrol(agency) for agency in rest))

    async def enrol(self, agency: AgencyKeys) -> None:
        """Write the enrolment file of an agency (public keys, each proved to be held) and have the hub take it.

        Raises:
            HubFailed: the hub did not take it.
        """
        file = self.directory / "agencies" / agency.agency / "enrolment.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(agency.enrolment_file(HUB, datetime.now(UTC)))
        await self.run_or_fail("agencies", "enrol", "--keys", str(file))

    async def start(self) -> None:
        """Start the gateway as a process and wait until it is ready.

        Raises:
            HubFailed: it ended, or was not ready in time.
        """
        with self.log_file.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *mash("serve", "--config", str(self.config)),
                stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log, env=self.environment(),
            )  # fmt: skip
        deadline = asyncio.get_running_loop().time() + START_SECONDS
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_READ_SECONDS)) as session:
            while not await _ready(session, f"{self.place.url}/readyz"):
                if self._process.returncode is not None:
                    raise HubFailed(f"the gateway ended with code {self._process.returncode}: {self._log_tail()}")
                if asyncio.get_running_loop().time() > deadline:
                    raise HubFailed(f"the gateway was not ready within {START_SECONDS:g} s: {self._log_tail()}")
                await asyncio.sleep(0.1)

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return self._process is not None and self._process.returncode is None

    async def stop(self) -> None:
        """End the process in order; a process that does not end is killed."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), STOP_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()

    async def run(self, *arguments: str) -> Ran:
        """Run a command of the gateway on this hub, beside the running process."""
        process = await asyncio.create_subprocess_exec(
            *mash(*arguments),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self.environment(),
        )
        try:
            out, err = await asyncio.wait_for(process.communicate(), COMMAND_SECONDS)
        except TimeoutError:
            process.kill()
            await process.wait()
            raise HubFailed(f"mash {' '.join(arguments[:2])} did not end within {COMMAND_SECONDS:g} s") from None
        if process.returncode:
            with self.log_file.open("ab") as log:
                log.write(err)
        return Ran(code=process.returncode or 0, out=out.decode("utf-8", "replace"))

    async def run_or_fail(self, *arguments: str) -> Ran:
        """Run a command that must succeed.

        Raises:
            HubFailed: it did not.
        """
        ran = await self.run(*arguments)
        if ran.code:
            raise HubFailed(f"mash {' '.join(arguments[:2])} ended with code {ran.code}: {self._log_tail()}")
        return ran

    def environment(self) -> Mapping[str, str]:
        """The environment of the hub's processes: ours without any hub's settings, and this hub's own."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("MASH_")}
        own = {
            "MASH_CONFIG": str(self.config),
            "MASH_DATABASE_URL": self.database_url,
            "MASH_MASTER_KEY_FILE": str(self.directory / "secrets" / "master.key"),
        }
        if sys.dont_write_bytecode:
            # A run starts ten processes: they need not each compile everything. What they keep goes with the run.
            own["PYTHONPYCACHEPREFIX"] = str(self.directory / "bytecode")
            inherited.pop("PYTHONDONTWRITEBYTECODE", None)
        return inherited | own | ({"MASH_BROKER_URL": self.broker_url} if self.broker_url else {})

    def _log_tail(self) -> str:
        return self.log_file.read_text("utf-8", "replace")[-LOG_TAIL:].strip() if self.log_file.exists() else ""


def mash(*arguments: str) -> tuple[str, ...]:
    """The command line of the installed gateway.

    Raises:
        HubFailed: it is not installed beside this Python.
    """
    command = Path(sys.executable).parent / "mash"
    if not command.exists():
        raise HubFailed("the mash command is not beside this Python: install the project there first")
    return (str(command), *arguments)


def free_ports(count: int) -> list[int]:
    """TCP ports on 127.0.0.1 that were free a moment ago, all different.

    None of them is of the range that systems give to outgoing connections: before its server listens, one of those may
    have gone to somebody's connection.
    """
    free: dict[int, None] = {}
    while len(free) < count:
        port = _PORTS.start + secrets.randbelow(len(_PORTS))
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            free[port] = None
    return list(free)


def write_secret(path: Path, text: str) -> None:
    """Write a file that its owner alone may read, from its first byte on."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as secret:
        secret.write(text + "\n")


async def _ready(session: aiohttp.ClientSession, url: str) -> bool:
    try:
        async with session.get(url) as response:
            return response.status == 200
    except (aiohttp.ClientError, TimeoutError):
        return False
