"""OperationOutcomes, for every fate and whatever the bytes are, in the syntax in which the message was sent.

Source: FHIR R4 (4.0.1) OperationOutcome, value sets issue-severity and issue-type; RFC 3339.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime

from lxml import etree

from adapters.nhs.fhir_tree import NAMESPACE, is_xml
from adapters.port import STATUS, Answer, Fate, Problem, Receipt
from adapters.receipts import TITLES, xml_text

JSON_TYPE = "application/fhir+json"
XML_TYPE = "application/fhir+xml"
SYSTEM = "urn:mash-gateway:problem"
"""The code system of our own codes."""
MESSAGE_ID = "urn:mash-gateway:message-id"
"""The extension that holds the name under which the message was kept."""

_TOO_LONG = ("size", "depth", "values", "elements", "attributes", "cases", "people")
_BROKEN = ("json", "malformed", "encoding", "duplicate_key", "doctype", "namespace", "resource_type", "structure")
_ISSUES: Mapping[str, tuple[str, str]] = {
    **dict.fromkeys(_TOO_LONG, ("fatal", "too-long")),
    **dict.fromkeys(_BROKEN, ("fatal", "structure")),
    "unsupported": ("error", "not-supported"),
    "bundle_type": ("error", "not-supported"),
    "no_bundle_type": ("error", "required"),
    "message_header": ("error", "invariant"),
    "empty": ("error", "required"),
    "not_yours": ("error", "forbidden"),
    "fault": ("fatal", "exception"),
}
"""Severity and type of an issue, by the end of our error's code."""
_FAMILIES: Mapping[str, tuple[str, str]] = {
    "credential": ("error", "login"),
    "access": ("error", "login"),
    "proof": ("error", "login"),
    "token": ("error", "login"),
    "body": ("fatal", "too-long"),
}
"""The same by the start of the code, where its end says nothing."""
_BY_FATE: Mapping[Fate, tuple[str, str]] = {
    Fate.ACCEPTED: ("information", "informational"),
    Fate.DUPLICATE: ("information", "duplicate"),
    Fate.CONFLICT: ("error", "conflict"),
    Fate.QUARANTINED: ("error", "processing"),
    Fate.REFUSED: ("error", "processing"),
    Fate.UNAVAILABLE: ("error", "transient"),
}
_DECIDED = (Fate.ACCEPTED, Fate.DUPLICATE, Fate.CONFLICT, Fate.UNAVAILABLE)
"""Fates that say enough by themselves."""
_FHIRPATH = re.compile(r"[A-Z][A-Za-z]*(?:\.[A-Za-z][A-Za-z0-9]*(?:\[[0-9]+\])?)*")
_CODE = re.compile(r"[a-z0-9_.\-]{1,100}")
_NAMESPACES: dict[str, str] = {None: NAMESPACE}  # type: ignore[dict-item] # lxml spells the default one None

Value = str | list["Value"] | dict[str, "Value"]


def outcome(payload: bytes, receipt: Receipt, *, default: str = "json") -> Answer:
    """The answer to ``payload``; ``default`` is its syntax, ``json`` or ``xml``, where the bytes tell none."""
    told = is_xml(payload)
    content = _content(receipt)
    if told if told is not None else default == "xml":
        return Answer(status=STATUS[receipt.fate], media_type=XML_TYPE, body=_xml(content))
    body = json.dumps({"resourceType": "OperationOutcome", **content}).encode("ascii")
    return Answer(status=STATUS[receipt.fate], media_type=JSON_TYPE, body=body)


def _content(receipt: Receipt) -> dict[str, Value]:
    """The elements in the order of the specification, which XML needs."""
    content: dict[str, Value] = {"meta": {"lastUpdated": _instant(receipt.at)}}
    if receipt.message_id:
        content["extension"] = [{"url": MESSAGE_ID, "valueString": receipt.message_id}]
    content["issue"] = [_issue(receipt)]
    return content


def _issue(receipt: Receipt) -> dict[str, Value]:
    problem = receipt.problem or Problem(code=f"message.{receipt.fate}")
    severity, kind = _kind(receipt.fate, problem.code)
    code = problem.code if _CODE.fullmatch(problem.code) else f"message.{receipt.fate}"
    issue: dict[str, Value] = {
        "severity": severity,
        "code": kind,
        "details": {
            "coding": [{"system": SYSTEM, "code": code}],
            "text": TITLES[receipt.fate],
        },
    }
    located = _FHIRPATH.fullmatch(problem.at) is not None
    # A place that is no FHIRPath, such as a line of XML that can't be parsed, is told in words.
    words = [problem.detail.strip()] if problem.detail.strip() else []
    words += [f"At {problem.at}."] if problem.at.strip() and not located else []
    if words:
        issue["diagnostics"] = xml_text(" ".join(" ".join(words).split()))
    if located:
        issue["expression"] = [problem.at]
    return issue


def _kind(fate: Fate, code: str) -> tuple[str, str]:
    if fate in _DECIDED:
        return _BY_FATE[fate]
    family, _, end = code.partition(".")
    return _ISSUES.get(end.rpartition(".")[2]) or _FAMILIES.get(family) or _BY_FATE[fate]


def _instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _xml(content: Mapping[str, Value]) -> bytes:
    root = etree.Element(f"{{{NAMESPACE}}}OperationOutcome", nsmap=_NAMESPACES)
    for name, value in content.items():
        _put(root, name, value)
    body: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    return body


def _put(parent: etree._Element, name: str, value: Value) -> None:
    if isinstance(value, list):
        for each in value:
            _put(parent, name, each)
        return
    if name == "url":  # FHIR writes an extension's url as an attribute
        parent.set("url", str(value))
        return
    element = etree.SubElement(parent, f"{{{NAMESPACE}}}{name}")
    if isinstance(value, dict):
        for inner, each in value.items():
            _put(element, inner, each)
    else:
        element.set("value", value)
