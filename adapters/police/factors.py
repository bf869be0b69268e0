"""What a police notice tells beside its story, as factors: each in the sender's words, with a label of ours before it.

Factors as the sender wrote them come first; then outcomes, research of other indices, earlier incidents, the children
who were there, and the reports that this one is linked to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from adapters import codes, natives
from adapters.natives import Native
from adapters.provenance import Recorder
from adapters.xml_node import Node

_OUTCOMES: Mapping[str, str] = {
    "beHealthy": "be healthy",
    "staySafe": "stay safe",
    "enjoyAndAchieve": "enjoy and achieve",
    "makeAPositiveContribution": "make a positive contribution",
    "achieveEconomicWellbeing": "achieve economic wellbeing",
}
"""The five outcomes of Every Child Matters, which a pre-assessment checklist goes through."""

_INCIDENT = ("date", "reference", "summary", "grade", "outcome")


def of(root: Node, recorder: Recorder) -> tuple[str, ...]:
    """The factors of a notice, in the order of this module's first lines."""
    made: list[str] = []
    for label, parts in _plain(root):
        field = f"factors[{len(made)}]"
        if text := natives.join(recorder, field, parts):
            made.append(f"{label}{text}")
    for node in root.all("preAssessment/outcome"):
        made.append(_outcome(node, recorder, f"factors[{len(made)}]"))
    for node in root.all("preAssessment/indexChecked"):
        made.append(_index(node, recorder, f"factors[{len(made)}]"))
    for label, parts in _beside(root):
        field = f"factors[{len(made)}]"
        if text := natives.join(recorder, field, parts):
            made.append(f"{label}{text}")
    return tuple(made)


def _plain(root: Node) -> Iterator[tuple[str, list[Native]]]:
    for each in root.each("concern/factor"):
        yield "", [each]
    for each in root.each("preAssessment/cameToNotice"):
        yield "Came to notice: ", [each]
    for each in root.each("concern/outcomeNotMet"):
        yield "Outcome not met: ", [each]
    for each in root.each("assessment/research"):
        yield "Research: ", [each]


def _beside(root: Node) -> Iterator[tuple[str, list[Native]]]:
    for node in root.all("previousIncidents/previousIncident"):
        yield "Previous incident: ", [node.value(name) for name in _INCIDENT]
    for node in root.all("incident/childrenPresent"):
        yield "Children present: ", [node.attribute("count")]
    if root.attribute("purpose").text in {"", "notice"}:  # what only updates details has no concern to hang it on
        for node in root.all("report/linkedReport"):
            yield "Linked report: ", [node.native, node.attribute("kind")] if node.text else []


def _outcome(node: Node, recorder: Recorder, field: str) -> str:
    """One of the five outcomes. Anything but a clear yes means that it is not met."""
    name, met = node.attribute("name"), node.attribute("met")
    recorder.translate(field, name.pointer, name.text)
    if met.text:
        recorder.translate(field, met.pointer, met.text)
        if codes.answer(met.text) is None:
            recorder.flag("code.unread", field)
    text = natives.carry(recorder, field, node.native)
    label = f"Outcome {'met' if codes.answer(met.text) else 'not met'}: {_OUTCOMES[name.text]}"
    return f"{label}: {text}" if text else label


def _index(node: Node, recorder: Recorder, field: str) -> str:
    """A search of another index: its name, when it was made, whether there was a trace, and what was found."""
    parts = [natives.carry(recorder, field, node.attribute("index"))]
    if on := natives.carry(recorder, field, node.attribute("on")):
        parts.append(on)
    trace = node.attribute("trace")
    if trace.text:
        recorder.translate(field, trace.pointer, trace.text)
        said = codes.answer(trace.text)
        if said is None:
            recorder.flag("code.unread", field)
            parts.append(trace.text)
        else:
            parts.append("trace" if said else "no trace")
    if text := natives.carry(recorder, field, node.native):
        parts.append(text)
    return f"Research: {', '.join(parts)}"
