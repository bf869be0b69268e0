"""The people of a form in an e-mail: each from the row that names them and the rows that follow."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from adapters import codes, natives
from adapters.natives import Native
from adapters.police.email_labels import PEOPLE, YOUNG, Form, Somebody
from adapters.provenance import Recorder
from schemas.identifiers import IdentifierKind
from schemas.persons import Address, Contact, Name, Organisation, Person, Sex

_ROLE_NOTES = {"victim": "a victim of the incident", "witness": "a witness of the incident", "sibling": "a sibling"}
_NUMBERS = {
    "nhs": IdentifierKind.NHS,
    "upn": IdentifierKind.UPN,
    "pnc": IdentifierKind.PNC,
    "cro": IdentifierKind.CRO,
}


def children(form: Form, recorder: Recorder) -> tuple[Person, ...]:
    """Children of the form, unborn ones included."""
    return _made(form, recorder, "children", "child", lambda part: part in YOUNG)


def adults(form: Form, recorder: Recorder) -> tuple[Person, ...]:
    """Everybody else; a victim or suspect whose age is not told stands here."""
    return _made(form, recorder, "adults", "adult", lambda part: part not in YOUNG)


def _made(form: Form, recorder: Recorder, group: str, word: str, belongs: Callable[[str], bool]) -> tuple[Person, ...]:
    found = [one for one in form.people if belongs(one.part)]
    return tuple(_person(one, recorder.within(f"{group}[{n}]"), ref=f"{word}-{n + 1}") for n, one in enumerate(found))


def _person(one: Somebody, recorder: Recorder, *, ref: str) -> Person:
    expected = natives.full_date(recorder, "expected_date", one.first("expected_date"))
    relation, named = PEOPLE[one.part][0], one.named.pointer
    if relation:
        recorder.take("relation", named)
    if one.part == "perpetrator":
        recorder.take("alleged_perpetrator", named)
    notes = natives.carry_each(recorder, "notes", one.rows.get("note", ()))
    if one.part in _ROLE_NOTES:
        recorder.take(f"notes[{len(notes)}]", named)
        notes += (_ROLE_NOTES[one.part],)
    return Person(
        ref=ref,
        names=_names(one, recorder),
        birth_date=natives.partial_date(recorder, "birth_date", one.first("birth_date")),
        unborn=one.part == "unborn",
        expected_date=expected,
        sex=natives.read(recorder, "sex", one.first("sex"), _sex),
        ethnicity=natives.carry(recorder, "ethnicity", one.first("ethnicity")),
        language=natives.carry(recorder, "language", one.first("language")),
        interpreter=natives.answer(recorder, "interpreter", one.first("interpreter")),
        disability=natives.carry(recorder, "disability", one.first("disability")),
        identifiers=tuple(
            recorder.identify(f"identifiers[{n}]", native.pointer, kind, native.text)
            for n, (kind, native) in enumerate(_numbers(one))
        ),
        addresses=_addresses(one, recorder),
        contacts=_contacts(one.rows, recorder, "contacts"),
        school=_organisation(one.first("school"), recorder, "school"),
        gp=_organisation(one.first("gp"), recorder, "gp"),
        relation=relation or natives.lower(recorder, "relation", one.first("relation")),
        alleged_perpetrator=True if one.part == "perpetrator" else None,
        notes=notes,
    )


def _sex(text: str) -> Sex | None:
    return codes.sex(text)


def _numbers(one: Somebody) -> list[tuple[IdentifierKind, Native]]:
    return [(kind, native) for name, kind in _NUMBERS.items() for native in one.rows.get(name, ()) if native.text]


def _names(one: Somebody, recorder: Recorder) -> tuple[Name, ...]:
    """The person's own rows of a name where they have some, else the row that names them, split at its last space."""
    names: list[Name] = []
    given, family = one.first("given_name"), one.first("family_name")
    if given.text or family.text:
        recorder.leave(one.named.pointer, one.named.text)
        names.append(
            Name(
                given=natives.carry_each(recorder, "names[0].given", [given]),
                family=natives.carry(recorder, "names[0].family", family),
            )
        )
    elif one.named.text:
        names.append(_split(one.named, recorder.within("names[0]")))
    names += [
        _split(alias, recorder.within(f"names[{len(names)}]")) for alias in one.rows.get("alias", ()) if alias.text
    ]
    return tuple(names)


def _split(native: Native, recorder: Recorder) -> Name:
    """``SURNAME, Given`` says which is which; else the last word is taken for the family's name, and flagged."""
    before, comma, after = native.text.partition(",")
    if comma:
        family, given = before.strip(), after.strip()
    else:
        given, _, family = native.text.rpartition(" ")
        recorder.flag("name.split")
    for name, text in (("given[0]", given), ("family", family)):
        if text:
            recorder.take(name, native.pointer)
    recorder.leave(native.pointer, native.text)
    return Name(given=(given.strip(),) if given.strip() else (), family=family)


def _addresses(one: Somebody, recorder: Recorder) -> tuple[Address, ...]:
    lines = [native for native in one.rows.get("address", ()) if native.text]
    postcode = one.first("postcode")
    if not lines and not postcode.text:
        return ()
    return (
        Address(
            lines=natives.carry_each(recorder, "addresses[0].lines", lines),
            postcode=natives.carry(recorder, "addresses[0].postcode", postcode),
        ),
    )


def _contacts(rows: Mapping[str, Sequence[Native]], recorder: Recorder, name: str) -> tuple[Contact, ...]:
    found = [(system, native) for system in ("phone", "email") for native in rows.get(system, ()) if native.text]
    return tuple(
        Contact(system=system, value=natives.carry(recorder, f"{name}[{n}].value", native))
        for n, (system, native) in enumerate(found)
    )


def contacts(form: Form, recorder: Recorder) -> tuple[Contact, ...]:
    """Telephones and e-mail addresses that stand before any person: the sender's own."""
    return _contacts(form.rows, recorder, "contacts")


def _organisation(native: Native, recorder: Recorder, name: str) -> Organisation | None:
    return Organisation(name=natives.carry(recorder, f"{name}.name", native)) if native.text else None
