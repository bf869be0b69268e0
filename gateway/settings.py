"""Settings: one TOML file per hub, and a few variables that must not stand in a file, or differ from host to host.

The composition root calls :func:`load` with the environment; nothing else in the gateway reads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from crypto.master import Master
from gateway.configuration import reading
from gateway.keys.place import master_key
from gateway.secret import secret
from schemas.errors import Rejected
from schemas.hub import Hub

_MOST_WORKERS = 64


@dataclass(frozen=True, kw_only=True, repr=False)
class MeshSecrets:
    """What the hub's MESH mailbox is opened with."""

    password: str
    shared_key: str


@dataclass(frozen=True, kw_only=True)
class Settings:
    """A hub's settings, checked. ``digest`` is the SHA-256 of the file's ``text``, in hex; it goes into the log."""

    hub: Hub
    digest: str
    text: str
    directory: Path
    database_url: str
    broker_url: str | None
    master_key: Master
    workers: int = 1
    mesh: MeshSecrets | None = None
    detail_secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    console_secret: str | None = field(default=None, repr=False)

    def __repr__(self) -> str:
        return f"Settings(hub={self.hub.hub.id!r}, digest={self.digest[:12]!r})"


def load(config: Path | None, environ: Mapping[str, str], *, workers: int | None = None) -> Settings:
    """Read and check a hub's settings; ``workers`` goes before what the environment says.

    Raises:
        Rejected: something is missing or wrong; ``at`` names it, ``detail`` says what to do.
        Refused: the file tries to configure one of the five core components away; the code names its number.
    """
    path = config_path(config, environ)
    data = read_file(path)
    hub = reading.parse(data, path.name)
    database_url = database_of(path.parent, environ)
    return Settings(
        hub=hub,
        digest=reading.digest(data),
        text=data.decode(),
        directory=path.parent,
        database_url=database_url,
        broker_url=environ.get("MASH_BROKER_URL") or None,
        master_key=master_key(path.parent, environ),
        workers=_workers(workers, environ, database_url),
        mesh=_mesh(hub, environ),
        detail_secrets=_details(hub, environ),
        console_secret=secret(environ, "MASH_CONSOLE_CLIENT_SECRET") if hub.console is not None else None,
    )


def read_hub(path: Path) -> tuple[Hub, str]:
    """Read one hub's file: the model and the digest of its bytes (SHA-256, hex).

    Raises:
        Rejected, Refused: as :func:`load`.
    """
    data = read_file(path)
    return reading.parse(data, path.name), reading.digest(data)


def read_file(path: Path) -> bytes:
    """The bytes of a hub's file.

    Raises:
        Rejected: it can't be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise Rejected(
            "config.unreadable", "make it with `mash init DIR`, or name it with --config", at=path.name
        ) from error


def config_path(config: Path | None, environ: Mapping[str, str]) -> Path:
    """Where the hub's file is.

    Raises:
        Rejected: nothing names it.
    """
    named = config or environ.get("MASH_CONFIG")
    if not named:
        raise Rejected("config.missing", "name the hub's file with --config or MASH_CONFIG; `mash init DIR` makes one")
    return Path(named)


def database_of(directory: Path, environ: Mapping[str, str]) -> str:
    """The address of the database of the hub in this directory."""
    return environ.get("MASH_DATABASE_URL") or f"sqlite:///{directory / 'hub.sqlite3'}"


def _workers(asked: int | None, environ: Mapping[str, str], database_url: str) -> int:
    text = environ.get("MASH_WORKERS") or "1"
    if asked is None and not (text.isascii() and text.isdigit() and 1 <= int(text) <= _MOST_WORKERS):
        raise Rejected("config.workers", f"write a number from 1 to {_MOST_WORKERS}", at="MASH_WORKERS")
    count = asked or int(text)
    if count > 1 and database_url.startswith("sqlite"):
        raise Rejected(
            "config.workers", "one process on SQLite; several need PostgreSQL (MASH_DATABASE_URL)", at="--workers"
        )
    return count


def _mesh(hub: Hub, environ: Mapping[str, str]) -> MeshSecrets | None:
    """None where the hub has no mailbox, or the secrets are not here: only who serves needs them."""
    if hub.mesh is None:
        return None
    password, shared_key = secret(environ, "MASH_MESH_PASSWORD"), secret(environ, "MASH_MESH_SHARED_KEY")
    return MeshSecrets(password=password, shared_key=shared_key) if password and shared_key else None


def detail_variable(feed: str) -> str:
    """The variable that holds what the hub proves itself with when it asks for details of this feed."""
    return f"MASH_DETAIL_{feed.upper().replace('-', '_')}_SECRET"


def _details(hub: Hub, environ: Mapping[str, str]) -> dict[str, str]:
    asked = {feed.name: secret(environ, detail_variable(feed.name)) for feed in hub.feeds if feed.detail is not None}
    return {feed: text for feed, text in asked.items() if text is not None}
