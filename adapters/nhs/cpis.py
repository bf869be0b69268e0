"""nhs.cpis: Child Protection - Information Sharing in HL7 v3, bare or in an ITK envelope, to canonical notifications.

Options of a feed: ``system_id`` (the hub's own id in acknowledgements).

Source: HL7 v3 messages of CP-IS (REPC_MT000002 to 7), Spine Mini Service, ITK 2010-05; docs/formats/nhs-cpis.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from adapters import dates, natives, xml
from adapters.kinds import Rule, judge
from adapters.natives import ABSENT, Native
from adapters.nhs import cpis_message as messages
from adapters.nhs.cpis_answer import acknowledge
from adapters.nhs.cpis_message import FAMILY, Body, Sent, below, held, inside, walk
from adapters.nhs.cpis_people import Crew, asked_about, contacts
from adapters.nhs.cpis_plans import Plan, plans, status
from adapters.nhs.cpis_v2 import patient as v2_patient
from adapters.port import Answer, FeedContext, Receipt
from adapters.provenance import Recorder
from adapters.xml_node import Node
from schemas.errors import TooLarge
from schemas.notification import ConcernDetail, Handling, Normalised, Notification, Reading, Referrer
from schemas.vocabulary import Concern, ItemKind, Sector

NAME = FAMILY
MOST_RECORDS = 2_000
MOST_PEOPLE = 1_000
"""Patients, or numbers of one, in a message without records."""
_LIMITS = xml.XmlLimits(elements=60_000)
MOST_IN_A_RECORD = 50
"""Children, and plans, in one record; the published schema has two and three."""
_OPEN = ("N", "U", "L", "M")
_SENSITIVE_CODES = ("CPR02",)
"""A record whose person is marked sensitive on the Personal Demographics Service."""


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the rows below look at."""

    kind: Body
    plans: tuple[Plan, ...] = ()
    people: bool = False
    hidden: bool = False


RULES: tuple[Rule[Facts], ...] = (
    Rule(
        kind=ItemKind.CONCERN,
        when=lambda facts: facts.hidden,
        because="a record is marked sensitive, which is done to protect somebody",
    ),
    Rule(
        kind=ItemKind.CONCERN,
        when=lambda facts: facts.kind is Body.ACCESS,
        because="a child with a plan has come to an unscheduled health service",
    ),
    Rule(
        kind=ItemKind.CONCERN,
        when=lambda facts: facts.kind is Body.UPLOAD and any(plan.grave and not plan.over for plan in facts.plans),
        because="a local authority tells of a protection plan that is in force for a child, born or not",
    ),
    Rule(
        kind=ItemKind.UPDATE,
        when=lambda facts: facts.kind is Body.UPLOAD and bool(facts.plans),
        because="a local authority tells that a child is looked after, or that a plan has ended or was deleted",
    ),
    Rule(
        kind=ItemKind.UPDATE,
        when=lambda facts: facts.kind is Body.QUERY_ANSWER and bool(facts.plans),
        because="the answer to a query refreshes which plans a child has",
    ),
    Rule(
        kind=ItemKind.UPDATE,
        when=lambda facts: facts.kind is Body.INACTIVE_NUMBER,
        because="an NHS number was replaced by another",
    ),
    Rule(
        kind=ItemKind.UPDATE,
        when=lambda facts: facts.kind in (Body.PATIENT_DETAILS, Body.V2_ANSWER) and facts.people,
        because="the answer to a query says who a patient is",
    ),
    Rule(
        kind=ItemKind.CONTEXT,
        when=lambda facts: facts.kind is not Body.UPLOAD,
        because="a query, or an answer that tells nothing of a child",
    ),
)
"""Read from the top; what no row fits, such as an upload whose plans can't be read, is a concern."""


class Cpis:
    """The adapter. It holds no state."""

    name = NAME
    version = "1.0.0"
    sector = Sector.HEALTH
    summary = "CP-IS in HL7 v3, bare or in an ITK envelope: plans, query answers, access notifications"

    def read(self, payload: bytes, context: FeedContext) -> Reading:  # noqa: ARG002 - the port's
        """Normalise one message: an item for each record, or one where there is none.

        Raises:
            Rejected: it is no XML, no message of this family, or only an acknowledgement; ``at`` is an XPath.
            TooLarge: it is over a limit.
        """
        document = xml.parse(payload, code=NAME, limits=_LIMITS)
        sent = messages.sent(document.root)
        records = messages.records(sent)
        if len(records) > MOST_RECORDS:
            raise TooLarge(f"{NAME}.records", f"Send at most {MOST_RECORDS} records at once.", at=sent.body.pointer)
        whole = f"sha256:{hashlib.sha256(payload).hexdigest()}"
        mine = {record.pointer for record in records}
        # What marks the message as a whole is said of every record; looked for once.
        around = _hiding(each for each in walk(document.root) if not _within(each.pointer, mine))
        shared = [each for each in document.root.values() if not _within(each[0], mine)] if records else []
        items = []
        for number, record in enumerate(records, start=1):
            recorder = Recorder(recurring=False)
            left = [*record.values(), *(shared if number == 1 else []), *(document.asides if number == 1 else ())]
            if number == 1 and not _count_holds(sent, len(records)):
                recorder.flag("batch.count_differs")
            hiding = _hiding(walk(record))
            items.append(
                _item(
                    sent,
                    record,
                    recorder,
                    (whole, number if len(records) > 1 else 0),
                    left,
                    hiding if hiding.text else around,
                )
            )
        if not records:
            left = [*document.root.values(), *document.asides]
            items.append(_item(sent, None, Recorder(), (whole, 0), left, around))
        first = items[0].notification.native_id
        native_id = first.rpartition("#")[0] if len(records) > 1 else first
        return Reading(native_id=native_id, format=NAME, items=tuple(items))

    def answer(self, payload: bytes, receipt: Receipt, context: FeedContext) -> Answer:
        """An ITK infrastructure response to an envelope, else a v3 acknowledgement (MCCI_IN010000UK13)."""
        return acknowledge(payload, receipt, system_id=str(context.options.get("system_id", "MASH")))


ADAPTER = Cpis()


def _count_holds(sent: Sent, records: int) -> bool:
    """Whether an upload has as many records as it says. One that says nothing that can be read holds."""
    said = held(next(iter(inside(sent.body, "transmissionquantity")), None)).text
    return not (said.isascii() and said.isdigit() and len(said) < 8) or int(said) == records


def _within(pointer: str, records: set[str]) -> bool:
    """Whether ``pointer`` stands in one of the records: the parts of a path are tried, the longest last."""
    place = pointer.find("/record")
    while place >= 0:
        end = pointer.find("/", place + 1)
        if (pointer if end < 0 else pointer[:end]) in records:
            return True
        place = pointer.find("/record", place + 1)
    return False


def _item(  # noqa: PLR0917 - what an item is made from
    sent: Sent,
    record: Node | None,
    recorder: Recorder,
    named: tuple[str, int],
    left: list[tuple[str, str]],
    hiding: Native,
) -> Normalised:
    digest, number = named
    native_id = natives.join(recorder, "native_id", sent.ids, "/") or digest
    event_at, day = _event(sent, recorder)
    crew = Crew(recorder, day, hiding)
    found = tuple(plans(record, day)) if record is not None else ()
    _people(sent, record, crew, found)
    kind, because = judge(
        RULES,
        Facts(kind=sent.kind, plans=found, people=bool(crew.children or crew.adults), hidden=bool(hiding.text)),
    )
    notification = Notification(
        native_id=f"{native_id}#{number}" if number else native_id,
        format=NAME,
        kind=kind,
        kind_reason=because,
        event_at=event_at,
        children=tuple(crew.children),
        adults=tuple(crew.adults),
        concern=_concern(sent, recorder, found) if kind is ItemKind.CONCERN else None,
        referrer=_referrer(sent, record, recorder),
        handling=_handling(recorder, hiding),
        quality=recorder.quality,
    )
    recorder.sweep(left)
    return Normalised(notification=notification, provenance=recorder.provenance, unmapped=recorder.unmapped)


def _event(sent: Sent, recorder: Recorder) -> tuple[datetime | None, date | None]:
    """When the message took effect, else when it was made; and its day."""
    for native in sent.times:
        at = dates.moment(native.text) if native.text else None
        if at is not None:
            recorder.translate("event_at", native.pointer, native.text)
            return at, at.date()
    days = (dates.full_date(native.text) for native in sent.times if native.text)
    return None, next((day for day in days if day is not None), None)


def _people(sent: Sent, record: Node | None, crew: Crew, found: tuple[Plan, ...]) -> None:
    if record is not None:
        told, origins = status(found)
        about = [node for node in walk(record) if node.name.lower().endswith("child")]
        if max(len(about), len(found)) > MOST_IN_A_RECORD:
            detail = f"Put at most {MOST_IN_A_RECORD} children and plans into one record."
            raise TooLarge(f"{NAME}.record", detail, at=record.pointer)
        for node in about:
            if node.name.lower().endswith("unbornchild"):
                crew.unborn(node, *_of(found, told, origins, unborn=True))
            else:
                crew.child(node, *_of(found, told, origins, unborn=False))
    elif sent.kind is Body.PATIENT_DETAILS:
        for node in _few(sent, [node for node in walk(sent.body) if node.name.lower() == "patient"]):
            crew.patient(node)
    elif sent.kind is Body.V2_ANSWER:
        _few(sent, [node for node in walk(sent.body) if node.name == "PID"])
        v2_patient(sent.body, crew)
    elif sent.kind is Body.INACTIVE_NUMBER:
        _renumbered(_few(sent, [node for node in walk(sent.body) if node.name == "id" and _is_number(node)]), crew)
    else:
        crew.number(asked_about(sent.body))


def _of(found: tuple[Plan, ...], told: str, rests_on: list[Native], *, unborn: bool) -> tuple[str, list[Native]]:
    """The status of a child, or of an unborn one where the record has plans of both kinds."""
    if len({plan.unborn for plan in found}) < 2:
        return told, rests_on
    return status(tuple(plan for plan in found if plan.unborn is unborn))


def _few(sent: Sent, nodes: list[Node]) -> list[Node]:
    if len(nodes) > MOST_PEOPLE:
        raise TooLarge(f"{NAME}.people", f"Send at most {MOST_PEOPLE} people at once.", at=sent.body.pointer)
    return nodes


def _renumbered(nodes: list[Node], crew: Crew) -> None:
    """The person whose number is inactive: the new number first, which holds."""
    numbers = [node.attribute("extension") for node in nodes]
    crew.number(*reversed(numbers))
    if len(numbers) > 1:
        crew.recorder.flag("person.merged", "children[0].identifiers")


def _is_number(node: Node) -> bool:
    return node.attribute("root").text == messages.NHS_NUMBER and bool(node.attribute("extension").text)


def _concern(sent: Sent, recorder: Recorder, found: tuple[Plan, ...]) -> ConcernDetail:
    """The plans' own names as the source's categories; an unborn child is a category of ours."""
    categories: list[Concern] = []
    said: list[str] = []
    for plan in found:
        recorder.take(f"concern.source_categories[{len(said)}]", plan.pointer)
        said.append(plan.words)
        if plan.unborn and Concern.UNBORN_CHILD not in categories:
            recorder.take(f"concern.categories[{len(categories)}]", plan.pointer)
            categories.append(Concern.UNBORN_CHILD)
    if sent.kind is Body.ACCESS:
        recorder.take("concern.source_categories[0]", sent.body.pointer)
        said.append("access to an unscheduled health service")
    return ConcernDetail(categories=tuple(categories), source_categories=tuple(said))


def _referrer(sent: Sent, record: Node | None, recorder: Recorder) -> Referrer | None:
    """The local authority of the record, else of the whole message; else whoever asked or was told."""
    organisation = below(record, "organisation") if record is not None else None
    organisation = organisation or sent.sender
    author = below(sent.body, "author") if organisation is None and record is None else None
    role, person = ABSENT, None
    if author is not None:
        within = list(walk(author))
        organisation = next((each for each in within if each.name.lower() == "representedorganization"), None)
        told = (each.attribute("displayName") for each in within if each.name == "code")
        role = next((native for native in told if native.text), ABSENT)
        person = next((each for each in within if each.name == "name" and each.children), None)
    telecoms = inside(organisation, "telecom") if organisation is not None else []
    made = Referrer(
        agency=natives.carry(recorder, "referrer.agency", organisation.value("name") if organisation else ABSENT),
        role=natives.carry(recorder, "referrer.role", role),
        name=natives.join(recorder, "referrer.name", person.each("prefix", "given", "family"), " ") if person else "",
        contacts=tuple(contacts(telecoms, recorder, "referrer.contacts")),
    )
    return made if made != Referrer() else None


def _hiding(nodes: Iterable[Node]) -> Native:
    """What says that the person is sensitive: a confidentiality code, or a response's own code or words."""
    for each in nodes:
        name = each.name.lower()
        code, words = each.attribute("code"), each.attribute("displayName")
        if name.endswith("confidentialitycode") and code.text and code.text.upper() not in _OPEN:
            return code
        if code.text in _SENSITIVE_CODES:
            return code
        if "sensitive" in words.text.lower():
            return words
    return ABSENT


def _handling(recorder: Recorder, hiding: Native) -> Handling:
    if not hiding.text:
        return Handling()
    recorder.translate("handling.restricted", hiding.pointer, hiding.text)
    recorder.take("handling.hidden_location", hiding.pointer)
    return Handling(restricted=True, hidden_location=True)
