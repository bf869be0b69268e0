"""A refusal by law, policy or role, written into the log: who, where, and the code."""

from __future__ import annotations

from gateway.api.callers import Caller
from gateway.bootstrap import Gateway
from gateway.log import Event
from schemas.errors import MashError


async def record(gateway: Gateway, caller: Caller, route: str, error: MashError, event: Event) -> None:
    """Record it. ``route`` is a method and a pattern, never a path that was called."""
    async with gateway.store.work() as work:
        await gateway.log.append(
            work,
            event=event,
            actor=caller.actor,
            now=gateway.world.now(),
            detail={"route": route.replace("{", "").replace("}", ""), "code": error.code},
        )
        await work.commit()
