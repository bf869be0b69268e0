"""The whole gateway for one command about feeds, opened and closed behind it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from gateway import settings
from gateway.bootstrap import Gateway, bootstrap

T = TypeVar("T")


def working(config: Path | None, run: Callable[[Gateway], Awaitable[T]]) -> T:
    """What ``run`` gives, with the gateway of the hub that is configured.

    Raises:
        Rejected: the settings or the master key. Unavailable: the store is not there.
    """

    async def inside() -> T:
        async with bootstrap(settings.load(config, os.environ)) as gateway:
            return await run(gateway)

    return asyncio.run(inside())
