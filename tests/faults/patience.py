"""Trying again while the hub or the broker is away: what senders, readers and managers have in common."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import aio_pika.exceptions
import aiohttp

from sandbox.failures import HubRefused

T = TypeVar("T")

AWAY = (
    aiohttp.ClientError,
    OSError,
    TimeoutError,
    EOFError,
    aio_pika.exceptions.AMQPError,
    aio_pika.exceptions.ChannelInvalidStateError,
)
"""What somebody outside meets while the hub or the broker is away."""
PAUSE = 0.1
SECONDS = 20.0
_LATER = frozenset({401, 503})


class NotYet(Exception):
    """The hub says itself that it can't do this now."""


async def once(step: Callable[[], Awaitable[T]]) -> T:
    """One try.

    Raises:
        NotYet: the hub or the broker is away; everything else is the hub's answer and goes through.
    """
    try:
        async with asyncio.timeout(SECONDS):
            return await step()
    except AWAY as error:
        raise NotYet from error
    except HubRefused as refusal:
        if refusal.status in _LATER:
            raise NotYet from refusal
        raise
    except asyncio.CancelledError as error:
        # The broker's client cancels what waited on a connection that is lost; nobody asked this task to end.
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        raise NotYet from error


async def until_done(step: Callable[[], Awaitable[T]], waiting: dict[str, str] | None = None, name: str = "") -> T:
    """Try until it is done. Meanwhile ``waiting`` says under ``name`` what the last try met."""
    while True:
        try:
            done = await once(step)
        except NotYet as error:
            if waiting is not None:
                waiting[name] = f"{type(error.__cause__).__name__}: {error.__cause__}"
            await asyncio.sleep(PAUSE)
            continue
        if waiting is not None:
            waiting.pop(name, None)
        return done
