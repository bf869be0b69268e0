"""HL7 over MLLP: a message in its frame, an acknowledgement in its frame."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.load.pace import Connection, Run
from sandbox.mllp import END, START

_ACCEPTED = (b"\rMSA|AA|", b"\rMSA|CA|")


class MllpConnection(Connection):
    """``take`` gives the next message."""

    def __init__(self, run: Run, take: Callable[[], bytes]) -> None:
        super().__init__(run)
        self._take = take
        self._came = b""

    def send(self) -> None:
        """Write the next message in its frame."""
        assert self.transport is not None
        self.transport.write(START + self._take() + END)

    def data_received(self, data: bytes) -> None:
        """Take the acknowledgement once it is whole."""
        self._came += data
        if not self._came.endswith(END):
            return
        answer, self._came = self._came, b""
        self.run.answered(self, accepted=accepts(answer))


def accepts(acknowledgement: bytes) -> bool:
    """Whether HL7's own answer accepts the message."""
    return any(code in acknowledgement for code in _ACCEPTED)
