"""nhs.fhir: FHIR R4 (UK Core) bundles and resources, JSON or XML, to canonical notifications; OperationOutcome back.

Options of a feed: ``concern_codes`` (codes that make a message a concern, each with a canonical category or an empty
text), ``answers`` (``json`` or ``xml``: the syntax of an answer about bytes that do not tell theirs).

Source: FHIR R4 (4.0.1), UK Core, Booking and Referral Standard (BaRS), CP-IS flags; docs/formats/nhs-fhir.md.
"""

from __future__ import annotations

import hashlib
from datetime import date, datetime

from adapters.dates import full_date, moment
from adapters.kinds import judge
from adapters.nhs import fhir_concern as concerns
from adapters.nhs import fhir_kinds as kinds
from adapters.nhs import fhir_signals as signs
from adapters.nhs.fhir_household import Looked, household
from adapters.nhs.fhir_message import Case, Message, message
from adapters.nhs.fhir_outcome import outcome
from adapters.nhs.fhir_people import Around
from adapters.nhs.fhir_plans import Plans
from adapters.nhs.fhir_subjects import subjects
from adapters.nhs.fhir_taking import FhirTaking
from adapters.nhs.fhir_tree import FAMILY, Element, read
from adapters.port import Answer, FeedContext, Receipt
from schemas.errors import TooLarge
from schemas.notification import Normalised, Notification, Reading
from schemas.vocabulary import ItemKind, Sector

NAME = FAMILY
FORMAT = f"{NAME}/4.0"
MOST_VALUES = 24_000
MOST_PEOPLE = 1_000
"""People in one case."""
_WHEN = (
    "authoredOn",
    "sent",
    "recordedDate",
    "effectiveDateTime",
    "issued",
    "date",
    "period.start",
    "start",
    "dateTime",
    "meta.lastUpdated",
)
"""What tells when a resource was made or came to hold, the most telling first."""


class Fhir:
    """The adapter. It holds no state."""

    name = NAME
    version = "1.0.0"
    sector = Sector.HEALTH
    summary = "FHIR R4 (UK Core): message bundles (BaRS), flags, patients, CP-IS plans; JSON and XML"

    def read(self, payload: bytes, context: FeedContext) -> Reading:
        """Normalise one resource or bundle: one item for each case in it.

        Raises:
            Rejected: it is no FHIR, no message to a hub, or breaks a rule without which it can't be read; ``at`` is a
                FHIRPath such as ``Bundle.entry[0].resource``.
            TooLarge: it is over a limit.
        """
        document = read(payload)
        leaves = document.root.leaves()
        if len(leaves) > MOST_VALUES:
            raise TooLarge(f"{NAME}.values", f"Send at most {MOST_VALUES} values at once.")
        sent = message(document)
        several = len(sent.cases) > 1
        items = []
        native_id = ""
        for number, case in enumerate(sent.cases, start=1):
            taking = FhirTaking(leaves, case.pointers)
            whole = _native_id(sent, taking) or f"sha256:{hashlib.sha256(payload).hexdigest()}"
            native_id = native_id or whole
            asides = document.asides if number == 1 else ()
            items.append(_item(sent, case, taking, f"{whole}#{number}" if several else whole, asides, context))
        return Reading(native_id=native_id, format=FORMAT, items=tuple(items))

    def answer(self, payload: bytes, receipt: Receipt, context: FeedContext) -> Answer:
        """An OperationOutcome in the syntax of ``payload``."""
        return outcome(payload, receipt, default=str(context.options.get("answers", "json")))


ADAPTER = Fhir()


def _native_id(sent: Message, taking: FhirTaking) -> str:
    """The sender's own identity: of a bundle its identifier or id; of a resource its type, id and version.

    A resource keeps its id when it changes, and so does a bundle that is no message: without a version neither has one.
    """
    root = sent.root
    identifier, own, version = root.leaf("identifier.value"), root.leaf("id"), root.leaf("meta.versionId")
    if sent.kind and identifier is not None:
        return taking.carry("native_id", identifier.pointer)
    if sent.kind == "message" and own is not None:
        return taking.carry("native_id", own.pointer)
    if own is None or version is None:
        return ""
    parts = [taking.carry("native_id", each.pointer) for each in (own, version)]
    return f"{root.resource}/{parts[0]}/_history/{parts[1]}"


def _item(  # noqa: PLR0917 - what an item is made from
    sent: Message,
    case: Case,
    taking: FhirTaking,
    native_id: str,
    asides: tuple[tuple[str, str], ...],
    context: FeedContext,
) -> Normalised:
    resources = [held for top in case.resources for held in (top, *top.all("contained")) if held.resource]
    event_at, day = _event(sent, resources, taking)
    said = signs.signals(resources, day, context.options)
    enclosing = [sent.root] if sent.kind else []
    labels = signs.labels([*enclosing, *resources])
    kind, because = judge(kinds.RULES, kinds.Facts(resources, said, labels, sent.header))
    around = Around(taking, sent.references, next((label.leaf for label in labels if label.personal), None))
    patients = subjects(resources, sent.references)
    related = sum(1 for each in resources if each.resource == "RelatedPerson")
    if related + sum(len(each.all("contact")) + 1 for each in patients) > MOST_PEOPLE:
        raise TooLarge(f"{NAME}.people", f"Send at most {MOST_PEOPLE} people in one case.")
    plans = Plans(said, sent.references, alone=len(patients) <= 1)
    people = household(Looked(resources, said, day, patients, plans), around)
    worrying = kind is ItemKind.CONCERN
    recorder = taking.recorder
    notification = Notification(
        native_id=native_id,
        format=FORMAT,
        kind=kind,
        kind_reason=because,
        event_at=event_at,
        children=people.children,
        adults=people.adults,
        concern=concerns.concern(resources, said, around) if worrying else None,
        incident=concerns.incident(resources, around) if worrying else None,
        referrer=concerns.referrer(resources, sent.header, around),
        consent=concerns.consent(resources, around),
        handling=concerns.handling([*enclosing, *resources], labels, around),
        quality=recorder.quality,
    )
    taking.leave_rest()
    for pointer, value in asides:
        recorder.leave(pointer, value)
    return Normalised(notification=notification, provenance=recorder.provenance, unmapped=recorder.unmapped)


def _event(sent: Message, resources: list[Element], taking: FhirTaking) -> tuple[datetime | None, date | None]:
    """When it happened: the bundle's time, else that of the first resource that tells one; and its day."""
    candidates = [sent.root.leaf("timestamp")] if sent.kind else []
    candidates += [each.leaf(path) for path in _WHEN for each in resources]
    candidates.append(sent.root.leaf("meta.lastUpdated"))
    told = [leaf for leaf in candidates if leaf is not None]
    for leaf in told:
        at = moment(leaf.text)
        if at is not None:
            taking.recorder.take("event_at", leaf.pointer)
            return at, at.date()
    days = (full_date(leaf.text) for leaf in told)
    return None, next((day for day in days if day is not None), None)
