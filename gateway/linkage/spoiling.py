"""What becomes of a person on the way through people and systems: eight kinds of error, and what is left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from random import Random

from gateway.linkage import names
from gateway.linkage.borough import Resident
from routing.linkage_nicknames import ROWS
from schemas.identifiers import Identifier, IdentifierKind, identifier
from schemas.persons import Address, Name, Person, Sex

ISSUER = "records"
"""Whose local numbers these are."""
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(kw_only=True, slots=True)
class _Draft:
    """What is being said of a resident."""

    given: list[str]
    family: str
    born: str
    sex: Sex | None
    line: str
    postcode: str
    nhs: str
    record: str
    resident: Resident


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of error and how many records it befalls."""

    name: str
    share: float
    befall: Callable[[Random, _Draft], None]


def _typo(random: Random, text: str) -> str:
    if len(text) < 3:
        return text
    place = random.randrange(1, len(text))
    match random.randrange(4):
        case 0:
            return text[:place] + random.choice(_LETTERS) + text[place + 1 :]
        case 1:
            return text[:place] + text[place + 1 :]
        case 2:
            return text[:place] + random.choice(_LETTERS) + text[place:]
        case _:
            return text[: place - 1] + text[place] + text[place - 1] + text[place + 1 :]


def _misspelled(random: Random, draft: _Draft) -> None:
    if random.random() < 0.5:
        draft.given[0] = _typo(random, draft.given[0])
    else:
        draft.family = _typo(random, draft.family)


def _nickname(random: Random, draft: _Draft) -> None:
    mine = draft.given[0].casefold()
    rows = [row for row in ROWS if mine in row]
    # One in five goes by a short form that no table knows.
    if rows and random.random() < 0.8:
        draft.given[0] = random.choice([name for name in random.choice(rows) if name != mine]).capitalize()
    elif len(mine) > 4:
        draft.given[0] = draft.given[0][: random.randint(3, 4)] + random.choice(("", "y", "s"))


def _transliterated(random: Random, draft: _Draft) -> None:
    def other(name: str) -> str:
        rows = [row for row in names.VARIANTS if name in row]
        return random.choice([each for each in random.choice(rows) if each != name]) if rows else name

    draft.given[0], draft.family = other(draft.given[0]), other(draft.family)


def _names_swapped(_: Random, draft: _Draft) -> None:
    draft.given, draft.family = [draft.family], draft.given[0]


def _day_and_month_swapped(_: Random, draft: _Draft) -> None:
    year, month, day = draft.born.split("-")
    if int(day) <= 12:
        draft.born = f"{year}-{day}-{month}"


def _digit_off(random: Random, draft: _Draft) -> None:
    for _ in range(20):
        place = random.choice((2, 3, 6, 8, 9))
        changed = draft.born[:place] + str(random.randrange(10)) + draft.born[place + 1 :]
        try:
            date.fromisoformat(changed)
        except ValueError:
            continue
        if changed != draft.born:
            draft.born = changed
            return


def _renamed(random: Random, draft: _Draft) -> None:
    other = names.family_name(random, draft.resident.community)
    match random.randrange(3):
        case 0:
            draft.family = f"{draft.family}-{other}"
        case 1:
            draft.family = f"{other}-{draft.family}"
        case _:
            draft.family = other


def _moved(random: Random, draft: _Draft) -> None:
    letters = "ABDEFGHJLNPQRSTUWXYZ"
    if random.random() < 0.3:
        place = random.randrange(len(draft.postcode) - 2, len(draft.postcode))
        draft.postcode = draft.postcode[:place] + random.choice(letters) + draft.postcode[place + 1 :]
        return
    code = f"EN{random.randint(1, 9)} {random.randint(1, 6)}{random.choice(letters)}{random.choice(letters)}"
    draft.line, draft.postcode = f"{random.randint(1, 140)} {random.choice(('Station', 'Church', 'Park'))} Road", code


KINDS: tuple[Kind, ...] = (
    Kind(name="misspelled", share=0.08, befall=_misspelled),
    Kind(name="nickname", share=0.07, befall=_nickname),
    Kind(name="transliterated", share=0.10, befall=_transliterated),
    Kind(name="names swapped", share=0.015, befall=_names_swapped),
    Kind(name="day and month swapped", share=0.02, befall=_day_and_month_swapped),
    Kind(name="a digit of the birth date off", share=0.03, befall=_digit_off),
    Kind(name="surname changed or doubled", share=0.04, befall=_renamed),
    Kind(name="moved, or postcode garbled", share=0.12, befall=_moved),
)
"""Each befalls a record by itself, so that some have several. Transliteration touches those alone who have variants."""


def _by_middle_name(random: Random, draft: _Draft) -> None:
    if draft.resident.middle and random.random() < 0.9:
        draft.given = [draft.resident.middle]


def _by_initial(_: Random, draft: _Draft) -> None:
    draft.given = [draft.given[0][:1]]


def _sex_mistaken(_: Random, draft: _Draft) -> None:
    draft.sex = Sex.FEMALE if draft.sex is Sex.MALE else Sex.MALE


def _sex_left_out(_: Random, draft: _Draft) -> None:
    draft.sex = None


def _address_left_out(_: Random, draft: _Draft) -> None:
    draft.line = draft.postcode = ""


def _line_left_out(_: Random, draft: _Draft) -> None:
    draft.line = ""


def _day_left_out(_: Random, draft: _Draft) -> None:
    draft.born = draft.born[:7]


def _number_mistyped(random: Random, draft: _Draft) -> None:
    if draft.nhs:
        place = random.randrange(3, 10)
        draft.nhs = draft.nhs[:place] + str(random.randrange(10)) + draft.nhs[place + 1 :]


def _recorded_twice(random: Random, draft: _Draft) -> None:
    if draft.record:
        draft.record = f"{random.randrange(10**8):08d}"


def _identifiers(draft: _Draft) -> Iterator[Identifier]:
    if draft.nhs:
        yield identifier(IdentifierKind.NHS, draft.nhs)
    if draft.record:
        yield identifier(IdentifierKind.LOCAL, draft.record, issuer=ISSUER)


_OTHERWISE: tuple[tuple[float, Callable[[Random, _Draft], None]], ...] = (
    (0.008, _by_middle_name),
    (0.006, _by_initial),
    (0.005, _sex_mistaken),
    (0.05, _sex_left_out),
    (0.04, _address_left_out),
    (0.03, _line_left_out),
    (0.005, _day_left_out),
    (0.01, _number_mistyped),
    (0.05, _recorded_twice),
)
"""What besides the eight kinds is left out or mistaken, and how often."""


def said(random: Random, resident: Resident, *, number: float, spoil: float = 1.0) -> Person:
    """What one sender says of a resident; ``number``: how likely it knows the NHS number; ``spoil`` scales errors."""
    given = [resident.given, resident.middle] if resident.middle and random.random() < 0.4 else [resident.given]
    draft = _Draft(
        given=given,
        family=resident.family,
        born=resident.born.isoformat(),
        sex=resident.sex,
        line=resident.line,
        postcode=resident.postcode,
        nhs=resident.nhs if random.random() < number else "",
        record=resident.record if random.random() < number / 2 else "",
        resident=resident,
    )
    for kind in KINDS:
        if random.random() < kind.share * spoil:
            kind.befall(random, draft)
    for share, leave in _OTHERWISE:
        if random.random() < share * spoil:
            leave(random, draft)
    if random.random() < 0.5:
        draft.postcode = draft.postcode.replace(" ", "")
    return Person(
        ref=f"r{resident.id}",
        names=(Name(given=tuple(draft.given), family=draft.family),),
        birth_date=draft.born,
        sex=draft.sex,
        identifiers=tuple(_identifiers(draft)),
        addresses=(Address(lines=(draft.line,) if draft.line else (), postcode=draft.postcode),)
        if draft.postcode
        else (),
    )
