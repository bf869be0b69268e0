"""The fixtures of a gateway that runs."""

from tests.gateway.fixtures import (
    both,
    bugs_expected,
    clock,
    hub_pairs,
    impatient,
    log_lines,
    mending,
    place,
    start,
    town,
)

__all__ = [
    "both",
    "bugs_expected",
    "clock",
    "hub_pairs",
    "impatient",
    "log_lines",
    "mending",
    "place",
    "start",
    "town",
]
