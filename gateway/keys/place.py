"""Where a hub's master key is: in the environment, in a file, or in a PKCS#11 token."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from crypto.master import Master
from gateway.keys.master import MasterKey
from gateway.keys.pkcs11_uri import TokenAddress
from gateway.keys.token import TokenKey
from gateway.secret import secret
from gateway.whole_file import whole_file
from schemas.errors import Rejected

IN_TEXT, IN_FILE, IN_TOKEN = "MASH_MASTER_KEY", "MASH_MASTER_KEY_FILE", "MASH_MASTER_KEY_PKCS11"
PIN = "MASH_PKCS11_PIN"
_KEY_FILE, _TOKEN_FILE = "master.key", "master.pkcs11"
_LONGEST = 4_000


def master_key(directory: Path, environ: Mapping[str, str]) -> Master:
    """The master key of the hub in this directory; a token is not asked before it is needed.

    The environment goes first. Without it, ``secrets/master.pkcs11`` (the address of a key in a token) or
    ``secrets/master.key`` beside the hub's file.

    Raises:
        Rejected: a token and a secret are both named, or what is there is no key, no address, or readable by others.
    """
    named = [name for name in (IN_TEXT, IN_FILE) if environ.get(name) is not None]
    if environ.get(IN_TOKEN) is not None and named:
        raise Rejected("config.master", f"the master key is in one place: unset {IN_TOKEN} or {named[0]}", at=IN_TOKEN)
    if environ.get(IN_TEXT) is not None:
        return MasterKey.parse(environ[IN_TEXT])
    if environ.get(IN_TOKEN) is not None:
        return token_key(environ[IN_TOKEN], environ)
    address = token_file(directory)
    if not environ.get(IN_FILE) and address.exists():
        return token_key(_read(address), environ)
    return MasterKey.read(Path(environ.get(IN_FILE) or key_file(directory)))


def token_key(uri: str, environ: Mapping[str, str]) -> TokenKey:
    """The key at this address; its PIN from the address's file, or from ``MASH_PKCS11_PIN`` or its ``_FILE``.

    Raises:
        Rejected: the address, or there is no PIN, or others may read its file.
    """
    address = TokenAddress.parse(uri)
    given = {**environ, f"{PIN}_FILE": str(address.pin_file)} if address.pin_file is not None else environ
    pin = secret(given, PIN)
    if pin is None:
        raise Rejected("config.pin", "set it, or name a file that holds it with MASH_PKCS11_PIN_FILE", at=PIN)
    return TokenKey(address, pin)


def token_file(directory: Path) -> Path:
    """Where the address of a hub's key in a token stands, unless the environment says it."""
    return directory / "secrets" / _TOKEN_FILE


def key_file(directory: Path) -> Path:
    """Where a hub's master key stands, unless the environment says it."""
    return directory / "secrets" / _KEY_FILE


def remember(directory: Path, address: TokenAddress | None) -> None:
    """From now on the hub in this directory takes its master key from here; with None, from its file.

    Raises:
        Rejected: the folder can't be written to.
    """
    if address is None:
        token_file(directory).unlink(missing_ok=True)
        return
    with whole_file(token_file(directory)) as file:
        file.write((address.text() + "\n").encode())


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return file.read(_LONGEST).decode("ascii", errors="replace")
    except OSError:
        raise Rejected("keys.pkcs11.file", "the file can't be read", at=path.name) from None
