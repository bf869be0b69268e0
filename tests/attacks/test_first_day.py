"""Laying a hub out where the remains of one are."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.first_day.laying_out import Plan, lay_out
from gateway.world import World
from schemas.errors import Conflict


@pytest.mark.parametrize("left", ["secrets/master.key", "secrets/ca-key.pem", "tls/server-key.pem", "hub.toml"])
def test_a_hub_whose_file_is_gone_keeps_its_keys(tmp_path: Path, left: str) -> None:
    kept = tmp_path / left
    kept.parent.mkdir(exist_ok=True)
    kept.write_bytes(b"irreplaceable")
    plan = Plan(directory=tmp_path, public_url="https://hub.example", listen="127.0.0.1", broker=None)
    with pytest.raises(Conflict):
        lay_out(plan, World())
    assert kept.read_bytes() == b"irreplaceable"
