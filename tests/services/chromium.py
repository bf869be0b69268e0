"""A Chromium for the tests of pages: Debian's, which is installed where it may be and is not there."""

from __future__ import annotations

import os
import shutil

from tests.services import debian
from tests.services.process import ServiceFailed

VARIABLE = "MASH_TEST_CHROMIUM"
_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


def executable() -> str:
    """Return the browser's program, installed first where it is not there and may be.

    Raises:
        ServiceFailed: it is not there and can't be installed.
    """
    found = _found()
    if found is None:
        if trouble := debian.trouble():
            raise ServiceFailed(
                f"no Chromium is here and none can be installed ({trouble}): name its program in {VARIABLE}"
            )
        debian.install("chromium")
        found = _found()
    if found is None:
        raise ServiceFailed(f"no Chromium is here: install the package chromium, or name its program in {VARIABLE}")
    return found


def arguments() -> list[str]:
    """Return what it is started with: for root its sandbox is not to be had."""
    return ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []


def _found() -> str | None:
    named = os.environ.get(VARIABLE)
    return named or next((path for name in _NAMES if (path := shutil.which(name))), None)
