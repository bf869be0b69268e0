"""What can go wrong between an agency and a hub, as the agency sees it.

These are the sandbox's own: it imports nothing of the gateway. None holds a value that the hub was sent.
"""

from __future__ import annotations


class NotTrusted(Exception):
    """A signature, a seal or a proof does not hold. The text names the step that failed."""


class HubRefused(Exception):
    """The hub answered otherwise than asked for. ``status`` is HTTP's; ``code`` is the problem's stable code."""

    def __init__(self, asked: str, status: int, code: str = "") -> None:
        super().__init__(f"{asked}: {status} {code}".rstrip())
        self.asked = asked
        self.status = status
        self.code = code


class NothingArrived(Exception):
    """What should have been delivered did not arrive in time."""


class HubFailed(Exception):
    """The hub's process could not be laid out, started or asked. The text says what to do."""
