"""Several processes of one hub redeem the same tokens at once, and some are killed while they do.

``make campaign-openings`` runs it at full size on SQLite, or on PostgreSQL where DATABASE= names an empty database of
its own: 8 processes, 300 tokens, each process after all of them. What must come of it: exactly one release of each
token, the same bytes for everybody who asked, one entry of the log for each, and a log that verifies. Exit code 0 only
then.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import hashlib
import multiprocessing
import os
import random
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path

from crypto.opentoken import OpenToken
from gateway import settings
from gateway.bootstrap import Gateway, bootstrap
from gateway.world import World
from schemas.errors import MashError, Unavailable
from tests.campaigns import sealed

_AT_ONCE = 12
_PATIENCE = 1_800.0
_TRIES = 200


@dataclass(frozen=True, kw_only=True)
class Told:
    """What came of one try at one token: the digest of the release, or the code of a refusal."""

    envelope: str
    release: str | None
    refusal: str | None = None


@dataclass(kw_only=True)
class Redeemer:
    """A process that goes for every token, in an order of its own."""

    process: SpawnProcess
    connection: Connection
    told: int = 0


@dataclass(kw_only=True)
class Reckoning:
    """What all of it came to. ``releases`` are the different releases that anybody got, by envelope."""

    releases: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    refusals: Counter[str] = field(default_factory=Counter)
    killed: int = 0
    opened: Counter[str] = field(default_factory=Counter)
    verified: bool = False

    def problems(self, envelopes: Sequence[str]) -> list[str]:
        """What is not as it must be; nothing where all is well."""
        found = [f"{code}: {count} refused" for code, count in sorted(self.refusals.items())]
        found += [f"{one}: {len(self.releases[one])} releases" for one in envelopes if len(self.releases[one]) != 1]
        found += [f"{one}: {self.opened[one]} entries" for one in envelopes if self.opened[one] != 1]
        strays = set(self.opened) - set(envelopes)
        return (
            found + [f"{one}: nobody asked for it" for one in sorted(strays)] + ([] if self.verified else ["the log"])
        )


def redeem_all(connection: Connection, config: str, environ: Mapping[str, str], envelopes: Sequence[str]) -> None:
    """A redeemer's whole life: say that it is ready, wait for the word, go for every token, tell of each."""
    asyncio.run(_redeem_all(connection, Path(config), environ, envelopes))


async def _redeem_all(
    connection: Connection, config: Path, environ: Mapping[str, str], envelopes: Sequence[str]
) -> None:
    async with bootstrap(settings.load(config, environ), World()) as gateway:
        tokens = await sealed.tokens(gateway, envelopes)
        connection.send("ready")
        await asyncio.to_thread(connection.recv)
        order = list(envelopes)
        random.shuffle(order)
        turn = asyncio.Semaphore(_AT_ONCE)

        async def go(name: str) -> None:
            async with turn:
                connection.send(await _told(gateway, name, tokens[name]))

        await asyncio.gather(*(go(name) for name in order))
    connection.send("done")


async def _told(gateway: Gateway, name: str, token: OpenToken) -> Told:
    for _ in range(_TRIES):
        try:
            release = await gateway.opening.redeem(name, token, token.jkt, sealed.use(gateway))
        except Unavailable:
            await asyncio.sleep(random.uniform(0.01, 0.1))  # noqa: S311 - a pause, as a client makes on 503
        except MashError as error:
            return Told(envelope=name, release=None, refusal=error.code)
        else:
            return Told(envelope=name, release=hashlib.sha256(release).hexdigest())
    return Told(envelope=name, release=None, refusal="store.unavailable")


async def campaign(directory: Path, database_url: str, *, processes: int, tokens: int, kills: int) -> Reckoning:
    """Seal the envelopes, let the processes at them, kill some of these and start others in their place, and reckon.

    Raises:
        TimeoutError: it does not come to an end.
    """
    environ = {
        "MASH_MASTER_KEY": base64.b64encode(os.urandom(32)).decode(),
        "MASH_DATABASE_URL": database_url,
    }
    config = directory / "hub.toml"
    sealed.lay_out(config)
    envelopes = await sealed.envelopes(config, environ, tokens)
    reckoning = Reckoning()
    await asyncio.to_thread(_at_them, str(config), environ, envelopes, processes, kills, reckoning)
    async with bootstrap(settings.load(config, environ), World()) as gateway:
        reckoning.opened = Counter(await sealed.opened(gateway))
        reckoning.verified = (await gateway.log.verify()).verified
    return reckoning


def _at_them(  # noqa: PLR0917 - what a race is made of
    config: str, environ: Mapping[str, str], envelopes: Sequence[str], processes: int, kills: int, reckoning: Reckoning
) -> None:
    running = [_redeemer(config, environ, envelopes) for _ in range(processes)]
    doomed = running[:kills]
    until = time.monotonic() + _PATIENCE
    try:
        for one in running:
            _ready(one, until)
        for one in running:
            one.connection.send("go")
        while running:
            if time.monotonic() > until:
                raise TimeoutError("the redeemers do not come to an end")
            for connection in wait([one.connection for one in running], timeout=1.0):
                one = next(each for each in running if each.connection is connection)
                if not _heard(one, reckoning):
                    running.remove(one)
                elif one in doomed and one.told * 3 >= len(envelopes):
                    # In the middle of its work, and of a transaction as like as not. Another comes for all of it again.
                    doomed.remove(one)
                    one.process.kill()
                    reckoning.killed += 1
                    running.append(_redeemer(config, environ, envelopes))
                    _ready(running[-1], until)
                    running[-1].connection.send("go")
    finally:
        for one in running:
            one.process.kill()


def _redeemer(config: str, environ: Mapping[str, str], envelopes: Sequence[str]) -> Redeemer:
    spawning = multiprocessing.get_context("spawn")
    ours, theirs = spawning.Pipe()
    process = spawning.Process(target=redeem_all, args=(theirs, config, dict(environ), list(envelopes)), daemon=True)
    process.start()
    theirs.close()
    return Redeemer(process=process, connection=ours)


def _ready(one: Redeemer, until: float) -> None:
    if not one.connection.poll(max(until - time.monotonic(), 0)) or one.connection.recv() != "ready":
        raise TimeoutError("a redeemer did not get ready")


def _heard(one: Redeemer, reckoning: Reckoning) -> bool:
    """Take in what a redeemer tells; False once it has nothing more to tell."""
    try:
        told = one.connection.recv()
    except (EOFError, OSError):
        if one.process.exitcode is None:
            one.process.join()
        if one.process.exitcode and one.process.exitcode > 0:
            reckoning.refusals["died"] += 1
        return False
    if told == "done":
        one.process.join()
        return False
    one.told += 1
    if told.release is not None:
        reckoning.releases[told.envelope].add(told.release)
    else:
        reckoning.refusals[str(told.refusal)] += 1
    return True


def main() -> int:
    """Run the campaign and say what came of it."""
    parser = argparse.ArgumentParser(prog="python -m tests.campaigns.openings", description=__doc__.partition("\n")[0])
    parser.add_argument("--processes", type=int, default=8)
    parser.add_argument("--tokens", type=int, default=300)
    parser.add_argument("--kills", type=int, default=2, help="processes that are killed in the middle (default: 2)")
    parser.add_argument("--database", metavar="URL", help="an empty PostgreSQL database; SQLite without it")
    chosen = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="mash-openings-") as folder:
        url = chosen.database or f"sqlite:///{folder}/hub.sqlite3"
        reckoning = asyncio.run(
            campaign(Path(folder), url, processes=chosen.processes, tokens=chosen.tokens, kills=chosen.kills)
        )
    problems = reckoning.problems(sorted(reckoning.opened | Counter(list(reckoning.releases))))
    if len(reckoning.releases) != chosen.tokens:
        problems.append(f"{len(reckoning.releases)} of {chosen.tokens} tokens were released")
    for problem in problems:
        sys.stdout.write(f"{problem}\n")
    sys.stdout.write(
        f"{chosen.processes} processes, {chosen.tokens} tokens, {reckoning.killed} killed in"
        f" {time.monotonic() - began:.0f} s: {sum(len(one) for one in reckoning.releases.values())} releases,"
        f" {sum(reckoning.opened.values())} entries, log {'verified' if reckoning.verified else 'NOT verified'}\n"
    )
    return 2 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
