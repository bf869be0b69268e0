from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gateway.intake.moments import moment
from schemas.errors import Rejected


@pytest.mark.parametrize(
    "text", ["2026-11-25T09:00Z", "2026-11-25T09:00:00+00:00", "2026-11-25T10:00+01:00", "2026-11-25T10:00 01:00"]
)
def test_a_moment_is_read_with_its_zone(text: str) -> None:
    assert moment(text, at="since") == datetime(2026, 11, 25, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2026-11-25", "2026-11-25T09:00", "0001-01-01T00:00+14:00", "9" * 50]
)
def test_what_has_no_zone_or_is_no_moment_is_refused_by_its_place(text: str) -> None:
    with pytest.raises(Rejected) as caught:
        moment(text, at="since")
    assert (caught.value.code, caught.value.at) == ("query.time", "since")
