"""The weights of linkage: what each level of each field says, in bits, and from how many on two people are one.

They stand in ``linkage_weights.toml``, which ``mash linkage train`` writes. A weight is log2(m/u): m is how often two
records of one person are at that level, u how often those of two people are. A name that many bear says less: where it
is the same, its own frequency takes the place of u.
Source: Fellegi and Sunter, "A Theory for Record Linkage", 1969; Winkler on term frequencies, 2000.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from math import log2
from typing import Any

from routing.linkage_levels import FIELDS, UNKNOWN
from schemas.errors import Rejected

RAREST = 1e-5
"""No name counts as rarer: what is seen once may be a misspelling."""


@dataclass(frozen=True, kw_only=True)
class Model:
    """``levels`` are (m, u) by field and level; ``frequencies`` of names by field, ``rare`` that of any other.

    ``prior`` is log2 of the odds that two records are of one person, before anything is compared. From ``link`` bits
    on two people are one unless something bars it; from ``look`` on a person looks; ``margin`` is by how much the
    likeliest must lead the next.
    """

    levels: Mapping[str, Mapping[str, tuple[float, float]]]
    frequencies: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    rare: Mapping[str, float] = field(default_factory=dict)
    prior: float
    link: float
    look: float
    margin: float
    version: str

    def among(self, people: int) -> Model:
        """The same weights where so many people are known: any one of them is likelier the fewer there are."""
        return replace(self, prior=-log2(max(people, 2)))

    def weight(self, name: str, level: str, value: str = "") -> float:
        """The bits that ``level`` of field ``name`` is worth; ``value`` is the name that is the same."""
        if level == UNKNOWN:
            return 0.0
        m, u = self.levels[name][level]
        if level == "same" and value and name in self.rare:
            u = max(self.frequencies.get(name, {}).get(value, self.rare[name]), RAREST)
        return log2(m / u)


def read(text: str) -> Model:
    """The model that ``text`` (TOML) holds.

    Raises:
        Rejected: ``linkage.weights``, where a field or a level is missing or says nothing.
    """
    try:
        found: dict[str, Any] = tomllib.loads(text)
        levels = {
            one.name: {name: _chances(found["fields"][one.name][name], f"{one.name}.{name}") for name, _ in one.levels}
            for one in FIELDS
        }
        names: dict[str, Any] = found.get("names", {})
        decide = found["decide"]
        return Model(
            levels=levels,
            frequencies={name: table["frequencies"] for name, table in names.items()},
            rare={name: float(table["rare"]) for name, table in names.items()},
            prior=float(decide["prior"]),
            link=float(decide["link"]),
            look=float(decide["look"]),
            margin=float(decide["margin"]),
            version=str(found["version"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Rejected("linkage.weights", "the file of weights is not whole", at=str(error)[:60]) from None


@cache
def shipped() -> Model:
    """The weights that came with this version."""
    return read(files("routing").joinpath("linkage_weights.toml").read_text(encoding="utf-8"))


def _chances(row: Mapping[str, float], at: str) -> tuple[float, float]:
    m, u = float(row["m"]), float(row["u"])
    if not (0 < m <= 1 and 0 < u <= 1):
        raise ValueError(at)
    return m, u
