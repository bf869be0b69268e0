"""What a run is ordered to do, and what it tells of itself: one JSON object a line, in and out."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Over = Literal["mllp", "http", "amqp"]
Shape = Literal["steady", "slow", "giant", "burst", "openings"]


@dataclass(frozen=True, kw_only=True)
class Credential:
    """How a client shows who it is over HTTP. Without ``token``, one is fetched from the hub at ``hub``."""

    hub: str
    dpop: str = field(repr=False)
    token: str = field(default="", repr=False)
    client_id: str = ""
    kid: str = ""
    authentication: str = field(default="", repr=False)


@dataclass(frozen=True, kw_only=True)
class Order:
    """One run. ``rate`` is messages a second of an open loop; without it the loop is closed.

    ``first`` numbers the messages, so that runs against one server don't repeat each other. ``size`` is of a giant
    message, ``each`` how many messages a connection of a burst sends at once. ``envelopes`` are ids and tokens.
    """

    over: Over = "mllp"
    shape: Shape = "steady"
    host: str = "127.0.0.1"
    port: int = 0
    connections: int = 1
    seconds: float = 1.0
    most: int = 50_000
    ahead: int = 2_000
    rate: float | None = None
    first: int = 0
    size: int = 0
    each: int = 1
    path: str = ""
    credential: Credential | None = None
    envelopes: tuple[tuple[str, str], ...] = ()
    broker: str = field(default="", repr=False)
    exchange: str = ""
    feed: str = ""
    user: str = ""

    def line(self) -> str:
        """The order as it is sent."""
        return json.dumps(asdict(self)) + "\n"


def parse(line: str) -> Order:
    """The order in this line."""
    told: dict[str, Any] = json.loads(line)
    credential = told.pop("credential")
    envelopes = tuple((str(name), str(token)) for name, token in told.pop("envelopes"))
    return Order(**told, credential=Credential(**credential) if credential else None, envelopes=envelopes)


@dataclass(frozen=True, kw_only=True)
class Told:
    """What a run tells. ``first`` and ``last`` are the first sending and the last answer, by the steady clock.

    ``p50``, ``p99`` and ``longest`` are waits in seconds. ``owed`` was never answered, ``lost`` went down with its
    connection, ``refused`` was answered by something else than an acceptance. ``cpu`` is the load's own time.
    """

    answered: int
    refused: int
    lost: int
    owed: int
    first: float
    last: float
    p50: float
    p99: float
    longest: float
    cpu: float

    def line(self) -> str:
        """The report as it is sent."""
        return json.dumps(asdict(self))
