"""A feed's counts reconcile, or show that they do not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.store.records import FeedCounts

EVEN = FeedCounts(
    feed="police-ppn",
    received=10,
    accepted=4,
    duplicate=3,
    quarantined=2,
    refused=1,
    items=6,
    referral=3,
    refreshed=2,
    no_concern=1,
)


@pytest.mark.invariant(1)
def test_invariant_01_received_is_accepted_duplicate_quarantined_and_refused_together() -> None:
    assert EVEN.reconciled
    for field in ("received", "accepted", "duplicate", "quarantined", "refused"):
        assert not replace(EVEN, **{field: getattr(EVEN, field) + 1}).reconciled


@pytest.mark.invariant(1)
def test_invariant_01_every_item_has_an_end() -> None:
    for field in ("items", "referral", "refreshed", "no_concern"):
        assert not replace(EVEN, **{field: getattr(EVEN, field) + 1}).reconciled
