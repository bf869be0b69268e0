"""A native message that an adapter accepts, with what belongs to it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from adapters.kit.walks import Walk
from adapters.port import FeedContext


@dataclass(frozen=True, kw_only=True)
class Sample:
    """``payload`` is one whole message. ``golden`` is the JSON of the reading that was agreed, empty where none was.

    What was sent is walked by ``walk`` where the adapter brings one (its places are compared too), else by ``syntax``,
    a name of :data:`adapters.kit.walks.WALKS`, else by what the bytes look like.
    """

    name: str
    payload: bytes
    options: Mapping[str, object] = field(default_factory=dict)
    golden: str = ""
    syntax: str = ""
    walk: Walk | None = None

    @property
    def context(self) -> FeedContext:
        """The feed that it came by."""
        return FeedContext(feed="conformance", agency="example", options=self.options)


class Failed(AssertionError):
    """A check that does not hold: where, and what to do about it. Neither tells a value of the sample."""

    def __init__(self, where: str, todo: str) -> None:
        super().__init__(f"{where}: {todo}")
        self.where = where
        self.todo = todo
