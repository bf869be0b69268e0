"""The time of a test: the real one, moved on by as much as the test says, for the hub and for those who call it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, tzinfo

import pytest

from sandbox import agency, door, identity_provider


class Clock:
    """Says what time it is (aware UTC); ``pass_by`` moves it on."""

    def __init__(self) -> None:
        self._moved = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self._moved

    def pass_by(self, time: timedelta) -> datetime:
        """Let this much time pass; the time then."""
        self._moved += time
        return self()

    def rule(self, patch: pytest.MonkeyPatch) -> None:
        """Give the agencies' systems and the sign-in provider this clock, because theirs agree with the hub's."""
        moved = self

        class Moved(datetime):
            @classmethod
            def now(cls, tz: tzinfo | None = None) -> Moved:
                return cls.fromtimestamp(moved().timestamp(), tz)

        for module in (agency, door, identity_provider):
            patch.setattr(module, "datetime", Moved)
