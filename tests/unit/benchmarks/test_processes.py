"""What a process and its children cost."""

import subprocess
import sys
from collections.abc import Callable, Iterator

import pytest

from benchmarks import processes

BUSY = """
import time
while time.process_time() < 0.3:
    pass
print('done', flush=True)
input()
"""
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {BUSY!r}])"
LARGE = "x = bytearray(80 << 20); print('done', flush=True); input(); del x; print('gone', flush=True); input()"

Started = Callable[[str], subprocess.Popen[str]]


@pytest.fixture
def started() -> Iterator[Started]:
    running: list[subprocess.Popen[str]] = []

    def start(code: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        running.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "done\n"
        return process

    yield start
    for process in running:
        process.communicate("\n\n")


def test_time_is_that_of_the_children_too(started: Started) -> None:
    alone, parent = started(BUSY), started(PARENT)
    assert processes.seconds(alone.pid) >= 0.25
    assert len(processes.tree(parent.pid)) == 2
    assert processes.seconds(parent.pid) >= 0.25


def test_a_peak_is_of_the_time_since_it_was_begun_anew(started: Started) -> None:
    process = started(LARGE)
    assert processes.peak(process.pid) > 80
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("\n")
    process.stdin.flush()
    assert process.stdout.readline() == "gone\n"
    processes.begin_peak_anew(process.pid)
    assert processes.peak(process.pid) < 80
    assert processes.memory(process.pid).proportional > 0
