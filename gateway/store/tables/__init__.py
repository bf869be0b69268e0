"""The tables. Importing this package fills ``metadata``, which the migrations are checked against."""

from gateway.store.tables import (
    casework,
    console,
    details,
    envelopes,
    erasures,
    exchange,
    identities,
    keys,
    log,
    messages,
    notices,
    persons,
    referrals,
    replays,
    rounds,
    timing,
    upkeep,
)
from gateway.store.tables.metadata import metadata

__all__ = [
    "casework",
    "console",
    "details",
    "envelopes",
    "erasures",
    "exchange",
    "identities",
    "keys",
    "log",
    "messages",
    "metadata",
    "notices",
    "persons",
    "referrals",
    "replays",
    "rounds",
    "timing",
    "upkeep",
]
