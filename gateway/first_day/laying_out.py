"""Laying out a hub in a directory: nothing that is there is overwritten, nothing secret is readable by others."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from string import Template
from urllib.parse import urlsplit

from crypto import certificates
from crypto.atrest import KEY_BYTES
from gateway.enrolment import BROKER_USER
from gateway.first_day import broker_users, examples
from gateway.keys import MasterKey, place
from gateway.keys.token import TokenKey
from gateway.settings import read_hub
from gateway.world import World
from schemas.errors import Conflict

_HTTPS_PORT, _HTTP_PORT = 8443, 8080
_PRECIOUS = (
    "hub.toml",
    "secrets/master.key",
    "secrets/master.pkcs11",
    "secrets/ca-key.pem",
    "tls/ca.pem",
    "broker/definitions.json",
)
"""Any of these is a hub, or what is left of one that can still be saved."""


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What to lay out. ``broker`` is the broker's address without user and password, such as ``amqps://host:5671/mash``.

    With ``token`` the master key is made inside a PKCS#11 token, and no file holds it. ``example`` is one of
    ``gateway.first_day.examples``, whose own addresses go before ``public_url`` and ``listen``.
    """

    directory: Path
    public_url: str
    listen: str
    broker: str | None
    token: TokenKey | None = None
    example: str | None = None


def lay_out(plan: Plan, world: World) -> list[Path]:
    """Write the hub's files; their paths.

    Raises:
        Conflict: there is a hub in that directory already, or the token holds a key of this name.
        Rejected, Unavailable: the token.
    """
    directory = plan.directory
    if any((directory / name).exists() for name in _PRECIOUS):
        raise _exists()
    if plan.token is not None:
        # First: where the token refuses, nothing is laid out.
        plan.token.make(random=world.random)
    tls = plan.public_url.startswith("https://")
    if plan.example is not None:
        example = examples.fill_in(plan.example)
        written = [_write(directory / "hub.toml", example.text.encode(), 0o644)]
        hub, _ = read_hub(directory / "hub.toml")
        plan, tls = replace(plan, public_url=hub.hub.public_url), bool(hub.http.certificate)
        for post, officer in example.officers.items():
            # The kid goes before the key, as `mash trust key` writes it.
            private = officer.kid.encode() + b"\n" + officer.to_der()
            written.append(_write(directory / "secrets" / "officers" / f"{post}.pem", private, 0o600))
    else:
        written = [_write(directory / "hub.toml", _toml(plan, tls=tls).encode(), 0o644)]
    if plan.token is None:
        key = MasterKey(world.random(KEY_BYTES)).text().encode()
        written.append(_write(place.key_file(directory), key, 0o600))
    else:
        address = plan.token.address.text() + "\n"
        written.append(_write(place.token_file(directory), address.encode(), 0o600))
    if tls:
        written += _certificates(plan, world.now())
    if plan.broker is not None:
        written += _broker(plan, world)
    return written


def _toml(plan: Plan, *, tls: bool) -> str:
    certificate = 'certificate = "tls/server.pem"\nprivate_key = "tls/server-key.pem"\n' if tls else ""
    client = 'client_ca = "tls/ca.pem"\n' if tls else ""
    template = Template(files("gateway.first_day").joinpath("hub.toml.in").read_text())
    return template.substitute(
        public_url=plan.public_url.rstrip("/"),
        listen=plan.listen,
        http_port=_HTTPS_PORT if tls else urlsplit(plan.public_url).port or _HTTP_PORT,
        http_tls=certificate,
        mllp_tls=certificate + client,
        mllp_authentication="mllp-tls" if tls else "loopback",
    )


def _certificates(plan: Plan, now: datetime) -> list[Path]:
    """An authority of the hub's own and a certificate for its servers. The authority's key is for the officers."""
    directory = plan.directory
    authority = certificates.authority("mash-gateway first-day authority", now=now)
    hosts = [urlsplit(plan.public_url).hostname or "localhost", "localhost", "127.0.0.1", "gateway", "rabbitmq"]
    issued = certificates.server(list(dict.fromkeys(hosts)), authority, now=now)
    return [
        _write(directory / "tls" / "ca.pem", authority.certificate, 0o644),
        _write(directory / "secrets" / "ca-key.pem", authority.private_key, 0o600),
        _write(directory / "tls" / "server.pem", issued.certificate, 0o644),
        _write(directory / "tls" / "server-key.pem", issued.private_key, 0o600),
    ]


def _broker(plan: Plan, world: World) -> list[Path]:
    directory = plan.directory
    hub, _ = read_hub(directory / "hub.toml")
    address = urlsplit(str(plan.broker))
    users = broker_users.users_of(hub, world.random)
    definitions = broker_users.definitions(hub, users, virtual_host=address.path.strip("/") or "/")
    written = [_write(directory / "broker" / "definitions.json", definitions, 0o600)]
    for user in users:
        path = directory / "secrets" / "broker" / f"{user.name}.password"
        written.append(_write(path, user.password.encode(), 0o600))
    gateway = next(user for user in users if user.name == BROKER_USER)
    query = "?cafile=" + str((directory / "tls" / "ca.pem").resolve()) if address.scheme == "amqps" else ""
    url = f"{address.scheme}://{gateway.name}:{gateway.password}@{address.netloc}{address.path}{query}"
    written.append(_write(directory / "secrets" / "broker.url", url.encode(), 0o600))
    return written


def _write(path: Path, data: bytes, mode: int) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        path.touch(mode=0o600, exist_ok=False)
    except FileExistsError:
        raise _exists() from None
    path.write_bytes(data)
    path.chmod(mode)
    return path


def _exists() -> Conflict:
    return Conflict("hub.exists", "choose another directory: what is there is never overwritten", at="DIR")
