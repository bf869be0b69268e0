"""A few hundred bits of a few bundles are flipped on each run of the tests; ``make campaigns`` takes fifty bundles."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.log import custody_verifier
from tests.campaigns.bundles import READERS, SEED, campaign, fresh

BITS, OF_SEAL = 600, 250


async def test_a_bundle_with_any_bit_flipped_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bundles, trust = await fresh(tmp_path, len(READERS))
    outcome = campaign(bundles, trust, whole=0, bits=BITS, of_seal=OF_SEAL, seed=SEED, tell=lambda _: None)
    assert outcome.taken == []
    assert outcome.bundles == len(READERS)
    assert outcome.bits == len(READERS) * (BITS + OF_SEAL)
    # Were signatures not looked at, bits of the seal would be taken.
    monkeypatch.setattr(custody_verifier, "verify_ed25519", lambda *_: True)
    assert campaign(bundles[:1], trust, whole=0, bits=0, seed=SEED, tell=lambda _: None).taken
