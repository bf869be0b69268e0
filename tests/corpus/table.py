"""Runs ``mash normalise``'s own code over every public sample and writes docs/corpus.md: counts, reasons, no contents.

    make corpus-table

Names on standard error what a person must look at: files without a route, refusals that nobody agreed to, files that
are accepted though their route says otherwise. Exit code 0 only where there is nothing of it.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from adapters import registry
from adapters.port import FeedContext
from gateway.normalising import rows
from tests.corpus.routing import CORPUS, HERE, Route, files, load, route

PAGE = HERE.parents[1] / "docs" / "corpus.md"


class Fate(StrEnum):
    """What became of a file."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    WAITING = "waiting"
    NO_MESSAGE = "no message"
    UNROUTED = "without a route"
    TRACEBACK = "traceback"


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """One file: ``code`` is why it was refused (or the kind of error), ``agreed`` whether its route says the same."""

    name: str
    route: Route | None
    fate: Fate
    code: str = ""
    agreed: bool = True

    @property
    def folder(self) -> str:
        """The folder that it lies in."""
        return self.name.partition("/")[0]

    @property
    def counts(self) -> bool:
        """Whether it is a well-formed message that an adapter has seen: of these 95 in a hundred are to be accepted."""
        seen = self.fate in (Fate.ACCEPTED, Fate.REFUSED, Fate.TRACEBACK) or (self.fate is Fate.WAITING and self.code)
        return bool(seen) and self.route is not None and self.route.well_formed


def outcomes(corpus: Path = CORPUS) -> Iterator[Outcome]:
    """What becomes of each file."""
    routes, known = load(), registry.names()
    for path in files(corpus):
        name = path.relative_to(corpus).as_posix()
        yield _outcome(name, path.read_bytes(), route(routes, name), known)


def _outcome(name: str, payload: bytes, taken: Route | None, known: Sequence[str]) -> Outcome:
    if taken is None:
        return Outcome(name=name, route=None, fate=Fate.UNROUTED, agreed=False)
    if taken.no_message:
        return Outcome(name=name, route=taken, fate=Fate.NO_MESSAGE)
    if taken.adapter not in known:
        return Outcome(name=name, route=taken, fate=Fate.WAITING)
    context = FeedContext(feed="corpus", agency="", options=taken.options)
    try:
        problem = next(iter(rows(registry.get(taken.adapter), context, name, payload)))["problem"]
    except Exception as error:  # noqa: BLE001 - what is looked for: an error that is none of our families
        return Outcome(name=name, route=taken, fate=Fate.TRACEBACK, code=type(error).__name__, agreed=False)
    if not isinstance(problem, dict):
        return Outcome(name=name, route=taken, fate=Fate.ACCEPTED, agreed=not (taken.refused or taken.pending))
    code = str(problem["code"])
    if taken.pending:
        return Outcome(name=name, route=taken, fate=Fate.WAITING, code=code)
    return Outcome(name=name, route=taken, fate=Fate.REFUSED, code=code, agreed=bool(taken.refused))


def page(found: Iterable[Outcome]) -> str:
    """The page in Markdown."""
    by_folder: dict[str, list[Outcome]] = {}
    for each in found:
        by_folder.setdefault(each.folder, []).append(each)
    lines = [_HEAD]
    lines += [_row(folder, each) for folder, each in sorted(by_folder.items())]
    lines.append(_row("all", [one for each in by_folder.values() for one in each]))
    lines += ["", "## Refused, and why", "", "| folder | files | code | reason |", "|---|---|---|---|"]
    lines += _reasons(by_folder, Fate.REFUSED)
    lines += ["", "## Not messages, and why", "", "| folder | files | reason |", "|---|---|---|"]
    lines += _reasons(by_folder, Fate.NO_MESSAGE)
    if any(one.fate is Fate.WAITING for each in by_folder.values() for one in each):
        lines += ["", "## Waiting", "", "| folder | files | for |", "|---|---|---|"]
        lines += _reasons(by_folder, Fate.WAITING)
    return "\n".join(lines) + "\n"


_HEAD = """# Public samples through the adapters

`make corpus-table` writes this page: it runs the code of `mash normalise` over every sample that nobody here wrote, by
the routes of `tests/corpus/routes`. A test holds the page in step, finds no traceback, and at least 95 in a hundred of
the well-formed messages accepted in each folder; another that no value of an accepted file is lost.

| folder | files | messages | accepted | refused | waiting | not messages | no route | tracebacks | of the well-formed |
|---|---|---|---|---|---|---|---|---|---|"""


def _row(folder: str, found: Sequence[Outcome]) -> str:
    fates = Counter(each.fate for each in found)
    messages = len(found) - fates[Fate.NO_MESSAGE] - fates[Fate.UNROUTED]
    cells = [folder, len(found), messages, fates[Fate.ACCEPTED], fates[Fate.REFUSED], fates[Fate.WAITING]]
    cells += [fates[Fate.NO_MESSAGE], fates[Fate.UNROUTED], fates[Fate.TRACEBACK], _share(found)]
    return f"| {' | '.join(str(cell) for cell in cells)} |"


def _share(found: Sequence[Outcome]) -> str:
    share = accepted_share(found)
    return "" if share is None else f"{share:.0%}"


def accepted_share(found: Iterable[Outcome]) -> float | None:
    """The accepted part of the well-formed messages, or None where there are none."""
    counted = [each.fate is Fate.ACCEPTED for each in found if each.counts]
    return sum(counted) / len(counted) if counted else None


def _reasons(by_folder: Mapping[str, Sequence[Outcome]], fate: Fate) -> list[str]:
    counts: Counter[tuple[str, ...]] = Counter()
    for folder, found in by_folder.items():
        for each in found:
            if each.fate is fate and each.route is not None:
                counts[folder, *_reason(each, each.route)] += 1
    return [f"| {folder} | {count} | {' | '.join(reason)} |" for (folder, *reason), count in sorted(counts.items())]


def _reason(found: Outcome, taken: Route) -> tuple[str, ...]:
    if found.fate is Fate.REFUSED:
        return f"`{found.code}`", taken.refused or "nobody has agreed to it"
    if found.fate is Fate.WAITING:
        return (taken.pending or f"the adapter {taken.adapter}",)
    return (taken.no_message,)


def main() -> int:
    """Write the page and name what a person must look at."""
    if not CORPUS.is_dir():
        sys.stderr.write(f"lay the corpus at {CORPUS}\n")
        return 2
    found = list(outcomes())
    PAGE.write_text(page(found), encoding="utf-8")
    for each in found:
        if not each.agreed:
            sys.stderr.write(f"{each.name}: {each.fate} {each.code}\n".replace(" \n", "\n"))
    sys.stdout.write(f"{len(found)} files; {PAGE.relative_to(HERE.parents[1])} is written\n")
    return 0 if all(each.agreed for each in found) else 2


if __name__ == "__main__":
    sys.exit(main())
