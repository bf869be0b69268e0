"""Receipts for senders: XML, JSON, and problem details where a message was not accepted.

Each renderer takes what the hub says and nothing else, reads no clock and never raises.

Source: RFC 9457 (problem details); docs/formats/police-ppn.md (the XML receipt).
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from lxml import etree

from adapters.port import STATUS, Answer, Fate, Receipt

RECEIPT_NAMESPACE = "urn:mash-gateway:receipt:1"
XML_TYPE = "application/xml"
JSON_TYPE = "application/json"
PROBLEM_TYPE = "application/problem+json"

_ACCEPTED = (Fate.ACCEPTED, Fate.DUPLICATE)
TITLES = {
    Fate.ACCEPTED: "The message was accepted",
    Fate.DUPLICATE: "The message had been accepted before",
    Fate.CONFLICT: "The same identity came before with other content",
    Fate.QUARANTINED: "The message was kept aside because it could not be read",
    Fate.REFUSED: "The message was refused",
    Fate.UNAVAILABLE: "The message could not be taken now; send it again later",
}
"""What each fate means, in a few words."""
# The stubs know no default namespace, which lxml spells None.
_NAMESPACES: dict[str, str] = {None: RECEIPT_NAMESPACE}  # type: ignore[dict-item]
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml_receipt(receipt: Receipt, *, reference: str = "") -> Answer:
    """A ``receipt`` element in ``urn:mash-gateway:receipt:1``; ``reference`` is the sender's own, where it is known."""
    root = etree.Element(f"{{{RECEIPT_NAMESPACE}}}receipt", nsmap=_NAMESPACES)
    root.set("fate", receipt.fate.value)
    _child(root, "at", _time(receipt.at))
    _child(root, "message", receipt.message_id)
    _child(root, "reference", reference)
    _child(root, "title", TITLES[receipt.fate])
    if receipt.problem is not None:
        problem = etree.SubElement(root, f"{{{RECEIPT_NAMESPACE}}}problem")
        _child(problem, "code", receipt.problem.code)
        _child(problem, "at", receipt.problem.at)
        _child(problem, "detail", receipt.problem.detail)
    body: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return Answer(status=STATUS[receipt.fate], media_type=XML_TYPE, body=body)


def json_receipt(receipt: Receipt, *, reference: str = "") -> Answer:
    """A small JSON receipt where the message was accepted, else problem details."""
    if receipt.fate not in _ACCEPTED:
        return problem_details(receipt, reference=reference)
    content = {
        "fate": receipt.fate.value,
        "title": TITLES[receipt.fate],
        "at": _time(receipt.at),
        "message_id": receipt.message_id,
        "reference": reference,
    }
    return _json(receipt.fate, JSON_TYPE, content)


def problem_details(receipt: Receipt, *, reference: str = "") -> Answer:
    """Problem details with the error's stable ``code``; ``pointer`` names the place in the native message."""
    problem = receipt.problem
    code = problem.code if problem is not None else f"message.{receipt.fate}"
    content: dict[str, str | int] = {
        "type": f"urn:mash-gateway:problem:{code}",
        "title": TITLES[receipt.fate],
        "status": STATUS[receipt.fate],
        "detail": problem.detail if problem is not None else "",
        "code": code,
        "pointer": problem.at if problem is not None else "",
        "fate": receipt.fate.value,
        "at": _time(receipt.at),
        "message_id": receipt.message_id,
        "reference": reference,
    }
    return _json(receipt.fate, PROBLEM_TYPE, content)


def _json(fate: Fate, media_type: str, content: Mapping[str, str | int]) -> Answer:
    told = {name: value for name, value in content.items() if value != ""}
    return Answer(status=STATUS[fate], media_type=media_type, body=json.dumps(told).encode("ascii"))


def _child(parent: etree._Element, name: str, text: str) -> None:
    if text:
        etree.SubElement(parent, f"{{{RECEIPT_NAMESPACE}}}{name}").text = xml_text(text)


def xml_text(text: str) -> str:
    """The text without characters that XML can't hold: each becomes U+FFFD."""
    return _NOT_XML.sub("\ufffd", text)


def _time(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
