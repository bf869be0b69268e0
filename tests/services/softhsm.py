"""PKCS#11 tokens of the tests' own, kept by SoftHSM in a folder of the run's.

The library reads where its tokens are once per process, so a process has one folder and makes a token per test in it.
"""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pkcs11

from tests.services import debian
from tests.services.process import ServiceFailed

VARIABLE = "SOFTHSM2_CONF"
_LIBRARIES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/local/lib/softhsm/libsofthsm2.so")
_PATTERN = "*/softhsm/libsofthsm2.so"


@dataclass(frozen=True, kw_only=True)
class SoftToken:
    """A token: its label, its PIN, and the library that speaks to it."""

    label: str
    pin: str
    library: Path

    def uri(self, key: str) -> str:
        """The address of a key in it, with this label."""
        return f"pkcs11:token={self.label};object={key}?module-path={self.library}"


def library() -> Path:
    """Return SoftHSM's library, installed first where it is not there and may be.

    Raises:
        ServiceFailed: it is not there and can't be installed.
    """
    found = _library()
    if found is None:
        if trouble := debian.trouble():
            raise ServiceFailed(f"SoftHSM is not here and can't be installed: {trouble}")
        debian.install("softhsm")
        found = _library()
    if found is None or shutil.which("softhsm2-util") is None:
        raise ServiceFailed("SoftHSM is not here: install the package softhsm2")
    return found


def configure(folder: Path) -> None:
    """Keep this process's tokens, and those of the processes that it starts, in this folder."""
    tokens = folder / "tokens"
    tokens.mkdir()
    config = folder / "softhsm2.conf"
    config.write_text(f"directories.tokendir = {tokens}\nobjectstore.backend = file\nlog.level = ERROR\n")
    os.environ[VARIABLE] = str(config)


def make_token(library: Path) -> SoftToken:
    """Return a fresh token.

    Raises:
        ServiceFailed: SoftHSM refused.
    """
    token = SoftToken(label=f"t{secrets.token_hex(4)}", pin=secrets.token_hex(4), library=library)
    pins = ["--so-pin", secrets.token_hex(4), "--pin", token.pin]
    command = ["softhsm2-util", "--init-token", "--free", "--label", token.label, *pins]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode != 0:
        raise ServiceFailed(f"softhsm2-util refused: {done.stderr.strip()[-500:]}")
    # SoftHSM counts its tokens when it is initialised: a library that was loaded before does not see the new one.
    pkcs11.lib(str(library)).reinitialize()
    return token


def _library() -> Path | None:
    named = [Path(text) for text in _LIBRARIES if Path(text).is_file()]
    return next(iter([*named, *sorted(Path("/usr/lib").glob(_PATTERN))]), None)
