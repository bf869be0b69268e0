"""Which adapter reads which public sample: routes, as rows of TOML files beside this one.

    [[route]]
    glob = "nhs-hl7v2/*.hl7"            # matched against the path below the corpus
    adapter = "nhs.hl7v2"               # or no_message = "why this is nothing that an agency sends"
    options = {}                        # the feed's, where it needs any
    refused = "why it is right to refuse it"        # for what the adapter must not accept
    well_formed = false                 # where that is because the file itself is broken
    pending = "what is still missing"   # for what the adapter is to accept, and does not yet

Several globs may match a file: the one with the most letters of its own counts. Two that are as long must say the same.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from fnmatch import fnmatchcase
from pathlib import Path

HERE = Path(__file__).parent
ROUTES = HERE / "routes"
CORPUS = HERE.parents[2] / "shared" / "corpus"


@dataclass(frozen=True, kw_only=True)
class Route:
    """One row. Exactly one of ``adapter`` and ``no_message`` says something."""

    glob: str
    adapter: str = ""
    no_message: str = ""
    options: Mapping[str, object] = field(default_factory=dict)
    refused: str = ""
    well_formed: bool = True
    pending: str = ""

    def __post_init__(self) -> None:
        if bool(self.adapter) == bool(self.no_message):
            raise ValueError(f"{self.glob}: say either adapter or no_message")
        if self.refused and self.pending:
            raise ValueError(f"{self.glob}: say either refused or pending")

    @property
    def weight(self) -> int:
        """How many letters of its own the glob has."""
        return sum(character not in "*?[]" for character in self.glob)


class AmbiguousError(ValueError):
    """Two routes claim a file with equal right, and say different things of it."""


def load(folder: Path = ROUTES) -> tuple[Route, ...]:
    """Every route of the folder's files.

    Raises:
        ValueError: a row says what a route can't.
    """
    known = {each.name for each in fields(Route)}
    found = []
    for path in sorted(folder.glob("*.toml")):
        for row in tomllib.loads(path.read_text(encoding="utf-8")).get("route", []):
            if unknown := row.keys() - known:
                raise ValueError(f"{path.name}: {', '.join(sorted(unknown))}: no route has this")
            found.append(Route(**row))
    return tuple(found)


def route(routes: Sequence[Route], name: str) -> Route | None:
    """The route of the file of this name (its path below the corpus), or None.

    Raises:
        AmbiguousError: two have equal right.
    """
    matching = [each for each in routes if fnmatchcase(name, each.glob)]
    most = max((each.weight for each in matching), default=0)
    chosen = [each for each in matching if each.weight == most]
    for other in chosen[1:]:
        if _said(other) != _said(chosen[0]):
            raise AmbiguousError(f"{name}: {chosen[0].glob} and {other.glob}")
    return chosen[0] if chosen else None


def files(corpus: Path = CORPUS) -> list[Path]:
    """Every file in a folder of the corpus, in order; what lies beside the folders describes them."""
    return sorted(path for folder in corpus.glob("*/") for path in folder.rglob("*") if path.is_file())


def _said(one: Route) -> tuple[object, ...]:
    return one.adapter, one.no_message, dict(one.options), one.refused, one.well_formed, one.pending
