from __future__ import annotations

import os
import subprocess
import sys

import pytest

from routing.reading_rules import OWN_FIELD, RULES, VERSION, Purpose, Reader, Relation, explain, may_receive
from schemas.envelope import EnvelopeKind
from schemas.vocabulary import DataCategory, Role
from tests.unit.routing.builders import HEALTH, MANAGER, TEAM, lead

REFERRER = Reader(role=Role.REFERRER, agency="surgery", purpose=Purpose.HEAR_OUTCOME, relation=Relation.SUBMITTED)


def test_every_row_is_explained_with_its_reason() -> None:
    words = explain()
    assert len(words) == len(RULES) + len(OWN_FIELD) + 1
    assert all(rule.because in words[place] for place, rule in enumerate(RULES))


def test_only_the_managers_row_reaches_the_reply() -> None:
    assert [rule.role for rule in RULES if DataCategory.REPLY_REASONS in rule.categories] == [Role.SOCIAL_WORK_MANAGER]


def test_every_row_but_the_owners_needs_the_owners_release() -> None:
    assert [rule.name for rule in RULES if rule.audience is None] == ["the owner"]


@pytest.mark.parametrize("seed", ["1", "2"])
def test_the_version_is_the_same_in_every_process(seed: str) -> None:
    code = "from routing.reading_rules import VERSION; print(VERSION)"
    environment = {**os.environ, "PYTHONHASHSEED": seed}
    run = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == VERSION


@pytest.mark.parametrize(
    "reader, kind",
    [
        (lead(HEALTH), EnvelopeKind.REQUEST),
        (MANAGER, EnvelopeKind.DISCLOSURE),
        (TEAM, EnvelopeKind.PRODUCT),
        (REFERRER, EnvelopeKind.FEEDBACK),
    ],
)
def test_each_kind_of_envelope_goes_to_one_kind_of_reader(reader: Reader, kind: EnvelopeKind) -> None:
    assert [each for each in EnvelopeKind if may_receive(reader, each)] == [kind]
