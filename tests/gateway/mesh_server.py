"""NHS England's own MESH sandbox as a process, and a sender that uses NHS England's own client."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from mesh_client import MeshClient

from tests.services.process import free_port

OURS, THEIRS, STRANGER = "X26ABC1", "X26ABC2", "X26ABC3"
"""Mailboxes that the sandbox knows, all with the same password."""
PASSWORD = "password"
SHARED_KEY = "a key of these tests"
_PATIENCE = 60.0


@dataclass(frozen=True, kw_only=True)
class MeshServer:
    """The sandbox, listening."""

    url: str

    def client(self, mailbox: str) -> MeshClient:
        """The client of a mailbox; close it."""
        return MeshClient(self.url, mailbox, PASSWORD, SHARED_KEY.encode(), max_retries=0, timeout=20)

    async def send(
        self,
        content: bytes,
        workflow: str,
        *,
        sender: str = THEIRS,
        to: str = OURS,
        compress: bool = False,
        chunk: int | None = None,
    ) -> str:
        """Send as the client of ``sender`` does; the id that MESH gave."""

        def sent() -> str:
            with self.client(sender) as client:
                name: str = client.send_message(
                    to, content, workflow_id=workflow, compress=compress, max_chunk_size=chunk, local_id="L-1"
                )
                return name

        return await asyncio.to_thread(sent)

    async def inbox(self, mailbox: str = OURS) -> list[str]:
        """What waits unacknowledged, as the client of the mailbox sees it."""

        def listed() -> list[str]:
            with self.client(mailbox) as client:
                return list(client.list_messages())

        return await asyncio.to_thread(listed)

    def report(self, mailbox: str = OURS) -> None:
        """Have MESH put a report about an undeliverable message into the mailbox."""
        body = f'{{"mailbox_id": "{mailbox}", "code": "14", "description": "expired", "workflow_id": "W"}}'
        self._call("POST", "/messageexchange/admin/report", body.encode())

    def reset(self) -> None:
        """Empty every mailbox."""
        self._call("DELETE", "/messageexchange/admin/reset")

    def _call(self, method: str, path: str, body: bytes | None = None) -> None:
        asked = urllib.request.Request(  # noqa: S310 - the sandbox that was started here
            self.url + path, data=body, method=method, headers={"Content-Type": "application/json"}
        )
        with urllib.request.urlopen(asked, timeout=20):  # noqa: S310 - the same
            return


@contextmanager
def mesh_server() -> Iterator[MeshServer]:
    """The sandbox, with its messages in memory and every call's HMAC checked, until the block ends."""
    port = free_port()
    server = MeshServer(url=f"http://127.0.0.1:{port}")
    command = [sys.executable, "-m", "uvicorn", "mesh_sandbox.api:app", "--port", str(port), "--log-level", "error"]
    told = os.environ | {"STORE_MODE": "memory", "AUTH_MODE": "full", "SHARED_KEY": SHARED_KEY}
    process = subprocess.Popen(command, env=told, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until = time.monotonic() + _PATIENCE
        while True:
            try:
                server._call("GET", "/health")
                break
            except (urllib.error.URLError, ConnectionError):
                if process.poll() is not None or time.monotonic() > until:
                    raise
                time.sleep(0.1)
        yield server
    finally:
        process.terminate()
        process.wait(20)
