"""The labels of forms in e-mails, and a form's rows sorted by them.

A person's rows follow the row that names the person (``Child``, ``Mother``, ``Victim`` and the like). A line without a
label goes on with the value before it where that is a story.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from adapters.natives import ABSENT, Native
from adapters.police.email_text import Row
from schemas.errors import TooLarge

_LABELS: Mapping[str, tuple[str, ...]] = {
    "reference": (
        "reference",
        "our reference",
        "ppn reference",
        "pac reference",
        "report reference",
        "reference number",
    ),
    "supersedes": ("supersedes", "replaces"),
    "linked": ("linked report", "linked reports", "linked reference"),
    "force": ("force", "police force", "agency", "organisation", "organization"),
    "officer": ("officer", "reporting officer", "officer in case", "referrer", "referred by", "submitted by"),
    "role": ("rank", "role", "job title"),
    "supervisor": ("supervisor", "supervising officer"),
    "occurred": ("date of incident", "incident date", "date and time of incident", "occurred", "date of occurrence"),
    "reported": ("reported", "reported at", "date reported", "date of report"),
    "place": ("location", "place", "incident location", "location of incident", "address of incident"),
    "narrative": ("circumstances", "details", "incident details", "summary", "narrative", "reason for referral"),
    "injuries": ("injuries", "injury"),
    "children_present": ("children present", "were children present"),
    "category": ("concern", "concerns", "category", "categories", "type of concern"),
    "factor": ("factor", "factors", "risk factors"),
    "not_met": ("outcome not met", "outcomes not met"),
    "research": ("research", "research of indices", "checks made"),
    "previous": ("previous incident", "previous incidents", "history"),
    "level": ("level of need", "threshold level"),
    "grade": ("grade", "police grade", "rag", "rag rating", "risk grade"),
    "childs_view": ("childs view", "childs views", "views of the child", "voice of the child"),
    "parents_view": ("parents view", "parents views", "views of the parents"),
    "danger": ("immediate danger", "immediate risk"),
    "action": ("action taken", "actions taken", "immediate actions"),
    "informed": ("family informed", "informed", "parents informed"),
    "given": ("consent", "consent given"),
    "why_not": ("why no consent", "reason for no consent"),
    "ground": ("legal ground", "lawful basis", "legal basis"),
    "order": ("order", "court order", "orders in force", "bail conditions"),
    "marking": ("marking", "protective marking", "classification", "security classification"),
    "restricted": ("restricted", "limited access"),
    "source_protection": ("source protection", "protect source"),
    "hidden_location": ("hidden location", "location hidden", "address confidential", "confidential address"),
    "caveat": ("handling", "caveat", "handling instructions"),
    "birth_date": ("date of birth", "dob", "birth date", "d o b"),
    "expected_date": ("expected date of delivery", "edd", "due date"),
    "sex": ("sex", "gender"),
    "ethnicity": ("ethnicity", "ethnic origin"),
    "language": ("language", "first language"),
    "interpreter": ("interpreter", "interpreter needed"),
    "disability": ("disability", "disabilities"),
    "address": ("address", "home address"),
    "postcode": ("postcode", "post code"),
    "phone": ("phone", "telephone", "tel", "mobile", "contact number"),
    "email": ("email", "e mail", "email address"),
    "school": ("school", "school or nursery", "nursery"),
    "gp": ("gp", "doctor"),
    "relation": ("relationship", "relationship to child", "relation"),
    "nhs": ("nhs number", "nhs no"),
    "upn": ("upn", "unique pupil number"),
    "pnc": ("pnc", "pnc id", "pnc number", "pncid"),
    "cro": ("cro", "cro number"),
    "given_name": ("first name", "forename", "forenames", "given name", "given names"),
    "family_name": ("surname", "family name", "last name"),
    "alias": ("alias", "also known as", "aka"),
    "note": ("note", "notes", "comments"),
}
"""What a label means, by its words in lower case. A label that stands here is taken for one, and no other."""

PEOPLE: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "child": ("", ("child", "child name", "name of child", "young person", "name of young person")),
    "unborn": ("", ("unborn child", "unborn baby")),
    "sibling": ("", ("sibling", "brother", "sister")),
    "mother": ("mother", ("mother", "name of mother")),
    "father": ("father", ("father", "name of father")),
    "stepfather": ("stepfather", ("stepfather", "step father")),
    "stepmother": ("stepmother", ("stepmother", "step mother")),
    "parent": ("parent or carer", ("parent", "carer", "parent carer", "guardian")),
    "adult": ("", ("adult", "adult name", "partner", "other adult")),
    "victim": ("", ("victim", "name of victim")),
    "perpetrator": ("", ("suspect", "alleged perpetrator", "perpetrator", "name of suspect", "offender")),
    "witness": ("", ("witness",)),
}
YOUNG = frozenset({"child", "unborn", "sibling"})
_STORIES = frozenset(
    {"narrative", "injuries", "childs_view", "parents_view", "action", "research", "previous", "caveat"}
)
_OF_A_PERSON = frozenset(
    {"birth_date", "expected_date", "sex", "ethnicity", "language", "interpreter", "disability", "address", "postcode"}
    | {"phone", "email", "school", "gp", "relation", "nhs", "upn", "pnc", "cro", "given_name", "family_name", "alias"}
    | {"note"}
)
_BY_WORDS = {words: meaning for meaning, several in _LABELS.items() for words in several}
_BY_PERSON = {words: meaning for meaning, (_, several) in PEOPLE.items() for words in several}
MOST_ROWS = 1_000
"""Rows with a known label in one form, which bounds the people that it names."""
_WORDS = re.compile(r"[a-z0-9]+")
_COUNTED = re.compile(r" [0-9]{1,2}$")


@dataclass(kw_only=True)
class Somebody:
    """A person of the form: what they are, the row that names them, and the rows that follow."""

    part: str
    named: Native
    rows: dict[str, list[Native]] = field(default_factory=dict)

    def first(self, meaning: str) -> Native:
        """The first value with this meaning."""
        return next(iter(self.rows.get(meaning, ())), ABSENT)

    @property
    def told(self) -> bool:
        """Whether anything is told of them."""
        return bool(self.named.text) or any(native.text for several in self.rows.values() for native in several)


@dataclass(kw_only=True)
class Form:
    """The rows of a form by what they mean, its people, and the lines that no label claims."""

    rows: dict[str, list[Native]] = field(default_factory=dict)
    people: list[Somebody] = field(default_factory=list)
    lines: list[Native] = field(default_factory=list)

    @property
    def filled(self) -> bool:
        """Whether any label was known."""
        return bool(self.rows or self.people)

    def first(self, meaning: str) -> Native:
        """The first value with this meaning."""
        return next(iter(self.rows.get(meaning, ())), ABSENT)

    def all(self, *meanings: str) -> list[Native]:
        """Every value with one of these meanings, in the order of these."""
        return [native for meaning in meanings for native in self.rows.get(meaning, ())]


def fill(rows: Iterable[Row], *, code: str) -> Form:
    """Sort rows by their labels.

    Raises:
        TooLarge: ``.rows``.
    """
    form = Form()
    last: list[Native] | None = None  # where a line without a label goes on
    known = 0
    for row in rows:
        meaning, part = _meaning(row.label)
        known += bool(meaning or part)
        if known > MOST_ROWS:
            raise TooLarge(f"{code}.rows", f"send a form of at most {MOST_ROWS} rows", at=row.pointer)
        if part:
            form.people.append(Somebody(part=part, named=Native(row.value, row.pointer)))
            last = None
        elif meaning:
            of_a_person = meaning in _OF_A_PERSON and form.people
            held = (form.people[-1].rows if of_a_person else form.rows).setdefault(meaning, [])
            held.append(Native(row.value, row.pointer))
            last = held if meaning in _STORIES else None
        elif last is not None and row.whole not in {"--", "-- "}:
            last.append(Native(row.whole, row.pointer))
        else:
            last = None
            form.lines.append(Native(row.whole, row.pointer))
    # A form has rows for more people than there are: those that are blank name nobody.
    form.people = [one for one in form.people if one.told]
    return form


def _meaning(label: str) -> tuple[str, str]:
    """What a label means, and the part of the person whom it names."""
    words = " ".join(_WORDS.findall(label.lower().replace("'", "").replace("\u2019", "")))
    plain = _COUNTED.sub("", words)
    return _BY_WORDS.get(plain, ""), _BY_PERSON.get(plain, "")
