"""python-jose depends on ``ecdsa`` (CVE-2024-23342, unfixed) and ``rsa``. They are installed and never imported."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path

import crypto

SCRIPT = """
import importlib, pkgutil, sys
import crypto
for module in pkgutil.iter_modules(crypto.__path__):
    importlib.import_module("crypto." + module.name)
from crypto import jwe, jws
from crypto.jwk import generate_sealing_key, generate_signing_key
signer, opener = generate_signing_key(), generate_sealing_key()
token = jws.sign(b"{}", signer, typ="t")
assert jws.verify(token, {signer.kid: signer.public()}, typ="t").payload == b"{}"
sealed = jwe.seal_to(b"{}", opener.public(), cty="c")
assert jwe.open_with(sealed, {opener.kid: opener}, cty="c").payload == b"{}"
assert jwe.open_direct(jwe.seal_direct(b"", bytes(32), kid="k", cty="c"), bytes(32), kid="k", cty="c") == b""
assert "jose.backends.cryptography_backend" in sys.modules
print(",".join(sorted({name.split(".")[0] for name in sys.modules} & {"ecdsa", "rsa", "pyasn1"})))
"""


def test_neither_is_imported_by_anything_that_we_do() -> None:
    root = Path(next(iter(crypto.__path__))).parent
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=root, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ""


def test_they_could_have_been_imported() -> None:
    # Without this the test above would also pass where they are not installed, and show nothing.
    assert importlib.util.find_spec("ecdsa") is not None
    assert importlib.util.find_spec("rsa") is not None
