"""The one error that says that a signature, a seal, a token or a proof could not be trusted."""

from __future__ import annotations

from schemas.errors import Untrusted

UNTRUSTED = "crypto.untrusted"


class SealFailed(Untrusted):
    """Guarantees that whoever sent the thing learns nothing about why it failed.

    ``code`` is always ``crypto.untrusted``, ``detail`` and ``at`` are always empty. ``reason`` is a short dotted name
    of the step that failed, for the log alone; it never holds a value out of the token. Raise it ``from None``:
    the texts of library errors repeat header values.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(UNTRUSTED)
        self.reason = reason
