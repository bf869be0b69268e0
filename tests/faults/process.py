"""The gateway as a process of the campaign's own: started, killed, started again."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from tests.faults import struck
from tests.faults.plan import Moment, Point
from tests.services import warden
from tests.services.process import Process, ServiceFailed

SECONDS = 60.0


@dataclass(kw_only=True)
class GatewayProcess:
    """``mash serve`` on one hub's file. ``settings`` are the variables of that hub, its secrets among them."""

    config: Path
    http_port: int
    settings: Mapping[str, str] = field(repr=False)
    _process: Process | None = None

    async def start(self, point: Point | None = None) -> bool:
        """Start it, with the point's strike armed; False if the strike came before it was ready.

        Raises:
            ServiceFailed: it did not start, and nothing was armed.
        """
        armed = point is not None and point.moment is not Moment.CLOCK
        mash = [str(Path(sys.executable).with_name("mash"))]
        if point is not None and armed:
            strike = [point.moment, point.table, str(point.nth)]
            mash = [sys.executable, "-P", str(Path(struck.__file__)), *strike]
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("MASH_")}
        if sys.dont_write_bytecode:
            # A campaign starts many processes: they need not each compile everything. What they keep goes with it.
            inherited.pop("PYTHONDONTWRITEBYTECODE", None)
            inherited["PYTHONPYCACHEPREFIX"] = str(self.config.parent / "bytecode")
        self._process = Process(
            name="serve",
            folder=self.config.parent,
            owner=os.getpid(),
            command=[*mash, "serve", "--config", str(self.config)],
            env={**inherited, **self.settings},
            ready=self._ready,
            seconds=SECONDS,
        )
        try:
            await asyncio.to_thread(self._process.start)
        except ServiceFailed:
            if not armed:
                raise
            return False
        return True

    @property
    def alive(self) -> bool:
        """Whether the process runs."""
        return (
            self._process is not None
            and self._process.warden is not None
            and warden.alive(int(self._process.pid_file.read_text(encoding="ascii")))
        )

    async def kill(self) -> None:
        """End it at once; one that killed itself is cleared away."""
        if self._process is not None and self._process.warden is not None:
            await asyncio.to_thread(self._process.kill)

    async def stop(self) -> None:
        """End it in order."""
        if self._process is not None:
            await asyncio.to_thread(self._process.stop)

    def log(self) -> str:
        """All that its processes wrote to their log."""
        path = self.config.parent / "serve.log"
        return path.read_text("utf-8", "replace") if path.exists() else ""

    def _ready(self) -> bool:
        connection = HTTPConnection("127.0.0.1", self.http_port, timeout=2)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()
