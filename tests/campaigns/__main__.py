"""A long campaign of mutations through every adapter: ``make campaigns N=100000 ADAPTER=police.ppn SEED=7``.

Two processes of their own work through the cases, each under a limit on its memory; one that does not come back from a
case is ended, and the case counts as found. What is found is made smaller and saved under .campaigns, with the seed and
the number that make it again. Exit code 0 only where nothing was found.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from multiprocessing.connection import wait
from pathlib import Path

from adapters import registry
from tests.campaigns.case import Finding, payload_of, smaller
from tests.campaigns.sources import sources
from tests.campaigns.worker import Task, Worker

SAVED = Path(__file__).parents[2] / ".campaigns"
_PROCESSES = 2
_STEP = 25
_PATIENCE = 120.0  # for a step: on a busy machine its cases take many times their own time
_MOST_FOUND = 20


def campaign(names: Sequence[str], cases: int, seed: int) -> list[tuple[Task, int, Finding]]:
    """Every case of every adapter; what was found."""
    tasks = [Task(name, seed, start, min(start + _STEP, cases)) for name in names for start in range(0, cases, _STEP)]
    found: list[tuple[Task, int, Finding]] = []
    waiting, done, began = tasks[::-1], 0, time.monotonic()
    workers = [Worker() for _ in range(min(_PROCESSES, len(tasks)))]
    try:
        while waiting or any(worker.task for worker in workers):
            found += [_ended(workers, worker) for worker in list(workers) if _hangs(worker)]
            for worker in workers:
                if worker.task is None and waiting:
                    worker.give(waiting.pop())
            ready = wait([worker.connection for worker in workers], timeout=1.0)
            for worker in [each for each in workers if each.connection in ready]:
                task = worker.task
                try:
                    told = worker.connection.recv()
                except (EOFError, OSError):
                    if task is not None:
                        found.append((task, -1, Finding(kind="died", place=f"exit code {worker.process.exitcode}")))
                    workers[workers.index(worker)] = Worker()
                    continue
                if told.finding is not None:
                    found.append((told.task, told.number, told.finding))
                else:
                    worker.task = None
                    done += told.task.end - told.task.start
                worker.since = time.monotonic()
            _progress(done, cases * len(names), len(found), began)
            if len(found) >= _MOST_FOUND:
                break
    finally:
        for worker in workers:
            worker.end()
    return found


def _hangs(worker: Worker) -> bool:
    return worker.task is not None and time.monotonic() - worker.since > _PATIENCE


def _ended(workers: list[Worker], worker: Worker) -> tuple[Task, int, Finding]:
    """What to say of a worker that did not come back; another takes its place."""
    task = worker.task
    assert task is not None
    worker.end()
    workers[workers.index(worker)] = Worker()
    return task, -1, Finding(kind="hung", place=f"over {_PATIENCE:.0f} s")


def _progress(done: int, total: int, found: int, began: float) -> None:
    rate = done / max(time.monotonic() - began, 1e-9)
    line = f"{done} of {total} cases, {rate:.0f} a second, {found} findings"
    sys.stderr.write(f"\r{line:<70}" if sys.stderr.isatty() else (f"{line}\n" if done % 10_000 == 0 and done else ""))


def save(task: Task, number: int, finding: Finding) -> Path:
    """Save a finding's bytes, made smaller where the case comes back at all."""
    SAVED.mkdir(exist_ok=True)
    first = number if number >= 0 else task.start
    payload = payload_of(task.seed, task.name, first, sources(task.name))
    if number >= 0 and finding.kind not in {"slow", "large"}:
        payload = smaller(registry.get(task.name), payload, finding)
    path = SAVED / f"{task.name}-{task.seed}-{first}.bin"
    path.write_bytes(payload)
    return path


def main() -> int:
    """Run the campaign and name what was found."""
    parser = argparse.ArgumentParser(prog="python -m tests.campaigns", description="Mutations through every adapter.")
    parser.add_argument("--cases", type=int, default=100_000, help="for each adapter (default: 100000)")
    parser.add_argument("--adapter", action="append", help="only this one; may be given again")
    parser.add_argument("--seed", type=int, default=20261125, help="repeats a campaign")
    chosen = parser.parse_args()
    names = [registry.get(name).name for name in chosen.adapter or registry.BUILT_IN]
    began = time.monotonic()
    found = campaign(names, chosen.cases, chosen.seed)
    for task, number, finding in found:
        where = f"case {number}" if number >= 0 else f"cases {task.start} to {task.end}"
        path = save(task, number, finding)
        sys.stdout.write(f"{task.name}: {where}, seed {task.seed}: {finding.kind} {finding.place}: {path}\n")
    took = time.monotonic() - began
    sys.stdout.write(f"{chosen.cases} cases for each of {len(names)} adapters in {took:.0f} s: {len(found)} findings\n")
    return 2 if found else 0


if __name__ == "__main__":
    sys.exit(main())
