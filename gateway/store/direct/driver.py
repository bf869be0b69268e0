"""The port: a driver that gives one transaction at a time, and what a transaction on it can do."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from gateway.store.direct.statement import Query, Write

Found = Sequence[Sequence[Any]]


class Statements(Protocol):
    """A transaction that reads and writes in sets. ``dialect`` is ``sqlite`` or ``postgresql``."""

    @property
    def dialect(self) -> str:
        """Which database's own values rows are made of."""

    async def hold(self, numbers: Sequence[int]) -> None:
        """Wait for, and keep to the end, the locks of these numbers, the smallest first."""

    async def read(self, *queries: Query) -> Sequence[Found]:
        """The rows of each query."""

    async def write(self, *writes: Write) -> Sequence[int]:
        """Write; how many rows each touched. One without rows is not run.

        Raises:
            NotWhole: one that had to be whole was not.
        """


class DriverWork(Statements, Protocol):
    """A transaction of its own.

    Raises:
        Unavailable: from every method, where the database is out of reach or other work is in the way.
    """

    async def commit(self, *writes: Write) -> Sequence[int]:
        """Write these and make all of it durable, or none of it; how many rows each touched.

        Raises:
            NotWhole: one that had to be whole was not; nothing was committed.
        """


class Driver(Protocol):
    """Where transactions come from."""

    def work(self) -> AbstractAsyncContextManager[DriverWork]:
        """One transaction: leaving it without a commit rolls it back."""

    async def close(self) -> None:
        """Close the connections."""
