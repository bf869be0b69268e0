"""What a FHIR message holds: its resources, what their references lead to, and the cases they are about.

A case is what becomes one item. A message or a document is one case. In any other bundle, resources that refer to one
another are a case; those of a directory (organisations, practitioners, places) are shared by all.

Source: FHIR R4 (4.0.1): Bundle (with its invariants), resolving references in bundles, Messaging.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from adapters.nhs.fhir_tree import FAMILY, Document, Element
from schemas.errors import Rejected, TooLarge

MOST_CASES = 1_000
DIRECTORY = frozenset(
    {
        "Device",
        "Endpoint",
        "HealthcareService",
        "Location",
        "Organization",
        "Practitioner",
        "PractitionerRole",
        "Schedule",
        "Slot",
    }
)
"""Types that describe services and not people: a reference to one makes no case of two."""
ALONE = frozenset(
    {
        "AllergyIntolerance",
        "Appointment",
        "CarePlan",
        "CareTeam",
        "Communication",
        "CommunicationRequest",
        "Composition",
        "Condition",
        "Consent",
        "DiagnosticReport",
        "DocumentReference",
        "Encounter",
        "EpisodeOfCare",
        "FamilyMemberHistory",
        "Flag",
        "Immunization",
        "Observation",
        "Organization",
        "Patient",
        "Person",
        "Practitioner",
        "PractitionerRole",
        "Procedure",
        "Provenance",
        "QuestionnaireResponse",
        "RelatedPerson",
        "RiskAssessment",
        "ServiceRequest",
        "Task",
    }
)
"""Types that say something to a hub when they come without a bundle."""
NAMING = ("subject", "patient", "for")
"""Elements that name whom a resource is about."""
_WHOLE = ("message", "document")
_BUNDLES = frozenset({*_WHOLE, "batch", "collection", "history", "searchset", "transaction"})


@dataclass(kw_only=True)
class Case:
    """One case: its resources, and the pointers of the values that are listed with it."""

    resources: list[Element] = field(default_factory=list)
    pointers: list[str] = field(default_factory=list)

    def of(self, *types: str) -> list[Element]:
        """The resources of these types, in document order."""
        return [each for each in self.resources if each.resource in types]


class References:
    """What references lead to: resources of the message by what a reference may call them."""

    def __init__(self, entries: list[Element]) -> None:
        self._known: dict[str, Element] = {}
        self._containers: dict[str, str] = {}
        for entry in entries:
            top = entry if entry.resource else entry.first("resource")
            if top is None:
                continue
            own = top.said("id")
            for key in (entry.said("fullUrl"), f"{top.resource}/{own}" if own else ""):
                if key:
                    self._known.setdefault(_key(key), top)  # the first, where two have one name
            for inner in top.all("contained"):
                self._containers[inner.pointer] = top.pointer
                if inner.said("id"):
                    self._known.setdefault(f"{top.pointer}#{inner.said('id')}", inner)

    def resolve(self, reference: Element | None, within: Element) -> Element | None:
        """The resource that a Reference leads to, as seen from the resource ``within``; None where it isn't here."""
        target = reference.said("reference") if reference is not None else ""
        if target.startswith("#"):
            home = self._containers.get(within.pointer, within.pointer)
            return self._known.get(f"{home}{target}")
        return self._known.get(_key(target)) if target else None


@dataclass(frozen=True, kw_only=True)
class Message:
    """A resource or a bundle. ``kind`` is the bundle's type, empty where a resource came alone."""

    root: Element
    kind: str
    header: Element | None
    cases: tuple[Case, ...]
    references: References


def message(document: Document) -> Message:
    """Look through the document.

    Raises:
        Rejected: it is no message to a hub, or breaks a rule of FHIR without which it can't be read.
        TooLarge: it holds more than 1,000 cases.
    """
    root = document.root
    kind = ""
    entries = [root]
    if root.resource == "Bundle":
        kind = root.said("type")
        if kind not in _BUNDLES:
            raise Rejected(
                f"{FAMILY}.bundle_type" if kind else f"{FAMILY}.no_bundle_type",
                f"Send a Bundle of one of these types: {', '.join(sorted(_BUNDLES))}.",
                at="Bundle.type",
            )
        entries = root.all("entry")
        for entry in entries:
            held = entry.first("resource")
            if held is not None and not held.resource:
                raise Rejected(f"{FAMILY}.resource_type", "Name the resource's type.", at=held.pointer)
    elif root.resource not in ALONE:
        raise Rejected(
            f"{FAMILY}.unsupported", "Send a Bundle, or a resource about a person or a service.", at=root.pointer
        )
    tops = [held for entry in entries if (held := entry if entry is root else entry.first("resource")) is not None]
    if not tops:
        raise Rejected(f"{FAMILY}.empty", "Send a Bundle with at least one resource.", at="Bundle.entry")
    header = tops[0] if tops[0].resource == "MessageHeader" else None
    if kind == "message" and header is None:
        raise Rejected(f"{FAMILY}.message_header", "Begin a message with its header resource.", at=tops[0].pointer)
    references = References(entries)
    cases = _cases(root, entries, references, whole=kind in _WHOLE)
    if len(cases) > MOST_CASES:
        raise TooLarge(f"{FAMILY}.cases", f"Send at most {MOST_CASES} cases at once.", at="Bundle.entry")
    return Message(root=root, kind=kind, header=header, cases=cases, references=references)


def _key(reference: str) -> str:
    """A reference without its version; the letters of a URN make no difference."""
    bare = reference.partition("/_history/")[0]
    return bare.lower() if bare[:4].lower() == "urn:" else bare


def _cases(root: Element, entries: list[Element], references: References, *, whole: bool) -> tuple[Case, ...]:
    """The cases in document order. What belongs to none, such as the bundle's own values, is listed with the first."""
    tops = [top for entry in entries if (top := entry if entry.resource else entry.first("resource")) is not None]
    about = [top for top in tops if top.resource not in DIRECTORY]
    if whole or len(about) <= 1:
        return (Case(resources=tops, pointers=list(root.leaves())),)
    numbers = {top.pointer: number for number, top in enumerate(about)}
    heads = _joined(about, numbers, references)
    cases: dict[int, Case] = {}
    for number, top in enumerate(about):
        cases.setdefault(heads[number], Case()).resources.append(top)
    first = cases[0]
    first.resources += [top for top in tops if top.pointer not in numbers]
    # Every value of an entry is listed with the case of its resource.
    places = {entry.pointer: entry.first("resource") for entry in entries}
    for inner in root.inside:
        held = places.get(inner.pointer)
        case = cases[heads[numbers[held.pointer]]] if held is not None and held.pointer in numbers else first
        case.pointers.extend(inner.leaves())
    return tuple(cases.values())


def _joined(about: list[Element], numbers: dict[str, int], references: References) -> list[int]:
    """For each resource the number of the first one of its case: those that belong together are joined."""
    heads = list(range(len(about)))

    def head(number: int) -> int:
        while heads[number] != number:
            heads[number] = heads[heads[number]]
            number = heads[number]
        return number

    def join(number: int, other: int) -> None:
        one, two = head(number), head(other)
        heads[max(one, two)] = min(one, two)

    outside: dict[str, int] = {}
    for number, top in enumerate(about):
        for element in top.walk():
            target = references.resolve(element, top) if element.inside else None
            if target is not None and target.pointer in numbers:
                join(number, numbers[target.pointer])
        for subject in (each for path in NAMING for each in top.all(path)):
            # Two resources about somebody who is not in the message are about the same one where they say the same.
            said = subject.said("identifier.value") or subject.said("reference")
            if said and references.resolve(subject, top) is None:
                join(number, outside.setdefault(said, number))
    return [head(number) for number in range(len(about))]
