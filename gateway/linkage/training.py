"""Training the weights: Splink counts how often each of our own levels is reached, on a generated borough.

u comes from random pairs of people, m from pairs of records that are known to be one person's: the borough knows.
Splink (with DuckDB) calls our comparison of each field, so that what it counts is what the hub will ask.
Needs the dependency group ``linkage``.
"""

from __future__ import annotations

import importlib
import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log2
from random import Random
from typing import Any

from gateway.linkage.borough import Borough, Resident
from gateway.linkage.spoiling import said
from routing.linkage_levels import FIELDS, UNKNOWN, Field
from routing.linkage_spelling import fold
from routing.linkage_traits import Traits, traits
from schemas.errors import Unavailable

LEAST_M, LEAST_U = 0.001, 1e-6
"""No chance counts as less: what a sample did not hold is rare, not impossible."""
LISTED = 400
"""Names whose own frequency is written down; every other counts as rare."""
PRIOR, LINK, LOOK, MARGIN = -17.0, 7.0, 1.0, 6.0
"""Set by hand, see docs/linkage.md: one in a million before anything is compared; what a person looks at is wide."""
COMMON_ENOUGH = 0.0002
"""No name that is not listed counts as rarer: real boroughs have other names than this one."""
Chances = Mapping[str, Mapping[str, tuple[float, float]]]


@dataclass(frozen=True, kw_only=True)
class Trained:
    """What was counted: (m, u) by field and level, frequencies of names, and of what."""

    chances: Chances
    frequencies: Mapping[str, Mapping[str, float]]
    rare: Mapping[str, float]
    persons: int
    seed: int
    splink: str


def train(*, persons: int, seed: int, pairs: int) -> Trained:
    """Count on a borough of ``persons``, each of whom two senders speak of; u from ``pairs`` random pairs.

    Raises:
        Unavailable: Splink is not installed.
    """
    splink, duckdb, pandas = (required(name) for name in ("splink", "duckdb", "pandas"))
    logging.getLogger("splink").setLevel(logging.ERROR)
    residents, random = Borough(size=persons, seed=seed).residents, Random(seed)
    first = [traits(said(random, one, number=0.5, spoil=0.5)) for one in residents]
    records = [*first, *(traits(said(random, one, number=0.5)) for one in residents)]
    frame = pandas.DataFrame(
        {
            "unique_id": range(len(records)),
            "place": range(len(records)),
            "resident": [one.id for one in residents] * 2,
        }
    )
    connection = duckdb.connect()
    for row in FIELDS:
        connection.create_function(f"mash_{row.name}", _asking(row, records), ["BIGINT", "BIGINT"], "BIGINT")
    settings = {
        "link_type": "dedupe_only",
        "comparisons": [_comparison(row) for row in FIELDS],
        "blocking_rules_to_generate_predictions": [],
    }
    api = splink.DuckDBAPI(connection)
    linker = splink.Linker(api.register(frame), settings, log_level=None)
    linker.training.estimate_u_using_random_sampling(max_pairs=pairs, seed=seed)
    linker.training.estimate_m_from_label_column("resident")
    frequencies = _names(residents)
    return Trained(
        chances=_chances(linker.misc.save_model_to_json()),
        frequencies={name: table for name, (table, _) in frequencies.items()},
        rare={name: rare for name, (_, rare) in frequencies.items()},
        persons=persons,
        seed=seed,
        splink=str(splink.__version__),
    )


def written(trained: Trained) -> str:
    """The file of weights, as TOML that a person can read."""
    lines = [
        "# The weights of linkage. Written by `mash linkage train`; see docs/linkage.md.",
        f"# Trained with Splink {trained.splink} on a made-up borough: {trained.persons} persons, seed {trained.seed}.",
        "# m: how often two records of one person are at this level; u: how often those of two people are.",
        "# The comment is the weight, log2(m/u), in bits.",
        "",
        f'version = "{trained.seed}-{trained.persons}"',
        "",
        "[decide]",
        f"prior = {PRIOR}  # log2 of the odds before anything is compared",
        f"link = {LINK}  # from here on one person, unless something bars it",
        f"look = {LOOK}  # from here on a person looks",
        f"margin = {MARGIN}  # by which the likeliest must lead the next",
    ]
    for row in FIELDS:
        lines += ["", f"[fields.{row.name}]"]
        for name, meaning in row.levels:
            m, u = trained.chances[row.name][name]
            lines.append(f"{name} = {{ m = {m:.6f}, u = {u:.7f} }}  # {log2(m / u):+.1f}: {meaning}")
    for name, table in trained.frequencies.items():
        lines += ["", f"[names.{name}]", f"rare = {trained.rare[name]:.6f}", f"[names.{name}.frequencies]"]
        lines += [f"{each} = {share:.5f}" for each, share in table.items()]
    return "\n".join(lines) + "\n"


def required(name: str) -> Any:  # noqa: ANN401 - a module without types
    """A module of the dependency group ``linkage``.

    Raises:
        Unavailable: it is not installed.
    """
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise Unavailable("linkage.group", "install the dependency group: uv sync --group linkage", at=name) from error


def _asking(row: Field, records: Sequence[Traits]) -> Any:  # noqa: ANN401 - DuckDB reads the signature
    ranks = {name: rank for rank, (name, _) in enumerate(row.levels)} | {UNKNOWN: -1}

    def ask(one: int, other: int) -> int:
        return ranks[row.compare(records[one], records[other])]

    return ask


def _comparison(row: Field) -> dict[str, object]:
    asked = f"mash_{row.name}(place_l, place_r)"
    levels: list[dict[str, object]] = [
        {"sql_condition": f"{asked} = -1", "label_for_charts": UNKNOWN, "is_null_level": True}
    ]
    for rank, (name, _) in enumerate(row.levels[:-1]):
        levels.append({"sql_condition": f"{asked} = {rank}", "label_for_charts": name})
    levels.append({"sql_condition": "ELSE", "label_for_charts": row.levels[-1][0]})
    return {"output_column_name": row.name, "comparison_levels": levels}


def _chances(saved: Mapping[str, Any]) -> Chances:
    found: dict[str, dict[str, tuple[float, float]]] = {}
    for comparison in saved["comparisons"]:
        found[comparison["output_column_name"]] = {
            level["label_for_charts"]: (
                _chance(level, "m_probability", LEAST_M),
                _chance(level, "u_probability", LEAST_U),
            )
            for level in comparison["comparison_levels"]
            if not level.get("is_null_level")
        }
    return found


def _chance(level: Mapping[str, Any], name: str, least: float) -> float:
    value = level.get(name)
    return min(max(float(value), least), 1.0) if isinstance(value, int | float) else least


def _names(residents: Sequence[Resident]) -> dict[str, tuple[dict[str, float], float]]:
    given, family = (
        Counter(fold(name) for name in each)
        for each in zip(*((one.given, one.family) for one in residents), strict=True)
    )
    return {"given": _frequencies(given), "family": _frequencies(family)}


def _frequencies(found: Counter[str]) -> tuple[dict[str, float], float]:
    """The commonest names with their share, and the share that any other counts as: the median of all who bear one."""
    total, common = found.total(), found.most_common(LISTED)
    others = sorted(count for value, count in found.items() if value not in dict(common))
    weighted = [count for count in others for _ in range(count)]
    rare = max(weighted[len(weighted) // 2] / total if weighted else 0.0, COMMON_ENOUGH)
    return {value: count / total for value, count in sorted(common)}, rare
