"""Native documents to the canonical notification, with provenance and the list of what was not carried over.

HL7 stands beside python-hl7's bare parse, XML beside lxml's parse and validation against a schema, JSON beside
pydantic's validation. The documents are what simulated agencies send.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import hl7

from adapters import registry
from adapters.port import FeedContext
from benchmarks.bounds.normalising import json_bound, xml_bound
from benchmarks.load.messages import concern, registration
from benchmarks.measuring import Row, interleaved, per_second
from sandbox.natives import police, probation, schools
from sandbox.scenarios import drugs_warrant_cast

_CONTEXT = FeedContext(feed="bench", agency="agency")
_AT = datetime(2026, 11, 2, 21, 15, tzinfo=UTC)
_FAMILY = drugs_warrant_cast.cast(_AT.date())
_EVENT = probation.registration_added("X999001", _AT, type_code="RCCO", description="Child concerns")
_HL7 = {"normalise HL7, ADT^A28": registration(1, "B"), "normalise HL7, REF^I12": concern(1, "B")}
_XML = {
    "normalise XML, police notice": (
        "police.ppn",
        police.notice(drugs_warrant_cast.warrant(_FAMILY, _AT, "PPN-0123456789")),
    ),
    "normalise XML, transfer file": ("schools.ctf", schools.transfer_file(_FAMILY.child, made=_AT, year=2026)),
}
_JSON = {
    "normalise JSON, event": ("probation.event", probation.bare(_EVENT)),
    "normalise JSON, event in a notification": (
        "probation.event",
        probation.wrapped(_EVENT, message_id="8a7f5e1c-0000-4000-8000-000000000001", sent=_AT),
    ),
}
TITLES = (tuple(_HL7), (*_XML, *_JSON))
"""Those beside python-hl7, and those beside a bound of their own."""


def rows() -> list[Row]:
    """A row for each document."""
    made = [_beside_python_hl7(name, message) for name, message in _HL7.items()]
    made += [
        _beside(name, *of, xml_bound, "lxml's parse, and validation against a schema") for name, of in _XML.items()
    ]
    made += [_beside(name, *of, json_bound, "pydantic's validation, each key once") for name, of in _JSON.items()]
    return made


def _beside_python_hl7(name: str, message: bytes) -> Row:
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


def _beside(name: str, format_: str, document: bytes, bound: Callable[[bytes], Callable[[], object]], does: str) -> Row:
    adapter = registry.get(format_)
    assert adapter.read(document, _CONTEXT).items
    figures = interleaved(
        {"ours": per_second(lambda: adapter.read(document, _CONTEXT)), "bound": per_second(bound(document))}
    )
    return Row(name=name, unit="documents/s", figure=figures["ours"], bound=figures["bound"], bound_name=does)
