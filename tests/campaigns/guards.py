"""Each attack's test is red without the attack's guard: ``make attack-guards``.

The tree is copied. With every guard in, every test of the table passes. Then one guard after the other is cut out of
the copy, the test of its attack is run alone, and it must fail, by an assertion of its own: a test that stays green
guards nothing, and one that errs for another reason shows nothing. Exit code 0 only where all of that held.

``ONLY=words`` chooses the attacks whose words contain these.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.attacks.guard import Guard
from tests.attacks.guards import GUARDS
from tests.attacks.table import ROOT, ROWS

_LEFT = shutil.ignore_patterns(".git", ".venv", ".tools", ".demo", "__pycache__", ".*_cache", ".hypothesis")
_LONGEST = 600.0
# How a test's own words end it: what an assertion says first, or that what should have been refused was not.
_BY_ASSERTION = re.compile(r"^(?:AssertionError|assert |Failed: DID NOT RAISE|ExceptionGroup: errors while)")


@dataclass(frozen=True, kw_only=True)
class Ran:
    """What a run of pytest came to: tests that ran, and how each that did not pass ended."""

    tests: int
    failed: tuple[str, ...]
    said: str

    def fell(self, how: str) -> bool:
        """Whether it failed as it should without a guard: a test of it did, by its own assertion, or ``how``."""
        return any(_BY_ASSERTION.match(one) or (how and one.startswith(how)) for one in self.failed)


def tree(into: Path) -> Path:
    """A copy of the tree, as it is in the working directory."""
    return Path(shutil.copytree(ROOT, into / "tree", ignore=_LEFT))


@contextmanager
def without(copy: Path, guard: Guard) -> Iterator[None]:
    """The copy without this guard, until the block ends.

    Raises:
        LookupError: a cut does not stand in its file exactly once.
    """
    before = {cut.file: (copy / cut.file).read_text("utf-8") for cut in guard.cuts}
    try:
        for cut in guard.cuts:
            text = (copy / cut.file).read_text("utf-8")
            if text.count(cut.old) != 1:
                raise LookupError(f"{cut.file}: {cut.old!r} stands there {text.count(cut.old)} times")
            (copy / cut.file).write_text(text.replace(cut.old, cut.new), "utf-8")
        yield
    finally:
        for file, text in before.items():
            (copy / file).write_text(text, "utf-8")


def run(copy: Path, tests: Sequence[str], *more: str) -> Ran:
    """Run these tests in the copy, with the packages of the copy."""
    report = copy / "report.xml"
    report.unlink(missing_ok=True)
    ran = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-p",
            "no:cacheprovider",
            "-q",
            "--tb=line",
            f"--junitxml={report}",
            *more,
            *tests,
        ],
        cwd=copy,
        env={**os.environ, "PYTHONPATH": str(copy), "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=_LONGEST,
        check=False,
    )
    if not report.exists():
        return Ran(tests=0, failed=(), said=ran.stdout)
    cases = list(ET.parse(report).iter("testcase"))  # noqa: S314 - pytest has just written it
    ended = [one for case in cases for one in (*case.iter("failure"), *case.iter("error"))]
    skipped = sum(1 for case in cases for _ in case.iter("skipped"))
    return Ran(
        tests=len(cases) - skipped, failed=tuple(one.get("message", "").strip() for one in ended), said=ran.stdout
    )


def name_of(guard: Guard) -> str:
    """The test of the guard's attack, as pytest names it."""
    (row,) = [row for row in ROWS if row.attack == guard.attack]
    return f"{row.path}::{row.test}"


def judge(copy: Path, guard: Guard) -> str:
    """What is wrong with the test of this guard; nothing where it fails as it must."""
    with without(copy, guard):
        ran = run(copy, [name_of(guard)], "-x", "-n", "0", *(("-k", guard.only) if guard.only else ()))
    if not ran.tests:
        return f"nothing ran: {ran.said[-400:]}"
    if not ran.failed:
        return "stays green without its guard"
    return "" if ran.fell(guard.falls) else f"fails for another reason: {ran.failed[0][:200]}"


def campaign(guards: Sequence[Guard], tell: Callable[[str], None]) -> list[str]:
    """What is wrong, each a sentence."""
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        copy = tree(Path(folder))
        whole = run(copy, sorted({name_of(one) for one in guards}), "--numprocesses=2", "--dist=loadfile")
        tell(f"with every guard: {whole.tests} tests, {len(whole.failed)} failed")
        if whole.failed or not whole.tests:
            wrong.append(f"with every guard in: {whole.said[-2000:]}")
        for number, one in enumerate(guards, start=1):
            began = time.monotonic()
            problem = judge(copy, one)
            wrong += [f"{one.attack}: {problem} ({one.cuts[0].file})"] if problem else []
            told = problem.partition("\n")[0] or "red"
            took = time.monotonic() - began
            tell(f"{number} of {len(guards)}: {one.attack} ({one.cuts[0].file}): {told}, {took:.0f} s")
    return wrong


def main() -> int:
    """Run the campaign and say what held."""
    parser = argparse.ArgumentParser(prog="python -m tests.campaigns.guards", description=__doc__)
    parser.add_argument("--only", default="", help="attacks whose words contain these")
    only = parser.parse_args().only
    chosen = [one for one in GUARDS if only in one.attack]
    began = time.monotonic()
    wrong = campaign(chosen, lambda line: print(line, file=sys.stderr, flush=True))  # noqa: T201 - it tells its progress
    for sentence in wrong:
        sys.stdout.write(f"{sentence}\n")
    attacks = len({one.attack for one in chosen})
    sys.stdout.write(
        f"{len(chosen)} guards of {attacks} attacks taken out in {time.monotonic() - began:.0f} s: {len(wrong)} wrong\n"
    )
    return 0 if chosen and not wrong else 2


if __name__ == "__main__":
    sys.exit(main())
