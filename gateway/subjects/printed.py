"""What a data subject is told, as a page to print: HTML without anything from outside."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from schemas.persons import Name
from schemas.subject import AccessDocument, CaseTold, Identity

_HEAD = (
    '<!doctype html>\n<html lang="en-GB"><head><meta charset="utf-8"><title>What is held on you</title>'
    "<style>body{font:12pt/1.5 serif;margin:2cm auto;max-width:17cm}h2{margin-top:1.5em}</style></head><body>\n"
)


def printed(document: AccessDocument) -> str:
    """The document as one page."""
    return _HEAD + "\n".join(_lines(document)) + "\n</body></html>\n"


def _lines(document: AccessDocument) -> Iterator[str]:
    marking = document.marking.replace("_", "-").upper()
    yield _p(f"{marking} · {document.hub} · {document.made_at:%d %B %Y}")
    yield "<h1>What is held on you</h1>"
    if document.identity is None:
        yield _p("There is nothing that we may tell you.")
    else:
        yield from _identity(document.identity)
    for number, case in enumerate(document.cases, start=1):
        yield from _case(number, case)
    for one in document.annotations:
        yield _p(f"{one.at:%d %B %Y}, {one.kind} of {one.field}: {one.text}")
    yield "<h2>What the law says</h2>"
    yield from map(_p, (*document.exemptions, document.rights))


def _identity(known: Identity) -> Iterator[str]:
    yield "<h2>Who you are</h2>"
    yield from (_p(_name(name)) for name in known.names)
    born = known.birth_date or (f"expected {known.expected_date}" if known.expected_date else "")
    if born:
        yield _p(f"Born: {born}")
    yield from (_p(f"{one.kind}: {one.value}") for one in known.identifiers)
    yield from (_p(", ".join((*one.lines, one.postcode))) for one in known.addresses)


def _case(number: int, case: CaseTold) -> Iterator[str]:
    yield f"<h2>Record {number}</h2>"
    if case.received_at is not None:
        yield _p(f"Received on {case.received_at:%d %B %Y}; {'closed' if case.closed else 'open'}.")
    for report in case.reports:
        concerns = ", ".join(report.concerns) or "no concern named"
        yield _p(f"{report.agency} told us on {report.received_at:%d %B %Y}: {concerns}.")
    if case.outcomes:
        yield _p("Decided: " + ", ".join(case.outcomes))
    for group in case.disclosed:
        yield _p(f"From {group.agency} ({group.category}):")
        yield from (_p(f"{item.on or ''} {item.text}".strip()) for item in group.items)
    if case.sent_to:
        yield _p("Sent to: " + ", ".join(case.sent_to))
    yield from (_p(f"{one.agency} holds more; {one.because}. Ask: {one.ask}.") for one in case.ask)


def _name(name: Name) -> str:
    return " ".join((*name.given, name.family)).strip()


def _p(text: str) -> str:
    return f"<p>{escape(text)}</p>"
