"""The hub of the tests, whose interfaces are documented."""

from __future__ import annotations

import pytest

from schemas.hub import Hub
from tests.unit.gateway.whole import document


@pytest.fixture
def hub() -> Hub:
    return Hub.model_validate(document("https://id.example", prefix="p."))
