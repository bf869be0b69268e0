"""probation.oasys: OASys assessments of risk of serious harm in JSON: the adult assessed, and what is said of children.

The person assessed is an adult; children are not named as people: a concern opens "child to be identified". One
message is one item, whatever number of assessments it holds.

Source: OASys through ORDS (assessments, timeline), HMPPS Assess Risks and Needs and HMPPS Integration APIs (risks,
plans, needs), as docs/formats/probation-oasys.md describes them; no version is given in the messages.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime

from adapters import codes, dates, natives
from adapters.json_restriction import handling, is_redacted
from adapters.json_sns import message_id, unwrap
from adapters.json_taking import JsonTaking
from adapters.kinds import judge
from adapters.natives import ABSENT, Native
from adapters.port import Answer, FeedContext, Receipt
from adapters.probation import oasys_answers, oasys_rules
from adapters.probation.child_words import speaks_of_child
from adapters.provenance import Recorder
from adapters.receipts import json_receipt
from adapters.strict_json import Json, canonical
from schemas.errors import Rejected
from schemas.identifiers import Identifier, IdentifierKind
from schemas.notification import ConcernDetail, Incident, Normalised, Notification, Reading, Referrer
from schemas.persons import Name, Person
from schemas.vocabulary import ItemKind, Sector

NAME = "probation.oasys"
_LISTS = ("assessments", "riskManagementPlan", "timeline", "needs")
_PARTS = ("riskToSelf", "otherRisks", "riskInCommunity", "riskInCustody")
_WORDS = ("whoIsAtRisk", "natureOfRisk", "overallRiskLevel")
_IDENTIFIERS: Mapping[str, IdentifierKind] = {
    "crn": IdentifierKind.CRN,
    "probNumber": IdentifierKind.CRN,
    "prisNumber": IdentifierKind.NOMS,
    "nomsNumber": IdentifierKind.NOMS,
    "prisonNumber": IdentifierKind.NOMS,
    "pnc": IdentifierKind.PNC,
    "pncNumber": IdentifierKind.PNC,
}
_COMPLETED = ("dateCompleted", "assessedOn", "completedDate")
_REFERENCES = ("assessmentPk", "assessmentId")
_NOT_NEEDED = "NOT_IDENTIFIED_NEED"

_Bodies = Sequence[tuple[str, Mapping[str, Json]]]


class Oasys:
    """The adapter. It holds no state."""

    name = NAME
    version = "1.0.0"
    sector = Sector.PROBATION
    summary = "OASys risk of serious harm, risk management plans and needs in JSON"

    def read(self, payload: bytes, context: FeedContext) -> Reading:  # noqa: ARG002 - the port's; no options yet
        """Normalise one message: one item.

        Raises:
            Rejected: it is no strict JSON or no assessment; ``at`` is a JSON pointer.
            TooLarge: it is over the limit on size, depth or values.
        """
        came = unwrap(payload, family=NAME)
        taking = JsonTaking(came.values)
        inner = came.message.get("data")
        wrapped = isinstance(inner, dict) and _is_assessment(inner)
        base = f"{came.base}/data" if wrapped else came.base
        content = inner if isinstance(inner, dict) and wrapped else came.message
        if not _is_assessment(content):
            raise Rejected(f"{NAME}.shape", "Send assessments, risks, a risk management plan or needs.", at=came.base)
        native_id = taking.carry("native_id", "/MessageId") if came.wrapped else ""
        if not native_id:
            native_id = f"sha256:{hashlib.sha256(canonical(came.message)).hexdigest()}"
        item = _item(taking, content, base, native_id)
        return Reading(native_id=native_id, format=NAME, items=(item,))

    def answer(self, payload: bytes, receipt: Receipt, context: FeedContext) -> Answer:  # noqa: ARG002 - the port's
        """A JSON receipt where it was accepted, else problem details; with SNS's MessageId where it can be read."""
        return json_receipt(receipt, reference=message_id(payload, family=NAME))


ADAPTER = Oasys()


def _is_assessment(content: Mapping[str, Json]) -> bool:
    summary = content.get("summary")
    return (
        any(isinstance(content.get(key), list) for key in _LISTS)
        or any(isinstance(content.get(key), dict) for key in _PARTS)
        or any(isinstance(content.get(key), str) for key in _WORDS)
        # Other systems have summaries too.
        or (isinstance(summary, dict) and "summary" not in summary and _is_assessment(summary))
    )


def _bodies(content: Mapping[str, Json], base: str) -> _Bodies:
    """The objects that hold answers: the whole, its summary, each assessment and each plan."""
    found: list[tuple[str, Mapping[str, Json]]] = [(base, content)]
    summary = content.get("summary")
    if isinstance(summary, dict):
        found.append((f"{base}/summary", summary))
    for key in _LISTS[:3]:
        listed = content.get(key)
        for index, each in enumerate(listed if isinstance(listed, list) else ()):
            if isinstance(each, dict):
                found.append((f"{base}/{key}/{index}", each))
    return found


def _item(taking: JsonTaking, content: Mapping[str, Json], base: str, native_id: str) -> Normalised:
    recorder = taking.recorder
    bodies = _bodies(content, base)
    risks = [risk for pointer, body in bodies for risk in oasys_answers.risks(taking, pointer, body)]
    written = list(oasys_answers.answers(taking, bodies, oasys_answers.NARRATIVE))
    factors = list(oasys_answers.answers(taking, bodies, oasys_answers.FACTORS))
    kind, because = judge(oasys_rules.RULES, _facts(risks, written, factors))
    at = _when(taking, bodies)
    person = _person(taking, content, base, bodies, risks)
    concern = incident = None
    if kind is ItemKind.CONCERN:
        concern = _concern(recorder.within("concern"), risks, factors)
        incident = _incident(taking, recorder.within("incident"), bodies, written)
    limits = handling(taking, base)
    agency = natives.carry(recorder, "referrer.agency", taking.native(f"{base}/source"))
    taking.leave_rest()
    return Normalised(
        notification=Notification(
            native_id=native_id,
            format=NAME,
            kind=kind,
            kind_reason=because,
            event_at=at,
            adults=(person,),
            concern=concern,
            incident=incident,
            referrer=Referrer(agency=agency) if agency else None,
            handling=limits,
            quality=recorder.quality,
        ),
        provenance=recorder.provenance,
        unmapped=recorder.unmapped,
    )


def _facts(
    risks: Sequence[oasys_answers.Risk], written: Sequence[tuple[str, Native]], factors: Sequence[tuple[str, Native]]
) -> oasys_rules.Facts:
    asked = {native.pointer.rpartition("/")[2] for _, native in factors}
    stated = [risk for risk in risks if not risk.score]
    return oasys_rules.Facts(
        conference=oasys_answers.CONFERENCE in asked,
        identifiable=oasys_answers.IDENTIFIABLE in asked,
        child_words=any(speaks_of_child(native.text) for _, native in (*written, *factors)),
        children=frozenset(risk.level for risk in stated if risk.children),
        others=frozenset(risk.level for risk in stated if not risk.children),
        written=bool(written or factors),
    )


def _when(taking: JsonTaking, bodies: _Bodies) -> datetime | None:
    """When the latest assessment was completed; without a zone Europe/London."""
    stated = [taking.native(f"{pointer}/{key}") for pointer, body in bodies for key in _COMPLETED if key in body]
    read = [(moment, native) for native in stated if native.text and (moment := dates.moment(native.text)) is not None]
    if not read:
        if any(native.text for native in stated):
            taking.recorder.flag("date.unread", "event_at")
        return None
    _, latest = max(read, key=lambda pair: pair[0])
    return natives.moment(taking.recorder, "event_at", latest)


def _person(
    taking: JsonTaking,
    content: Mapping[str, Json],
    base: str,
    bodies: _Bodies,
    risks: Sequence[oasys_answers.Risk],
) -> Person:
    recorder = taking.recorder.within("adults[0]")
    identifiers = _identifiers(taking, content, base)
    if not identifiers:
        recorder.flag("identifier.missing", "identifiers")
    for risk in risks:
        recorder.take("risk", risk.native.pointer)
    given = natives.carry_each(recorder, "names[0].given", [_unless_redacted(taking.native(f"{base}/forename"))])
    family = natives.carry(recorder, "names[0].family", _unless_redacted(taking.native(f"{base}/familyName")))
    return Person(
        ref="adult-1",
        names=(Name(given=given, family=family),) if given or family else (),
        birth_date=natives.partial_date(recorder, "birth_date", taking.native(f"{base}/dateOfBirth")),
        sex=natives.read(recorder, "sex", taking.native(f"{base}/gender"), codes.sex),
        identifiers=identifiers,
        risk="; ".join(risk.words for risk in risks),
        notes=_notes(taking, recorder, content, base, bodies),
    )


def _unless_redacted(native: Native) -> Native:
    return ABSENT if is_redacted(native.text) else native


def _identifiers(taking: JsonTaking, content: Mapping[str, Json], base: str) -> tuple[Identifier, ...]:
    made: list[Identifier] = []
    asked = content.get("inputs")
    for top, body in ((base, content), (f"{base}/inputs", asked if isinstance(asked, dict) else {})):
        for key, kind in _IDENTIFIERS.items():
            native = taking.native(f"{top}/{key}") if key in body else ABSENT
            if native.text and not is_redacted(native.text):
                place = f"adults[0].identifiers[{len(made)}]"
                each = taking.recorder.identify(place, native.pointer, kind, native.text)
                if not any((each.kind, each.value) == (other.kind, other.value) for other in made):
                    made.append(each)
    return tuple(made)


def _notes(
    taking: JsonTaking, recorder: Recorder, content: Mapping[str, Json], base: str, bodies: _Bodies
) -> tuple[str, ...]:
    """Risks to the person and needs that were found."""
    said = list(oasys_answers.answers(taking, bodies, oasys_answers.NOTES))
    said += oasys_answers.self_risks(taking, base, content)
    needs = content.get("needs")
    for index in range(len(needs) if isinstance(needs, list) else 0):
        named = taking.native(f"{base}/needs/{index}/name")
        status = taking.native(f"{base}/needs/{index}/needStatus")
        if named.text and status.text and status.text != _NOT_NEEDED:
            recorder.take(f"notes[{len(said)}]", status.pointer)
            said.append((f"need ({status.text}): ", named))
    notes = []
    for place, (label, native) in enumerate(said):
        recorder.take(f"notes[{place}]", native.pointer)
        notes.append(label + native.text)
    return tuple(notes)


def _concern(
    recorder: Recorder, risks: Sequence[oasys_answers.Risk], factors: Sequence[tuple[str, Native]]
) -> ConcernDetail:
    graded = sorted((risk for risk in risks if not risk.score), key=lambda risk: not risk.children)
    grade = graded[0] if graded else None
    if grade is not None:
        recorder.take("source_grade", grade.native.pointer)
    for place, (_, native) in enumerate(factors):
        recorder.take(f"factors[{place}]", native.pointer)
    return ConcernDetail(
        categories=(),
        source_grade=grade.words if grade is not None else "",
        factors=tuple(label + native.text for label, native in factors),
    )


def _incident(
    taking: JsonTaking, recorder: Recorder, bodies: _Bodies, written: Sequence[tuple[str, Native]]
) -> Incident:
    for _, native in written:
        recorder.take("narrative", native.pointer)
    references = [taking.native(f"{pointer}/{key}") for pointer, body in bodies for key in _REFERENCES if key in body]
    officers = [taking.native(f"{pointer}/assessor/name") for pointer, _ in bodies]
    return Incident(
        narrative="\n".join(label + native.text for label, native in written),
        reference=natives.carry(recorder, "reference", next((each for each in references if each.text), ABSENT)),
        officer=natives.carry(recorder, "officer", next((each for each in officers if each.text), ABSENT)),
    )
