"""Synthetic people, with identifiers whose check digits hold. NHS numbers are from the 999 range, which is nobody's.

Source: NHS Data Dictionary (NHS NUMBER, modulus 11); DfE UPN guide (modulus 23); the PNC's modulus 23.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

_UPN = "ABCDEFGHJKLMNPQRTUVWXYZ"
_PNC = "ZABCDEFGHJKLMNPQRTUVWXY"
_LAST_SERIAL = 999_999


@dataclass(frozen=True, kw_only=True)
class Character:
    """Somebody in a story. ``born`` is None for an unborn child; empty identifiers are not held by anyone."""

    given: str
    family: str
    born: date | None
    sex: str = ""
    nhs: str = ""
    upn: str = ""
    pnc: str = ""
    crn: str = ""

    @property
    def name(self) -> str:
        """Given and family name."""
        return f"{self.given} {self.family}"

    @property
    def birth(self) -> str:
        """The birth date in ISO 8601, or nothing."""
        return self.born.isoformat() if self.born else ""


def nhs_number(serial: int) -> str:
    """The first valid number from the 999 range at or after this serial (six digits)."""
    for candidate in range(serial, _LAST_SERIAL + 1):
        stem = f"999{candidate:06d}"
        check = 11 - sum(int(digit) * weight for digit, weight in zip(stem, range(10, 1, -1), strict=True)) % 11
        if check != 10:
            return stem + str(check % 11)
    message = "the 999 range ends before this serial finds a valid number"
    raise ValueError(message)


def upn(school: int, year: int, serial: int) -> str:
    """A UPN: check letter, school (7 digits), year (2), serial (3)."""
    body = f"{school:07d}{year:02d}{serial:03d}"
    return _UPN[sum(int(digit) * place for place, digit in enumerate(body, start=2)) % 23] + body


def pnc_id(year: int, serial: int) -> str:
    """A PNC id in its canonical form, ``2019/0001234X``."""
    return f"{year:04d}/{serial:07d}{_PNC[int(f'{year % 100:02d}{serial:07d}') % 23]}"


def years_before(today: date, years: int, *, days: int = 40) -> date:
    """A birth date that makes somebody this many years old today, by ``days`` and a little."""
    born = date.fromordinal(today.toordinal() - days)
    # The day is at most the 28th, so that every year has it.
    return born.replace(year=born.year - years, day=min(born.day, 28))
