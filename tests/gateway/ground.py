"""What stays while gateways come and go: the directory, the database, the broker's names, the sign-in provider."""

from __future__ import annotations

import base64
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from gateway import settings
from sandbox import borough as sandbox_borough
from sandbox.hub import Hub, free_ports, write_secret
from sandbox.identity_provider import IdentityProvider
from sandbox.person import CLIENT, REDIRECT
from tests.gateway import borough
from tests.gateway.clock import Clock


@dataclass(kw_only=True)
class Ground:
    """What stays while gateways come and go: the directory, the database, the broker's names, the sign-in provider."""

    directory: Path
    database_url: str = field(repr=False)
    broker_url: str | None = field(repr=False)
    prefix: str
    clock: Clock
    provider: IdentityProvider
    ports: tuple[int, int]

    @property
    def url(self) -> str:
        """The hub's public URL."""
        return f"http://127.0.0.1:{self.ports[0]}"

    @property
    def channel(self) -> borough.Channel:
        """What the recipients of this hub are reached over."""
        return "amqp" if self.broker_url else "mailbox"

    @property
    def config(self) -> Path:
        """The hub's file."""
        return self.directory / "hub.toml"

    def document(self) -> borough.Document:
        """The hub's file as a document that a test may change."""
        http, mllp_port = self.ports
        return borough.document(
            http=http, mllp=mllp_port, issuer=self.provider.issuer, channel=self.channel, prefix=self.prefix
        )

    def settings(self, change: borough.Change | None = None) -> settings.Settings:
        """Write the hub's file, changed, and load it as a start does."""
        made = self.document()
        if change is not None:
            change(made)
        self.config.write_text(borough.text(made), encoding="utf-8")
        return settings.load(self.config, self.environment())

    def environment(self) -> Mapping[str, str]:
        """The variables of a gateway on this ground."""
        told = {"MASH_CONFIG": str(self.config), "MASH_DATABASE_URL": self.database_url}
        return told | ({"MASH_BROKER_URL": self.broker_url} if self.broker_url else {})

    def command_line(self) -> Hub:
        """The same hub for the gateway's own commands, as processes."""
        place = sandbox_borough.Place(
            http_port=self.ports[0],
            mllp_port=self.ports[1],
            issuer=self.provider.issuer,
            channel=self.channel,
            broker_prefix=self.prefix,
        )
        return Hub(directory=self.directory, place=place, database_url=self.database_url, broker_url=self.broker_url)


@asynccontextmanager
async def ground(
    directory: Path, clock: Clock, *, database_url: str, broker_url: str | None = None, prefix: str = ""
) -> AsyncIterator[Ground]:
    """Lay a hub out: ports that are free, a master key, a sign-in provider that listens."""
    http, mllp_port, identity = free_ports(3)
    write_secret(directory / "secrets" / "master.key", base64.b64encode(os.urandom(32)).decode())
    url = f"http://127.0.0.1:{http}"
    clients = {CLIENT: REDIRECT, borough.CONSOLE: f"{url}/console/signed-in"}
    provider = IdentityProvider(audience=url, users=borough.users(), clients=clients)
    await provider.start(identity)
    try:
        yield Ground(
            directory=directory,
            database_url=database_url,
            broker_url=broker_url,
            prefix=prefix,
            clock=clock,
            provider=provider,
            ports=(http, mllp_port),
        )
    finally:
        await provider.stop()
