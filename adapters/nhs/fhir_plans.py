"""Plans of Child Protection - Information Sharing as a child's legal status: which one, since when, until when."""

from __future__ import annotations

from adapters.dates import partial_date
from adapters.nhs import fhir_codes as codes
from adapters.nhs.fhir_message import References
from adapters.nhs.fhir_signals import Signal
from adapters.nhs.fhir_subjects import key_of
from adapters.provenance import Recorder

_FIELD = "legal_status"
_GENERAL = codes.PLANS[-1]
"""That there is some plan, which says nothing where another says which."""


class Plans:
    """The plans of a case by whom they are about. One without a subject is about the only patient that there is."""

    def __init__(self, signals: list[Signal], references: References, *, alone: bool) -> None:
        self._by_subject: dict[str, list[Signal]] = {}
        self._alone = alone
        for signal in signals:
            if signal.plan is not None:
                subject = signal.resource.first("subject", "patient")
                key = key_of(subject, signal.resource, references) if subject is not None else ""
                self._by_subject.setdefault(key, []).append(signal)

    def status(self, recorder: Recorder, key: str, *, unborn: bool) -> str:
        """What the plans say of a person, such as ``child protection plan from 2026-01-05``; empty where none does.

        ``unborn`` asks for the plans of the child that the person expects, else for the person's own.
        """
        mine = [*self._by_subject.get(key, ())] if key else []
        if self._alone and not mine:
            mine = [signal for signals in self._by_subject.values() for signal in signals]
        mine = [signal for signal in mine if signal.plan is not None and signal.plan.unborn is unborn]
        named = [signal for signal in mine if signal.plan is not _GENERAL]
        return "; ".join(dict.fromkeys(_told(recorder, signal) for signal in named or mine))


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
