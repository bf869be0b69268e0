"""What a criminal case tells: its offences as an incident and a concern, orders, results, and who is in charge of it.

Source: Libra Standard Prosecutor Interface 0.6g, CP20 2020-03 and Libra court lists, as public samples and schemas
show them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from adapters import codes, dates, natives
from adapters.natives import Native
from adapters.police import spi_people as people
from adapters.provenance import Recorder
from adapters.xml_node import Node
from schemas.notification import ConcernDetail, Incident, Order, Referrer
from schemas.vocabulary import Concern

_OFFENCES = ("Defendant/Offence", "offences/offence")
_BASE = "BaseOffenceDetails"
_START = "OffenceTiming/OffenceStart/OffenceDateStartDate"
_CODE, _WORDING = (f"{_BASE}/OffenceCode", "code"), (f"{_BASE}/OffenceWording", "title")
_STORY = ("sum", "as", "ProsecutionFacts")
_OFFICER = ("OtherPartyOfficerInCase", "PoliceOfficerInCase")
_CONDITIONS = ("PersonDefendant/BailConditions", "BailConditions")
_INDIVIDUAL = ("PoliceIndividualDefendant", "CourtIndividualDefendant")

_NOBODY = Referrer()

_KINDS: tuple[tuple[Concern, re.Pattern[str]], ...] = tuple(
    (concern, re.compile(rf"\b(?:{words})", re.IGNORECASE))
    for concern, words in (
        (Concern.SEXUAL, r"rape|sexual|indecent|voyeur|groom"),
        (Concern.PHYSICAL, r"assault|wound|bodily harm|batter|strang|chok|suffocat|murder|manslaughter|kill"),
        (Concern.NEGLECT, r"cruelty|neglect|abandon|ill.?treat"),
        (Concern.DOMESTIC_ABUSE, r"coercive|controlling behaviour|domestic|non.?molestation"),
        (Concern.DRUGS, r"drug|cannabis|cocaine|heroin|class [abc]\b"),
        (Concern.TRAFFICKING, r"traffick|slavery|servitude|forced labour"),
        (Concern.FGM, r"genital mutilation"),
        (Concern.FORCED_MARRIAGE, r"forced marriage"),
        (Concern.RADICALISATION, r"terroris"),
    )
)
"""Words of an offence and what they worry about. What fits no row is ``other``."""

_OF_A_CHILD = re.compile(
    r"\b(?:child|children|girls?|boys?|infants?|bab(?:y|ies)|minor|pupils?|young persons?|juveniles?|sons?|daughters?|"
    r"school\w*|under (?:the age of )?1[0-8]\b|aged (?:under )?(?:1[0-7]|[1-9])\b)",
    re.IGNORECASE,
)
"""Words that speak of somebody under 18. They only ever make a concern of what else were none."""


def of_a_child(case: Node) -> bool:
    """Whether the words of offences, facts, results or bail conditions speak of a child."""
    found = [*_wordings(case), *_stories(case), *_results(case), *_all_conditions(case)]
    return any(_OF_A_CHILD.search(native.text) for native in found)


def day_of(node: Node) -> date | None:
    """The first day on which an offence of this defendant or case began."""
    starts = [dates.full_date(native.text) for native in _dates(node)]
    known = [day for day in starts if day is not None]
    return min(known) if known else None


def _dates(node: Node) -> list[Native]:
    paths = [f"{offence}/{_BASE}/{_START}" for offence in ("Defendant/Offence", "Offence")]
    return [native for native in node.each(*paths) if native.text]


def _wordings(case: Node) -> list[Native]:
    return [native for offence in case.all(*_OFFENCES) for native in offence.each(*_WORDING) if native.text]


def _stories(case: Node) -> list[Native]:
    return [native for offence in case.all(*_OFFENCES) for native in offence.each(*_STORY) if native.text]


def _results(case: Node) -> list[Native]:
    return [n for offence in case.all(*_OFFENCES) for n in offence.each("Result/ResultText") if n.text]


def _all_conditions(case: Node) -> list[Native]:
    return [native for node in people.defendants(case) for native in _conditions(node)]


def _conditions(defendant: Node) -> list[Native]:
    inner = defendant.first(*_INDIVIDUAL) or defendant
    return [native for native in inner.each(*_CONDITIONS) if native.text]


def incident(case: Node, recorder: Recorder, reported: Sequence[Native]) -> Incident | None:
    """The offences as one incident: the first one's time, every place once, code and wording of each.

    ``reported`` is when the message was made, told by its envelope.
    """
    offences = case.all(*_OFFENCES)
    if not offences:
        return None
    first = min(_dates(case), key=lambda native: dates.partial_date(native.text) or "9999", default=natives.ABSENT)
    at = dates.moment(reported[0].text) if reported else None
    return Incident(
        occurred_on=natives.partial_date(recorder, "occurred_on", first),
        reported_at=at,
        place=natives.join(recorder, "place", _once(_places(offences))),
        narrative=_narrative(offences, recorder),
        reference=natives.carry(recorder, "reference", reference(case)),
        officer=_officer(case, recorder),
    )


def reference(case: Node) -> Native:
    """The case's own reference: a police or prosecutor's URN, or the court's number."""
    return case.value("PTIURN", "URN", "caseno")


def _places(offences: Sequence[Node]) -> list[Native]:
    return [n for offence in offences for n in offence.each(f"{_BASE}/LocationOfOffence") if n.text]


def _once(found: Iterable[Native]) -> list[Native]:
    return list({native.text: native for native in reversed(list(found))}.values())[::-1]


def _narrative(offences: Sequence[Node], recorder: Recorder) -> str:
    told: list[str] = []
    for offence in offences:
        parts = [*offence.each(*_CODE), *offence.each(*_WORDING)]
        if text := natives.join(recorder, "narrative", parts, ": "):
            told.append(text)
        told += [natives.carry(recorder, "narrative", story) for story in offence.each(*_STORY) if story.text]
    return "\n".join(told)


def concern(case: Node, recorder: Recorder, options: object) -> ConcernDetail | None:
    """The offences as a concern: their codes as the source's categories, ours by the feed's map or by the wording."""
    offences = case.all(*_OFFENCES)
    categories: list[Concern] = []
    said = natives.carry_each(recorder, "source_categories", [offence.value(*_CODE) for offence in offences])
    for offence in offences:
        code, wording = offence.value(*_CODE), offence.value(*_WORDING)
        mapped = codes.concern(code.text, options) if isinstance(options, Mapping) and code.text else None
        for category in [mapped] if mapped else _kinds(wording.text):
            if category not in categories:
                recorder.take(
                    f"categories[{len(categories)}]", (code if mapped else wording).pointer or offence.pointer
                )
                categories.append(category)
    return ConcernDetail(categories=tuple(categories), source_categories=said) if offences else None


def _kinds(wording: str) -> list[Concern]:
    return [concern for concern, words in _KINDS if words.search(wording)] or [Concern.OTHER]


def orders(refs: Sequence[tuple[Node, str]], recorder: Recorder) -> tuple[Order, ...]:
    """Bail conditions in force, each with the name that its defendant has in the notification."""
    made: list[Order] = []
    for node, ref in refs:
        for native in _conditions(node):
            recorder.take(f"orders[{len(made)}].kind", native.pointer)
            detail = natives.carry(recorder, f"orders[{len(made)}].detail", native)
            made.append(Order(kind=f"Bail conditions of {ref}", detail=detail))
    return tuple(made)


def results(case: Node, recorder: Recorder) -> tuple[str, ...]:
    """What the court ordered, in its words."""
    return natives.carry_each(recorder, "actions_taken", _results(case))


def referrer(case: Node, recorder: Recorder) -> Referrer | None:
    """The originating organisation's code, and the officer in the case."""
    officer = case.first(*_OFFICER)
    made = Referrer(
        agency=natives.carry(recorder, "agency", case.value("OriginatingOrganisation", "inf")),
        role=natives.carry(recorder, "role", officer.value("PoliceOfficerRank")) if officer is not None else "",
        name=natives.join(recorder, "name", _name(officer), " ") if officer is not None else "",
        contacts=people.contacts(officer, recorder) if officer is not None else (),
    )
    return made if made != _NOBODY else None


def _officer(case: Node, recorder: Recorder) -> str:
    node = case.first(*_OFFICER)
    if node is None:
        return ""
    parts = [node.value("PoliceOfficerRank"), *_name(node), node.value("PoliceWorkerReferenceNumber")]
    return natives.join(recorder, "officer", parts, " ")


def _name(officer: Node) -> list[Native]:
    name = officer.first("OfficerName") or officer
    return [*people.given_name(name), name.value("PersonFamilyName")]
