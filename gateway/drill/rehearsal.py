"""The rehearsal: every purpose rotated, then every old key taken for lost, with an inventory after each step."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from crypto import base64url, canonical
from crypto.canonical import JsonInput
from crypto.keys import Purpose
from gateway.drill.copying import Copy
from gateway.drill.inventory import Inventory, take_inventory
from gateway.drill.traffic import Traffic
from gateway.keys import RevocationReason
from gateway.keys.policy import PUBLISH_FOR, ROTATED
from gateway.touched import list_touched
from schemas.errors import MashError

Tell = Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step: what was rehearsed, what was looked at, what does not hold (ids and codes).

    ``touched`` counts the list of a compromise; what is on it has to be made anew and is no failure.
    """

    name: str
    purpose: str
    kid: str
    looked_at: int
    failed: tuple[str, ...] = ()
    touched: int = 0
    to_make_anew: int = 0

    @property
    def held(self) -> bool:
        """Tell whether all of it held."""
        return not self.failed


@dataclass(kw_only=True)
class Excused:
    """What no step after is blamed for: what did not hold ``before``, and what is on the list of a lost key."""

    before: Inventory
    ids: set[str] = field(default_factory=set)


@dataclass(kw_only=True)
class Drill:
    """What a drill found."""

    before: Inventory
    steps: list[Step] = field(default_factory=list)
    traffic: int = 0
    wrong: tuple[str, ...] = ()

    @property
    def held(self) -> bool:
        """Tell whether everything held, so that old keys may retire."""
        return not self.before.failed and not self.wrong and all(step.held for step in self.steps)

    def document(self) -> dict[str, JsonInput]:
        """The findings as JSON."""
        return {
            "held": self.held,
            "before": {
                "looked_at": dict(self.before.looked_at),
                "failed": dict(sorted(self.before.failed.items())),
                "under_revoked_keys": len(self.before.revoked),
                "erased": self.before.erased,
            },
            "steps": [
                {
                    "step": step.name,
                    "purpose": step.purpose,
                    "kid": step.kid,
                    "held": step.held,
                    "looked_at": step.looked_at,
                    "failed": list(step.failed),
                    "touched": step.touched,
                    "to_make_anew": step.to_make_anew,
                }
                for step in self.steps
            ],
            "traffic": {"rounds": self.traffic, "wrong": list(self.wrong)},
        }

    @property
    def digest(self) -> str:
        """SHA-256 over the canonical findings, base64url."""
        return base64url.encode(hashlib.sha256(canonical.dumps(self.document())).digest())


async def rehearse(copy: Copy, tell: Tell, purposes: Sequence[Purpose] = ROTATED) -> Drill:
    """Rotate each purpose, then lose each old key, under traffic.

    Raises:
        Unavailable: the copy's database is not there.
    """
    tell("taking an inventory of the copy")
    drill = Drill(before=await take_inventory(copy.here))
    traffic = Traffic(copy=copy)
    await traffic.prepare()
    old = {purpose: copy.here.keys.ring.active(purpose).kid for purpose in purposes}
    for purpose in purposes:
        tell(f"rotating {purpose}: published, waited out, promoted")
        async with _under(traffic):
            drill.steps.append(await _rotated(copy, traffic, purpose, old[purpose], drill.before))
    excused = Excused(before=drill.before)
    for purpose in purposes:
        tell(f"losing {purpose}: {old[purpose]} taken for compromised")
        drill.steps.append(await _lost(copy, traffic, purpose, old[purpose], excused))
    drill.traffic, drill.wrong = traffic.done, tuple(sorted(set(traffic.wrong)))
    return drill


@asynccontextmanager
async def _under(traffic: Traffic) -> AsyncIterator[None]:
    over = asyncio.Event()
    running = asyncio.create_task(traffic.run(over))
    try:
        yield
    finally:
        over.set()
        await running


async def _rotated(copy: Copy, traffic: Traffic, purpose: Purpose, kid: str, before: Inventory) -> Step:
    keys, clock = copy.here.keys, copy.clock
    await keys.rotate(purpose, clock())
    await copy.there.keys.refresh()  # every process looks again before anybody outside has the new set
    traffic.put_in_flight()
    clock.pass_by(PUBLISH_FOR[purpose])
    await copy.there.keys.refresh()
    await copy.there.keys.promote_due(clock())
    await keys.refresh()
    await _made_anew(copy, purpose)
    found = await take_inventory(copy.here)
    failed = set(found.failed) - set(before.failed)
    if keys.ring.active(purpose).kid == kid:
        failed.add("keys.not_promoted")
    return Step(name="rotation", purpose=purpose, kid=kid, looked_at=found.total, failed=tuple(sorted(failed)))


async def _lost(copy: Copy, traffic: Traffic, purpose: Purpose, kid: str, excused: Excused) -> Step:
    here, clock = copy.here, copy.clock
    async with here.store.reading() as work:
        touched = await list_touched(work, here.vault, await work.keys.get(kid))
    listed = {one for ids in touched.ids.values() for one in ids}
    try:
        await here.keys.revoke(kid, RevocationReason.COMPROMISED, clock())
    except MashError as error:
        return Step(name="compromise", purpose=purpose, kid=kid, looked_at=0, failed=(error.code,))
    await copy.there.keys.refresh()
    traffic.drop_in_flight(purpose)
    await traffic.round()
    found = await take_inventory(here)
    fresh = (set(found.failed) | found.revoked) - set(excused.before.failed) - excused.before.revoked
    if purpose in {Purpose.SIGNING, Purpose.POLICY}:
        excused.ids |= listed & fresh  # these alone are verified with the key itself
    return Step(
        name="compromise",
        purpose=purpose,
        kid=kid,
        looked_at=found.total,
        failed=tuple(sorted(fresh - excused.ids)),
        touched=len(listed),
        to_make_anew=len(listed & fresh),
    )


async def _made_anew(copy: Copy, purpose: Purpose) -> None:
    here, clock = copy.here, copy.clock
    if purpose is Purpose.LOOKUP:
        await here.rehash.all(clock())
    if purpose is Purpose.AT_REST:
        done = 1
        while done:
            async with here.store.work() as work:
                done = await here.vault.rewrap(work)
                await work.commit()
