"""Offences of a Common Platform message: what is charged, when and where, and what the prosecutor says happened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from adapters import natives
from adapters.json_taking import JsonTaking
from adapters.natives import ABSENT, Native
from adapters.police import cpp_rules
from adapters.police.cpp_parties import Party
from adapters.strict_json import Json, token
from schemas.notification import ConcernDetail, Incident
from schemas.vocabulary import Concern

_CODES = ("cjsOffenceCode", "offenceCode", "code")
_TITLES = ("offenceTitle", "title")
_WORDINGS = ("offenceWording", "wording", "offenceSummary", "summary")
_FACTS = ("statementOfFacts", "offenceFacts")
_ACTS = ("offenceLegislation", "act")
_COMMITTED = ("offenceCommittedDate", "startDate", "offenceDate")
_PLACES = ("offenceLocation",)
_DETAILS = "offenceDetails"
_HEARINGS = ("initialHearing", "hearingDetails", "boxHearing", "boxHearingRequest")
_HEARING_PARTS = ("courtHearingLocation", "dateOfHearing", "timeOfHearing", "applicationDueDate")
_COURT_KEYS = ("courtCode", "courtRoom", "sessionStartTime")
_MARKERS = ("caseMarker", "markerTypeDescription", "markerTypeCode")
_EXPLOITED = "hasDefendantHasBeenAVictimOfSlaveryOrExploitationDetails"
_REFERENCES = ("urn", "prosecutorCaseReference", "caseURN", "caseNo")


Objects: TypeAlias = Mapping[str, Sequence[tuple[str, dict[str, Json]]]]
"""Every object of a message with its pointer, by the key that it stands under, alone or in a list."""


def objects(message: dict[str, Json], base: str) -> Objects:
    """The objects of ``message``, in order."""
    found: dict[str, list[tuple[str, dict[str, Json]]]] = {}
    _gather(message, base, "", found)
    return found


def _gather(value: Json, pointer: str, key: str, found: dict[str, list[tuple[str, dict[str, Json]]]]) -> None:
    if isinstance(value, list):
        for index, each in enumerate(value):
            _gather(each, f"{pointer}/{index}", key, found)
    elif isinstance(value, dict):
        found.setdefault(key, []).append((pointer, value))
        for inner, each in value.items():
            _gather(each, f"{pointer}/{token(inner)}", inner, found)


@dataclass(frozen=True, kw_only=True)
class Offence:
    """One offence as it was sent, and the rows of harm that it fits."""

    code: Native
    title: Native
    wording: Native
    facts: Native
    committed: Native
    place: Native
    harms: tuple[cpp_rules.Harm, ...]
    everyday: bool

    @property
    def pointer(self) -> str:
        """Where it speaks first."""
        return next((each.pointer for each in (self.code, self.title, self.wording, self.facts) if each.text), "")


def offences(taking: JsonTaking, within: Objects) -> tuple[Offence, ...]:
    """Every offence that the message charges, in its order."""
    return tuple(_offence(taking, pointer, node) for pointer, node in within.get("offences", ()))


def harmful(found: Sequence[Offence], parties: Sequence[Party]) -> dict[str, str]:
    """The pointers of defendants who are accused of harm to people, each with that of the first such offence."""
    accused: dict[str, str] = {}
    for party in parties:
        if party.role == "defendant":
            accused.setdefault(party.pointer, "")
    for offence in found:
        if offence.harms:
            # A defendant's offences stand inside the defendant: the nearest pointer above names whom they accuse.
            above = offence.pointer
            while above and above not in accused:
                above = above.rpartition("/")[0]
            if accused.get(above) == "":
                accused[above] = offence.pointer
    return {pointer: at for pointer, at in accused.items() if at}


def concern(taking: JsonTaking, found: Sequence[Offence], within: Objects, base: str) -> ConcernDetail:
    """The offences by title, else code, once each; their categories; hearings, case markers and exploitation."""
    recorder = taking.recorder.within("concern")
    said: dict[str, Native] = {}
    for offence in found:
        native = offence.title if offence.title.text else offence.code
        if native.text:
            said.setdefault(native.text, native)
    categories: dict[Concern, str] = {}
    for offence in found:
        for row in offence.harms:
            categories.setdefault(row.category, offence.pointer)
    if len(categories) > 1:
        categories.pop(Concern.OTHER, None)
    for place, pointer in enumerate(categories.values()):
        taking.mark(f"concern.categories[{place}]", pointer)
    factors: list[str] = []
    for label, parts in _factors(taking, within, base):
        text = natives.join(recorder, f"factors[{len(factors)}]", parts)
        factors.append(label + text)
    return ConcernDetail(
        categories=tuple(categories),
        source_categories=natives.carry_each(recorder, "source_categories", said.values()),
        factors=tuple(factors),
    )


def incident(taking: JsonTaking, found: Sequence[Offence], within: Objects, base: str) -> Incident:
    """When and where the first offence was, and what is said of all of them."""
    recorder = taking.recorder.within("incident")
    committed = next((offence.committed for offence in found if offence.committed.text), ABSENT)
    places = {offence.place.text: offence.place for offence in found if offence.place.text}
    told: dict[str, Native] = {}
    for offence in found:
        for native in (offence.wording, offence.facts):
            if native.text:
                told.setdefault(native.text, native)
    particulars = taking.native(f"{base}/courtApplication/applicationParticulars")
    return Incident(
        occurred_on=natives.partial_date(recorder, "occurred_on", committed),
        place=natives.join(recorder, "place", places.values()),
        narrative=natives.join(recorder, "narrative", (particulars, *told.values()), "\n"),
        reference=natives.carry(recorder, "reference", anywhere(taking, within, base, _REFERENCES)),
        officer=natives.join(recorder, "officer", _officer(taking, within), " "),
    )


def anywhere(taking: JsonTaking, within: Objects, base: str, keys: tuple[str, ...]) -> Native:
    """The first value under one of ``keys``, in the order of keys, at the top or in the parts about the case."""
    tops = [base, *(f"{base}/{key}" for key in _CASE_PARTS)]
    cases = [f"{base}/prosecution/caseDetails", f"{base}/courtApplication/courtApplicationCases/0"]
    cases += [pointer for pointer, _ in within.get("prosecutionCaseIdentifier", ())][:1]
    for key in keys:
        for top in (*tops, *cases):
            native = taking.native(f"{top}/{key}")
            if native.text:
                return native
    return ABSENT


def markers(taking: JsonTaking, within: Objects, base: str) -> list[list[Native]]:
    """The prosecutor's marks of the case, such as for domestic violence, each with its parts."""
    tops = (f"{base}/prosecutionSubmissionDetails", *(at for at, _ in within.get("caseMarkers", ())))
    found = [[each for key in _MARKERS if (each := taking.native(f"{top}/{key}")).text] for top in tops]
    return [parts for parts in found if parts]


_CASE_PARTS = (
    "caseDetails",
    "caseDetails/prosecutor",
    "prosecutionSubmissionDetails",
    "prosecutionCaseSubject",
)
_OFFICERS = ("otherPartyOfficerInCase", "policeOfficerInCase", "officerInTheCase")


def _officer(taking: JsonTaking, within: Objects) -> list[Native]:
    for key in _OFFICERS:
        for pointer, _ in within.get(key, ()):
            parts = ("policeOfficerRank", "name", "personalInformation/title")
            names = ("personalInformation/firstName", "personalInformation/lastName")
            found = [native for part in (*parts, *names) if (native := taking.native(f"{pointer}/{part}")).text]
            if found:
                return found
    return []


def _offence(taking: JsonTaking, pointer: str, node: Mapping[str, Json]) -> Offence:
    at = [pointer, f"{pointer}/{_DETAILS}"] if isinstance(node.get(_DETAILS), dict) else [pointer]

    def one(keys: tuple[str, ...]) -> Native:
        return next((each for top in at for key in keys if (each := taking.native(f"{top}/{key}")).text), ABSENT)

    code, title, wording, facts = one(_CODES), one(_TITLES), one(_WORDINGS), one(_FACTS)
    words = "\n".join(each.text for each in (title, wording, facts, one(_ACTS)))
    return Offence(
        code=code,
        title=title,
        wording=wording,
        facts=facts,
        committed=one(_COMMITTED),
        place=one(_PLACES),
        harms=cpp_rules.harms(code.text, words),
        everyday=cpp_rules.is_everyday(code.text, words),
    )


def _factors(taking: JsonTaking, within: Objects, base: str) -> Iterator[tuple[str, list[Native]]]:
    heard: set[tuple[str, ...]] = set()
    for key in _HEARINGS:
        for pointer, _ in within.get(key, ()):
            parts = [native for part in _HEARING_PARTS if (native := taking.native(f"{pointer}/{part}")).text]
            said = tuple(native.text for native in parts)
            if parts and said not in heard:
                heard.add(said)
                yield "Court hearing: ", parts
    for pointer in (base, *(at for at, _ in within.get("hearingDays", ()))):
        parts = [native for part in ("sittingDay", *_COURT_KEYS) if (native := taking.native(f"{pointer}/{part}")).text]
        if parts:
            yield "Court hearing: ", parts
    for parts in markers(taking, within, base):
        yield "Case marker: ", parts
    exploited = taking.native(f"{base}/{_EXPLOITED}")
    if exploited.text:
        yield "May be a victim of slavery or exploitation: ", [exploited]
