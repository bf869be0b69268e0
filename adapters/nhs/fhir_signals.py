"""What in a FHIR case speaks of safeguarding: codes, flags, plans, words, labels of secrecy. Nothing is taken here.

Source: BaRS (Flag of category SG); Child Protection - Information Sharing (Flag, CarePlan, CareTeam); FHIR R4 security
labels.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date

from adapters.dates import full_date
from adapters.nhs import fhir_codes as codes
from adapters.nhs.fhir_people import restricted_by
from adapters.nhs.fhir_tree import Element
from adapters.nhs.hl7_codes import spoken
from schemas.vocabulary import Concern

_WORDS = ("text", "coding.display", "display")
_NARRATIVES = frozenset(
    {"comment", "conclusion", "contentString", "description", "div", "patientInstruction", "text", "valueString"}
)
_NOT_NARRATIVE = frozenset({"address", "coding", "extension", "meta", "name"})


@dataclass(frozen=True, kw_only=True)
class Signal:
    """Something that speaks of safeguarding: the value that does, its concept, and the resource that it stands in.

    ``plan`` is set where it is a plan of Child Protection - Information Sharing; ``over`` where it holds no longer.
    """

    leaf: Element
    concept: Element
    resource: Element
    categories: tuple[Concern, ...] = ()
    plan: codes.Plan | None = None
    over: bool = False


@dataclass(frozen=True, kw_only=True)
class Label:
    """A label of secrecy; ``personal`` where it stands on a person, a place or the whole message."""

    leaf: Element
    personal: bool


def signals(resources: list[Element], day: date | None, options: Mapping[str, object]) -> list[Signal]:
    """Every signal of the resources, in their order; at most one for each concept."""
    found: list[Signal] = []
    for resource in resources:
        said = list(_said_by(resource, options))
        if said and is_over(resource, day):
            said = [replace(signal, over=True) for signal in said]
        found += said
    return found


def _said_by(resource: Element, options: Mapping[str, object]) -> Iterator[Signal]:
    denied = found = False
    for concept in concepts(resource):
        given = codes_of(concept)
        if any(code.text.strip() in codes.NEGATIVE for code in given):
            denied = True
            continue
        signal = _coded(resource, concept, given, options) or _planned(resource, concept, given)
        if signal is None and not (resource.resource == "Flag" and concept.name == "category"):
            signal = _worded(resource, concept)
        if signal is not None:
            found = True
            yield signal
    if found or denied:
        return
    for path in ("title", "name", "description") if resource.resource in ("CarePlan", "CareTeam") else ():
        leaf = resource.leaf(path)
        plan = _plan_in(leaf.text) if leaf is not None else None
        if leaf is not None and plan is not None:
            yield Signal(leaf=leaf, concept=leaf, resource=resource, plan=plan)
            return
    # A flag about safeguarding is one, whatever its code is.
    if resource.resource == "Flag":
        for category in resource.all("category"):
            about = any(code.text.strip() == codes.SAFEGUARDING_CATEGORY for code in codes_of(category))
            if about or any(spoken(leaf.text) for path in _WORDS for leaf in category.all(path)):
                concept = resource.first("code") or category
                leaf = concept.leaf(*_WORDS, "coding.code") or category.leaf(*_WORDS, "coding.code")
                if leaf is not None:
                    yield Signal(leaf=leaf, concept=concept, resource=resource)
                return


def is_over(resource: Element, day: date | None) -> bool:
    """Whether the resource says no longer what it says: by its status, or because its period ended before ``day``."""
    status = "verificationStatus.coding.code" if resource.resource == "Condition" else "status"
    if resource.said(status) in codes.OVER.get(resource.resource, ()):
        return True
    end = full_date(resource.said("period.end")) if resource.resource in codes.PLAN_TYPES else None
    return end is not None and day is not None and end < day


def concepts(resource: Element) -> Iterator[Element]:
    """Every CodeableConcept in the resource, and every Coding that stands by itself."""
    waiting = [resource]
    while waiting:
        element = waiting.pop()
        bare = element.first("code") is not None and element.first("system", "display") is not None
        if element is not resource and (bare or element.first("coding") is not None):
            yield element
            continue
        waiting.extend(reversed([each for each in element.inside if not each.resource and each.name != "meta"]))


def codes_of(concept: Element) -> list[Element]:
    """The codes of a concept that have text."""
    return [code for path in ("coding.code", "code") for code in concept.all(path) if code.text.strip()]


def _coded(resource: Element, concept: Element, given: list[Element], options: Mapping[str, object]) -> Signal | None:
    for leaf in given:
        categories = codes.categories_of(leaf.text.strip(), options)
        if categories is not None:
            return Signal(leaf=leaf, concept=concept, resource=resource, categories=categories)
    return None


def _planned(resource: Element, concept: Element, given: list[Element]) -> Signal | None:
    for leaf in given:
        plan = next((plan for plan in codes.PLANS if leaf.text.strip() in plan.codes), None)
        if plan is not None:
            return Signal(leaf=leaf, concept=concept, resource=resource, plan=plan)
    if resource.resource in codes.PLAN_TYPES:
        for leaf in (leaf for path in _WORDS for leaf in concept.all(path)):
            plan = _plan_in(leaf.text)
            if plan is not None:
                return Signal(leaf=leaf, concept=concept, resource=resource, plan=plan)
    return None


def _plan_in(text: str) -> codes.Plan | None:
    return next((plan for plan in codes.PLANS if plan.pattern.search(text[:500])), None)


def _worded(resource: Element, concept: Element) -> Signal | None:
    for leaf in (leaf for path in _WORDS for leaf in concept.all(path)):
        rows = spoken(leaf.text)
        if rows:
            categories = tuple(dict.fromkeys(each for row in rows for each in row.categories))
            return Signal(leaf=leaf, concept=concept, resource=resource, categories=categories)
    return None


def narratives(resource: Element) -> Iterator[Element]:
    """Every piece of free text in the resource, and not the words of its codes."""
    waiting = [resource]
    while waiting:
        element = waiting.pop()
        coded = element.first("coding") is not None
        if element.name in _NARRATIVES and element.text.strip():
            yield element
        waiting.extend(
            reversed(
                [
                    each
                    for each in element.inside
                    if not (each.resource or each.name in _NOT_NARRATIVE or (coded and each.name == "text"))
                ]
            )
        )


def labels(resources: list[Element]) -> list[Label]:
    """Every label that restricts: ``meta.security`` but the open ones, and extensions that say so."""
    found: list[Label] = []
    for resource in resources:
        personal = resource.resource in codes.PERSONAL
        for each in resource.all("meta.security"):
            leaf = each.leaf("code", "display")
            if leaf is not None and leaf.text.strip().upper() not in codes.OPEN_LABELS:
                found.append(Label(leaf=leaf, personal=personal))
        for place in (resource, *resource.all("address"), *resource.all("telecom")):
            leaf = restricted_by(place)
            if leaf is not None:
                found.append(Label(leaf=leaf, personal=personal))
    return found
