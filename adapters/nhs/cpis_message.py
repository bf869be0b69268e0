"""Which CP-IS message was sent, whatever it is wrapped in, and the records in it.

The names of elements carry their template's version (``COCT_TP145101GB01.Child``) and are matched by their end.
Elements are met at any depth, since ITK, SOAP and the Spine's own wrapper each add levels of their own.

Source: HL7 v3 messages of Child Protection - Information Sharing (REPC_MT000002 to 7, QUPC_MT000006, COCT_TP145100 to
4, COCT_TP146100 to 5); Spine Mini Service responses; ITK DistributionEnvelope 2010-05.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from adapters.natives import ABSENT, Native
from adapters.xml_node import Node
from schemas.errors import Rejected

FAMILY = "nhs.cpis"
V3 = "urn:hl7-org:v3"
V2 = "urn:hl7-org:v2xml"
ITK = "urn:nhs-itk:ns:201005"
NHS_NUMBER = "2.16.840.1.113883.2.1.4.1"
ORGANISATIONS = ("2.16.840.1.113883.2.1.3.2.4.19.1", "2.16.840.1.113883.2.1.3.2.4.19.2")


class Body(StrEnum):
    """The messages of the family."""

    UPLOAD = "upload"
    UPLOAD_ANSWER = "upload_answer"
    QUERY = "query"
    QUERY_ANSWER = "query_answer"
    ACCESS = "access"
    INACTIVE_NUMBER = "inactive_number"
    PATIENT_DETAILS = "patient_details"
    V2_ANSWER = "v2_answer"


_BODIES: Mapping[str, Body] = {
    "file": Body.UPLOAD,
    "fileresponse": Body.UPLOAD_ANSWER,
    "cp-isnhsqueryresponse": Body.QUERY_ANSWER,
    "cp-isquerystub": Body.QUERY,
    "cp-isnhsquery": Body.QUERY,
    "cp-isaccesstoservicenotification": Body.ACCESS,
    "cp-isinactivenhsnumbernotification": Body.INACTIVE_NUMBER,
}
_DETAILS = ("getpatientdetails", "verifynhsnumber", "getnhsnumber")
_V2_ANSWERS = ("rsp_", "adr_", "rqr_")
_ACKNOWLEDGEMENTS = ("ack", "infrastructureresponse", "simplemessageresponse", "toolkiterrorinfo")
_ACKNOWLEDGEMENT_STARTS = ("mcci_in", "businessack")


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What was sent: its kind, the element that is the message, what it is wrapped in (itself where in nothing).

    ``ids`` are the parts of its identity, ``times`` when it took effect or was made, the most telling first;
    ``sender`` is the organisation that speaks for all of its records.
    """

    kind: Body
    body: Node
    root: Node
    ids: tuple[Native, ...]
    times: tuple[Native, ...]
    sender: Node | None


def sent(root: Node) -> Sent:
    """Find the message in the document.

    Raises:
        Rejected: there is none of this family, or only an acknowledgement.
    """
    for node in walk(root):
        name = node.name.lower()
        if node.namespace == V3 and name in _BODIES:
            return _sent(_BODIES[name], node, root)
        if node.namespace == V3 and name.startswith(_DETAILS) and "response" in name:
            return _sent(Body.PATIENT_DETAILS, node, root)
        if node.namespace == V2 and name.startswith(_V2_ANSWERS):
            return _sent(Body.V2_ANSWER, node, root)
        if name in _ACKNOWLEDGEMENTS or name.startswith(_ACKNOWLEDGEMENT_STARTS):
            detail = "Keep acknowledgements; send messages about children to this feed."
            raise Rejected(f"{FAMILY}.acknowledgement", detail, at=node.pointer)
    raise Rejected(f"{FAMILY}.unsupported", "Send a message of CP-IS or of the Spine Mini Service.", at=root.pointer)


def _sent(kind: Body, body: Node, root: Node) -> Sent:
    communicating = next(iter(inside(body, "communicationfunctionsnd")), None)
    outer = (body, root) if root.pointer != body.pointer else (body,)
    times = [held(each) for node in outer for each in inside(node, "effectivetime", "creationtime")]
    return Sent(
        kind=kind,
        body=body,
        root=root,
        ids=identity(body, root),
        times=(*times, body.value("MSH/MSH.7/TS.1")),
        sender=below(communicating, "organisation") if communicating is not None else None,
    )


def identity(body: Node | None, root: Node) -> tuple[Native, ...]:
    """The envelope's tracking id; else the id of the wrapper, else of the message, as root and extension."""
    header = envelope(root)
    tracking = header.attribute("trackingid") if header is not None else ABSENT
    if tracking.text:
        return (tracking,)
    control = body.value("MSH/MSH.10") if body is not None else ABSENT
    if control.text:
        return (control,)
    for node in (root, body):
        for each in node.children if node is not None else ():
            parts = (each.attribute("root"), each.attribute("extension"))
            if each.name == "id" and any(part.text for part in parts):
                return parts
    return ()


def envelope(root: Node) -> Node | None:
    """The header of the ITK envelope, which may stand in a SOAP body; None where there is none."""
    for node in walk(root):
        if node.name == "DistributionEnvelope" and node.namespace == ITK:
            return next(iter(inside(node, "header")), None)
        if node.namespace in (V3, V2):
            return None
    return None


def walk(node: Node) -> Iterator[Node]:
    """The element and all in it, in document order."""
    waiting = [node]
    while waiting:
        each = waiting.pop()
        yield each
        waiting.extend(reversed(each.children))


def inside(node: Node, *ends: str) -> list[Node]:
    """The elements right inside whose names end so, in lower case."""
    return [child for child in node.children if child.name.lower().endswith(ends)]


def below(node: Node, *ends: str) -> Node | None:
    """The first element at any depth below whose name ends so, in lower case."""
    return next((each for each in walk(node) if each is not node and each.name.lower().endswith(ends)), None)


def held(node: Node | None, attribute: str = "value") -> Native:
    """The attribute of an element that may not be there."""
    return node.attribute(attribute) if node is not None else ABSENT


def records(message: Sent) -> list[Node]:
    """The records of children in an upload or in the answer to a query."""
    if message.kind not in (Body.UPLOAD, Body.QUERY_ANSWER):
        return []
    return [node for node in walk(message.body) if node.name.lower() == "record" and inside(node, "cp-isrecord") != []]
