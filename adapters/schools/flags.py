"""Safeguarding flags in a pupil's record, in XML or JSON: what is a flag, when one is raised, and what it then says.

No version of the Common Transfer File defines all of them; suppliers add their own. An element whose name speaks of
safeguarding counts although nobody listed it, and anything but a clear no raises it: doubt means concern.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from adapters import codes
from adapters.provenance import Recorder
from adapters.xml_node import Node
from schemas.notification import ConcernDetail
from schemas.vocabulary import Concern


@dataclass(frozen=True, kw_only=True)
class Meaning:
    """One row: elements of these names (lower case) mean this; ``status`` where it is a legal status of the child."""

    names: frozenset[str]
    words: str
    status: bool = False
    category: Concern = Concern.OTHER


MEANINGS = (
    Meaning(
        names=frozenset(
            {"incare", "lookedafter", "lookedafterchild", "lac", "cla", "childlookedafter"}
            | {"inleacare", "currentlyincare"}
        ),
        words="looked after",
        status=True,
    ),
    Meaning(
        names=frozenset({"childprotectionplan", "cpplan", "cpp", "childprotection", "cpflag", "protectionplan"}),
        words="child protection plan",
        status=True,
    ),
    Meaning(
        names=frozenset({"childinneed", "cin", "childinneedplan", "cinplan"}),
        words="child in need",
        status=True,
    ),
    Meaning(
        names=frozenset({"childmissingeducation", "cme", "cmeflag", "missingeducation"}),
        words="child missing education",
        category=Concern.SCHOOL_ATTENDANCE,
    ),
)
_ANY_OTHER = Meaning(names=frozenset(), words="safeguarding")
_SPEAKING = ("safeguard", "childprotection", "protectionplan", "abuse", "neglect", "disclosure")


@dataclass(frozen=True, kw_only=True)
class Flag:
    """A flag that a record raises: its name there, and its values with their pointers."""

    meaning: Meaning
    name: str
    values: tuple[tuple[str, str], ...]


def raised(record: Node) -> tuple[Flag, ...]:
    """The flags that ``record`` raises, in document order. Where flags stand inside a flag, the inner ones decide."""
    return tuple(_raised_in(record))


def raised_by(named: Iterable[tuple[str, str, str, str]]) -> tuple[Flag, ...]:
    """The flags among values of JSON: each the pointer of the flag and its name, then the value's pointer and text."""
    groups: dict[str, tuple[str, list[tuple[str, str]]]] = {}
    for at, name, pointer, text in named:
        groups.setdefault(at, (name, []))[1].append((pointer, text))
    return tuple(
        Flag(meaning=meant, name=name, values=values)
        for name, held in groups.values()
        if _is_raised(values := tuple(held)) and (meant := meaning(name)) is not None
    )


def legal_status(flags: tuple[Flag, ...], recorder: Recorder) -> str:
    """The legal statuses that the flags name."""
    statuses = [flag for flag in flags if flag.meaning.status]
    for flag in statuses:
        for pointer, _ in flag.values:
            recorder.take("legal_status", pointer)
    return ", ".join(dict.fromkeys(flag.meaning.words for flag in statuses))


def concern(flags: tuple[Flag, ...], recorder: Recorder) -> ConcernDetail | None:
    """What the flags say: their names as the source's categories, their meaning and words as factors."""
    if not flags:
        return None
    categories: list[Concern] = []
    factors: list[str] = []
    for place, flag in enumerate(flags):
        values = flag.values
        for pointer, text in values:
            recorder.take(f"source_categories[{place}]", pointer)
            recorder.take(f"factors[{place}]", pointer)
            if codes.answer(text) is not None:
                recorder.leave(pointer, text)
        words = [text for _, text in values if codes.answer(text) is None]
        factors.append(": ".join([flag.meaning.words, *([", ".join(words)] if words else [])]))
        named = [category for text in words if (category := codes.concern(text)) is not None]
        for category in named or [flag.meaning.category]:
            if category not in categories:
                for pointer, _ in values:
                    recorder.take(f"categories[{len(categories)}]", pointer)
                categories.append(category)
    return ConcernDetail(
        categories=tuple(categories),
        source_categories=tuple(flag.name for flag in flags),
        factors=tuple(factors),
    )


def _raised_in(node: Node) -> Iterator[Flag]:
    for child in node.children:
        meant = meaning(child.name)
        if meant is None or _holds_flags(child):
            yield from _raised_in(child)
        elif _is_raised(values := tuple(child.values())):
            yield Flag(meaning=meant, name=child.name, values=values)


def _is_raised(values: tuple[tuple[str, str], ...]) -> bool:
    return any(codes.answer(text) is not False for _, text in values)


def _holds_flags(node: Node) -> bool:
    return any(meaning(child.name) is not None or _holds_flags(child) for child in node.children)


@lru_cache(maxsize=1_024)
def meaning(element: str) -> Meaning | None:
    """What an element or a member of this name says, where it is a flag."""
    name = element.lower().replace("_", "")
    listed = next((each for each in MEANINGS if name in each.names), None)
    return listed or (_ANY_OTHER if any(word in name for word in _SPEAKING) else None)
