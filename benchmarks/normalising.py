"""HL7 normalised to the canonical notification, with provenance, beside python-hl7's bare parse."""

from __future__ import annotations

import hl7

from adapters import registry
from adapters.port import FeedContext
from benchmarks.load.messages import concern, registration
from benchmarks.measuring import Row, interleaved, per_second

TITLES = (("normalise ADT^A28", "normalise REF^I12"), ("normalise XML", "normalise JSON"))
"""Those beside python-hl7, and those beside a bound of their own."""
_CONTEXT = FeedContext(feed="bench", agency="health")


def rows() -> list[Row]:
    """A registration (ADT^A28) and a referral of an unborn child (REF^I12)."""
    return [_row("normalise ADT^A28", registration(1, "B")), _row("normalise REF^I12", concern(1, "B"))]


def _row(name: str, message: bytes) -> Row:
    adapter, text = registry.get("nhs.hl7v2"), message.decode("latin-1")
    figures = interleaved(
        {
            "ours": per_second(lambda: adapter.read(message, _CONTEXT)),
            "peer": per_second(lambda: hl7.parse(text)),
            "bound": per_second(lambda: [segment.split("|") for segment in text.split("\r")]),
        }
    )
    return Row(
        name=name,
        unit="messages/s",
        figure=figures["ours"],
        bound=figures["bound"],
        bound_name="segments and fields split, nothing read",
        peer=figures["peer"],
        peer_name="hl7.parse: a tree, nothing read",
    )
