"""Plans of Child Protection - Information Sharing as a child's legal status: which one, since when, until when."""

from __future__ import annotations

from adapters.dates import partial_date
from adapters.nhs import fhir_codes as codes
from adapters.nhs.fhir_people import Around
from adapters.nhs.fhir_signals import Signal
from adapters.nhs.fhir_tree import Element
from adapters.provenance import Recorder

_FIELD = "legal_status"


def statuses(
    recorder: Recorder,
    signals: list[Signal],
    around: Around,
    patient: Element | None,
    *,
    alone: bool,
    unborn: bool,
) -> str:
    """What the plans say of the patient, such as ``child protection plan from 2026-01-05``; empty where none does.

    A plan without a readable subject is the patient's where there is no other (``alone``). ``unborn`` asks for the
    plans of the unborn child alone, else for the others.
    """
    mine = []
    for signal in signals:
        if signal.plan is None or signal.plan.unborn is not unborn:
            continue
        reference = signal.resource.first("subject", "patient")
        subject = around.references.resolve(reference, signal.resource)
        if subject is patient if subject is not None else alone:
            mine.append(signal)
    named = [signal for signal in mine if signal.plan is not codes.PLANS[-1]]
    told: list[str] = []
    for signal in named or mine:
        said = _told(recorder, signal)
        if said not in told:
            told.append(said)
    return "; ".join(told)


def _told(recorder: Recorder, signal: Signal) -> str:
    recorder.take(_FIELD, signal.leaf.pointer)
    parts = [signal.plan.words if signal.plan is not None else ""]
    for path, word in (("period.start", "from"), ("period.end", "until")):
        leaf = signal.resource.leaf(path)
        on = partial_date(leaf.text) if leaf is not None else None
        if leaf is not None and on is not None:
            recorder.take(_FIELD, leaf.pointer)
            parts.append(f"{word} {on}")
    if signal.over:
        status = signal.resource.leaf("status")
        if status is not None:
            recorder.take(_FIELD, status.pointer)
        parts.append("(ended)")
    return " ".join(parts)
