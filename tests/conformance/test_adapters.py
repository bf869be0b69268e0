"""Every registered adapter passes every check of the kit, on every sample of its own."""

from __future__ import annotations

import pytest

from adapters import registry
from tests.conformance.checks import CHECKS, Check, Sample
from tests.conformance.walks import WALKS
from tests.fixtures.regenerate import golden, natives

SAMPLES = [
    pytest.param(
        name,
        Sample(
            name=path.name,
            payload=path.read_bytes(),
            golden=golden(path).read_text(encoding="utf-8"),
            walk=WALKS.get(name),
        ),
        id=f"{name}-{path.stem}",
    )
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


@pytest.mark.parametrize("name", registry.BUILT_IN)
def test_every_adapter_of_ours_has_a_walk_that_compares_pointers(name: str) -> None:
    assert name in WALKS, f"name the walk of {name} in tests/conformance/walks.py"
