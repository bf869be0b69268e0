"""The questions of an OASys assessment and where their answers go, in each of the shapes in which systems send them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from adapters.json_taking import JsonTaking
from adapters.natives import Native
from adapters.probation import oasys_rules
from adapters.strict_json import Json, token

CONFERENCE = "childProtectionConferences"
IDENTIFIABLE = "riskToIdentifiableChildren"

NARRATIVE: Sequence[tuple[str, str]] = (
    ("currentOffenceDetails", "Current offence: "),
    ("currentWhereAndWhen", "Where and when: "),
    ("currentHowDone", "How: "),
    ("currentWhoVictims", "Victims: "),
    ("currentAnyoneElsePresent", "Anyone else present: "),
    ("currentWhyDone", "Why: "),
    ("currentSources", "Sources: "),
    ("previousWhatDone", "Previously, what: "),
    ("previousWhereAndWhen", "Previously, where and when: "),
    ("previousHowDone", "Previously, how: "),
    ("previousWhoVictims", "Previously, victims: "),
    ("previousAnyoneElsePresent", "Previously, anyone else present: "),
    ("previousWhyDone", "Previously, why: "),
    ("previousSources", "Previously, sources: "),
    ("situationGiveDetails", "Situation with risk to children: "),
    ("situationWithRiskToIdentifiableChildren", "Situation with risk to identifiable children: "),
    ("childProtectionConferencesDetails", "Child protection conferences: "),
    ("riskOfSeriousHarm", "Risk of serious harm: "),
    ("natureOfRisk", "Nature of the risk: "),
    ("riskGreatest", "When the risk is greatest: "),
    ("riskImminence", "When the risk is greatest: "),
    ("factorsAnalysisOfRisk", "Analysis: "),
    ("analysisOfRiskFactors", "Analysis: "),
    ("additionalInformation", "Additional information: "),
    ("keyInformationCurrentSituation", "Current situation: "),
    ("furtherConsiderationsCurrentSituation", "Further considerations: "),
    ("supervision", "Supervision: "),
    ("monitoringAndControl", "Monitoring and control: "),
    ("interventionsAndTreatment", "Interventions and treatment: "),
    ("victimSafetyPlanning", "Victim safety planning: "),
    ("contingencyPlans", "Contingency plans: "),
)
"""What was written, in the order in which it is told, each with its label."""

FACTORS: Sequence[tuple[str, str]] = (
    (CONFERENCE, "Child protection conference: "),
    (IDENTIFIABLE, "Risk to identifiable children: "),
    ("localAuthorityKeyWorker", "Local authority key worker: "),
    ("otherAgencies", "Other agencies: "),
    ("dateChildProtectionIssuesKnownToAssessor", "Child protection issues known since: "),
    ("dateChildSafeguardingIssuesKnownToAssessor", "Child safeguarding issues known since: "),
    ("whoAtRisk", "At risk: "),
    ("whoIsAtRisk", "At risk: "),
    ("factorsLikelyToIncreaseRisk", "Increases the risk: "),
    ("factorsSituationsLikelyToOffend", "Increases the risk: "),
    ("riskIncreaseFactors", "Increases the risk: "),
    ("factorsLikelyToReduceRisk", "Reduces the risk: "),
    ("factorsStrengthsAndProtective", "Reduces the risk: "),
    ("riskMitigationFactors", "Reduces the risk: "),
)
"""What becomes a factor of the concern where the answer is more than a bare no."""

NOTES: Sequence[tuple[str, str]] = (
    ("concernsRiskOfSuicide", "risk of suicide: "),
    ("concernsRiskOfSelfHarm", "risk of self-harm: "),
    ("concernsCopingInCustody", "coping in custody: "),
    ("concernsVulnerability", "vulnerability: "),
    ("currentConcernsRiskOfSuicide", "risk of suicide now: "),
    ("currentConcernsRiskOfSelfHarm", "risk of self-harm now: "),
    ("currentConcernsSelfHarmSuicide", "suicide or self-harm now: "),
    ("pastSuicideConcerns", "risk of suicide before: "),
    ("pastSelfHarmConcerns", "risk of self-harm before: "),
    ("previousConcernsSelfHarmSuicide", "suicide or self-harm before: "),
    ("currentConcernsVulnerability", "vulnerability now: "),
    ("currentVulnerability", "vulnerability now: "),
    ("previousConcernsVulnerability", "vulnerability before: "),
    ("previousVulnerability", "vulnerability before: "),
)
"""Risks to the person assessed, which become notes of that person where the answer is more than a bare no."""

_LEVELS: Mapping[str, tuple[str, bool]] = {
    "riskChildrenCommunity": ("children in the community", True),
    "riskChildrenCustody": ("children in custody", True),
    "riskKnownAdultCommunity": ("a known adult in the community", False),
    "riskKnownAdultCustody": ("a known adult in custody", False),
    "riskPublicCommunity": ("the public in the community", False),
    "riskPublicCustody": ("the public in custody", False),
    "riskStaffCommunity": ("staff in the community", False),
    "riskStaffCustody": ("staff in custody", False),
    "riskPrisonersCustody": ("prisoners in custody", False),
    "overallRiskLevel": ("overall", False),
    "overallRisk": ("overall", False),
}
_SETTINGS = {"riskInCommunity": "in the community", "riskInCustody": "in custody"}
_GRADES = frozenset({"LOW", "MEDIUM", "HIGH", "VERY_HIGH"})
_SCORES: Sequence[tuple[str, str, str]] = (
    ("OGRS", "ogrs3RiskRecon", "reconviction"),
    ("OGP", "ogpRisk", "general reoffending"),
    ("OVP", "ovpRisk", "violent reoffending"),
    ("RSR", "scoreLevel", "serious reoffending"),
    ("OSP", "ospContactScoreLevel", "sexual reoffending by contact"),
    ("OSP", "ospImageScoreLevel", "sexual reoffending by images"),
)


@dataclass(frozen=True, kw_only=True)
class Risk:
    """One level of risk: to whom, the words that tell it, where it stands; ``level`` in one spelling."""

    words: str
    level: str
    native: Native
    children: bool = False
    score: bool = False


def risks(taking: JsonTaking, pointer: str, body: Mapping[str, Json]) -> Iterator[Risk]:
    """Every level that ``body`` states: in its own field, by setting and group, by setting and level, as a score."""
    for key, (whom, children) in _LEVELS.items():
        if key in body and (native := taking.native(f"{pointer}/{key}")).text:
            grade = oasys_rules.level(native.text)
            yield Risk(words=f"{whom}: {native.text}", level=grade, native=native, children=children)
    for key, setting in _SETTINGS.items():
        stated = body.get(key)
        for name, value in stated.items() if isinstance(stated, dict) else ():
            yield from _by_setting(taking, f"{pointer}/{key}/{token(name)}", name, value, setting)
    for group, key, what in _SCORES:
        native = taking.native(f"{pointer}/{group}/{key}")
        if native.text:
            words = f"{what}: {native.text}"
            yield Risk(words=words, level=oasys_rules.level(native.text), native=native, score=True)


def _by_setting(taking: JsonTaking, pointer: str, name: str, value: Json, setting: str) -> Iterator[Risk]:
    grade = oasys_rules.level(name)
    if grade in _GRADES and isinstance(value, list):
        for index in range(len(value)):
            native = taking.native(f"{pointer}/{index}")
            if native.text:
                words = f"{native.text} {setting}: {name}"
                yield Risk(words=words, level=grade, native=native, children=_names_children(native.text))
        return
    native = taking.native(pointer)
    if native.text:
        words = f"{name} {setting}: {native.text}"
        grade = oasys_rules.level(native.text)
        yield Risk(words=words, level=grade, native=native, children=_names_children(name))


def _names_children(text: str) -> bool:
    return text.strip().lower() in ("children", "child")


def answers(
    taking: JsonTaking, bodies: Sequence[tuple[str, Mapping[str, Json]]], rows: Sequence[tuple[str, str]]
) -> Iterator[tuple[str, Native]]:
    """Each answer to ``rows`` that is more than a bare no, with its label, in the order of the rows."""
    for pointer, body in bodies:
        for key, label in rows:
            if key in body and oasys_rules.raised((native := taking.native(f"{pointer}/{key}")).text):
                yield label, native


def self_risks(taking: JsonTaking, pointer: str, body: Mapping[str, Json]) -> Iterator[tuple[str, Native]]:
    """The answers under ``riskToSelf``: what and when, with the answer or what was written to it."""
    stated = body.get("riskToSelf")
    for area in stated if isinstance(stated, dict) else ():
        for key, when in (("risk", ""), ("current", " now"), ("previous", " before")):
            native = taking.native(f"{pointer}/riskToSelf/{token(area)}/{key}")
            if not oasys_rules.raised(native.text):
                continue
            yield f"risk to self, {area}{when}: ", native
            written = taking.native(f"{pointer}/riskToSelf/{token(area)}/{key}ConcernsText")
            if written.text:
                yield f"risk to self, {area}{when}: ", written
