"""Single bits of fifty bundles flipped, before the program alone that checks them: ``make campaigns BITS=20000``.

Of the smallest bundles every bit is tried, of the others every bit of the seal and so many, drawn by seed, of the rest.
Each must be refused. Exit code 0 only where each was.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from gateway.bootstrap import Gateway
from gateway.cli.log import _answer
from gateway.log.custody_verifier import Bundle, Key, NotVerified, verifier
from gateway.store import Reading
from gateway.store.records import MessageRecord
from tests.gateway import borough
from tests.gateway.natives import child, notice
from tests.unit.gateway.case import asked, decided, product, rated
from tests.unit.gateway.whole import document, person, put_together

SEED = 20261126
READERS = (None, "police", "health", "council")
"""Whom bundles are cut for; None sees everything."""


@dataclass(kw_only=True)
class Outcome:
    """How many bits were flipped in how many different bundles, of how many of these every one; what was taken."""

    bundles: int = 0
    whole: int = 0
    bits: int = 0
    taken: list[str] = field(default_factory=list)


def campaign(
    bundles: list[bytes],
    trust: list[Key],
    *,
    whole: int,
    bits: int,
    seed: int,
    tell: Callable[[str], object],
    of_seal: int | None = None,
) -> Outcome:
    """Flip every bit of the ``whole`` smallest bundles; of each of the others ``bits``, and ``of_seal`` of its seal.

    None: every one of its seal.
    """
    outcome, dice = Outcome(bundles=len(set(bundles))), random.Random(seed)  # noqa: S311 - which bits is no secret
    for number, data in enumerate(sorted(bundles, key=len)):
        Bundle(data, trust)  # as it stands, it holds
        end = data[:-1].rindex(b"\n") + 1
        if number < whole:
            tried: Iterable[int] = range(8 * len(data))
            outcome.whole += 1
        else:
            seal = range(8 * end, 8 * len(data))
            of_it = seal if of_seal is None else dice.sample(seal, of_seal)
            tried = [*dice.sample(range(8 * end), min(bits, 8 * end)), *of_it]
        for bit in tried:
            outcome.bits += 1
            if not refused(data, bit, trust):
                outcome.taken.append(f"bundle {number}, bit {bit}")
        tell(f"bundle {number + 1} of {len(bundles)}, {len(data):,} bytes, {outcome.bits:,} bits so far")
    return outcome


def refused(data: bytes, bit: int, trust: list[Key]) -> bool:
    """Tell whether the bundle with this bit flipped is refused."""
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    try:
        Bundle(bytes(changed), trust)
    except NotVerified:
        return True
    return False


async def made(gateway: Gateway, count: int) -> list[bytes]:
    """So many different bundles: of several referrals, in full and cut for each agency."""
    bundles: list[bytes] = []
    while len(bundles) < count:
        referral = await _worked(gateway, len(bundles) + 1)
        bundles += [await exported(gateway, referral, reader) for reader in READERS[: count - len(bundles)]]
    return bundles


async def exported(gateway: Gateway, referral: str, agency: str | None = None) -> bytes:
    """The bundle of this referral, cut for this agency."""

    async def answer(work: Reading, message: MessageRecord) -> bytes | None:
        return await _answer(gateway, work, message)

    file = io.BytesIO()
    await gateway.log.export_custody(file, referral, agency=agency, answer=answer)
    return file.getvalue()


async def _worked(gateway: Gateway, number: int) -> str:
    """A referral of a child of its own that was asked about, decided on and told of."""
    answered = await gateway.intake.receive(gateway.feeds["police-ppn"], notice(child(number)), "police.desk")
    async with gateway.store.reading() as work:
        (item,) = await work.messages.items(answered.message_id)
    referral = str(item.referral_id)
    await gateway.log.sequence()
    await rated(gateway, referral)
    request = await asked(gateway, referral)
    await gateway.viewing.referral(person("manager"), referral)
    await decided(gateway, referral, acknowledged=[request])
    await product(gateway, referral)
    return referral


async def fresh(folder: Path, count: int) -> tuple[list[bytes], list[Key]]:
    """So many different bundles of a hub that is made for them, and the key that they are checked with."""
    hub = document("https://id.example")
    hub["feeds"] = [feed for feed in hub["feeds"] if feed["adapter"] != borough.MEND]
    url = f"sqlite:///{folder / 'hub.sqlite3'}"
    async with put_together(folder, lambda: datetime.now(UTC), hub, database_url=url) as gateway:
        return await made(gateway, count), [verifier(gateway.keys.log_key())]


def main() -> int:
    """Run the campaign and say what was refused."""
    parser = argparse.ArgumentParser(prog="python -m tests.campaigns.bundles", description=__doc__)
    parser.add_argument("--bundles", type=int, default=50, help="different bundles (default: 50)")
    parser.add_argument("--whole", type=int, default=5, help="of how many every bit is flipped (default: 5)")
    parser.add_argument("--bits", type=int, default=20_000, help="of each of the others (default: 20000)")
    parser.add_argument("--seed", type=int, default=SEED, help="repeats a campaign on the same bundles")
    given, began = parser.parse_args(), time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        bundles, trust = asyncio.run(fresh(Path(folder), given.bundles))
    outcome = campaign(
        bundles,
        trust,
        whole=given.whole,
        bits=given.bits,
        seed=given.seed,
        tell=lambda line: sys.stderr.write(f"{line}\n"),
    )
    for taken in outcome.taken:
        sys.stdout.write(f"TAKEN: {taken}\n")
    sys.stdout.write(
        f"{outcome.bits:,} bits flipped in {outcome.bundles} different bundles, every one in {outcome.whole} of them: "
        f"{len(outcome.taken)} taken, in {time.monotonic() - began:.0f} s\n"
    )
    return 2 if outcome.taken or outcome.bundles < given.bundles else 0


if __name__ == "__main__":
    sys.exit(main())
