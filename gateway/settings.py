"""Settings: one TOML file per hub, and four variables that must not stand in a file.

The composition root calls :func:`load` with the environment; nothing else in the gateway reads it.
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from gateway.keys import MasterKey
from routing import components, hub_rules
from schemas.errors import Rejected
from schemas.hub import Hub


@dataclass(frozen=True, kw_only=True)
class Settings:
    """A hub's settings, checked. ``digest`` is the SHA-256 of the file's bytes, in hex; it goes into the log."""

    hub: Hub
    digest: str
    directory: Path
    database_url: str
    broker_url: str | None
    master_key: MasterKey

    def __repr__(self) -> str:
        return f"Settings(hub={self.hub.hub.id!r}, digest={self.digest[:12]!r})"


def load(config: Path | None, environ: Mapping[str, str]) -> Settings:
    """Read and check a hub's settings.

    Raises:
        Rejected: something is missing or wrong; ``at`` names it, ``detail`` says what to do.
        Refused: the file tries to configure one of the five core components away; the code names its number.
    """
    path = config or _path(environ)
    hub, digest = read_hub(path)
    return Settings(
        hub=hub,
        digest=digest,
        directory=path.parent,
        database_url=environ.get("MASH_DATABASE_URL") or f"sqlite:///{path.parent / 'hub.sqlite3'}",
        broker_url=environ.get("MASH_BROKER_URL") or None,
        master_key=_master_key(path.parent, environ),
    )


def read_hub(path: Path) -> tuple[Hub, str]:
    """Read one hub's file: the model and the digest of its bytes (SHA-256, hex).

    Raises:
        Rejected, Refused: as :func:`load`.
    """
    try:
        text = path.read_bytes()
        raw = tomllib.loads(text.decode())
    except OSError as error:
        raise Rejected(
            "config.unreadable", "make it with `mash init DIR`, or name it with --config", at=path.name
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Rejected("config.toml", f"mend the TOML: {error}", at=path.name) from error
    components.check(raw)
    try:
        hub = Hub.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise Rejected("config.invalid", first["msg"], at=place) from error
    for problem in hub_rules.problems(hub):
        raise Rejected("config.inconsistent", problem.detail, at=problem.at)
    return hub, hashlib.sha256(text).hexdigest()


def _path(environ: Mapping[str, str]) -> Path:
    named = environ.get("MASH_CONFIG")
    if not named:
        raise Rejected("config.missing", "name the hub's file with --config or MASH_CONFIG; `mash init DIR` makes one")
    return Path(named)


def _master_key(directory: Path, environ: Mapping[str, str]) -> MasterKey:
    text = environ.get("MASH_MASTER_KEY")
    if text is not None:
        return MasterKey.parse(text)
    return MasterKey.read(Path(environ.get("MASH_MASTER_KEY_FILE") or directory / "secrets" / "master.key"))
