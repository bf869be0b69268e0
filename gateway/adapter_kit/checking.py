"""Checking an adapter: the kit's checks on each sample, its sources, its time and files, as rows with what to do."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from adapters.kit import CHECKS, Check, Failed, Sample
from adapters.kit.checks import withstands_hostile_input
from adapters.kit.purity import impurities
from adapters.kit.quality import Quality
from adapters.port import Adapter, Answer, FeedContext, Receipt
from gateway.adapter_kit import samples as sample_files
from gateway.adapter_kit import speed
from gateway.adapter_kit.finding import Found
from schemas.notification import Reading

SLOWEST = 2.0
"""Seconds of processor that one message may take, whatever it is."""


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Where a check did not hold, and what to do about it; neither tells a value of a sample."""

    sample: str
    where: str
    todo: str


@dataclass(frozen=True, kw_only=True)
class Row:
    """One check: what it asks, on how many samples, what failed, and what is worth knowing besides."""

    check: str
    asks: str
    samples: int
    failures: tuple[Failure, ...] = ()
    note: str = ""

    @property
    def held(self) -> bool:
        """Whether nothing failed."""
        return not self.failures


def check(
    found: Found, quality: Quality | None, samples: Sequence[Sample], files: Sequence[Path] = ()
) -> Iterator[Row]:
    """Every row, each as soon as it is known; ``files`` are the samples' files where somebody named them."""
    yield _sources(found)
    timed = Timed(found.adapter)
    for each in CHECKS:
        # The watched clock would itself be a clock where purity is checked.
        adapter = timed if each is withstands_hostile_input else found.adapter
        yield _kit(each, adapter, samples)
    yield _in_time(timed, len(samples))
    yield _speed(found.adapter, samples)
    if not files:
        yield _golden(found, quality)
    yield _described(found, quality)


class Timed:
    """An adapter that does what another does, and notes the longest that one message took, in processor seconds."""

    def __init__(self, adapter: Adapter) -> None:
        self._adapter = adapter
        self.name, self.version = adapter.name, adapter.version
        self.sector, self.summary = adapter.sector, adapter.summary
        self.longest = 0.0
        self.size = 0

    def read(self, payload: bytes, context: FeedContext) -> Reading:
        """As the other."""
        start = time.process_time()
        try:
            return self._adapter.read(payload, context)
        finally:
            took = time.process_time() - start
            if took > self.longest:
                self.longest, self.size = took, len(payload)

    def answer(self, payload: bytes, receipt: Receipt, context: FeedContext) -> Answer:
        """As the other."""
        return self._adapter.answer(payload, receipt, context)


def _kit(each: Check, adapter: Adapter, samples: Sequence[Sample]) -> Row:
    failures = [failure for sample in samples if (failure := _failure(each, adapter, sample)) is not None]
    asks = (each.__doc__ or "").strip().splitlines()[0].rstrip(".")
    return Row(check=each.__name__.replace("_", " "), asks=asks, samples=len(samples), failures=tuple(failures))


def _failure(each: Check, adapter: Adapter, sample: Sample) -> Failure | None:
    try:
        each(adapter, sample)
    except Failed as failed:
        return Failure(sample=sample.name, where=failed.where, todo=failed.todo)
    except Exception as error:  # noqa: BLE001 - somebody else's code: whatever it raises is its failure, by kind and place
        return Failure(sample=sample.name, where=_place(error), todo=f"mend it: it raised {type(error).__name__}")
    return None


def _place(error: BaseException) -> str:
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return f"{Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}" if trace is not None else "somewhere"


def _sources(found: Found) -> Row:
    asks = "Its source reaches for no clock, file, network, randomness or log"
    if found.module is None:
        lost = Failure(sample="", where="its module", todo="define the adapter's class in a module that has a file")
        return Row(check="has pure sources", asks=asks, samples=0, failures=(lost,))
    paths = sorted(found.module.parent.glob("*.py"))
    failures = [
        Failure(sample="", where=f"{path.name}:{line}", todo=f"take out {what}: what it needs is an argument")
        for path in paths
        for line, what in impurities(path.read_text(encoding="utf-8"))
    ]
    return Row(check="has pure sources", asks=asks, samples=0, failures=tuple(failures), note=f"{len(paths)} files")


def _in_time(timed: Timed, count: int) -> Row:
    failures: tuple[Failure, ...] = ()
    if timed.longest > SLOWEST:
        todo = f"bound it: one message took more than {SLOWEST:.0f} s of processor"
        failures = (Failure(sample="", where=f"hostile input of {timed.size} bytes", todo=todo),)
    asks = f"Nothing hostile takes more than {SLOWEST:.0f} s of processor"
    return Row(
        check="keeps its time", asks=asks, samples=count, failures=failures, note=f"longest {timed.longest:.2f} s"
    )


def _speed(adapter: Adapter, samples: Sequence[Sample]) -> Row:
    asks = "It takes no more than a bounded number of bare parses of the same bytes"
    row = Row(check="has a speed class", asks=asks, samples=len(samples))
    try:
        found = [(speed.measure(adapter, sample), sample.name) for sample in samples]
    except Exception as error:  # noqa: BLE001 - a sample that can't be read was told of before, by kind and place here
        lost = Failure(sample="", where=_place(error), todo="mend what the checks above found first")
        return replace(row, failures=(lost,))
    slowest, name = max(found, key=lambda pair: pair[0].ratio)
    note = f"class {slowest.letter}: {slowest.ratio:.0f} bare parses, {slowest.per_kb:.2f} ms per KB ({name})"
    if slowest.letter != "-":
        return replace(row, note=note)
    most = speed.CLASSES[-1][1]
    lost = Failure(sample=name, where=note, todo=f"profile it: the slowest class takes {most:.0f} bare parses")
    return replace(row, failures=(lost,), note=note)


def _golden(found: Found, quality: Quality | None) -> Row:
    paths = sample_files.natives(found, quality)
    failures = [
        Failure(
            sample=path.name, where=sample_files.golden(path).name, todo="write down the reading, once a person read it"
        )
        for path in paths
        if not sample_files.golden(path).is_file()
    ]
    return Row(
        check="has golden files", asks="Each sample has its golden file", samples=len(paths), failures=tuple(failures)
    )


def _described(found: Found, quality: Quality | None) -> Row:
    asks = "A quality file says what is done, exempt and still to do"
    if quality is not None:
        return Row(check="has a quality file", asks=asks, samples=0, note=f"level {quality.level() or 'none yet'}")
    path = found.quality_file
    todo = f"mash adapters quality {found.adapter.name} --draft writes a first one: read it, mend it, save it"
    lost = Failure(sample="", where=path.name if path else "beside its module", todo=todo)
    return Row(check="has a quality file", asks=asks, samples=0, failures=(lost,))
