"""Every key that takes turns is rotated again and again under load: ``make campaigns WAVES=100``.

Two gateways serve on one database. Agencies notify at both, send some of it again, and are asked and answer, while wave
after wave every purpose has a successor published, promoted, and used. No valid message may be refused, and none taken
for new twice; what was on its way before the first wave opens after the last. Exit code 0 only where all of it held.

Keys are published for a few seconds here, still for longer than a process goes without looking.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import cast

import aiohttp

from crypto.keys import Purpose
from gateway.keys import REFRESH_EVERY
from gateway.keys.policy import ROTATED
from sandbox.agency import Client
from sandbox.failures import HubRefused, NotTrusted
from sandbox.hub import free_ports
from tests.gateway import borough
from tests.gateway.clock import Clock
from tests.gateway.ground import ground
from tests.gateway.natives import child, notice
from tests.gateway.systems import system
from tests.gateway.town import Town, fresh_reference, town

PUBLISHED = REFRESH_EVERY + timedelta(seconds=1)
_FEED, _MEDIA_TYPE = "police-ppn", "application/xml"
_SEVERAL = 5
_PATIENCE = 120.0


class _Elsewhere:
    """A session whose calls to the hub's public URL reach one of its replicas, as behind a load balancer."""

    def __init__(self, session: aiohttp.ClientSession, public: str, replica: str) -> None:
        self._session, self._public, self._replica = session, public, replica

    def request(self, method: str, url: str, **more: object) -> object:
        """The same call, at the replica."""
        return self._session.request(method, url.replace(self._public, self._replica), **more)  # type: ignore[arg-type]


@dataclass(kw_only=True)
class Held:
    """What was sent, and what did not hold: each a sentence."""

    waves: int = 0
    letters: int = 0
    again: int = 0
    cases: int = 0
    wrong: list[str] = field(default_factory=list)


async def campaign(directory: Path, waves: int, tell: Callable[[str], None]) -> Held:
    """Rotate everything ``waves`` times under load."""
    held, over = Held(), asyncio.Event()
    async with ground(directory, Clock(), database_url=f"sqlite:///{directory / 'hub.sqlite3'}") as place:
        port = free_ports(1)[0]
        async with town(place, _quick) as here, town(place, _quick, enrol=False, listen=port) as there:
            for one in (here, there):
                one.gateway.keys._publish_for = dict.fromkeys(Purpose, PUBLISHED)
            first = await here.referral(notice(child()))
            await here.disclosed(first)
            parked = await here.product(first)
            desk = here.client("police.desk")
            load = [
                asyncio.create_task(_letters(desk, held, over)),
                asyncio.create_task(_letters(_through(desk, here, port), held, over)),
                asyncio.create_task(_cases(here, held, over)),
            ]
            try:
                for number in range(1, waves + 1):
                    await _wave(here, there, number)
                    held.waves = number
                    done = f"{held.letters} letters, {held.cases} cases, {len(held.wrong)} wrong"
                    tell(f"wave {number} of {waves}: {done}")
                    if any(one.done() for one in load):
                        break
            finally:
                over.set()
                _ = await asyncio.wait(load, timeout=_PATIENCE)
            held.wrong += [f"load ended: {type(one.exception()).__name__}" for one in load if one.exception()]
            try:
                _ = await here.client("council.assessment-team").open(parked)
            except (HubRefused, NotTrusted) as error:
                held.wrong.append(f"what was on its way before the first wave: {error}")
            if not (await here.gateway.log.verify()).verified:
                held.wrong.append("the log does not verify")
            counts = await here.counts(_FEED)
            if not counts["reconciled"] or counts["duplicate"] != held.again:
                held.wrong.append(f"{counts['duplicate']} known again of {held.again} that came again")
    return held


async def _wave(here: Town, there: Town, number: int) -> None:
    """Every purpose's next key is in use at both gateways."""
    for purpose in ROTATED:
        await (here if number % 2 else there).gateway.keys.rotate(purpose, here.clock())
    async with asyncio.timeout(_PATIENCE):
        while not all(  # noqa: ASYNC110 - it asks two processes' keys, which set no event
            one.gateway.keys.ring.active(purpose).version > number for one in (here, there) for purpose in ROTATED
        ):
            await asyncio.sleep(0.1)


async def _letters(client: Client, held: Held, over: asyncio.Event) -> None:
    """Notify, and send some of it again: the first answer comes again, and nothing is refused."""
    sent: list[tuple[bytes, str]] = []
    while not over.is_set():
        message = notice(reference=fresh_reference())
        reply = await client.notify(_FEED, message, _MEDIA_TYPE)
        held.letters += 1
        if reply.status != 202:
            held.wrong.append(f"a letter was answered {reply.status}")
            continue
        sent.append((message, reply.headers["Mash-Message-Id"]))
        if len(sent) >= _SEVERAL:
            earlier, name = sent.pop(0)
            again = await client.notify(_FEED, earlier, _MEDIA_TYPE)
            held.again += 1
            if (again.status, again.headers.get("Mash-Message-Id")) != (202, name):
                held.wrong.append(f"a letter that came again was answered {again.status}")


async def _cases(here: Town, held: Held, over: asyncio.Event) -> None:
    """Ask, answer and open, one case after another."""
    while not over.is_set():
        case = await here.referral(notice(child(), reference=fresh_reference()))
        await here.disclosed(case)
        held.cases += 1
        held.letters += 1


def _through(client: Client, here: Town, port: int) -> Client:
    session = cast("aiohttp.ClientSession", _Elsewhere(here.session, here.url, f"http://127.0.0.1:{port}"))
    return system(here.url, client.keys, client.agency, here.stage.hub_keys, session, None, "")


def _quick(made: borough.Document) -> None:
    made["clocks"] = {**made.get("clocks", {}), "watch_seconds": 0.5}
    made["feeds"] = [feed for feed in made["feeds"] if feed["adapter"] != borough.MEND]


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def main() -> int:
    """Run the campaign and say what held."""
    parser = argparse.ArgumentParser(prog="python -m tests.campaigns.rotations", description=__doc__)
    parser.add_argument("--waves", type=int, default=100, help="rotations of every purpose (default: 100)")
    waves, began = parser.parse_args().waves, time.monotonic()
    with tempfile.TemporaryDirectory() as directory:
        held = asyncio.run(campaign(Path(directory), waves, _say))
    for sentence in held.wrong:
        sys.stdout.write(f"{sentence}\n")
    sys.stdout.write(
        f"{held.waves} rotations of {len(ROTATED)} purposes in {time.monotonic() - began:.0f} s under {held.letters} "
        f"letters, {held.again} that came again and {held.cases} cases: {len(held.wrong)} wrong\n"
    )
    return 0 if held.waves == waves and not held.wrong else 2


if __name__ == "__main__":
    sys.exit(main())
