"""The messages that the load is made of: nine registrations (ADT^A28) to one concern (REF^I12), about invented people.

One registration in ten is about the mother of an earlier concern, whom the hub knows by then: linkage finds somebody.
The others are about people who come once. A number says all of a message: the same number, the same bytes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from sandbox.natives import health
from sandbox.natives.health import Pregnancy
from sandbox.people import Character, nhs_number

MEDIA_TYPE = health.MEDIA_TYPE
CONCERN_EVERY = 10
KNOWN_AT = 5
"""Which of ten messages is about somebody known."""
_AT = datetime(2026, 5, 4, 9, tzinfo=UTC)
_ADDRESS = ("7 Synthetic Row", "Testborough", "ZZ99 3VZ")
_FIRST_SERIAL, _SERIALS = 100_000, 890_000
_LETTERS = str.maketrans("0123456789", "abcdefghij")


@dataclass(frozen=True, kw_only=True)
class Mix:
    """A numbered row of messages. ``run`` keeps its control ids apart from those of other rows.

    ``lag`` is how many messages lie between a concern and the registration about its mother, a multiple of ten: so many
    that the concern is stored by then.
    """

    run: str
    first: int
    lag: int

    def message(self, position: int) -> bytes:
        """The message at this position of the row, from 0."""
        if position % CONCERN_EVERY == 0:
            return concern(self.first + position, self.run)
        if position % CONCERN_EVERY == KNOWN_AT and position >= self.lag + KNOWN_AT:
            return registration(self.first + position, self.run, about=self.first + position - self.lag - KNOWN_AT)
        return registration(self.first + position, self.run)


def lag(connections: int) -> int:
    """A lag that so many connections do not run through before the oldest of them was answered."""
    return CONCERN_EVERY * (1 + 4 * connections // CONCERN_EVERY)


def registration(number: int, run: str, *, about: int | None = None) -> bytes:
    """ADT^A28 about somebody new, or about the person of the message that had the number ``about``."""
    person = _somebody(number if about is None else about)
    return health.registration(f"{run}{number}", _AT, person, event="A28", address=_ADDRESS)


def concern(number: int, run: str, *, narrative: tuple[str, ...] = ()) -> bytes:
    """REF^I12 about an unborn child of somebody new."""
    told = Pregnancy(
        mother=_somebody(number),
        expected=date(2026, 11, 2),
        practice="Synthetic Surgery",
        doctor="S. Ynthetic",
        reason="Unborn child",
        narrative=narrative or ("Thirteen weeks pregnant.", "Earlier children were placed in care."),
    )
    return health.unborn_referral(f"{run}{number}", _AT, told)


def giant(number: int, run: str, size: int) -> bytes:
    """A concern of just under ``size`` bytes: most of it a narrative in lines of a thousand characters."""
    line = "A synthetic line of a very long history. " * 24
    plain = len(concern(number, run, narrative=(line,)))
    each = len(line) + len("NTE|9999||\r")
    return concern(number, run, narrative=(line,) * max(1, (size - plain) // each))


def _somebody(number: int) -> Character:
    letters = str(number).translate(_LETTERS)
    born = date(1990, 1, 1) + timedelta(days=number % 5000)
    serial = _FIRST_SERIAL + number * 2 % _SERIALS
    return Character(given=f"Given{letters}", family=f"Family{letters}", born=born, sex="2", nhs=nhs_number(serial))
