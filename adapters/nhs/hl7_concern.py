"""What an HL7 v2 message is about: whether it is a concern and why, what worries the sender, how to handle it.

Source: HL7 v2.8 chapters 3.4 (PD1, ARV), 6.5 (DG1), 7.4 (OBX), 11.6 (RF1, PRD); the ITK Z segment ZU8 as
docs/formats/nhs-hl7v2.md reads it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from adapters.dates import moment
from adapters.kinds import Rule
from adapters.nhs import hl7_codes as codes
from adapters.nhs.hl7_message import Leaf, Message, Segment
from adapters.nhs.hl7_people import contacts
from adapters.nhs.hl7_taking import Taking
from schemas.notification import ConcernDetail, Consent, Handling, Incident, Referrer
from schemas.vocabulary import Concern, ItemKind

_NO = ("N", "NO", "0", "FALSE")
_YES = ("Y", "YES", "1", "TRUE")
_LIFTED = ("D",)
"""ARV-2 of a restriction that is taken away (HL7 table 0206)."""
_TEXT = ("", "TX", "FT", "ST", "CE", "CWE", "CNE", "CF", "NM", "SN", "DT", "TM", "TS", "DTM", "IS", "ID")
_CODED = ("CE", "CWE", "CNE", "CF")


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the rules look at. ``coded`` tells of a code, ``worded`` of words, that stand for a safeguarding concern."""

    family: str
    coded: bool
    worded: bool
    hidden: bool
    document: bool


RULES: tuple[Rule[Facts], ...] = (
    Rule(kind=ItemKind.CONCERN, when=lambda facts: facts.family == "REF", because="a referral asks the hub to act"),
    Rule(kind=ItemKind.CONCERN, when=lambda facts: facts.coded, because="it carries a safeguarding code"),
    Rule(
        kind=ItemKind.CONCERN,
        when=lambda facts: facts.hidden,
        because="a location is hidden, which is done to protect somebody",
    ),
    Rule(kind=ItemKind.CONCERN, when=lambda facts: facts.worded, because="its text speaks of safeguarding"),
    Rule(
        kind=ItemKind.UPDATE,
        when=lambda facts: facts.family == "ADT",
        because="it says who and where a patient is, and nothing in it speaks of a concern",
    ),
    Rule(
        kind=ItemKind.CONTEXT,
        when=lambda facts: facts.family == "ORU",
        because="results of an investigation, and nothing in them speaks of a concern",
    ),
    Rule(
        kind=ItemKind.CONTEXT,
        when=lambda facts: facts.family == "MDM" and not facts.document,
        because="it tells of a document without its text",
    ),
)
"""Read from the top. What no row fits, such as a document's text, is a concern."""


def facts(message: Message, options: Mapping[str, object]) -> Facts:
    """Look ahead, without taking anything."""
    labels = [leaf.text for leaf in _labels(message)]
    return Facts(
        family=message.header.text(9),
        coded=any(_categories_of(leaf, options) is not None for leaf in _codes(message)),
        worded=any(pattern.search(text) for text in (*labels, *_narratives(message)) for pattern, _ in codes.WORDS),
        hidden=hidden(message) is not None,
        document=any(True for _ in _narratives(message)),
    )


def hidden(message: Message) -> Leaf | None:
    """What says that a location must not be told: ZU8-4, where anything but a no counts, or an ARV about it."""
    for segment in message.all("ZU8"):
        told = segment.leaf(4)
        if told is not None and told.text.strip().upper() not in _NO:
            return told
    return next((segment.leaf(3) for segment in message.all("ARV") if _restricts(segment, "LOC")), None)


def handling(taking: Taking, message: Message) -> Handling:
    """How it must be handled, from ZU8-4, ARV and PD1-12."""
    taking = taking.within("handling")
    _translate(taking, "hidden_location", hidden(message))
    restricted, caveats = False, []
    for segment in message.all("ARV"):
        if segment.text(3).upper() != "LOC" and segment.text(2).upper() not in _LIFTED:
            restricted = True
            _translate(taking, "restricted", segment.leaf(3))
        caveats.append(taking.carry("caveat", segment.leaf(5)))
    for segment in message.all("PD1"):
        if segment.text(12).upper() in _YES:
            restricted = True
            _translate(taking, "restricted", segment.leaf(12))
    caveat = "\n".join(each for each in caveats if each)
    return Handling(restricted=restricted, hidden_location=hidden(message) is not None, caveat=caveat)


def consent(taking: Taking, message: Message) -> Consent | None:
    """What ZU8-2 (agreed) and ZU8-3 (informed, else why not) say; None where they are absent."""
    segment = message.first("ZU8")
    if segment is None or not (segment.text(2) or segment.text(3)):
        return None
    given, informed = _yes_or_no(segment.text(2)), _yes_or_no(segment.text(3))
    if given is not None:
        _translate(taking, "consent.given", segment.leaf(2))
    if informed is not None:
        _translate(taking, "consent.informed", segment.leaf(3))
        return Consent(given=given, informed=informed)
    return Consent(given=given, why_not=taking.carry("consent.why_not", segment.leaf(3)))


def referrer(taking: Taking, message: Message) -> Referrer | None:
    """The referring provider of PRD; else the sending facility of MSH-4."""
    taking = taking.within("referrer")
    for segment in message.all("PRD"):
        if segment.text(1).upper() != "RP":
            continue
        name = [segment.leaf(2, component) for component in (5, 2, 3, 1)]
        agency = segment.leaf(10) or segment.leaf(4, 9) or segment.leaf(4) or message.header.leaf(4)
        return Referrer(
            agency=taking.carry("agency", agency),
            role=taking.carry("role", segment.leaf(1, 2) or segment.leaf(1)),
            name=" ".join(taking.carry_all("name", name)),
            contacts=contacts(taking, segment, (5,)),
        )
    facility = message.header.leaf(4)
    return Referrer(agency=taking.carry("agency", facility)) if facility is not None else None


def concern(taking: Taking, message: Message, options: Mapping[str, object]) -> ConcernDetail:
    """Categories by code and by the words of codes; the sender's own, word for word; the referral's priority."""
    found: list[Concern] = []
    labels = tuple(_labels(message))
    for leaf in _codes(message):
        found += _take_categories(taking, leaf, _categories_of(leaf, options) or (), found)
    for leaf in labels:
        given = [category for pattern, meant in codes.WORDS if pattern.search(leaf.text) for category in meant]
        found += _take_categories(taking, leaf, given, found)
    source: list[str] = []
    for leaf in _worrying(message, labels):
        words = leaf.text.strip()
        place = source.index(words) if words in source else len(source)
        taking.carry(f"concern.source_categories[{place}]", leaf)
        source += [words] if place == len(source) else []
    referral = message.first("RF1")
    priority = (referral.leaf(2, 2) or referral.leaf(2)) if referral is not None else None
    return ConcernDetail(
        categories=tuple(found),
        source_categories=tuple(source),
        source_grade=taking.carry("concern.source_grade", priority),
    )


def _take_categories(taking: Taking, leaf: Leaf, given: Iterable[Concern], found: list[Concern]) -> list[Concern]:
    """Those of ``given`` that are new, each taken from ``leaf``."""
    new = [category for category in dict.fromkeys(given) if category not in found]
    for index in range(len(found), len(found) + len(new)):
        taking.translate(f"concern.categories[{index}]", leaf)
    return new


def incident(taking: Taking, message: Message) -> Incident:
    """The narrative of NTE and OBX, each observation with its label; the referral's own number and time."""
    taking = taking.within("incident")
    lines: list[str] = []
    for segment in message.segments:
        if segment.name == "NTE":
            lines += taking.carry_all("narrative", _values(segment, 3))
        elif segment.name == "OBX" and not _due(segment):
            lines += _observation(taking, segment)
    referral = message.first("RF1")
    number = referral.leaf(6) if referral is not None else None
    reported = referral.leaf(7) if referral is not None else None
    reported_at = moment(reported.text) if reported is not None else None
    if reported_at is not None:
        _translate(taking, "reported_at", reported)
    return Incident(narrative="\n".join(lines), reference=taking.carry("reference", number), reported_at=reported_at)


def _observation(taking: Taking, segment: Segment) -> list[str]:
    """``label: value unit``, one line for each repetition of OBX-5; nothing for what is no text."""
    if segment.text(2).upper() not in _TEXT or not segment.repetitions(5):
        return []
    label = segment.leaf(3, 2) or segment.leaf(3)
    unit = segment.leaf(6, 2) or segment.leaf(6)
    lines = []
    for repetition in range(1, segment.repetitions(5) + 1):
        if segment.text(2).upper() in _CODED:
            parts = taking.carry_all(
                "narrative", (segment.leaf(5, 2, repetition=repetition) or segment.leaf(5, repetition=repetition),)
            )
        else:
            parts = taking.carry_all("narrative", _values(segment, 5, repetition))
        if parts:
            told = f"{taking.carry('narrative', label)}: " if label is not None else ""
            lines.append(" ".join((told + " ".join(parts), *taking.carry_all("narrative", (unit,)))))
    return lines


def _values(segment: Segment, field: int, repetition: int | None = None) -> Iterator[Leaf]:
    """Every value of the field, or of one of its repetitions."""
    wanted = range(1, segment.repetitions(field) + 1) if repetition is None else (repetition,)
    for each in wanted:
        for component in range(1, len(segment.fields[field - 1][each - 1]) + 1):
            yield from segment.subs(field, component, repetition=each)


def _codes(message: Message) -> Iterator[Leaf]:
    """Every code that says what the message is about: OBX-3, OBX-5, DG1-3, RF1-10, with their alternates."""
    for segment in message.segments:
        fields = {"OBX": (3, 5), "DG1": (3,), "RF1": (10,)}.get(segment.name, ())
        for field in fields:
            for repetition in range(1, segment.repetitions(field) + 1):
                for component in (1, 4):
                    leaf = segment.leaf(field, component, repetition=repetition)
                    if leaf is not None:
                        yield leaf


def _labels(message: Message) -> Iterator[Leaf]:
    """The words of those codes."""
    for segment in message.segments:
        wanted = {"OBX": ((3, 2),), "DG1": ((3, 2), (4, 1)), "RF1": ((10, 2),)}.get(segment.name, ())
        for field, component in wanted:
            leaf = segment.leaf(field, component)
            if leaf is not None:
                yield leaf


def _worrying(message: Message, labels: tuple[Leaf, ...]) -> Iterator[Leaf]:
    """The sender's own categories: reasons for the referral, diagnoses, and observations that name a concern."""
    for segment in message.segments:
        if segment.name == "RF1":
            yield from (leaf for leaf in (segment.leaf(10, 2) or segment.leaf(10),) if leaf is not None)
        elif segment.name == "DG1":
            yield from (leaf for leaf in (segment.leaf(3, 2) or segment.leaf(3), segment.leaf(4)) if leaf is not None)
    for leaf in labels:
        if leaf.pointer.startswith("OBX") and any(pattern.search(leaf.text) for pattern, _ in codes.WORDS):
            yield leaf


def _narratives(message: Message) -> Iterator[str]:
    for segment in message.segments:
        if segment.name == "NTE":
            yield from (leaf.text for leaf in _values(segment, 3))
        elif segment.name == "OBX" and segment.text(2).upper() in ("", "TX", "FT", "ST", *_CODED):
            yield from (leaf.text for leaf in _values(segment, 5))


def _categories_of(leaf: Leaf, options: Mapping[str, object]) -> tuple[Concern, ...] | None:
    """The categories that a code stands for, none for a concern without one, None for no concern."""
    code = leaf.text.strip()
    configured = options.get("concern_codes")
    if isinstance(configured, Mapping) and code in configured:
        named = str(configured[code])
        return (Concern(named),) if named in tuple(Concern) else ()
    if code in codes.CONCERNS:
        return codes.CONCERNS[code]
    return next((given for pattern, given in codes.CONCERN_FAMILIES if pattern.fullmatch(code)), None)


def _due(segment: Segment) -> bool:
    return segment.text(3) in codes.DUE_DATES or segment.text(3, 4) in codes.DUE_DATES


def _restricts(segment: Segment, what: str) -> bool:
    return segment.text(3).upper() == what and segment.text(2).upper() not in _LIFTED


def _yes_or_no(text: str) -> bool | None:
    return True if text.upper() in _YES else False if text.upper() in _NO else None


def _translate(taking: Taking, field: str, leaf: Leaf | None) -> None:
    if leaf is not None:
        taking.translate(field, leaf)
