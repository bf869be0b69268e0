"""Installing the servers where the machine is a Debian and we are its root."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from tests.services.process import ServiceFailed

PACKAGES = {"postgres": "postgresql", "rabbitmq": "rabbitmq-server", "softhsm": "softhsm2", "chromium": "chromium"}
SECONDS = 900


def trouble() -> str:
    """Return why nothing can be installed here, or an empty string if it can."""
    if shutil.which("apt-get") is None:
        return "this is no Debian"
    if os.geteuid() != 0:
        return "only root may install packages"
    return ""


def install(service: str) -> None:
    """Install one server's package.

    Raises:
        ServiceFailed: apt-get refused.
    """
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    # One process of the run at a time: apt-get refuses while another holds its lists.
    with (Path(tempfile.gettempdir()) / "mash-apt.lock").open("a", encoding="ascii") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        for command in (
            ["apt-get", "update", "-qq"],
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", PACKAGES[service]],
        ):
            done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=SECONDS, check=False)
            if done.returncode != 0:
                raise ServiceFailed(f"{' '.join(command[:2])} refused: {done.stderr.strip()[-500:]}")
