"""One leaf of a long log deleted, edited, reordered or forked, somewhere: ``make campaigns LEAVES=100000``.

Whoever does it has the database, or the exported file, and knows how it is made: in half of the cases the tree is made
anew, later places close up, and checkpoints are signed by another key. A fork is signed by the hub's own key, and the
file is always sealed by it: what finds it then is a checkpoint that somebody kept. ``mash log verify`` looks at the
database, the program beside an export at the file. Exit code 0 only where each change was found, each time.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import io
import json
import os
import random
import shutil
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.long_log import BEGAN, ORIGIN, OneKey, make
from crypto import base64url, canonical
from crypto.checkpoint import Checkpoint, CheckpointKey, generate_checkpoint_key, sign_checkpoint
from crypto.commitment import commit
from gateway.log import Log, offline_verifier
from gateway.log.bundle import SEAL_SUFFIX
from gateway.log.recomputed import Recomputed
from gateway.store import Store

KINDS = ("deleted", "edited", "reordered", "forked")
SEED = 20261126
Lines = list[dict[str, Any]]
_COLUMNS = ("entry", "salt", "commitment", "actor", "event", "subject")
_TREE = 'INSERT INTO log_nodes (level, "index", hash) VALUES (?, ?, ?)'


@dataclass(kw_only=True)
class Outcome:
    """``found`` counts by who found what was done in which way; ``missed`` names what nobody found."""

    found: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    missed: list[str] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class Base:
    """A whole log: its database, its export line by line, its key, and a checkpoint that somebody kept."""

    database: Path
    lines: Lines
    key: CheckpointKey
    kept: str
    size: int


async def campaign(folder: Path, *, entries: int, each: int, seed: int, tell: Callable[[str], object]) -> Outcome:
    """So many changes of each kind, at random places, in the database and in the file."""
    base, dice, outcome = await _made(folder, entries), random.Random(seed), Outcome()  # noqa: S311 - no secret
    for number in range(each):
        for kind in KINDS:
            place, thorough = dice.randrange(entries), number % 2 == 1
            who = await _in_database(base, folder / "changed.sqlite3", kind, place, dice, thorough=thorough)
            _count(outcome, "mash log verify", kind, place, who)
            _count(outcome, "verify.py", kind, place, _in_file(base, kind, place, dice, thorough=thorough))
        tell(f"{number + 1} of each kind in {entries:,} leaves, {len(outcome.missed)} missed")
    return outcome


def _count(outcome: Outcome, who: str, kind: str, place: int, problem: str | None) -> None:
    if problem is None:
        outcome.missed.append(f"{who}: {kind} at {place}")
    else:
        outcome.found[who, kind, problem] += 1


async def _made(folder: Path, entries: int) -> Base:
    database, keys, file = folder / "whole.sqlite3", OneKey(), io.BytesIO()
    store = Store.open(f"sqlite:///{database}")
    await store.upgrade()
    await make(store, keys.key, entries, each=max(100, entries // 100))
    log = Log(store, keys, origin=ORIGIN, random=os.urandom, clock=lambda: BEGAN)
    await log.export(file)
    kept = await log.checkpoint()
    await store.close()
    assert kept is not None
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    lines = [json.loads(line) for line in file.getvalue().splitlines()[:-1]]
    return Base(database=database, lines=lines, key=keys.key, kept=kept.note, size=entries)


# --- in the database ---


async def verified(database: Path, key: CheckpointKey, seen: Sequence[str] = ()) -> str | None:
    """The problem that ``mash log verify`` finds, or None."""
    store = Store.open(f"sqlite:///{database}")
    try:
        log = Log(store, OneKey(key=key), origin=ORIGIN, random=os.urandom, clock=lambda: BEGAN)
        return (await log.verify(seen)).problem
    finally:
        await store.close()


async def _in_database(
    base: Base, changed: Path, kind: str, place: int, dice: random.Random, *, thorough: bool
) -> str | None:
    shutil.copyfile(base.database, changed)
    try:
        with sqlite3.connect(changed) as connection:
            change_database(connection, kind, place, dice, base, thorough=thorough)
        connection.close()
        return await verified(changed, base.key, [base.kept] if kind == "forked" else [])
    finally:
        for left in changed.parent.glob(f"{changed.name}*"):
            left.unlink()


def change_database(
    connection: sqlite3.Connection, kind: str, place: int, dice: random.Random, base: Base, *, thorough: bool
) -> None:
    """Change the log at this place; ``thorough``: with everything that follows from it but the hub's signature."""
    key = generate_checkpoint_key(ORIGIN)
    match kind:
        case "deleted":
            connection.execute("DELETE FROM log_entries WHERE position = ?", (place,))
            if thorough:
                connection.execute("UPDATE log_entries SET position = -position WHERE position > ?", (place,))
                connection.execute("UPDATE log_entries SET position = -position - 1 WHERE position < 0")
        case "edited" if not thorough:
            column = dice.choice(_COLUMNS)
            (value,) = connection.execute(f"SELECT {column} FROM log_entries WHERE position = ?", (place,)).fetchone()  # noqa: S608 - ours
            other = _flipped(value, dice) if isinstance(value, bytes) else f"{value}x"
            connection.execute(f"UPDATE log_entries SET {column} = ? WHERE position = ?", (other, place))  # noqa: S608 - ours
        case "reordered":
            second = (place + dice.randrange(1, base.size)) % base.size
            for old, new in ((place, -1), (second, place), (-1, second)):
                connection.execute("UPDATE log_entries SET position = ? WHERE position = ?", (new, old))
        case _:
            _rewrite(connection, place)
            key = base.key if kind == "forked" else key
    if thorough or kind == "forked":
        _make_tree_anew(connection, key)


def _rewrite(connection: sqlite3.Connection, place: int) -> None:
    """Another actor in the entry, committed to anew."""
    row = connection.execute("SELECT entry, salt, actor FROM log_entries WHERE position = ?", (place,)).fetchone()
    entry, salt, actor = row
    other = entry.replace(f'"actor":"{actor}"'.encode(), b'"actor":"somebody"', 1)
    connection.execute(
        "UPDATE log_entries SET entry = ?, actor = 'somebody', commitment = ? WHERE position = ?",
        (other, commit(salt, other), place),
    )


def _make_tree_anew(connection: sqlite3.Connection, key: CheckpointKey) -> None:
    """Every node and checkpoint over the entries as they stand, signed by this key."""
    found = connection.execute("SELECT commitment FROM log_entries WHERE position >= 0 ORDER BY position")
    leaves, tree = [leaf for (leaf,) in found], Recomputed()
    sizes = [size for (size,) in connection.execute("SELECT size FROM log_checkpoints ORDER BY size")]
    connection.execute("DELETE FROM log_nodes")
    for size in sizes:
        for level, first, hashes in tree.append(leaves[tree.size : size]):
            connection.executemany(_TREE, [(level, index, one) for index, one in enumerate(hashes, first)])
        root = tree.root()
        note = sign_checkpoint(Checkpoint(origin=ORIGIN, size=tree.size, root=root), key)
        told = (tree.size, root, note, size)
        connection.execute("UPDATE log_checkpoints SET size = ?, root = ?, note = ? WHERE size = ?", told)


def _flipped(value: bytes, dice: random.Random) -> bytes:
    changed = bytearray(value)
    changed[dice.randrange(len(value))] ^= 1 << dice.randrange(8)
    return bytes(changed)


# --- in the file ---


def verified_file(lines: Lines, base: Base, seen: str | None = None) -> str | None:
    """The problem that the program beside an export finds, sealed by the hub's own key as these lines are; or None."""
    body = b"".join(canonical.dumps(line) + b"\n" for line in lines)
    sealed = Checkpoint(origin=ORIGIN + SEAL_SUFFIX, size=len(lines), root=hashlib.sha256(body).digest())
    seal = canonical.dumps({"kind": "seal", "note": sign_checkpoint(sealed, base.key)}) + b"\n"
    try:
        offline_verifier.verify(io.BytesIO(body + seal), key=base.key.verifier().text(), seen=seen)
    except offline_verifier.NotVerified as error:
        return str(error).split(": ")[-1].rstrip("0123456789 ")
    return None


def _in_file(base: Base, kind: str, place: int, dice: random.Random, *, thorough: bool) -> str | None:
    lines = change_file(base, kind, place, dice, thorough=thorough)
    return verified_file(lines, base, base.kept if kind == "forked" else None)


def change_file(base: Base, kind: str, place: int, dice: random.Random, *, thorough: bool) -> Lines:
    """The lines, changed at this place; ``thorough``: with everything that follows from it but new checkpoints."""
    lines = [dict(line) for line in base.lines]
    entries = [number for number, line in enumerate(lines) if line["kind"] == "entry"]
    at = entries[place]
    match kind:
        case "deleted":
            del lines[at]
        case "edited" if not thorough:
            name = dice.choice(("entry", "salt"))
            changed = _flipped(base64url.decode(lines[at]["salt"]), dice)
            lines[at][name] = (
                base64url.encode(changed) if name == "salt" else lines[at]["entry"].replace("2026", "2025", 1)
            )
        case "edited" | "forked":
            entry = json.loads(lines[at]["entry"])
            lines[at]["entry"] = canonical.dumps({**entry, "actor": "somebody"}).decode()
        case _:
            other = entries[(place + dice.randrange(1, base.size)) % base.size]
            lines[at], lines[other] = lines[other], lines[at]
    if thorough:
        for index, line in enumerate([line for line in lines if line["kind"] == "entry"]):
            line["index"] = index
    if kind == "forked":
        _sign_checkpoints_anew(lines, base.key)
    return lines


def _sign_checkpoints_anew(lines: Lines, key: CheckpointKey) -> None:
    tree, waiting = Recomputed(), list[bytes]()
    for line in lines:
        if line["kind"] == "entry":
            waiting.append(commit(base64url.decode(line["salt"]), line["entry"].encode()))
        elif line["kind"] == "checkpoint":
            tree.append(waiting)
            waiting.clear()
            line["note"] = sign_checkpoint(Checkpoint(origin=ORIGIN, size=tree.size, root=tree.root()), key)


def main() -> int:
    """Run the campaign and say what was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.campaigns.histories", description=__doc__)
    parser.add_argument("--leaves", type=int, default=100_000, help="how long the log is (default: 100000)")
    parser.add_argument("--each", type=int, default=25, help="changes of each kind (default: 25)")
    parser.add_argument("--seed", type=int, default=SEED, help="repeats a campaign")
    given, began = parser.parse_args(), time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        outcome = asyncio.run(
            campaign(
                Path(folder),
                entries=given.leaves,
                each=given.each,
                seed=given.seed,
                tell=lambda line: sys.stderr.write(f"{line}\n"),
            )
        )
    for (who, kind, problem), times in sorted(outcome.found.items()):
        sys.stdout.write(f"{who}: {kind}, {times} times: {problem}\n")
    for missed in outcome.missed:
        sys.stdout.write(f"MISSED: {missed}\n")
    took = time.monotonic() - began
    sys.stdout.write(f"{outcome.found.total()} found, {len(outcome.missed)} missed in {took:.0f} s\n")
    return 2 if outcome.missed else 0


if __name__ == "__main__":
    sys.exit(main())
