"""Listening sockets that are opened before those who serve at them are started."""

from __future__ import annotations

import socket
from dataclasses import dataclass

from schemas.errors import Rejected
from schemas.hub import Hub, Listen

_BACKLOG = 128


@dataclass(frozen=True, kw_only=True)
class Doors:
    """Where one worker listens."""

    http: socket.socket
    mllp: socket.socket | None


def open_doors(hub: Hub, count: int) -> list[Doors]:
    """The doors of so many workers, on the same ports.

    Raises:
        Rejected: ``config.port``: an address can't be listened on, or somebody listens there already.
    """
    https = _sockets(hub.http, count, "http")
    mllps = _sockets(hub.mllp, count, "mllp") if hub.mllp is not None else [None] * count
    return [Doors(http=http, mllp=mllp) for http, mllp in zip(https, mllps, strict=True)]


def _sockets(section: Listen, count: int, at: str) -> list[socket.socket]:
    family = socket.AF_INET6 if ":" in section.host else socket.AF_INET
    try:
        # First alone, so that a second gateway is an error and no silent sharer of the port.
        with socket.create_server((section.host, section.port), family=family):
            pass
        made = [socket.create_server((section.host, section.port), family=family, backlog=_BACKLOG, reuse_port=True)]
        address = made[0].getsockname()[:2]
        made += [
            socket.create_server(address, family=family, backlog=_BACKLOG, reuse_port=True) for _ in range(count - 1)
        ]
    except OSError as error:
        raise Rejected("config.port", "choose an address and a port that are free", at=f"{at}.port") from error
    return made
