"""Common Transfer Files: the pupils whom a school passes on, one item each.

Names of elements vary by version and by supplier (Surname, LegalSurname; Sex, Gender; flat or under BasicDetails), so
that each is looked for under all the names that are known. The file has no identity of its own: the digest of its
bytes stands for one. What stands in the header and no field carries is listed with the first pupil.

The version that a file says it has is told in ``format``; no version is asked for.

Source: Department for Education, common transfer file specification, versions 14 to 25.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass

from adapters import natives, xml
from adapters.kinds import Rule, judge
from adapters.port import Answer, FeedContext, Receipt
from adapters.provenance import Recorder
from adapters.receipts import xml_receipt
from adapters.schools import attendance, flags, pupil, whereabouts
from adapters.xml_node import Node
from schemas.errors import Rejected, TooLarge
from schemas.identifiers import IdentifierKind
from schemas.notification import Handling, Normalised, Notification, Reading, Referrer
from schemas.persons import Organisation
from schemas.vocabulary import ItemKind, Sector

NAME = "schools.ctf"
MOST_PUPILS = 2_500
_LIMITS = xml.XmlLimits(elements=130_000)
VERSIONS = range(14, 26)
"""The versions whose specification this was written after; others are read the same, and flagged."""
_OPEN, _WITHHELD = Handling(), Handling(hidden_location=True)
_LA, _ESTAB, _LETTERS = re.compile(r"[0-9]{3}"), re.compile(r"[0-9]{4}"), re.compile(r"[A-Z]{1,4}")
_VERSION = re.compile(r"([0-9]{1,2})(?:\.[0-9]{1,2})?")
_VERSION_AT = ("Header/CTFversion", "Header/Version", "Header/DocumentVersion")


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the rows below look at."""

    flagged: bool
    identified: bool
    attending: attendance.Facts


def _on_attendance(when: Callable[[attendance.Facts], bool]) -> Callable[[Facts], bool]:
    return lambda facts: when(facts.attending)


RULES = (
    Rule[Facts](
        kind=ItemKind.CONCERN,
        when=lambda facts: facts.flagged,
        because="the pupil's record bears a safeguarding flag",
    ),
    *(
        Rule[Facts](kind=rule.kind, when=_on_attendance(rule.when), because=rule.because)
        for rule in attendance.RULES
        if rule.kind is ItemKind.CONCERN
    ),
    Rule[Facts](
        kind=ItemKind.UPDATE,
        when=lambda facts: facts.identified,
        because="a transfer file refreshes what is known of a pupil",
    ),
    Rule[Facts](
        kind=ItemKind.CONTEXT,
        when=lambda facts: not facts.identified,
        because="the record does not say which child it is about",
    ),
)


class TransferFile:
    """Reads Common Transfer Files and answers with an XML receipt."""

    name = NAME
    version = "1.1.0"
    sector = Sector.EDUCATION
    summary = "Common Transfer File XML (school to school, school to local authority)"

    def read(self, payload: bytes, context: FeedContext) -> Reading:  # noqa: ARG002 - the port's
        """Normalise a file: one item a pupil.

        Raises:
            Rejected: ``schools.ctf.doctype``, ``.encoding``, ``.malformed``, ``.root`` or ``.empty``.
            TooLarge: ``schools.ctf.size``, ``.depth``, ``.elements``, ``.attributes`` or ``.pupils``.
        """
        document = xml.parse(payload, code=NAME, limits=_LIMITS)
        root = document.root
        if root.name.lower() != "ctfile":
            raise Rejected(
                f"{NAME}.root", "send a Common Transfer File, whose first element is CTfile", at=root.pointer
            )
        pupils = root.all("CTFpupilData/Pupil", "Pupils/Pupil", "CMEpupilData/Pupil", "PupilData/Pupil")
        if not pupils:
            raise Rejected(f"{NAME}.empty", "send at least one Pupil in CTFpupilData", at=root.pointer)
        if len(pupils) > MOST_PUPILS:
            raise TooLarge(f"{NAME}.pupils", f"send at most {MOST_PUPILS} pupils in one file", at=root.pointer)
        file_id = f"sha256:{hashlib.sha256(payload).hexdigest()}"
        mine = {node.pointer for node in pupils}
        shared = [
            *((pointer, value) for pointer, value in root.values() if not _within(pointer, mine)),
            *document.asides,
        ]
        items = tuple(
            _item(node, root, native_id=f"{file_id}#pupil-{place}", shared=shared if place == 1 else [])
            for place, node in enumerate(pupils, start=1)
        )
        return Reading(native_id=file_id, format=_format(root), items=items)

    def answer(self, payload: bytes, receipt: Receipt, context: FeedContext) -> Answer:  # noqa: ARG002 - the port's
        """An XML receipt (``urn:mash-gateway:receipt:1``)."""
        return xml_receipt(receipt)


ADAPTER = TransferFile()


def _within(pointer: str, pupils: set[str]) -> bool:
    """Whether ``pointer`` stands in one of the pupils: pupils are the third step of every path."""
    return "/".join(pointer.split("/")[:4]) in pupils


def _item(node: Node, root: Node, *, native_id: str, shared: list[tuple[str, str]]) -> Normalised:
    recorder = Recorder()
    raised, found, withheld = flags.raised(node), whereabouts.read(node, root), whereabouts.withheld(node)
    child, adults = pupil.read(node, recorder, raised)
    child = child.model_copy(update={"school": _school(root, recorder.within("children[0].school"))})
    kind, because = judge(RULES, Facts(flagged=bool(raised), identified=_identified(node), attending=found.facts))
    concern = flags.concern(raised, recorder.within("concern"))
    version = _VERSION.fullmatch(root.value(*_VERSION_AT).text)
    if version is None or int(version[1]) not in VERSIONS:
        recorder.flag("format.version_unknown")
    for native in withheld:
        recorder.translate("handling.hidden_location", native.pointer, native.text)
        for place, _ in enumerate(child.addresses):
            recorder.take(f"children[0].addresses[{place}].confidential", native.pointer)
    if withheld:
        homes = tuple(home.model_copy(update={"confidential": True}) for home in child.addresses)
        child = child.model_copy(update={"addresses": homes})
    notification = Notification(
        native_id=native_id,
        format=_format(root),
        kind=kind,
        kind_reason=because,
        event_at=natives.moment(recorder, "event_at", root.value("Header/DateTime")),
        children=(child,),
        adults=adults,
        concern=whereabouts.concern(found, concern, recorder.within("concern")),
        orders=pupil.orders(node, recorder),
        referrer=_referrer(root, recorder.within("referrer")),
        handling=_WITHHELD if withheld else _OPEN,
        quality=recorder.quality,
    )
    recorder.sweep([*node.values(), *shared])
    return Normalised(
        notification=notification,
        provenance=recorder.provenance,
        unmapped=recorder.unmapped,
    )


def _identified(node: Node) -> bool:
    named = node.value(*pupil.FAMILY).text and node.value(*pupil.GIVEN).text and node.value(*pupil.BORN).text
    return bool(node.value(*pupil.UPN).text or named)


def _format(root: Node) -> str:
    """The adapter's name, and the version that the file says it has."""
    version = root.value(*_VERSION_AT).text
    return f"{NAME}/{version}" if _VERSION.fullmatch(version) is not None else NAME


def _source(*names: str) -> tuple[str, ...]:
    inside = tuple(f"Header/SourceSchool/{name}" for name in names)
    return inside + tuple(f"Header/SourceSchool{name}" for name in names)


_SCHOOL_NAME = _source("SchoolName", "Name")
_URN = _source("URN")
_AUTHORITY = _source("LEA", "LA")
_ESTABLISHMENT = _source("Estab")


def _school(root: Node, recorder: Recorder) -> Organisation | None:
    """The school that sent the file, as the pupil's: the number is authority and establishment together."""
    name, urn = root.value(*_SCHOOL_NAME), root.value(*_URN)
    authority, establishment = root.value(*_AUTHORITY), root.value(*_ESTABLISHMENT)
    identifiers = []
    if urn.text:
        identifiers.append(recorder.identify("identifiers[0]", urn.pointer, IdentifierKind.URN, urn.text))
    # LLLL for a school is the local authority itself: no number, and nobody's school.
    if _LETTERS.fullmatch(establishment.text) is not None and not urn.text:
        return None
    # Numbers of another length are listed as they stand: joined, nobody could tell them apart.
    if _LA.fullmatch(authority.text) is not None and _ESTAB.fullmatch(establishment.text) is not None:
        field = f"identifiers[{len(identifiers)}]"
        number = f"{authority.text}{establishment.text}"
        identifiers.append(recorder.identify(field, authority.pointer, IdentifierKind.LAESTAB, number))
        recorder.take(field, establishment.pointer)
    if not (name.text or identifiers):
        return None
    return Organisation(name=natives.carry(recorder, "name", name), identifiers=tuple(identifiers))


def _referrer(root: Node, recorder: Recorder) -> Referrer | None:
    name = root.value(*_SCHOOL_NAME)
    return Referrer(agency=natives.carry(recorder, "agency", name)) if name.text else None
