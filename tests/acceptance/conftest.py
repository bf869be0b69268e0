"""The fixtures of a gateway that runs."""

from tests.gateway.fixtures import both, clock, hub_pairs, log_lines, mending, place, start, town

__all__ = ["both", "clock", "hub_pairs", "log_lines", "mending", "place", "start", "town"]
