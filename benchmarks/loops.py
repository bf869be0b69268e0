"""The event loop of what runs beside the gateway: uvloop where it is installed, as the gateway takes it then too."""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
from collections.abc import Callable


def factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """What makes a loop; None for Python's own."""
    if importlib.util.find_spec("uvloop") is None:
        return None
    made: Callable[[], asyncio.AbstractEventLoop] = importlib.import_module("uvloop").new_event_loop
    return made
