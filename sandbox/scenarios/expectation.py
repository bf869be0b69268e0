"""What a story promises, and whether it held: each sentence is checked over the wire and recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """One sentence of a story, and whether the hub kept it."""

    text: str
    held: bool


class Audience(Protocol):
    """Who follows a story while it is played."""

    def step(self, story: str, text: str) -> None:
        """Something is about to happen."""

    def expectation(self, story: str, expectation: Expectation) -> None:
        """Something was checked."""


class Silence:
    """An audience that shows nothing."""

    def step(self, story: str, text: str) -> None:
        """Shows nothing."""

    def expectation(self, story: str, expectation: Expectation) -> None:
        """Shows nothing."""


@dataclass(kw_only=True)
class Record:
    """The record of one story: its expectations in order, and what each viewer got to see of it."""

    name: str
    audience: Audience = field(default_factory=Silence)
    expectations: list[Expectation] = field(default_factory=list)
    sights: dict[str, list[str]] = field(default_factory=dict)

    def step(self, text: str) -> None:
        """Say what is about to happen."""
        self.audience.step(self.name, text)

    def expect(self, text: str, held: object) -> None:
        """Record whether this held. What is empty or None did not."""
        made = Expectation(text=text, held=bool(held))
        self.expectations.append(made)
        self.audience.expectation(self.name, made)

    def saw(self, viewer: str, *lines: str) -> None:
        """Record what this viewer was shown."""
        seen = self.sights.setdefault(viewer, [])
        seen.extend(line for line in lines if line not in seen)

    @property
    def held(self) -> bool:
        """Whether everything held; a story without expectations did not."""
        return bool(self.expectations) and all(each.held for each in self.expectations)

    def json(self) -> Mapping[str, Any]:
        """As ``mash demo --json`` writes it."""
        told = [{"text": each.text, "held": each.held} for each in self.expectations]
        return {"name": self.name, "held": self.held, "expectations": told}
