"""The master key as a secret of this process: wraps every other key, and is never in database, broker or backup."""

from __future__ import annotations

import base64
import binascii
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from crypto import atrest, master
from crypto.failure import SealFailed
from schemas.errors import Rejected

_TEXT_LIMIT = 1_000
_DETAIL = "32 random bytes in base64, such as: head -c 32 /dev/urandom | base64"


@dataclass(frozen=True, slots=True)
class MasterKey:
    """32 secret bytes. Neither ``repr`` nor any error shows them."""

    secret: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.secret) != atrest.KEY_BYTES:
            raise Rejected("keys.master.form", _DETAIL, at="master key")

    @classmethod
    def parse(cls, text: str) -> MasterKey:
        """The key in this base64 text; white space around it is passed over.

        Raises:
            Rejected: not base64, or not 32 bytes.
        """
        try:
            secret = base64.b64decode(text.strip(), validate=True)
        except (binascii.Error, ValueError):
            raise Rejected("keys.master.form", _DETAIL, at="master key") from None
        return cls(secret)

    @classmethod
    def read(cls, path: Path) -> MasterKey:
        """The key in this file, which only its owner may read or write.

        Raises:
            Rejected: there is no such file, others may read or write it, or it holds no key.
        """
        try:
            # The mode is asked of the open file, so that it can't be exchanged between the question and the reading.
            with path.open("rb") as file:
                mode = os.fstat(file.fileno()).st_mode
                text = file.read(_TEXT_LIMIT)
        except OSError:
            raise Rejected("keys.master.file", "the file can't be read", at="master key file") from None
        if not stat.S_ISREG(mode) or mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise Rejected("keys.master.mode", "let only its owner read it: chmod 600", at="master key file")
        return cls.parse(text.decode("ascii", errors="replace"))

    @property
    def id(self) -> str:
        """Which key this is; tells nothing of its secret."""
        return master.id_of(self.secret)

    def text(self) -> str:
        """The key as its file holds it."""
        return base64.b64encode(self.secret).decode() + "\n"

    def wrap(self, secret: bytes, *, kid: str, random: Callable[[int], bytes]) -> bytes:
        """A key's secret bytes (any length), sealed for the row with this kid."""
        nonce = random(atrest.NONCE_BYTES)
        return atrest.seal(self.secret, secret, nonce=nonce, aad=master.row_place(kid))

    def unwrap(self, wrapped: bytes, *, kid: str) -> bytes:
        """The secret bytes of the key with this kid.

        Raises:
            Rejected: they were wrapped under another master key, or changed.
        """
        try:
            return atrest.open_sealed(self.secret, wrapped, aad=master.row_place(kid))
        except SealFailed:
            raise other(kid) from None


def other(kid: str) -> Rejected:
    """The refusal of a key's row that this master key does not open."""
    detail = "this master key does not open the stored keys: start with the one that they were made under"
    return Rejected("keys.master.other", detail, at=kid)
