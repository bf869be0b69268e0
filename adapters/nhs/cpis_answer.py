"""Answers to CP-IS messages, for every fate and whatever the bytes are.

A message in an ITK envelope gets an ITK infrastructure response that names its tracking id; any other gets the v3
acknowledgement of the Spine's message handling, with AA (taken), AE (kept aside) or AR (refused, try later).

Source: ITK 2010-05 InfrastructureResponse; HL7 v3 MCCI_IN010000UK13 (application acknowledgement).
"""

from __future__ import annotations

import uuid
from datetime import UTC

from lxml import etree

from adapters import xml
from adapters.nhs.cpis_message import FAMILY, ITK, V3, envelope, identity, walk
from adapters.port import STATUS, Answer, Fate, Problem, Receipt
from adapters.receipts import TITLES, XML_TYPE, xml_text
from adapters.xml_node import Node
from schemas.errors import MashError

_SYSTEM = str(uuid.uuid5(uuid.NAMESPACE_URL, "urn:mash-gateway:problem")).upper()
"""The code system of our own codes, as a UUID since v3 knows no URN."""
_HUB = "urn:mash-gateway"
_DEVICE = "1.2.826.0.1285.0.2.0.107"
"""The Spine's ids of accredited systems."""
_VERDICT = {
    Fate.ACCEPTED: "AA",
    Fate.DUPLICATE: "AA",
    Fate.CONFLICT: "AE",
    Fate.QUARANTINED: "AE",
    Fate.REFUSED: "AR",
    Fate.UNAVAILABLE: "AR",
}
_TAKEN = (Fate.ACCEPTED, Fate.DUPLICATE)
_LONGEST = 200
_NAMESPACES: dict[str, str] = {None: V3}  # type: ignore[dict-item] # lxml spells the default one None


def acknowledge(payload: bytes, receipt: Receipt, *, system_id: str) -> Answer:
    """The answer to ``payload``; ``system_id`` is the hub's own id. Never raises."""
    root = _root(payload)
    header = envelope(root) if root is not None else None
    made = _infrastructure(header, receipt) if header is not None else _application(root, receipt, payload, system_id)
    body: bytes = etree.tostring(made, xml_declaration=True, encoding="UTF-8")
    return Answer(status=STATUS[receipt.fate], media_type=XML_TYPE, body=body)


def _root(payload: bytes) -> Node | None:
    try:
        return xml.parse(payload, code=FAMILY).root
    except MashError:
        return None


def _infrastructure(header: Node, receipt: Receipt) -> etree._Element:
    """``itk:InfrastructureResponse``: whose message, OK or Failure, and why."""
    made = etree.Element(f"{{{ITK}}}InfrastructureResponse", nsmap={"itk": ITK})
    made.set("timestamp", receipt.at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z"))
    for name, attribute in (("serviceRef", "service"), ("trackingIdRef", "trackingid")):
        made.set(name, header.attribute(attribute).text[:_LONGEST])
    made.set("result", "OK" if receipt.fate in _TAKEN else "Failure")
    identity_of = etree.SubElement(made, f"{{{ITK}}}reportingIdentity")
    etree.SubElement(identity_of, f"{{{ITK}}}id").set("uri", _HUB)
    errors = etree.SubElement(made, f"{{{ITK}}}errors")
    if receipt.fate in _TAKEN:
        return made
    problem = receipt.problem or Problem(code=f"message.{receipt.fate}")
    error = etree.SubElement(errors, f"{{{ITK}}}errorInfo")
    for name, text in (
        ("ErrorID", _uuid(receipt, b"error")),
        ("ErrorCode", xml_text(problem.code)),
        ("ErrorText", TITLES[receipt.fate]),
        ("ErrorDiagnosticText", _words(problem)),
    ):
        if text:
            etree.SubElement(error, f"{{{ITK}}}{name}").text = text
    error.find(f"{{{ITK}}}ErrorCode").set("codeSystem", _SYSTEM)  # type: ignore[union-attr]
    return made


def _application(root: Node | None, receipt: Receipt, payload: bytes, system_id: str) -> etree._Element:
    """``MCCI_IN010000UK13``: in the order of its schema."""
    made = etree.Element(f"{{{V3}}}MCCI_IN010000UK13", nsmap=_NAMESPACES)
    _element(made, "id", root=_uuid(receipt, payload))
    _element(made, "creationTime", value=receipt.at.astimezone(UTC).strftime("%Y%m%d%H%M%S"))
    _element(made, "versionCode", code="V3NPfIT3.0")
    _element(made, "interactionId", root="2.16.840.1.113883.2.1.3.2.4.12", extension="MCCI_IN010000UK13")
    _element(made, "processingCode", code="P")
    _element(made, "processingModeCode", code="T")
    _element(made, "acceptAckCode", code="NE")
    acknowledgement = _element(made, "acknowledgement", typeCode=_VERDICT[receipt.fate])
    if receipt.fate not in _TAKEN:
        problem = receipt.problem or Problem(code=f"message.{receipt.fate}")
        detail = _element(acknowledgement, "acknowledgementDetail", typeCode="ER")
        words = _words(problem) or TITLES[receipt.fate]
        _element(detail, "code", code=xml_text(problem.code), codeSystem=_SYSTEM, displayName=words)
    named = [part.text[:_LONGEST] for part in identity(_body(root), root)] if root is not None else []
    about = dict(zip(("root", "extension"), named, strict=False)) or {"nullFlavor": "UNK"}
    _element(_element(acknowledgement, "messageRef"), "id", **{name: text for name, text in about.items() if text})
    _device(made, "communicationFunctionRcv", "RCV", _sender(root))
    _device(made, "communicationFunctionSnd", "SND", system_id)
    act = _element(made, "ControlActEvent", classCode="CACT", moodCode="EVN")
    author = _element(_element(act, "author1", typeCode="AUT"), "AgentSystemSDS", classCode="AGNT")
    system = _element(author, "agentSystemSDS", classCode="DEV", determinerCode="INSTANCE")
    _element(system, "id", root=_DEVICE, extension=xml_text(system_id)[:_LONGEST])
    return made


def _element(parent: etree._Element, name: str, **attributes: str) -> etree._Element:
    element = etree.SubElement(parent, f"{{{V3}}}{name}")
    for attribute, value in attributes.items():
        element.set(attribute, value)
    return element


def _device(parent: etree._Element, name: str, kind: str, known: str) -> None:
    device = _element(_element(parent, name, typeCode=kind), "device", classCode="DEV", determinerCode="INSTANCE")
    if known:
        _element(device, "id", root=_DEVICE, extension=xml_text(known)[:_LONGEST])
    else:
        _element(device, "id", nullFlavor="UNK")


def _body(root: Node | None) -> Node | None:
    """The element that holds a v3 message's own id where the wrapper has none."""
    if root is None:
        return None
    return next((node for node in walk(root) if any(inner.name == "id" for inner in node.children)), None)


def _sender(root: Node | None) -> str:
    """The id of the device that sent the message, where its wrapper names one."""
    for node in walk(root) if root is not None else ():
        if node.name == "communicationFunctionSnd":
            for inner in walk(node):
                if inner.name == "id" and inner.attribute("root").text == _DEVICE:
                    return inner.attribute("extension").text
    return ""


def _words(problem: Problem) -> str:
    """What to change, and where."""
    parts = [problem.detail, f"At {problem.at}." if problem.at else ""]
    return xml_text(" ".join(part for part in parts if part))


def _uuid(receipt: Receipt, seed: bytes) -> str:
    """An id that follows from what was answered and when, since an adapter draws no random one."""
    text = f"{receipt.message_id}/{receipt.at.isoformat()}/{receipt.fate}/{seed.hex() if len(seed) < 64 else len(seed)}"
    return str(uuid.uuid5(uuid.NAMESPACE_URL, text)).upper()
