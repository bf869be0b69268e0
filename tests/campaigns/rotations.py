"""Every key that takes turns is rotated again and again under load: ``make campaigns WAVES=100``.

Two gateways serve on one database. Agencies notify at both, send some of it again, and are asked and answer, while wave
after wave every purpose of the hub has a successor published, promoted, and used, and every agency changes its own
keys: the one that it signs with, and those that its clients authenticate with, prove with and open with. No valid
message may be refused, and none taken for new twice; what was on its way before a wave opens after it. Exit code 0 only
where all of it held.

The hub's keys are published for a few seconds here, still for longer than a process goes without looking. An agency
changes its keys between two of its own calls; nobody else waits for it. Of the keys that open, which are slow to make,
each wave changes one client's in each agency.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import cast

import aiohttp
from structlog.testing import capture_logs

from crypto.keys import Purpose
from gateway.keys import REFRESH_EVERY
from gateway.keys.policy import ROTATED
from sandbox.agency import Client
from sandbox.failures import HubRefused, NotTrusted
from sandbox.hub import free_ports
from tests.campaigns.successions import Agencies
from tests.gateway import borough
from tests.gateway.clock import Clock
from tests.gateway.ground import ground
from tests.gateway.natives import child, notice
from tests.gateway.systems import system
from tests.gateway.town import Town, fresh_reference, part, town

PUBLISHED = REFRESH_EVERY + timedelta(seconds=1)
_CHILDREN = itertools.count(1)
_BUGS = frozenset({"bug", "background.bug", "amqp.bug", "adapter.fault"})
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
    """What was sent, and what did not hold: each a sentence. ``changed`` counts the keys that agencies changed."""

    waves: int = 0
    changed: int = 0
    opened: int = 0
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
            agencies = Agencies(town=here)
            load = [
                asyncio.create_task(_letters(agencies, held, over, lambda client: client)),
                asyncio.create_task(_letters(agencies, held, over, lambda client: _through(client, here, port))),
                asyncio.create_task(_cases(agencies, held, over)),
            ]
            try:
                for number in range(1, waves + 1):
                    await _wave(agencies, there, number)
                    held.opened += await agencies.land()
                    held.waves, held.changed = number, agencies.changed
                    done = (
                        f"{held.letters} letters, {held.cases} cases, {held.opened} in flight, {len(held.wrong)} wrong"
                    )
                    tell(f"wave {number} of {waves}: {done}")
                    if any(one.done() for one in load):
                        break
            except (HubRefused, NotTrusted) as error:
                held.wrong.append(f"wave {held.waves + 1}: {error!r}")
            finally:
                over.set()
                _ = await asyncio.wait(load, timeout=_PATIENCE)
            held.wrong += [f"load ended: {one.exception()!r}" for one in load if one.exception()]
            if not (await here.gateway.log.verify()).verified:
                held.wrong.append("the log does not verify")
            counts = await here.counts(_FEED)
            if not counts["reconciled"] or counts["duplicate"] != held.again:
                held.wrong.append(f"{counts['duplicate']} known again of {held.again} that came again")
    return held


async def _wave(agencies: Agencies, there: Town, number: int) -> None:
    """Every purpose's next key is in use at both gateways, and every agency has changed its own."""
    here = agencies.town
    for purpose in ROTATED:
        await (here if number % 2 else there).gateway.keys.rotate(purpose, here.clock())
    await asyncio.gather(*(agencies.change(agency, number) for agency in borough.AGENCIES))
    async with asyncio.timeout(_PATIENCE):
        while not all(  # noqa: ASYNC110 - it asks two processes' keys, which set no event
            one.gateway.keys.ring.active(purpose).version > number for one in (here, there) for purpose in ROTATED
        ):
            await asyncio.sleep(0.1)


async def _letters(agencies: Agencies, held: Held, over: asyncio.Event, where: Callable[[Client], Client]) -> None:
    """Notify, and send some of it again: the first answer comes again, and nothing is refused."""
    sent: list[tuple[bytes, str]] = []
    desk = own = agencies.town.client("police.desk")
    while not over.is_set():
        async with agencies.working("police"):
            if own is not agencies.town.client("police.desk") or not sent:
                own = agencies.town.client("police.desk")
                desk = where(own)
            await _letter(desk, held, sent)


async def _letter(desk: Client, held: Held, sent: list[tuple[bytes, str]]) -> None:
    message = notice(child(next(_CHILDREN)), reference=fresh_reference())
    reply = await desk.notify(_FEED, message, _MEDIA_TYPE)
    held.letters += 1
    if reply.status != 202:
        held.wrong.append(f"a letter was answered {reply.status} {reply.code}")
        return
    sent.append((message, reply.headers["Mash-Message-Id"]))
    if len(sent) >= _SEVERAL:
        earlier, name = sent.pop(0)
        again = await desk.notify(_FEED, earlier, _MEDIA_TYPE)
        held.again += 1
        if (again.status, again.headers.get("Mash-Message-Id")) != (202, name):
            held.wrong.append(f"a letter that came again was answered {again.status} {again.code}")


async def _cases(agencies: Agencies, held: Held, over: asyncio.Event) -> None:
    """Ask, answer, open, and send a product that stays in flight until keys have changed: one case after another."""
    here = agencies.town
    while not over.is_set():
        # A campaign on a slow machine lasts longer than a sign-in.
        await here.manager.sign_in()
        async with agencies.working(*borough.AGENCIES):
            case = await here.referral(notice(child(next(_CHILDREN)), reference=fresh_reference()))
            await here.disclosed(case)
            await here.decided(case)
            (await here.send_product(case, part(case, "history"))).expect("a product", 201)
            held.cases += 1
            held.letters += 1
            await agencies.launch()


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
    with tempfile.TemporaryDirectory() as directory, capture_logs() as told:
        held = asyncio.run(campaign(Path(directory), waves, _say))
    held.wrong += [f"{one['event']}: {one.get('kind')} in {one.get('task')}" for one in told if one["event"] in _BUGS]
    for sentence in held.wrong:
        sys.stdout.write(f"{sentence}\n")
    sys.stdout.write(
        f"{held.waves} rotations of {len(ROTATED)} purposes, and {held.changed} keys of agencies changed, in "
        f"{time.monotonic() - began:.0f} s under {held.letters} letters, {held.again} that came again and {held.cases} "
        f"cases, {held.opened} envelopes opened that were in flight: {len(held.wrong)} wrong\n"
    )
    return 0 if held.waves == waves and not held.wrong else 2


if __name__ == "__main__":
    sys.exit(main())
