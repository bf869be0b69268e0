"""Splink on the same data, as its own documentation sets it up: the peer beside the hub's linkage. It links in bulk.

Needs the dependency group ``linkage``.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from gateway.linkage.training import required
from schemas.persons import Person

HALF = 0.5
Columns = Sequence[Mapping[str, object]]


@dataclass(frozen=True, kw_only=True)
class Peer:
    """Splink at the odds of one half: pairs, and how they fare against the truth.

    ``best`` is the F1 that the threshold gives which is best for it, chosen with the truth in hand.
    """

    version: str
    best: float
    found: int
    wrong: int
    missed: int

    def document(self) -> dict[str, float | int | str]:
        """The figures as JSON."""
        return {
            "splink": self.version,
            "linked_right": self.found,
            "linked_wrong": self.wrong,
            "precision": round(self.precision, 6),
            "recall": round(self.recall, 6),
            "f1": round(self.f1, 6),
            "f1_at_its_best_threshold": round(self.best, 6),
        }

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall."""
        return 2 * self.found / (2 * self.found + self.wrong + self.missed)

    @property
    def precision(self) -> float:
        """Of the pairs that it links, how many are right."""
        return self.found / max(self.found + self.wrong, 1)

    @property
    def recall(self) -> float:
        """Of the true pairs, how many it links."""
        return self.found / max(self.found + self.missed, 1)


def febrl(known: Columns, arriving: Columns, truth: set[tuple[str, str]]) -> Peer:
    """Splink on FEBRL 4: columns as in the files, with ``unique_id``."""
    cl = required("splink.comparison_library")
    block_on = required("splink").block_on
    comparisons = [
        cl.NameComparison("given_name"),
        cl.NameComparison("surname"),
        cl.DateOfBirthComparison("date_of_birth", input_is_string=True, datetime_format="%Y%m%d"),
        cl.DamerauLevenshteinAtThresholds("soc_sec_id", [1, 2]),
        cl.ExactMatch("street_number").configure(term_frequency_adjustments=True),
        cl.DamerauLevenshteinAtThresholds("postcode", [1, 2]).configure(term_frequency_adjustments=True),
    ]
    rules = [
        block_on("given_name", "surname"),
        block_on("date_of_birth"),
        block_on("soc_sec_id"),
        block_on("state", "address_1"),
        block_on("street_number", "address_1"),
        block_on("postcode"),
    ]
    training = [block_on("date_of_birth"), block_on("postcode")]
    return _link((known, arriving), truth, comparisons, (rules, training))


def borough(known: Sequence[Person], arriving: Sequence[Person], truth: set[tuple[str, str]]) -> Peer:
    """Splink on the borough: ids are the places in the two lists, ``k3`` and ``a5``."""
    cl = required("splink.comparison_library")
    block_on = required("splink").block_on
    comparisons = [
        cl.ForenameSurnameComparison("given", "family", forename_surname_concat_col_name="both_names"),
        cl.DateOfBirthComparison("born", input_is_string=True),
        cl.PostcodeComparison("postcode"),
        cl.ExactMatch("sex"),
        cl.ExactMatch("nhs"),
        cl.ExactMatch("record"),
    ]
    rules = [
        block_on("nhs"),
        block_on("record"),
        block_on("given", "family"),
        block_on("born", "sex"),
        block_on("family", "postcode"),
        block_on("given", "postcode"),
        block_on("postcode", "substr(born, 1, 4)"),
    ]
    training = [block_on("born"), block_on("postcode")]
    columns = [_columns(people, letter) for people, letter in ((known, "k"), (arriving, "a"))]
    return _link((columns[0], columns[1]), truth, comparisons, (rules, training))


def _link(
    sides: tuple[Columns, Columns],
    truth: set[tuple[str, str]],
    comparisons: Sequence[Any],
    blocking: tuple[Sequence[Any], Sequence[Any]],
) -> Peer:
    splink, pandas = required("splink"), required("pandas")
    rules, training = blocking
    logging.getLogger("splink").setLevel(logging.ERROR)
    api = splink.DuckDBAPI()
    frames = [api.register(pandas.DataFrame(list(rows)).replace({"": None})) for rows in sides]
    settings = splink.SettingsCreator(
        link_type="link_only", comparisons=list(comparisons), blocking_rules_to_generate_predictions=list(rules)
    )
    linker = splink.Linker(frames, settings, log_level=None)
    linker.training.estimate_probability_two_random_records_match(list(rules[:3]), recall=0.9)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for rule in training:
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    table = linker.inference.predict(threshold_match_probability=0.01).as_pandas_dataframe()
    scored = sorted(
        (
            (float(probability), tuple(sorted((str(one), str(other)), reverse=True)) in truth)
            for probability, one, other in zip(
                table["match_probability"], table["unique_id_l"], table["unique_id_r"], strict=True
            )
        ),
        reverse=True,
    )
    above = [right for probability, right in scored if probability >= HALF]
    found = accumulate(right for _, right in scored)
    best = max((2 * right / (linked + len(truth)) for linked, right in enumerate(found, start=1)), default=0.0)
    return Peer(
        version=str(splink.__version__),
        found=sum(above),
        wrong=len(above) - sum(above),
        missed=len(truth) - sum(above),
        best=best,
    )


def _columns(people: Sequence[Person], letter: str) -> Columns:
    rows: list[Mapping[str, object]] = []
    for place, one in enumerate(people):
        (name,), address = one.names, one.addresses[0] if one.addresses else None
        given = " ".join(name.given[:1])
        numbers = {str(held.kind): held.value for held in one.identifiers}
        rows.append(
            {
                "unique_id": f"{letter}{place}",
                "given": given.lower(),
                "family": name.family.lower(),
                "both_names": f"{given} {name.family}".lower(),
                "born": one.birth_date if one.birth_date and len(one.birth_date) == 10 else None,
                "sex": one.sex,
                "postcode": _spaced(address.postcode) if address else None,
                "nhs": numbers.get("nhs_number"),
                "record": numbers.get("local"),
            }
        )
    return rows


def _spaced(code: str) -> str:
    bare = code.replace(" ", "")
    return f"{bare[:-3]} {bare[-3:]}"
