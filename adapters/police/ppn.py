"""Police public protection notices: our own documented XML, versions 1.0 and 1.1, with its schema beside this file.

Source: docs/formats/police-ppn.md, after what public pages say that such reports hold; no force's schema is public.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files

from lxml import etree

from adapters import codes, dates, natives, xml
from adapters.kinds import Rule, judge
from adapters.natives import Native
from adapters.police import factors, people
from adapters.port import Answer, FeedContext, Receipt
from adapters.provenance import Recorder
from adapters.receipts import xml_receipt
from adapters.xml_node import Node
from schemas.errors import MashError, Rejected
from schemas.notification import (
    ConcernDetail,
    Consent,
    Handling,
    Incident,
    Normalised,
    Notification,
    Order,
    Reading,
    Referrer,
)
from schemas.vocabulary import Concern, ItemKind, Marking, Sector

NAME = "police.ppn"
NAMESPACE = "urn:mash-gateway:police:ppn:1"
_LIMITS = xml.XmlLimits(elements=60_000)
_LEVELS = {"1": 1, "2": 2, "3": 3, "4": 4}
_NO_INCIDENT = Incident()
_NO_CONCERN = ConcernDetail(categories=())


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the rows below look at."""

    purpose: str
    worries: bool
    people: bool


RULES = (
    Rule[Facts](
        kind=ItemKind.CONCERN,
        when=lambda facts: facts.worries,
        because="the notice tells of circumstances, a concern, a grade, a danger or outcomes not met",
    ),
    Rule[Facts](
        kind=ItemKind.UPDATE,
        when=lambda facts: facts.purpose == "update" and facts.people,
        because="the notice says that it only updates details of people",
    ),
    Rule[Facts](
        kind=ItemKind.CONTEXT,
        when=lambda facts: facts.purpose == "information" and not facts.people,
        because="the notice says that it only informs, and names nobody",
    ),
    Rule[Facts](
        kind=ItemKind.CONCERN,
        when=lambda facts: facts.purpose == "notice",
        because="a police notice is a concern unless it says otherwise",
    ),
)


class PoliceNotice:
    """Reads public protection notices and answers with an XML receipt."""

    name = NAME
    version = "1.0.0"
    sector = Sector.POLICE
    summary = "Police public protection notice (documented XML, urn:mash-gateway:police:ppn:1)"

    def read(self, payload: bytes, context: FeedContext) -> Reading:
        """Normalise one notice: one item.

        Raises:
            Rejected: ``police.ppn.doctype``, ``.encoding``, ``.malformed``, ``.namespace`` or ``.schema``.
            TooLarge: ``police.ppn.size``, ``.depth``, ``.elements`` or ``.attributes``.
        """
        document = xml.parse(payload, code=NAME, limits=_LIMITS)
        root = document.root
        if root.name != "ppn" or root.namespace != NAMESPACE:
            raise Rejected(f"{NAME}.namespace", f"send a ppn element in the namespace {NAMESPACE}", at=root.pointer)
        fault = document.fault(_schema())
        if fault is not None:
            at, detail = fault
            raise Rejected(f"{NAME}.schema", detail, at=at)
        recorder = Recorder()
        notification = _notification(root, recorder, context)
        recorder.sweep((*root.values(), *document.asides))
        item = Normalised(
            notification=notification,
            provenance=recorder.provenance,
            unmapped=recorder.unmapped,
        )
        return Reading(native_id=notification.native_id, format=notification.format, items=(item,))

    def answer(self, payload: bytes, receipt: Receipt, context: FeedContext) -> Answer:  # noqa: ARG002 - the port's
        """An XML receipt (``urn:mash-gateway:receipt:1``) that repeats the notice's reference where it can be read."""
        try:
            reference = xml.parse(payload, code=NAME, limits=_LIMITS).glance("report/reference")
        except MashError:
            reference = ""
        return xml_receipt(receipt, reference=reference[:200])


ADAPTER = PoliceNotice()


@cache
def _schema() -> etree.XMLSchema:
    """The schema that ships with the package; nothing is ever fetched."""
    return etree.XMLSchema(etree.fromstring(files("adapters.police").joinpath("ppn.xsd").read_bytes()))


def _notification(root: Node, recorder: Recorder, context: FeedContext) -> Notification:
    children, adults = root.all("children/child"), root.all("adults/adult")
    known = people.references(children, adults)
    incident = _incident(root, recorder.within("incident"))
    kind, because = judge(RULES, _facts(root))
    return Notification(
        native_id=natives.carry(recorder, "native_id", root.value("report/reference")),
        format=f"{NAME}/{root.attribute('version').text}",
        kind=kind,
        kind_reason=because,
        event_at=_event_at(root, recorder),
        children=tuple(
            people.child(node, recorder.within(f"children[{n}]"), ref=f"child-{n + 1}", known=known)
            for n, node in enumerate(children)
        ),
        adults=tuple(
            people.adult(node, recorder.within(f"adults[{n}]"), ref=f"adult-{n + 1}", known=known)
            for n, node in enumerate(adults)
        ),
        concern=_concern(root, recorder.within("concern"), context),
        incident=incident,
        immediate_danger=natives.carry_unless_no(
            recorder, "immediate_danger", root.value("assessment/immediateDanger")
        ),
        actions_taken=natives.carry_each(
            recorder,
            "actions_taken",
            root.each("assessment/actionTaken"),
        ),
        referrer=_referrer(root, recorder.within("referrer")),
        consent=_consent(root.first("consent"), recorder.within("consent")),
        orders=tuple(
            Order(
                kind=natives.carry(recorder, f"orders[{n}].kind", node.value("kind")),
                detail=natives.carry(recorder, f"orders[{n}].detail", node.value("detail")),
                until=natives.partial_date(recorder, f"orders[{n}].until", node.value("until")),
            )
            for n, node in enumerate(root.all("orders/order"))
        ),
        handling=_handling(root, recorder.within("handling")),
        supersedes=natives.carry(recorder, "supersedes", root.value("report/supersedes")),
        quality=recorder.quality,
    )


def _facts(root: Node) -> Facts:
    worrying = ("incident", "concern", "assessment", "preAssessment", "previousIncidents")
    return Facts(
        purpose=root.attribute("purpose").text or "notice",
        worries=any(node.speaks() for part in worrying for node in root.all(part)),
        people=bool(root.all("children/child") or root.all("adults/adult")),
    )


def _event_at(root: Node, recorder: Recorder) -> datetime | None:
    for path in ("incident/occurredAt", "report/reportedAt"):
        native = root.value(path)
        if native.text and (at := dates.moment(native.text)) is not None:
            recorder.take("event_at", native.pointer)
            return at
    return None


def _incident(root: Node, recorder: Recorder) -> Incident | None:
    occurred = root.value("incident/occurredAt")
    on_a_day = not occurred.text or dates.moment(occurred.text) is None
    location = root.first("incident/location")
    told = Incident(
        occurred_at=None if on_a_day else natives.moment(recorder, "occurred_at", occurred),
        occurred_on=natives.partial_date(recorder, "occurred_on", occurred) if on_a_day else None,
        reported_at=natives.moment(recorder, "reported_at", root.value("report/reportedAt")),
        place=natives.join(recorder, "place", _place(location)) if location is not None else "",
        narrative=natives.carry(recorder, "narrative", root.value("incident/circumstances")),
        injuries=natives.carry(recorder, "injuries", root.value("incident/injuries")),
        children_present=natives.answer(recorder, "children_present", root.value("incident/childrenPresent")),
        officer=_officer(root.first("report/officer"), recorder, "officer"),
        supervisor=_officer(root.first("report/supervisor"), recorder, "supervisor"),
    )
    if told == _NO_INCIDENT:
        return None
    reference = natives.carry(recorder, "reference", root.value("report/reference"))
    return told.model_copy(update={"reference": reference})


def _place(location: Node) -> list[Native]:
    return [each for name in ("line", "postcode") for each in location.each(name)]


def _officer(node: Node | None, recorder: Recorder, field: str) -> str:
    if node is None:
        return ""
    return natives.join(recorder, field, [node.value(name) for name in ("rank", "name", "collarNumber")], " ")


def _referrer(root: Node, recorder: Recorder) -> Referrer:
    officer = root.first("report/officer")
    return Referrer(
        agency=natives.carry(recorder, "agency", root.value("report/force")),
        role=natives.carry(recorder, "role", root.value("report/officer/rank")),
        name=natives.carry(recorder, "name", root.value("report/officer/name")),
        contacts=people.contacts(officer, recorder, "contacts") if officer is not None else (),
    )


def _concern(root: Node, recorder: Recorder, context: FeedContext) -> ConcernDetail | None:
    said = natives.carry_each(recorder, "source_categories", root.each("concern/category"))
    categories: list[Concern] = []
    for node in root.each("concern/category"):
        category = codes.concern(node.text, context.options.get("categories"))
        if node.text and category is None:
            recorder.flag("category.unknown", "source_categories")
        if node.text and (category or Concern.OTHER) not in categories:
            recorder.take(f"categories[{len(categories)}]", node.pointer)
            categories.append(category or Concern.OTHER)
    made = ConcernDetail(
        categories=tuple(categories),
        source_categories=said,
        level_of_need=natives.read(recorder, "level_of_need", root.value("concern/levelOfNeed"), _LEVELS.get),
        source_grade=natives.carry(recorder, "source_grade", root.value("assessment/grade")),
        factors=factors.of(root, recorder),
        childs_view=natives.carry(recorder, "childs_view", root.value("concern/childsView")),
        parents_view=natives.carry(recorder, "parents_view", root.value("concern/parentsView")),
    )
    return made if made != _NO_CONCERN else None


def _consent(node: Node | None, recorder: Recorder) -> Consent | None:
    if node is None:
        return None
    ground = natives.read(recorder, "legal_ground", node.value("legalGround"), codes.legal_ground)
    return Consent(
        informed=natives.answer(recorder, "informed", node.value("informed")),
        given=natives.answer(recorder, "given", node.value("given")),
        why_not=natives.carry(recorder, "why_not", node.value("whyNot")),
        legal_ground=ground,
    )


def _handling(root: Node, recorder: Recorder) -> Handling:
    found = root.all("handling")
    if not found:
        return Handling()
    node = found[0]
    return Handling(
        marking=natives.read(recorder, "marking", node.value("marking"), codes.marking) or Marking.OFFICIAL_SENSITIVE,
        restricted=natives.caution(recorder, "restricted", node.attribute("restricted")),
        hidden_location=natives.caution(recorder, "hidden_location", node.attribute("hiddenLocation")),
        source_protection=natives.caution(recorder, "source_protection", node.attribute("sourceProtection")),
        caveat=natives.carry(recorder, "caveat", node.value("caveat")),
    )
