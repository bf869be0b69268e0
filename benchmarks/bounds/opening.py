"""The bound of an opening: what no honest opening can do without, in one process and without HTTP.

Two signatures verified (the message's token and the proof of possession), the release committed with its log entry,
the log's checkpoint signed and committed, the content key sealed to the reader's RSA key.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_SHA = ec.ECDSA(hashes.SHA256())
_OAEP = padding.OAEP(mgf=padding.MGF1(hashes.SHA256()), algorithm=hashes.SHA256(), label=None)
_TOKEN = os.urandom(700)


class Bound:
    """Opens made-up envelopes on a database of its own (SQLite, write-ahead log, synchronous FULL)."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._signing = ec.generate_private_key(ec.SECP256R1())
        self._reader = rsa.generate_private_key(public_exponent=65537, key_size=3072).public_key()
        self._log = ed25519.Ed25519PrivateKey.generate()
        self._signature = self._signing.sign(_TOKEN, _SHA)

    def open(self) -> bytes:
        """One opening; the sealed release."""
        public = self._signing.public_key()
        public.verify(self._signature, _TOKEN, _SHA)
        public.verify(self._signature, _TOKEN, _SHA)
        name = os.urandom(16)
        with self._connection:
            self._connection.execute("INSERT INTO openings VALUES (?, ?)", (name, _TOKEN))
        with self._connection:
            self._connection.execute("INSERT INTO checkpoints VALUES (?)", (self._log.sign(name),))
        content_key, nonce = AESGCM.generate_key(256), os.urandom(12)
        return self._reader.encrypt(content_key, _OAEP) + AESGCM(content_key).encrypt(nonce, _TOKEN, None)


@contextmanager
def bound(directory: Path) -> Iterator[Bound]:
    """A bound with its database in this directory."""
    connection = sqlite3.connect(directory / "bound.sqlite3")
    for setting in ("journal_mode = WAL", "synchronous = FULL"):
        connection.execute(f"PRAGMA {setting}")
    connection.execute("CREATE TABLE openings (id BLOB PRIMARY KEY, entry BLOB NOT NULL)")
    connection.execute("CREATE TABLE checkpoints (note BLOB NOT NULL)")
    yield Bound(connection)
    connection.close()
