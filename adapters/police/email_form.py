"""What a form in an e-mail tells, as canonical fields; what no label claims is left to the caller."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from adapters import codes, dates, natives
from adapters.natives import Native
from adapters.police.email_labels import Form
from adapters.provenance import Recorder
from schemas.notification import ConcernDetail, Consent, Handling, Incident, Order
from schemas.vocabulary import Concern, Marking

_LEVELS = {"1": 1, "2": 2, "3": 3, "4": 4}
_WARNINGS = ("restricted", "hidden_location", "source_protection")


def incident(form: Form, recorder: Recorder, sent: Native) -> Incident:
    """What happened; an e-mail that is no form tells it in its lines. ``sent`` is its ``Date``."""
    occurred, reported = form.first("occurred"), form.first("reported")
    at = dates.moment(occurred.text) if occurred.text else None
    story = form.rows.get("narrative") or ([] if form.filled else form.lines)
    return Incident(
        occurred_at=natives.moment(recorder, "occurred_at", occurred) if at is not None else None,
        occurred_on=natives.partial_date(recorder, "occurred_on", occurred) if at is None else None,
        reported_at=natives.moment(recorder, "reported_at", reported)
        if reported.text
        else natives.read(recorder, "reported_at", sent, _sent, unread="date.unread"),
        place=natives.join(recorder, "place", form.rows.get("place", ())),
        narrative=natives.join(recorder, "narrative", story, "\n"),
        injuries=natives.join(recorder, "injuries", form.rows.get("injuries", ()), "\n"),
        children_present=natives.answer(recorder, "children_present", form.first("children_present")),
        reference=natives.carry(recorder, "reference", form.first("reference")),
        officer=natives.join(recorder, "officer", [form.first("role"), form.first("officer")], " "),
        supervisor=natives.carry(recorder, "supervisor", form.first("supervisor")),
    )


def _sent(text: str) -> datetime | None:
    """When an e-mail says that it was sent (RFC 5322, 3.3); without a zone, as -0000 says, in UTC."""
    try:
        at = parsedate_to_datetime(text[:100])
        return at.replace(tzinfo=at.tzinfo or UTC).astimezone(UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def concern(form: Form, recorder: Recorder, subject: Native, feed_map: object) -> ConcernDetail:
    """What worries the sender. The mail's subject is a factor, since it often says what the form does not."""
    said: list[str] = []
    categories: list[Concern] = []
    for native in form.rows.get("category", ()):
        parts = codes.several(native.text)
        if len(parts) > 1:
            recorder.leave(native.pointer, native.text)
        for part in parts:
            recorder.take(f"source_categories[{len(said)}]", native.pointer)
            said.append(part)
            category = codes.concern(part, feed_map)
            if category is None:
                recorder.flag("category.unknown", "source_categories")
            if (category or Concern.OTHER) not in categories:
                recorder.take(f"categories[{len(categories)}]", native.pointer)
                categories.append(category or Concern.OTHER)
    return ConcernDetail(
        categories=tuple(categories),
        source_categories=tuple(said),
        level_of_need=natives.read(recorder, "level_of_need", form.first("level"), _LEVELS.get),
        source_grade=natives.carry(recorder, "source_grade", form.first("grade")),
        factors=_factors(form, recorder, subject),
        childs_view=natives.join(recorder, "childs_view", form.rows.get("childs_view", ()), "\n"),
        parents_view=natives.join(recorder, "parents_view", form.rows.get("parents_view", ()), "\n"),
    )


def _factors(form: Form, recorder: Recorder, subject: Native) -> tuple[str, ...]:
    rows = [("", native) for native in form.all("factor")]
    rows += [("Outcome not met: ", native) for native in form.all("not_met")]
    rows += [("Research: ", native) for native in form.all("research")]
    rows += [("Previous incident: ", native) for native in form.all("previous")]
    rows += [("Linked report: ", native) for native in form.all("linked")]
    rows += [("Subject: ", subject)]
    made = [(label, native) for label, native in rows if native.text]
    return tuple(f"{label}{natives.carry(recorder, f'factors[{n}]', native)}" for n, (label, native) in enumerate(made))


def consent(form: Form, recorder: Recorder) -> Consent | None:
    """Whether the family knows and agrees."""
    if not form.all("informed", "given", "why_not", "ground"):
        return None
    return Consent(
        informed=natives.answer(recorder, "informed", form.first("informed")),
        given=natives.answer(recorder, "given", form.first("given")),
        why_not=natives.carry(recorder, "why_not", form.first("why_not")),
        legal_ground=natives.read(recorder, "legal_ground", form.first("ground"), codes.legal_ground),
    )


def orders(form: Form, recorder: Recorder) -> tuple[Order, ...]:
    """Orders in force, in the sender's words."""
    told = [native for native in form.all("order") if native.text and not codes.says_no(native.text)]
    return tuple(Order(kind=natives.carry(recorder, f"orders[{n}].kind", native)) for n, native in enumerate(told))


def handling(form: Form, recorder: Recorder, sensitivity: Native) -> Handling:
    """How it must be handled. A mail whose ``Sensitivity`` (RFC 2156) is anything but normal is restricted."""
    marked = restricts(sensitivity)
    if marked:
        recorder.translate("restricted", sensitivity.pointer, sensitivity.text)
    return Handling(
        marking=natives.read(recorder, "marking", form.first("marking"), codes.marking) or Marking.OFFICIAL_SENSITIVE,
        restricted=_warned(recorder, "restricted", form) or marked,
        hidden_location=_warned(recorder, "hidden_location", form),
        source_protection=_warned(recorder, "source_protection", form),
        caveat=natives.join(recorder, "caveat", form.rows.get("caveat", ()), "\n"),
    )


def restricts(sensitivity: Native) -> bool:
    """Whether a ``Sensitivity`` header (RFC 2156) says anything but normal."""
    return bool(sensitivity.text) and sensitivity.text.lower() != "normal"


def warned_beside(
    handling: Handling, forms: Iterable[Form], sensitivities: Iterable[Native], recorder: Recorder
) -> Handling:
    """``handling`` with what is said beside the form or notice that was read: whoever protects says it anywhere.

    ``recorder`` takes where it was said; the words themselves are listed by the caller, as all that stands beside.
    """
    for sensitivity in filter(restricts, sensitivities):
        recorder.take("restricted", sensitivity.pointer)
        handling = handling.model_copy(update={"restricted": True})
    for form in forms:
        said: dict[str, bool | str] = {name: True for name in _WARNINGS if _warned(recorder, name, form)}
        caveat = natives.join(recorder, "caveat", form.rows.get("caveat", ()), "\n")
        if caveat and caveat not in handling.caveat:
            said["caveat"] = "\n".join(text for text in (handling.caveat, caveat) if text)
        handling = handling.model_copy(update=said)
    return handling


def _warned(recorder: Recorder, name: str, form: Form) -> bool:
    """Whether any row of this meaning warns: a later no takes nothing back."""
    said = [natives.caution(recorder, name, native) for native in form.rows.get(name, ())]  # each is accounted for
    return any(said)
