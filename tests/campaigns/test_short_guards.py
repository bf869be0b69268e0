"""Taking guards out, tried on each run of the tests: one that holds, one that guards nothing, one that breaks the code.

``make attack-guards`` takes all of them out.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.attacks.guard import Guard, guard
from tests.attacks.guards import GUARDS
from tests.campaigns.guards import judge, name_of, tree, without

ATTACK = "psychic signatures"
REAL = next(one for one in GUARDS if one.attack == ATTACK)


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tree(tmp_path_factory.mktemp("copy"))


def told(copy: Path, one: Guard) -> str:
    before = (copy / one.cuts[0].file).read_text("utf-8")
    problem = judge(copy, one)
    assert (copy / one.cuts[0].file).read_text("utf-8") == before
    return problem


def test_a_test_that_fails_without_its_guard_is_trusted(copy: Path) -> None:
    assert name_of(REAL).endswith("::test_a_signature_out_of_range_is_refused")
    assert told(copy, REAL) == ""


def test_a_test_that_stays_green_is_not(copy: Path) -> None:
    idle = guard(ATTACK, "crypto/roca.py", " or any(modulus % prime == 0 for prime in _PRIMES)")
    assert told(copy, idle) == "stays green without its guard"


def test_a_test_that_fails_because_the_code_is_broken_is_not(copy: Path) -> None:
    broken = guard(ATTACK, "crypto/jws.py", "    if not sound:\n", "    if nowhere:\n")
    assert told(copy, broken).startswith("fails for another reason")


def test_a_guard_that_is_not_there_is_said(copy: Path) -> None:
    with pytest.raises(LookupError, match="no such"), without(copy, guard(ATTACK, "crypto/jws.py", "no such")):
        pass
