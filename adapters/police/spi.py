"""Criminal cases as police, prosecutors and courts send them to each other, with the people whom each case names.

New cases and resulted cases of the Standard Prosecutor Interface, prosecution documents (CP20) and court lists; bare,
or in an envelope (SOAP, DeliverRequest, RouteData). One item a case. There is no schema check: the schemas are the
exchange's own, and a child's case is not kept out for an element out of order.

Source: docs/formats/police-spi.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

from adapters import codes, dates
from adapters.kinds import Rule, judge
from adapters.natives import Native
from adapters.nesting import left_within, mapped_within
from adapters.police import spi_case, spi_people
from adapters.police.spi_envelope import Opened, unwrap
from adapters.port import Answer, FeedContext, Receipt
from adapters.provenance import Recorder
from adapters.receipts import xml_receipt
from adapters.xml_node import Node
from schemas.errors import MashError, Rejected, TooLarge
from schemas.notification import Normalised, Notification, Reading
from schemas.persons import Person
from schemas.vocabulary import ItemKind, Sector

NAME = "police.spi"
MOST_CASES = 2_000
MOST_PEOPLE = 1_000
"""In all cases of a message together, which bounds the time that one takes."""


@dataclass(frozen=True, kw_only=True)
class Form:
    """A message: what we call it, where its sessions and the cases in them are (empty: no further in), its hearing."""

    name: str
    sessions: str
    cases: str
    hearing: str


_FORMS: Mapping[str, Form] = {
    "newcasemessage": Form(name="new-case", sessions="", cases="Case", hearing="Case/InitialHearing/DateOfHearing"),
    "resultedcasemessage": Form(
        name="resulted-case", sessions="Session", cases="Case", hearing="CourtHearing/Hearing/DateOfHearing"
    ),
    "cp20": Form(name="cp20", sessions="", cases="", hearing=""),
    "externaldocumentrequest": Form(
        name="court-list",
        sessions="documents/document/data/job/sessions/session",
        cases="blocks/block/cases/case",
        hearing="doh",
    ),
}

_HEARING = ("Case/InitialHearing/DateOfHearing", "Session/CourtHearing/Hearing/DateOfHearing")
_OWN_IDENTITY = ("TransactionID", "documents/document/info/source_file_name")


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the rows below look at."""

    child: bool
    age_unknown: bool
    of_a_child: bool
    people: bool


RULES = (
    Rule[Facts](
        kind=ItemKind.CONCERN,
        when=lambda facts: facts.child,
        because="the case names somebody who was under 18 when it happened",
    ),
    Rule[Facts](
        kind=ItemKind.CONCERN,
        when=lambda facts: facts.of_a_child,
        because="the words of an offence, a result or a bail condition speak of a child",
    ),
    Rule[Facts](
        kind=ItemKind.CONCERN,
        when=lambda facts: facts.age_unknown,
        because="the case names somebody whose age when it happened is not told, so that it may be a child",
    ),
    Rule[Facts](
        kind=ItemKind.UPDATE,
        when=lambda facts: facts.people,
        because="the case names adults alone: it refreshes what is known of them",
    ),
    Rule[Facts](
        kind=ItemKind.CONTEXT,
        when=lambda facts: not facts.people,
        because="the message names nobody",
    ),
)


class CriminalCase:
    """Reads criminal cases and answers with an XML receipt."""

    name = NAME
    version = "1.0.0"
    sector = Sector.POLICE
    summary = "Police and court cases: SPI new and resulted cases, CP20, court lists, in their envelopes"

    def read(self, payload: bytes, context: FeedContext) -> Reading:
        """Normalise one message: one item a case; one that lists no case is one item that names nobody.

        Raises:
            Rejected: ``police.spi.doctype``, ``.encoding``, ``.malformed``, ``.envelope``, ``.root`` or ``.case``.
            TooLarge: ``police.spi.size``, ``.depth``, ``.elements``, ``.attributes``, ``.nesting``, ``.cases`` or
                ``.people``.
        """
        opened = unwrap(payload, code=NAME)
        form = _form(opened)
        held = _cases(form, opened)
        identity = _identity(opened)
        native_id = "/".join(native.text for native in identity) or f"sha256:{hashlib.sha256(payload).hexdigest()}"
        read = held or [(opened.message, None)]
        people = [_everybody(case, hearing) for case, hearing in read]
        if sum(map(len, people)) > MOST_PEOPLE:
            raise TooLarge(f"{NAME}.people", f"send at most {MOST_PEOPLE} people in one message")
        items = [
            _item(
                case,
                opened,
                context,
                _Identity(native_id=native_id, parts=identity, form=form.name, place=place, everybody=people[place]),
            )
            for place, (case, _) in enumerate(read)
        ]
        made = _with_rest(items, opened, [case for case, _ in held])
        return Reading(native_id=native_id, format=f"{NAME}/{form.name}", items=tuple(made))

    def answer(self, payload: bytes, receipt: Receipt, context: FeedContext) -> Answer:  # noqa: ARG002 - the port's
        """An XML receipt (``urn:mash-gateway:receipt:1``) that repeats the message's identity where it can be read."""
        try:
            reference = "/".join(native.text for native in _identity(unwrap(payload, code=NAME)))
        except MashError:
            reference = ""
        return xml_receipt(receipt, reference=reference[:200])


ADAPTER = CriminalCase()


@dataclass(frozen=True, kw_only=True)
class _Identity:
    """Which case of which message an item is, and whom it names. ``parts`` are told from outside all envelopes."""

    native_id: str
    parts: Sequence[Native]
    form: str
    place: int
    everybody: Sequence[spi_people.Named]


@dataclass(frozen=True, kw_only=True)
class _Item:
    """An item being made: ``inner`` records within the innermost document, ``outer`` from outside."""

    notification: Notification
    inner: Recorder
    outer: Recorder


def _form(opened: Opened) -> Form:
    form = _FORMS.get(opened.message.name.lower())
    if form is None:
        detail = "send a NewCaseMessage, a ResultedCaseMessage, a CP20 or an ExternalDocumentRequest, bare or enveloped"
        raise Rejected(f"{NAME}.root", detail, at=opened.place + opened.message.pointer)
    return form


def _cases(form: Form, opened: Opened) -> list[tuple[Node, date | None]]:
    """Every case with the day on which it is heard."""
    message = opened.message
    sessions = message.all(form.sessions) if form.sessions else [message]
    found: list[tuple[Node, date | None]] = []
    for session in sessions:
        hearing = dates.full_date(session.value(form.hearing).text) if form.hearing else None
        found += [(case, hearing) for case in (session.all(form.cases) if form.cases else [session])]
    if not found and form.name != "court-list":  # a day on which a court sits on nothing is a day of its list
        raise Rejected(f"{NAME}.case", "send at least one Case", at=opened.place + message.pointer)
    if len(found) > MOST_CASES:
        raise TooLarge(f"{NAME}.cases", f"send at most {MOST_CASES} cases in one message")
    return found


def _identity(opened: Opened) -> list[Native]:
    """What tells this message from others: the envelope's id, the first case's reference, the day of the hearing."""
    message = opened.message
    own = [message.value(*_OWN_IDENTITY), message.value("Case/PTIURN", "Session/Case/PTIURN", "URN")]
    hearing = message.value(*_HEARING)
    inner = [Native(each.text, opened.place + each.pointer) for each in (*own, hearing) if each.text]
    return [*opened.identity, *inner]


def _everybody(case: Node, hearing: date | None) -> list[spi_people.Named]:
    """Whom a case names; where no day is told on which it happened, that of the hearing counts."""
    found = spi_people.named(case, lambda node: spi_case.day_of(node) or hearing)
    return list(islice(found, MOST_PEOPLE + 1))


def _item(case: Node, opened: Opened, context: FeedContext, identity: _Identity) -> _Item:
    inner, outer = Recorder(), Recorder()
    for native in identity.parts:
        outer.take("native_id", native.pointer)
    everybody = identity.everybody
    young = {id(one) for one in everybody if spi_people.is_child(one)}
    children = [one for one in everybody if id(one) in young]
    adults = [one for one in everybody if id(one) not in young]
    kind, because = judge(RULES, _facts(case, everybody))
    if identity.place == 0:
        for native in opened.test:
            if codes.answer(native.text):
                outer.flag("message.test")
    made_children = _people(children, inner, "children", "child")
    made_adults = _people(adults, inner, "adults", "adult")
    refs = {id(one): made.ref for one, made in zip([*children, *adults], [*made_children, *made_adults], strict=True)}
    accused = [(one.node, refs[id(one)]) for one in everybody if one.role is spi_people.DEFENDANT]
    incident = spi_case.incident(case, inner.within("incident"), opened.created)
    if incident is not None and incident.reported_at is not None:
        outer.translate("incident.reported_at", opened.created[0].pointer, opened.created[0].text)
    worries = kind is ItemKind.CONCERN
    notification = Notification(
        native_id=identity.native_id if identity.place == 0 else f"{identity.native_id}#case-{identity.place + 1}",
        format=f"{NAME}/{identity.form}",
        kind=kind,
        kind_reason=because,
        children=made_children,
        adults=made_adults,
        concern=spi_case.concern(case, inner.within("concern"), context.options.get("categories")) if worries else None,
        incident=incident,
        actions_taken=spi_case.results(case, inner),
        referrer=spi_case.referrer(case, inner.within("referrer")),
        orders=spi_case.orders(accused, inner),
        quality=(),
    )
    return _Item(notification=notification, inner=inner, outer=outer)


def _people(named: Sequence[spi_people.Named], recorder: Recorder, field: str, word: str) -> tuple[Person, ...]:
    return tuple(
        spi_people.person(one, recorder.within(f"{field}[{n}]"), ref=f"{word}-{n + 1}") for n, one in enumerate(named)
    )


def _facts(case: Node, everybody: Sequence[spi_people.Named]) -> Facts:
    ages = [spi_people.is_child(one) for one in everybody]
    return Facts(
        child=True in ages,
        age_unknown=None in ages,
        of_a_child=spi_case.of_a_child(case),
        people=bool(everybody),
    )


def _with_rest(items: Sequence[_Item], opened: Opened, cases: Sequence[Node]) -> list[Normalised]:
    """Every item with what was left of its case; what stands around the cases goes with the first."""
    owned: set[str] = set()
    for item, case in zip(items, cases, strict=False):
        values = case.values()
        owned.update(pointer for pointer, _ in values)
        item.inner.sweep(values)
    first = items[0]
    around = {native.pointer for native in (*opened.identity, *opened.created)}
    first.inner.sweep(
        [(at, value) for at, value in opened.inner if at not in owned and opened.place + at not in around]
    )
    first.outer.sweep(opened.around)
    for native in (*opened.identity, *opened.created):
        if not first.outer.saw(native.pointer):
            first.outer.leave(native.pointer, native.text)
    return [_finished(item, opened.place) for item in items]


def _finished(item: _Item, place: str) -> Normalised:
    provenance, unmapped = item.inner.provenance, item.inner.unmapped
    if place:
        provenance, unmapped = mapped_within(place, provenance), left_within(place, unmapped)
    quality = (*item.inner.quality, *item.outer.quality)
    return Normalised(
        notification=item.notification.model_copy(update={"quality": quality}),
        provenance=(*item.outer.provenance, *provenance),
        unmapped=(*item.outer.unmapped, *unmapped),
    )
