"""Linkage measured: a small version of what ``mash linkage evaluate`` shows on the whole."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner

from gateway.cli.linkage import linkage
from gateway.linkage import evaluating
from gateway.linkage.borough import Borough
from gateway.linkage.spoiling import KINDS
from routing.linkage_model import shipped
from schemas.identifiers import IdentifierKind, identifier


def test_a_seed_says_which_borough() -> None:
    one, same, other = (Borough(size=300, seed=seed).residents for seed in (1, 1, 2))
    assert one == same
    assert one != other
    assert len({person.nhs for person in one}) == 300
    assert all(identifier(IdentifierKind.NHS, person.nhs).sure for person in one)


def test_a_borough_has_households_and_twins_and_eight_kinds_of_error() -> None:
    residents = Borough(size=3000, seed=3).residents
    assert any(person.twin for person in residents)
    assert len({person.household for person in residents}) < len(residents) / 2
    assert len(KINDS) == 8


@pytest.fixture(scope="module")
def small() -> evaluating.Evaluated:
    return evaluating.on_borough(shipped(), evaluating.town(persons=1500, seed=4))


def test_a_small_borough_is_linked_rightly(small: evaluating.Evaluated) -> None:
    assert small.precision >= 0.999
    assert small.recall >= 0.98
    assert small.referral <= 0.04  # among so few, more people come near: the whole borough's bound is 0.02
    assert small.twins == 0


def test_the_command_tells_and_holds_its_bounds() -> None:
    told = CliRunner().invoke(linkage, ["evaluate", "--persons", "500", "--no-peer", "--json"])
    found = json.loads(told.output)
    assert found["borough"]["splink"] is None
    assert found["borough"]["mash"]["decisions"] == 150
    assert told.exit_code == (0 if found["held"] else 1)
