"""The gateway's own log: one JSON object a line, and of libraries nothing but their names."""

from __future__ import annotations

import io
import json
import logging
import sys
from collections.abc import Iterator

import pytest
import structlog

from gateway import logs

CANARY = "Zephyrine Quillfeather"


@pytest.fixture
def stream(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What is written once the log is configured; everything is as before afterwards."""
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    levels = {name: logging.getLogger(name).level for name in logs._QUIET}
    written = io.StringIO()
    monkeypatch.setattr(sys, "stderr", written)
    logs.configure("INFO")
    yield written
    structlog.reset_defaults()
    root.handlers = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_one_object_with_its_level_and_its_time_in_utc(stream: io.StringIO) -> None:
    structlog.get_logger("x").warning("intake.unavailable", feed="police-ppn")
    (line,) = lines(stream)
    assert (line["event"], line["feed"], line["level"]) == ("intake.unavailable", "police-ppn", "warning")
    assert str(line["timestamp"]).endswith("Z")


def test_what_is_below_the_level_is_not_written(stream: io.StringIO) -> None:
    structlog.get_logger("x").debug("detail")
    structlog.get_logger("x").info("said")
    assert [line["event"] for line in lines(stream)] == ["said"]


@pytest.mark.parametrize("name", ["hl7", "aiormq.connection", "sqlalchemy.engine", "somebody.elses"])
def test_of_a_library_only_its_name_and_level_are_kept(stream: io.StringIO, name: str) -> None:
    try:
        raise ValueError(CANARY)
    except ValueError:
        logging.getLogger(name).exception("it fell over %s", CANARY)
    (line,) = lines(stream)
    assert (line["event"], line["logger"], line["level"]) == ("library", name, "warning")
    assert "Zephyrine" not in stream.getvalue()
    assert "Traceback" not in stream.getvalue()


def test_libraries_that_talk_much_are_quiet_below_errors(stream: io.StringIO) -> None:
    for name in logs._QUIET:
        logging.getLogger(name).warning(CANARY)
    assert lines(stream) == []
