"""What a server costs as whole processes: its time on the processor and its memory, with every child it has.

Source: Linux, proc(5): ``stat``, ``status``, ``smaps_rollup``, ``clear_refs``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_PROC = Path("/proc")
_TICKS = os.sysconf("SC_CLK_TCK")
_MIB = 1024.0
_PEAK_AGAIN = "5"


@dataclass(frozen=True, kw_only=True)
class Memory:
    """MiB of one process: now (``resident``), with its part of what is shared (``proportional``), and at most."""

    resident: float
    proportional: float
    peak: float


def tree(pid: int) -> list[int]:
    """The process and all that came of it."""
    return [pid, *(below for child in _children(pid) for below in tree(child))]


def seconds(pid: int) -> float:
    """Time on the processor, user and system, of the process and all that came of it, ended children included."""
    return sum(_spent(each) for each in tree(pid))


def memory(pid: int) -> Memory:
    """The memory of one process."""
    status = _fields(_PROC / str(pid) / "status")
    rollup = _fields(_PROC / str(pid) / "smaps_rollup")
    return Memory(
        resident=status.get("VmRSS", 0) / _MIB,
        proportional=rollup.get("Pss", 0) / _MIB,
        peak=status.get("VmHWM", 0) / _MIB,
    )


def peak(pid: int) -> float:
    """The most memory so far in MiB, summed over the process and all that came of it."""
    return sum(memory(each).peak for each in tree(pid))


def begin_peak_anew(pid: int) -> None:
    """Forget the peaks until now."""
    for each in tree(pid):
        (_PROC / str(each) / "clear_refs").write_text(_PEAK_AGAIN, encoding="ascii")


def _children(pid: int) -> Iterator[int]:
    for task in (_PROC / str(pid) / "task").glob("*/children"):
        try:
            yield from (int(child) for child in task.read_text(encoding="ascii").split())
        except (FileNotFoundError, ProcessLookupError):
            continue


def _spent(pid: int) -> float:
    try:
        stat = (_PROC / str(pid) / "stat").read_text(encoding="ascii", errors="replace")
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    # After the name, which may hold anything: utime, stime and those of ended children are fields 14 to 17.
    fields = stat.rpartition(")")[2].split()
    return sum(int(ticks) for ticks in fields[11:15]) / _TICKS


def _fields(path: Path) -> dict[str, int]:
    """The lines that give kB."""
    found: dict[str, int] = {}
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        name, _, value = line.partition(":")
        number, _, unit = value.strip().partition(" ")
        if unit == "kB" and number.isdecimal():
            found[name] = int(number)
    return found
