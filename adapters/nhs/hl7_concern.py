"""What an HL7 v2 message is about: what worries the sender, what happened, how to handle it.

Source: HL7 v2.8 chapters 3.4 (PD1, PV2, ARV), 4.5 (OBR), 6.5 (DG1), 7.4 (OBX), 10.6 (SCH), 11.6 (RF1,
PRD), 12.4 (PRB); the ITK Z segment ZU8 as docs/formats/nhs-hl7v2.md reads it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from adapters.dates import moment
from adapters.nhs import hl7_codes as codes
from adapters.nhs.hl7_message import Leaf, Message, Segment
from adapters.nhs.hl7_people import contacts
from adapters.nhs.hl7_taking import Said, Taking
from schemas.vocabulary import Concern

_NO = ("N", "NO", "0", "FALSE")
_YES = ("Y", "YES", "1", "TRUE")
_LIFTED = ("D",)
"""ARV-2 of a restriction that is taken away (HL7 table 0206)."""
_TEXT = ("", "TX", "FT", "ST", "CE", "CWE", "CNE", "CF", "NM", "SN", "DT", "TM", "TS", "DTM", "IS", "ID")
_CODED = ("CE", "CWE", "CNE", "CF")
_NARRATED = ("", "TX", "FT", "ST", *_CODED)
TELLTALE = ("OBX", "DG1", "RF1", "NTE", "ZU8", "ARV", "PRB", "PV2", "SCH", "OBR")
"""Segments that can make a message a concern."""
_HANDLED = ("ZU8", "ARV", "PD1")
_TELLING = ("NTE", "OBX")
_REASONED = ("RF1", "DG1")
_NARRATIVE = "incident.narrative"
_CODE_FIELDS: Mapping[str, tuple[int, ...]] = {
    "OBX": (3, 5),
    "DG1": (3,),
    "RF1": (10,),
    "PRB": (3,),
    "PV2": (3,),
    "SCH": (6, 7),
    "OBR": (31,),
}
_LABEL_FIELDS: Mapping[str, tuple[tuple[int, int], ...]] = {
    "OBX": ((3, 2),),
    "DG1": ((3, 2), (4, 1)),
    "RF1": ((10, 2),),
    "PRB": ((3, 2),),
    "PV2": ((3, 1), (3, 2)),
    "SCH": ((6, 2), (7, 1), (7, 2)),
    # Not what was ordered: a screen for drugs of abuse is no concern by itself.
    "OBR": ((13, 1), (31, 1), (31, 2)),
}


def hidden(message: Message) -> Leaf | None:
    """What says that a location must not be told: ZU8-4, where anything but a no counts, or an ARV about it."""
    for segment in message.all("ZU8"):
        told = segment.leaf(4)
        if told is not None and told["value"].strip().upper() not in _NO:
            return told
    return next((segment.leaf(3) for segment in message.all("ARV") if _restricts(segment, "LOC")), None)


def handling(taking: Taking, message: Message, hiding: Leaf | None) -> Said:
    """How it must be handled, from ZU8-4, ARV and PD1-12."""
    if message.lacks(_HANDLED):
        return {}
    _reword(taking, "handling.hidden_location", hiding)
    restricted, caveats = False, []
    for segment in message.all("ARV"):
        if segment.text(3).upper() != "LOC" and segment.text(2).upper() not in _LIFTED:
            restricted = True
            _reword(taking, "handling.restricted", segment.leaf(3))
        caveats.append(taking.carry("handling.caveat", segment.leaf(5)))
    for segment in message.all("PD1"):
        if segment.text(12).upper() in _YES:
            restricted = True
            _reword(taking, "handling.restricted", segment.leaf(12))
    caveat = "\n".join(each for each in caveats if each)
    return {"restricted": restricted, "hidden_location": hiding is not None, "caveat": caveat}


def consent(taking: Taking, message: Message) -> Said | None:
    """What ZU8-2 (agreed) and ZU8-3 (informed, else why not) say; None where they are absent."""
    segment = message.first("ZU8")
    if segment is None or not (segment.text(2) or segment.text(3)):
        return None
    given, informed = _yes_or_no(segment.text(2)), _yes_or_no(segment.text(3))
    if given is not None:
        _reword(taking, "consent.given", segment.leaf(2))
    if informed is not None:
        _reword(taking, "consent.informed", segment.leaf(3))
        return {"given": given, "informed": informed}
    return {"given": given, "why_not": taking.carry("consent.why_not", segment.leaf(3))}


def referrer(taking: Taking, message: Message) -> Said | None:
    """The referring provider of PRD; else the sending facility of MSH-4."""
    for segment in message.all("PRD"):
        if segment.text(1).upper() != "RP":
            continue
        name = [segment.leaf(2, component) for component in (5, 2, 3, 1)]
        agency = segment.leaf(10) or segment.leaf(4, 9) or segment.leaf(4) or message.header.leaf(4)
        return {
            "agency": taking.carry("referrer.agency", agency),
            "role": taking.carry("referrer.role", segment.leaf(1, 2) or segment.leaf(1)),
            "name": " ".join(taking.carry_all("referrer.name", name)),
            "contacts": tuple(contacts(taking, segment, (5,), at="referrer.contacts")),
        }
    facility = message.header.leaf(4)
    return {"agency": taking.carry("referrer.agency", facility)} if facility is not None else None


def concern(taking: Taking, message: Message, options: Mapping[str, object]) -> Said:
    """Categories by code and by the words of codes; the sender's own, word for word; the referral's priority."""
    found: list[Concern] = []
    for leaf in codes_in(message):
        given = categories_of(leaf, options)
        if given:
            found += _take_categories(taking, leaf, given, found)
    labels = [(leaf, codes.spoken(leaf["value"])) for leaf in labels_in(message)]
    for leaf, spoken in labels:
        if spoken:
            found += _take_categories(taking, leaf, [each for row in spoken for each in row.categories], found)
    source: dict[str, int] = {}
    # A label of anything else is a category of the sender's own where it names a concern.
    worrying = (leaf for leaf, spoken in labels if spoken and not leaf["pointer"].startswith(_REASONED))
    for leaf in (*_reasons(message), *worrying):
        words = leaf["value"].strip()
        place = source.setdefault(words, len(source))
        taking.carry(f"concern.source_categories[{place}]", leaf)
    referral = message.first("RF1")
    priority = (referral.leaf(2, 2) or referral.leaf(2)) if referral is not None else None
    return {
        "categories": tuple(found),
        "source_categories": tuple(source),
        "source_grade": taking.carry("concern.source_grade", priority),
    }


def _take_categories(taking: Taking, leaf: Leaf, given: Iterable[Concern], found: list[Concern]) -> list[Concern]:
    """Those of ``given`` that are new, each taken from ``leaf``."""
    new = [category for category in dict.fromkeys(given) if category not in found]
    for index in range(len(found), len(found) + len(new)):
        taking.reword(f"concern.categories[{index}]", leaf)
    return new


def incident(taking: Taking, message: Message) -> Said:
    """The narrative of NTE and OBX, each observation with its label; the referral's own number and time."""
    lines: list[str] = []
    for segment in message.any_of(_TELLING):
        if segment.name == "NTE":
            lines += taking.carry_all(_NARRATIVE, _values(segment, 3))
        elif not _due(segment):
            lines += _observation(taking, segment)
    referral = message.first("RF1")
    number = referral.leaf(6) if referral is not None else None
    reported = referral.leaf(7) if referral is not None else None
    reported_at = moment(reported["value"]) if reported is not None else None
    if reported_at is not None:
        _reword(taking, "incident.reported_at", reported)
    reference = taking.carry("incident.reference", number)
    return {"narrative": "\n".join(lines), "reference": reference, "reported_at": reported_at}


def _observation(taking: Taking, segment: Segment) -> list[str]:
    """``label: value unit``, one line for each repetition of OBX-5; nothing for what is no text."""
    kind = segment.text(2).upper()
    if kind not in _TEXT:
        return []
    label = segment.leaf(3, 2) or segment.leaf(3)
    unit = segment.leaf(6, 2) or segment.leaf(6)
    lines = []
    for repetition, leaves in segment.within(5).items():
        if kind in _CODED:
            told = [segment.leaf(5, 2, repetition) or segment.leaf(5, 1, repetition)]
            parts = taking.carry_all(_NARRATIVE, told)
        else:
            parts = taking.carry_all(_NARRATIVE, leaves)
        if parts:
            start = f"{taking.carry(_NARRATIVE, label)}: " if label is not None else ""
            lines.append(" ".join((start + " ".join(parts), *taking.carry_all(_NARRATIVE, (unit,)))))
    return lines


def _values(segment: Segment, field: int) -> list[Leaf]:
    """Every value of the field."""
    return [leaf for leaves in segment.within(field).values() for leaf in leaves]


def codes_in(message: Message) -> Iterator[Leaf]:
    """Every code that says what the message is about: OBX-3, OBX-5, DG1-3, RF1-10, with their alternates."""
    for segment in message.any_of(_CODE_FIELDS):
        for field in _CODE_FIELDS[segment.name]:
            for repetition in segment.repetitions(field):
                for component in (1, 4):
                    leaf = segment.leaf(field, component, repetition)
                    if leaf is not None:
                        yield leaf


def labels_in(message: Message) -> Iterator[Leaf]:
    """The words of those codes."""
    for segment in message.any_of(_LABEL_FIELDS):
        for field, component in _LABEL_FIELDS[segment.name]:
            leaf = segment.leaf(field, component)
            if leaf is not None:
                yield leaf


def _reasons(message: Message) -> Iterator[Leaf]:
    """The sender's own categories: reasons for the referral, and diagnoses."""
    for segment in message.any_of(_REASONED):
        found = [segment.leaf(10, 2) or segment.leaf(10)]
        if segment.name == "DG1":
            found = [segment.leaf(3, 2) or segment.leaf(3), segment.leaf(4)]
        yield from (leaf for leaf in found if leaf is not None)


def narratives_in(message: Message) -> Iterator[str]:
    """Text that somebody wrote: notes, and observations that are text."""
    for segment in message.any_of(_TELLING):
        if segment.name == "NTE":
            yield from (leaf["value"] for leaf in _values(segment, 3))
        elif segment.text(2).upper() in _NARRATED:
            yield from (leaf["value"] for leaf in _values(segment, 5))


def categories_of(leaf: Leaf, options: Mapping[str, object]) -> tuple[Concern, ...] | None:
    """The categories that a code stands for, none for a concern without one, None for no concern."""
    code = leaf["value"].strip()
    configured = options.get("concern_codes")
    if isinstance(configured, Mapping) and code in configured:
        named = str(configured[code])
        return (Concern(named),) if named in tuple(Concern) else ()
    if code in codes.CONCERNS:
        return codes.CONCERNS[code]
    for pattern, given in codes.CONCERN_FAMILIES.get(code[:1], ()):
        if pattern.fullmatch(code):
            return given
    return None


def _due(segment: Segment) -> bool:
    return segment.text(3) in codes.DUE_DATES or segment.text(3, 4) in codes.DUE_DATES


def _restricts(segment: Segment, what: str) -> bool:
    return segment.text(3).upper() == what and segment.text(2).upper() not in _LIFTED


def _yes_or_no(text: str) -> bool | None:
    return True if text.upper() in _YES else False if text.upper() in _NO else None


def _reword(taking: Taking, field: str, leaf: Leaf | None) -> None:
    if leaf is not None:
        taking.reword(field, leaf)
