"""gzip undone piece by piece, within a bound: a small file that would become a huge one ends at the bound.

Source: RFC 1952; several members one after the other are one text.
"""

from __future__ import annotations

import zlib

from schemas.errors import Rejected, TooLarge

_GZIP = 16 + zlib.MAX_WBITS
_STEP = 64 * 1024
_SLICE = 16 * 1024
_MOST_MEMBERS = 2_000


class Inflating:
    """Takes gzip in pieces, however they are cut, and keeps at most ``limit`` bytes of what it held."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._kept = bytearray()
        self._member = zlib.decompressobj(_GZIP)
        self._begun = False
        self._members = 1

    def feed(self, piece: bytes) -> None:
        """Undo one more piece.

        Raises:
            TooLarge: it holds more than the limit.
            Rejected: it is no gzip, or in too many members.
        """
        # In slices, because what is left of one is copied with every member and every step.
        for start in range(0, len(piece), _SLICE):
            self._feed(piece[start : start + _SLICE])

    def _feed(self, piece: bytes) -> None:
        while piece:
            if self._member.eof:
                # The next member, if there is one; zeros after the last are padding.
                piece = piece.lstrip(b"\0")
                if not piece:
                    return
                self._members += 1
                if self._members > _MOST_MEMBERS:
                    raise Rejected("message.gzip", "send fewer members")
                self._member, self._begun = zlib.decompressobj(_GZIP), False
            try:
                self._kept += self._member.decompress(piece, _STEP)
            except zlib.error as error:
                raise Rejected("message.gzip", "send gzip as RFC 1952 has it") from error
            self._begun = True
            if len(self._kept) > self._limit:
                raise TooLarge("message.too_large", "send a smaller message")
            piece = self._member.unused_data if self._member.eof else self._member.unconsumed_tail

    def finish(self) -> bytes:
        """All that it held.

        Raises:
            Rejected: the last member is cut short.
        """
        if self._begun and not self._member.eof:
            raise Rejected("message.gzip", "send all of it")
        return bytes(self._kept)
