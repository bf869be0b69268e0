"""Identifiers of people and organisations: their canonical spelling and whether their check digit holds.

A failed check digit is flagged and never a reason to reject: most published test data fails, and so does some of
what agencies really send.

Source: NHS Data Dictionary (NHS NUMBER, modulus 11); DfE UPN guide (modulus 23); Police National Computer and CRO
number forms as HMPPS publishes them.
"""

from __future__ import annotations

import re
from enum import StrEnum
from operator import mul

from schemas.base import Frozen


class IdentifierKind(StrEnum):
    """Whose number it is."""

    NHS = "nhs_number"
    UPN = "upn"
    PNC = "pnc_id"
    CRO = "cro_number"
    ASN = "arrest_summons_number"
    CRN = "crn"
    NOMS = "noms_number"
    ODS = "ods_code"
    URN = "school_urn"
    LAESTAB = "laestab"
    LOCAL = "local"


class Validity(StrEnum):
    """What a check of the identifier's own shape and check digit said."""

    VALID = "valid"
    CHECK_FAILED = "check_failed"
    MALFORMED = "malformed"
    TEMPORARY = "temporary"
    UNCHECKED = "unchecked"


class Identifier(Frozen):
    """One identifier in its canonical spelling. ``issuer`` matters for ``local`` alone; ``verified`` means traced."""

    kind: IdentifierKind
    value: str
    validity: Validity
    issuer: str = ""
    verified: bool = False

    @property
    def sure(self) -> bool:
        """Whether a link may rest on it by itself."""
        return self.validity is Validity.VALID


_BETWEEN = re.compile(r"[\s\-]")
_NHS_WEIGHTS = (10, 9, 8, 7, 6, 5, 4, 3, 2, 0)
_PNC_LETTERS = "ZABCDEFGHJKLMNPQRTUVWXY"
_UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
_SHAPES = {
    IdentifierKind.ASN: re.compile(r"[0-9]{2}[A-Z0-9]{6,7}[0-9]{11}[A-Z]"),
    IdentifierKind.CRN: re.compile(r"[A-Z]{1,2}[0-9]{6}"),
    IdentifierKind.NOMS: re.compile(r"[A-Z][0-9]{4}[A-Z]{2}"),
    IdentifierKind.ODS: re.compile(r"[A-Z0-9]{1,9}"),
    IdentifierKind.URN: re.compile(r"[0-9]{6}"),
    IdentifierKind.LAESTAB: re.compile(r"[0-9]{7}"),
}


def identifier(kind: IdentifierKind, text: str, *, issuer: str = "", verified: bool = False) -> Identifier:
    """Spell ``text`` canonically and say whether it holds. Never raises: what fits no rule is ``malformed``."""
    value, validity = spell(kind, text)
    return Identifier(kind=kind, value=value, validity=validity, issuer=issuer, verified=verified)


def spell(kind: IdentifierKind, text: str) -> tuple[str, Validity]:
    """The canonical spelling of ``text``, and whether it holds, as :func:`identifier` has them."""
    bare = text if text.isalnum() else _BETWEEN.sub("", text)
    bare = bare.upper()
    match kind:
        case IdentifierKind.NHS:
            return _nhs(bare)
        case IdentifierKind.UPN:
            return _upn(bare)
        case IdentifierKind.PNC:
            return _pnc(bare)
        case IdentifierKind.CRO:
            return _cro(bare)
        case IdentifierKind.LOCAL:
            return text.strip(), Validity.UNCHECKED
        case _:
            bare = bare.replace("/", "")
            return bare, Validity.VALID if _SHAPES[kind].fullmatch(bare) else Validity.MALFORMED


def _nhs(bare: str) -> tuple[str, Validity]:
    if not (len(bare) == 10 and bare.isascii() and bare.isdigit()):
        return bare, Validity.MALFORMED
    check = 11 - sum(map(mul, map(int, bare), _NHS_WEIGHTS)) % 11
    return bare, Validity.VALID if check % 11 == int(bare[9]) and check != 10 else Validity.CHECK_FAILED


def _upn(bare: str) -> tuple[str, Validity]:
    if not re.fullmatch(r"[A-HJ-NP-RT-Z][0-9]{11}[0-9A-HJ-NP-RT-Z]", bare):
        return bare, Validity.MALFORMED
    last = bare[12]
    total = sum(int(digit) * place for place, digit in enumerate(bare[1:12], start=2))
    total += 13 * (int(last) if last.isdigit() else _UPN_LETTERS.index(last))
    if _UPN_LETTERS[total % 23] != bare[0]:
        return bare, Validity.CHECK_FAILED
    return bare, Validity.VALID if last.isdigit() else Validity.TEMPORARY


def _pnc(bare: str) -> tuple[str, Validity]:
    found = re.fullmatch(r"([0-9]{4}|[0-9]{2})/?([0-9]{1,7})([A-Z])", bare)
    if not found:
        return bare, Validity.MALFORMED
    year, serial, letter = found.group(1), found.group(2).zfill(7), found.group(3)
    # A two-digit year is of the last century where the PNC could not have been in use otherwise (before 1950 no file
    # was opened); the check letter rests on the last two digits alone, so it holds either way.
    full = year if len(year) == 4 else ("19" if int(year) >= 50 else "20") + year
    good = _PNC_LETTERS[int(full[2:] + serial) % 23] == letter
    return f"{full}/{serial}{letter}", Validity.VALID if good else Validity.CHECK_FAILED


def _cro(bare: str) -> tuple[str, Validity]:
    found = re.fullmatch(r"([0-9]{1,6})/([0-9]{2})([A-Z])", bare)
    if found:
        serial, year, letter = found.groups()
        good = _PNC_LETTERS[int(year + serial.zfill(6)) % 23] == letter
        return f"{serial.zfill(6)}/{year}{letter}", Validity.VALID if good else Validity.CHECK_FAILED
    found = re.fullmatch(r"SF([0-9]{2})/([0-9]{1,6})([A-Z])", bare)
    if found:
        year, serial, letter = found.groups()
        good = _PNC_LETTERS[int(year + serial.lstrip("0").zfill(1)) % 23] == letter
        return f"SF{year}/{serial}{letter}", Validity.VALID if good else Validity.CHECK_FAILED
    return bare, Validity.MALFORMED
