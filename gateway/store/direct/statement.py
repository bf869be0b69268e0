"""One statement in the spelling of both databases, and what is run: a query, or a write of many rows.

A text is written once. ``{among}`` stands for a list of texts, ``{number}``, ``{text}`` and ``{moment}`` for one value,
in the order of the parameters. ``{locked}`` keeps the rows from other work until this one ends, ``{shared}`` from being
changed by any; after either, ``{skipping}`` passes over what other work holds. That is where rows can be locked: SQLite
is locked as a whole.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

_TOKEN = re.compile(r"\{(among|number|text|moment|locked|shared|skipping)\}")
_PLACE = re.compile(r"\$([0-9]+)")
_SQLITE = {"among": "IN (SELECT value FROM json_each(?))", "number": "?", "text": "?", "moment": "?"}
_POSTGRES = {
    "among": "= ANY(${0}::text[])",
    "number": "${0}::bigint",
    "text": "${0}::text",
    "moment": "${0}::timestamptz",
}
_LOCKS = {
    "locked": "FOR NO KEY UPDATE",  # rows that refer to these may still be added meanwhile
    "shared": "FOR SHARE",
    "skipping": "SKIP LOCKED",
}


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement, as each driver wants it. PostgreSQL's parameters are ``$1`` and so on, each named once."""

    sqlite: str
    postgres: str

    def moved(self, by: int) -> str:
        """PostgreSQL's text with its parameters counted from ``by`` more."""
        return _PLACE.sub(lambda place: f"${int(place[1]) + by}", self.postgres)

    @property
    def parameters(self) -> int:
        """How many parameters PostgreSQL's text has."""
        return len(_PLACE.findall(self.postgres))


@dataclass(frozen=True, slots=True)
class Query:
    """A statement that reads, with its parameters: texts, numbers, or lists of texts."""

    statement: Statement
    parameters: tuple[Any, ...] = ()

    def for_sqlite(self) -> tuple[Any, ...]:
        """The parameters as SQLite takes them: a list is a JSON array."""
        return tuple(json.dumps(one) if isinstance(one, list) else one for one in self.parameters)


@dataclass(frozen=True, slots=True)
class Write:
    """A statement that writes ``rows``, all alike, to ``table``. The rows are the driver's own values.

    ``whole``: unless every row is written, none of the transaction is to stand.
    """

    statement: Statement
    table: str
    rows: Sequence[tuple[Any, ...]]
    whole: bool = False

    def require(self, touched: int) -> int:
        """``touched``, unless this had to be whole and is not.

        Raises:
            NotWhole: it is not.
        """
        if self.whole and touched != len(self.rows):
            raise NotWhole(self.table)
        return touched


class NotWhole(Exception):
    """Other work was first with one of the rows: leave without a commit, read again, and decide anew."""


def reading(text: str) -> Statement:
    """The statement of a query, from its one text."""
    places = 0

    def postgres(token: re.Match[str]) -> str:
        nonlocal places
        if token[1] in _LOCKS:
            return _LOCKS[token[1]]
        places += 1
        return _POSTGRES[token[1]].format(places)

    return Statement(
        sqlite=_TOKEN.sub(lambda token: _SQLITE.get(token[1], ""), text), postgres=_TOKEN.sub(postgres, text)
    )
