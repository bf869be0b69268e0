"""Taking values out of a FHIR case, so that whatever was not carried over word for word is listed as unmapped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from adapters.json_taking import JsonTaking
from adapters.natives import ABSENT, Native
from adapters.nhs.fhir_tree import Element


class FhirTaking(JsonTaking):
    """A case of a message: ``leaves`` are the whole message's, ``mine`` the pointers that are listed with the case."""

    def __init__(self, leaves: Mapping[str, str], mine: Iterable[str]) -> None:
        super().__init__(leaves)
        self._mine = mine

    def of(self, element: Element | None) -> Native:
        """The element's own value for :mod:`adapters.natives`; ABSENT where there is none."""
        return self.native(element.pointer) if element is not None else ABSENT

    def each(self, elements: Iterable[Element]) -> list[Native]:
        """The same for several, those with text alone."""
        return [self.of(element) for element in elements if element.text.strip()]

    def take_all(self, field: str, element: Element) -> None:
        """Record that ``field`` follows from every value in ``element``; they stay listed as they were sent."""
        for pointer in element.leaves():
            self.recorder.take(field, pointer)

    def leave_rest(self) -> None:
        """List every value of the case that was not carried word for word, and that nobody listed yet."""
        self.leave_rest_of(self._mine)


def concept(element: Element | None) -> Element | None:
    """What a CodeableConcept, a Coding or a code says in the fullest words that it has: text, display, or code."""
    if element is None:
        return None
    return element.leaf("text", "coding.display", "display", "coding.code", "code") or (
        element if element.text.strip() else None
    )


def codes_in(element: Element) -> list[Element]:
    """Every code of a CodeableConcept or a Coding that has text."""
    return [code for path in ("coding.code", "code") for code in element.all(path) if code.text.strip()]
