"""MLLP's frames, cut from a stream of bytes however they come. Pure: no I/O and no clock.

A frame is 0x0B, the message, 0x1C 0x0D. Whatever comes before a start byte is noise and is skipped, up to a limit.
Source: HL7 v2, Minimal Lower Layer Protocol (Transport Specification: MLLP, release 1).
"""

from __future__ import annotations

from schemas.errors import TooLarge

START, END = b"\x0b", b"\x1c\x0d"
MOST_NOISE = 64 * 1024
_COMPACT = 64 * 1024


class Frames:
    """Takes bytes in and gives messages of at most ``limit`` bytes out, one at a time, in time linear in the bytes.

    What is held is at most one message, the noise before it, and what was fed since the last ``next`` said None.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._buffer = bytearray()
        self._begin = 0
        self._searched = 0
        self.inside = False
        self.begun = 0

    def feed(self, data: bytes) -> None:
        """Take more of the stream in."""
        self._buffer += data

    def next(self) -> bytes | None:
        """The next message that is whole, or None until more is fed.

        Raises:
            TooLarge: a message over the limit, or too much that is no message. There is nothing after it.
        """
        if not self.inside and not self._start():
            return None
        end = self._buffer.find(END, self._searched)
        size = (len(self._buffer) if end < 0 else end) - self._begin
        # Of an end that is still coming, its first byte may be here already.
        if size > self._limit + (end < 0):
            raise TooLarge("message.too_large", "send a smaller message")
        if end < 0:
            self._searched = max(self._begin, len(self._buffer) - 1)
            return None
        payload = bytes(self._buffer[self._begin : end])
        self.inside = False
        self._pass(end + len(END))
        return payload

    def clear(self) -> None:
        """Forget everything."""
        self._buffer.clear()
        self._begin = self._searched = 0
        self.inside = False

    def _start(self) -> bool:
        start = self._buffer.find(START, self._begin)
        if start < 0:
            noise = len(self._buffer) - self._begin
            if noise > MOST_NOISE:
                raise TooLarge("mllp.noise", "begin each message with the start byte")
            if not noise:
                self._pass(len(self._buffer))
            return False
        self._begin = self._searched = start + 1
        self.inside = True
        self.begun += 1
        return True

    def _pass(self, place: int) -> None:
        """What is before ``place`` is done with; it is dropped now and then, not for every message."""
        if place == len(self._buffer):
            self._buffer.clear()
            place = 0
        elif place > _COMPACT:
            del self._buffer[:place]
            place = 0
        self._begin = self._searched = place
