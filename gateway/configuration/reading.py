"""A hub's file, read and checked: the configuration, or everything that is wrong with it, by line."""

from __future__ import annotations

import difflib
import hashlib
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, get_args
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from adapters import registry
from adapters.completing import completing
from gateway.configuration.places import Path, Place, nearest, places
from routing import components, hub_rules
from schemas.errors import MashError, Refused, Rejected, Unknown
from schemas.hub import Hub

_AT = re.compile(r"\(at (?:line (\d+), column (\d+)|end of document)\)$")
_PART = re.compile(r"([^.\[\]]+)|\[(\d+)\]")


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that is wrong: where it stands, its key, and what to do. No value of the file is told."""

    place: Place
    error: MashError

    @property
    def line(self) -> str:
        """``12:3: ratings.0.hours: Input should be greater than 0 [config.invalid]``."""
        at = f"{self.error.at}: " if self.error.at else ""
        return f"{self.place.line}:{self.place.column}: {at}{self.error.detail} [{self.error.code}]"


def digest(data: bytes) -> str:
    """SHA-256 of a file's bytes, in hex: the name of a configuration in the log."""
    return hashlib.sha256(data).hexdigest()


def parse(data: bytes, name: str) -> Hub:
    """The configuration that a file's bytes give; ``name`` is the file's.

    Raises:
        Rejected: something is wrong; ``at`` names it, ``detail`` says what to do.
        Refused: the file tries to configure one of the five core components away; the code names its number.
    """
    found = check(data, name)
    if isinstance(found, Hub):
        return found
    raise found[0].error


def check(data: bytes, name: str) -> Hub | tuple[Finding, ...]:
    """The configuration that a file's bytes give, or everything that is wrong with it."""
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        place = Place(line, error.start - (data.rfind(b"\n", 0, error.start) + 1) + 1)
        return (Finding(place=place, error=Rejected("config.toml", "mend the TOML: it is not UTF-8", at=name)),)
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        rejected = Rejected("config.toml", f"mend the TOML: {error}", at=name)
        return (Finding(place=_told(str(error), text), error=rejected),)
    stands = places(text)
    found = [*_components(raw, stands)]
    try:
        hub = Hub.model_validate(raw)
    except ValidationError as error:
        wrong = [_invalid(one, stands) for one in error.errors(include_input=False, include_url=False)]
        return (*found, *wrong)
    if not _is_zone(hub.hub.timezone):
        rejected = Rejected("config.invalid", "name a time zone such as Europe/London", at="hub.timezone")
        found.append(Finding(place=nearest(stands, ("hub", "timezone")), error=rejected))
    for problem in hub_rules.problems(hub):
        rejected = Rejected("config.inconsistent", problem.detail, at=problem.at)
        found.append(Finding(place=nearest(stands, path_of(problem.at)), error=rejected))
    return tuple(found) if found else hub


def check_installed(data: bytes, name: str) -> Hub | tuple[Finding, ...]:
    """As :func:`check`, and every feed's adapter must be installed here."""
    found = check(data, name)
    if not isinstance(found, Hub):
        return found
    stands, missing = places(data.decode()), []
    for position, feed in enumerate(found.feeds):
        try:
            adapter = registry.get(feed.adapter)
        except Unknown:
            at, detail = "adapter", "no such adapter is installed: `mash adapters list` names those that are"
        else:
            if feed.detail is None or completing(adapter) is not None:
                continue
            at, detail = "detail", "this adapter has no thin messages"
        rejected = Rejected("config.inconsistent", detail, at=f"feeds[{position}].{at}")
        missing.append(Finding(place=nearest(stands, ("feeds", position, at)), error=rejected))
    return tuple(missing) or found


def path_of(at: str) -> Path:
    """The path that a place such as ``feeds[2].agency`` or ``ratings.0.hours`` spells."""
    parts = (name or number for name, number in _PART.findall(at))
    return tuple(int(part) if part.isdecimal() else part for part in parts)


def _is_zone(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False
    return True


def _told(message: str, text: str) -> Place:
    """The place that ``tomllib`` names at the end of its message."""
    named = _AT.search(message)
    if named is not None and named[1]:
        return Place(int(named[1]), int(named[2]))
    return Place(text.count("\n") + 1, len(text) - (text.rfind("\n") + 1) + 1)


def _components(raw: dict[str, Any], stands: dict[Path, Place]) -> Iterator[Finding]:
    try:
        components.check(raw)
    except Refused as refused:
        first, _, last = (refused.at or "").partition(".")
        named = (path for path in stands if _same(path, first, last))
        yield Finding(place=min((stands[path] for path in named), default=Place(1, 1)), error=refused)


def _same(path: Path, first: str, last: str) -> bool:
    names = [str(part).casefold().replace("-", "_") for part in path if isinstance(part, str)]
    return bool(names) and names[0] == first and (names[-1] == last if last else len(names) == 1)


def _invalid(error: ErrorDetails, stands: dict[Path, Place]) -> Finding:
    path = error["loc"]
    detail = error["msg"]
    if error["type"] == "extra_forbidden":
        detail = _unknown(path)
    elif error["type"] == "missing":
        detail = "is missing: add it"
    rejected = Rejected("config.invalid", detail, at=".".join(str(part) for part in path))
    return Finding(place=nearest(stands, path), error=rejected)


def _unknown(path: Sequence[str | int]) -> str:
    """What to do about a key that the file may not have: the nearest one that it may."""
    known = _keys(Hub, [part for part in path[:-1] if isinstance(part, str)])
    close = difflib.get_close_matches(str(path[-1]), known, n=1)
    if close:
        return f"there is no such key: did you mean {close[0]}?"
    return f"there is no such key; those here are {', '.join(sorted(known))}" if known else "there is no such key"


def _keys(model: type[BaseModel], names: Sequence[str]) -> list[str]:
    if not names:
        return list(model.model_fields)
    field = model.model_fields.get(names[0])
    inner = _section(field.annotation) if field is not None else None
    return _keys(inner, names[1:]) if inner is not None else []


def _section(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401 - whatever a field may be annotated with
    """The model of a table, through ``tuple[...]`` and ``... | None``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for one in get_args(annotation) if (found := _section(one)) is not None), None)
