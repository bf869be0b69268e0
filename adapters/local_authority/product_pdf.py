"""The product as PDF, for a person to read and a file to hold: the released words under their owners' names.

Every page bears the marking and its number. Metadata and title name the product by its opaque id and nobody else. The
same document gives the same bytes: the time in it is when the product was made.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from adapters.local_authority.pdf_pages import Pages
from schemas.persons import Name
from schemas.product import ProductDocument, ProductEvidence, ProductGroup, ProductPerson

_INDENT = 5.0


def render(document: ProductDocument) -> bytes:
    """The document as PDF."""
    name = f"Information product {document.product}, version {document.version}"
    pages = Pages(
        title=name,
        author=document.hub_name,
        marking=document.marking,
        footing=f"{document.product}, version {document.version}",
        made_at=document.made_at,
    )
    pages.write_block("H1", "Information product")
    for line in (
        f"From {document.hub_name} to {document.recipient}",
        f"Product {document.product}, version {document.version}; your reference {document.reference}",
        f"The hub first heard on {_moment(document.received_at)}; this was made on {_moment(document.made_at)}",
    ):
        pages.write_block("P", line)
    pages.write_block("H2", "Decided")
    for outcome in document.outcomes:
        pages.write_block("P", _words(outcome))
    pages.write_block("H2", "Summary")
    pages.write_block("P", document.summary)
    pages.write_block("H2", "People")
    names = {person.ref: _spoken(person) for person in document.persons}
    for person in document.persons:
        pages.write_block("P", "; ".join(_facts(person, names.get(person.mother or "", ""))))
    for owner in document.evidence:
        _evidence(pages, owner, names)
    if document.withheld:
        pages.write_block("H2", "Held and not shown here")
        for marker in document.withheld:
            pages.write_block("P", f"{marker.agency}: {marker.because}; ask {marker.ask}")
    return pages.bytes()


def _evidence(pages: Pages, owner: ProductEvidence, names: dict[str, str]) -> None:
    pages.write_block("H2", f"What {owner.agency_name} released")
    for group in owner.groups:
        pages.write_block("H3", _words(group.category) + _about(group, names))
        for item in group.items:
            source = ", ".join(part for part in (item.on.isoformat() if item.on else "", item.source) if part)
            pages.write_block("P", f"{item.text} ({source})" if source else item.text, indent=_INDENT)
        if group.conditions:
            pages.write_block("P", f"Condition of the owner: {group.conditions}", indent=_INDENT)


def _about(group: ProductGroup, names: dict[str, str]) -> str:
    about = [names[ref] for ref in group.about if ref in names]
    return f", about {' and '.join(about)}" if about else ""


def _facts(person: ProductPerson, mother: str) -> Iterable[str]:
    yield f"{_spoken(person)} ({person.relation or _words(person.part)})"
    if len(person.names) > 1:
        yield f"also {', '.join(map(_name, person.names[1:]))}"
    if person.birth_date:
        yield f"born {person.birth_date}"
    if person.expected_date:
        yield f"expected {person.expected_date.isoformat()}"
    if mother:
        yield f"mother {mother}"
    if person.death_date:
        yield f"died {person.death_date}"
    if person.sex:
        yield person.sex
    for number in person.identifiers:
        yield f"{_words(number.kind)} {number.value}" + ("" if number.sure else f" ({_words(number.validity)})")


def _spoken(person: ProductPerson) -> str:
    spoken = _name(person.names[0]) if person.names else ""
    return spoken or ("unborn child" if person.unborn else "not named")


def _name(name: Name) -> str:
    return " ".join(part for part in (*name.given, name.family) if part)


def _words(code: str) -> str:
    return code.replace("_", " ")


def _moment(at: datetime) -> str:
    return f"{at:%d %B %Y, %H:%M} UTC"
