"""Every registered adapter passes every check, on every sample of its own."""

from __future__ import annotations

import pytest

from adapters import registry
from tests.conformance.checks import CHECKS, Check, Sample, accounted
from tests.fixtures.regenerate import natives

SAMPLES = [
    pytest.param(name, Sample(name=path.name, payload=path.read_bytes()), id=f"{name}-{path.stem}")
    for name in registry.BUILT_IN
    for path in natives(name)
]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("name,sample", SAMPLES)
def test_an_adapter_exists_when_it_passes(name: str, sample: Sample, check: Check) -> None:
    check(registry.get(name), sample)


@pytest.mark.parametrize("name", registry.BUILT_IN)
def test_every_adapter_has_samples_to_be_checked_on(name: str) -> None:
    assert natives(name)


def test_a_value_that_stands_nowhere_is_not_accounted_for() -> None:
    assert accounted("Rowan", ["Rowan Lee"])
    assert not accounted("Row", ["Rowan Lee"])
    assert not accounted("1", ["2019", "21"])
