"""Whether a value that was sent stands in what an adapter made of the message: in a notification or as unmapped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Self

from adapters.kit.walks import Walk, values
from schemas.notification import Normalised, Reading

_SHORTEST_JOINED = 3
_BETWEEN = "\x00"


class Accounts:
    """Everything that a reading says, and every place that it names. A look-up takes constant time as a rule."""

    def __init__(self, texts: Iterable[str], places: Iterable[str] = ()) -> None:
        self._said = set(texts)
        self._whole = _BETWEEN.join(self._said)
        self._numbers = [text for text in self._said if text.isdigit()]
        self._places = set(places)

    @classmethod
    def of(cls, items: Sequence[Normalised]) -> Self:
        """The accounts of what an adapter made of one message."""
        mapped = [each.pointer for item in items for each in item.provenance]
        left = [each.pointer for item in items for each in item.unmapped]
        return cls((text for item in items for text in texts_of(item)), [*mapped, *left])

    def hold(self, value: str) -> bool:
        """Whether the value stands there: by itself, as whole words of a text, or as one end of a joined number."""
        wanted = value.strip()
        if not wanted or wanted in self._said:
            return True
        return self._joined(wanted) or _has_words(self._whole, wanted)

    def _joined(self, wanted: str) -> bool:
        if len(wanted) < _SHORTEST_JOINED or not wanted.isdigit():
            return False
        return any(number.startswith(wanted) or number.endswith(wanted) for number in self._numbers)

    def know(self, place: str) -> bool:
        """Whether the reading names this place, or one on the way to it: wrapped JSON may be kept whole."""
        if not place or place in self._places:
            return True
        ends = (at for at in range(len(place) - 1, 0, -1) if place[at] == "/")
        return any(place[:end] in self._places for end in ends)


def missing(reading: Reading, payload: bytes, *, walk: Walk | None = None, syntax: str = "") -> Iterator[str]:
    """The places of the values that the reading has lost; their values are not told.

    A ``walk`` that an adapter names itself speaks of places as the adapter does, so they are compared too. The walk of
    a ``syntax`` gives places for people to look at.

    Raises:
        ValueError: the payload is not of that syntax.
    """
    accounts = Accounts.of(reading.items)
    found = walk(payload) if walk is not None else values(payload, syntax)
    for number, (place, value) in enumerate(found, start=1):
        if not accounts.hold(value) or (walk is not None and not accounts.know(place)):
            yield place or f"value {number} of the walk"


def accounted(value: str, texts: Iterable[str]) -> bool:
    """Whether the value stands among the texts, as :meth:`Accounts.hold` means it."""
    return Accounts(texts).hold(value)


def texts_of(item: Normalised) -> Iterator[str]:
    """Every text of the notification and of the unmapped list, trimmed."""
    for _, value in fields_of(item.notification.model_dump(mode="json")):
        yield value.strip()
    for left in item.unmapped:
        yield left.value.strip()


def fields_of(dumped: object, field: str = "") -> Iterator[tuple[str, str]]:
    """Every field that says something: defaults, such as false and the empty text, say nothing."""
    if isinstance(dumped, dict):
        for key, each in dumped.items():
            yield from fields_of(each, f"{field}.{key}" if field else key)
    elif isinstance(dumped, list):
        for index, each in enumerate(dumped):
            yield from fields_of(each, f"{field}[{index}]")
    elif dumped is True or (dumped is not None and dumped is not False and dumped != ""):
        yield field, str(dumped)


def _has_words(whole: str, wanted: str) -> bool:
    """Whether ``wanted`` stands in ``whole`` with no letter or digit at either side."""
    at = whole.find(wanted)
    while at >= 0:
        end = at + len(wanted)
        if not _is_word(whole[at - 1 : at]) and not _is_word(whole[end : end + 1]):
            return True
        at = whole.find(wanted, at + 1)
    return False


def _is_word(character: str) -> bool:
    return character == "_" or character.isalnum()
