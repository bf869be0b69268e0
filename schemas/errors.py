"""Errors, in families by the reaction that they ask of whoever caused them.

Each error has a stable ``code`` (dotted, lower case) and may name a place (``at``): a field, a pointer, a
parameter. Neither ever holds a value that came from outside: errors travel to logs and to callers.
Bugs are not in these families; they stay plain exceptions.
"""

from __future__ import annotations


class MashError(Exception):
    """The root. ``detail`` is a sentence that says what to do; it names fields, never values."""

    def __init__(self, code: str, detail: str = "", *, at: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail
        self.at = at

    def __str__(self) -> str:
        return ": ".join(part for part in (self.code, self.at, self.detail) if part)


class Unauthenticated(MashError):
    """401: the caller must present a valid credential."""


class Untrusted(MashError):
    """400: a signature or a seal failed. The reason is for the log; the caller is told the family alone."""


class Rejected(MashError):
    """422: the sender must change what it sent."""


class Refused(MashError):
    """403: law, policy or role forbids it. The refusal is recorded."""


class Unknown(MashError):
    """404: there is no such thing, or none that this caller may know of."""


class Conflict(MashError):
    """409: the state of the thing does not allow this now, or the same identity came with other content."""


class TooLarge(MashError):
    """413: over a limit on size, depth or count."""


class Unavailable(MashError):
    """503: try again later; nothing was lost and nothing was done."""
