from __future__ import annotations

from collections.abc import Callable

import pytest
from _pytest.capture import CaptureManager
from _pytest.terminal import TerminalReporter


@pytest.fixture
def tell(pytestconfig: pytest.Config) -> Callable[[str], None]:
    """Say a line where a person sees it while the run goes on; a worker of a parallel run has nowhere to say it."""
    reporter = pytestconfig.pluginmanager.get_plugin("terminalreporter")
    capture = pytestconfig.pluginmanager.get_plugin("capturemanager")

    def told(line: str) -> None:
        if isinstance(reporter, TerminalReporter) and isinstance(capture, CaptureManager):
            with capture.global_and_fixture_disabled():
                reporter.write_line(line)

    return told
