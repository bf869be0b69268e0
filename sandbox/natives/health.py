"""HL7 v2.4 messages from a surgery and a hospital: a referral of an unborn baby, and everyday registrations.

Source: HL7 v2.4, chapters 3 (ADT) and 11 (REF).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sandbox.people import Character

MEDIA_TYPE = "application/hl7-v2+er7"
SEGMENT_END = "\r"
EXPECTED_DELIVERY = "11778-8^Delivery date Estimated^LN"
UNBORN_CONCERN = "878111000000109^Unborn child is cause for safeguarding concern^SCT"
_ESCAPES = {"\\": "\\E\\", "|": "\\F\\", "^": "\\S\\", "~": "\\R\\", "&": "\\T\\"}


@dataclass(frozen=True, kw_only=True)
class Pregnancy:
    """What a GP knows when referring an unborn child. ``expected`` is the expected date of delivery."""

    mother: Character
    expected: date
    practice: str
    doctor: str
    reason: str
    narrative: tuple[str, ...]


def unborn_referral(control_id: str, sent: datetime, pregnancy: Pregnancy) -> bytes:
    """REF^I12: the mother is the patient; the unborn child is told of by its expected date and a code."""
    observations = (
        f"OBX|1|DT|{EXPECTED_DELIVERY}||{pregnancy.expected:%Y%m%d}||||||F",
        f"OBX|2|CE|{UNBORN_CONCERN}||{UNBORN_CONCERN}||||||F",
        *(f"NTE|{number}||{escape(text)}" for number, text in enumerate(pregnancy.narrative, start=1)),
    )
    return _message(
        _header("REF^I12", control_id, sent, pregnancy.practice),
        f"RF1||U^Urgent|SAF^Safeguarding|||{control_id}|{_instant(sent)}|||^{escape(pregnancy.reason)}",
        f"PRD|RP^Referring Provider|{escape(pregnancy.doctor)}||{escape(pregnancy.practice)}",
        _patient(pregnancy.mother),
        *observations,
    )


def registration(control_id: str, sent: datetime, person: Character, *, event: str, address: Sequence[str]) -> bytes:
    """ADT^A28 (a person is added) or ADT^A31 (a person's details have changed)."""
    return _message(
        _header(f"ADT^{event}", control_id, sent, "Northshire Infirmary"),
        f"EVN|{event}|{_instant(sent)}",
        _patient(person, address),
        "PV1|1|N",
    )


def escape(text: str) -> str:
    """The text with HL7's delimiters escaped."""
    return "".join(_ESCAPES.get(character, character) for character in text)


def _header(kind: str, control_id: str, sent: datetime, facility: str) -> str:
    return f"MSH|^~\\&|CLINICAL|{escape(facility)}|MASH|HUB|{_instant(sent)}||{kind}|{control_id}|P|2.4|||||GBR|8859/1"


def _patient(person: Character, address: Sequence[str] = ("", "", "")) -> str:
    born = f"{person.born:%Y%m%d}" if person.born else ""
    number = f"{person.nhs}^^^NHS^NH" if person.nhs else ""
    street, town, postcode = (escape(part) for part in address)
    home = f"{street}^^{town}^^{postcode}^GBR^H" if any(address) else ""
    return f"PID|1||{number}||{escape(person.family)}^{escape(person.given)}||{born}|{person.sex}|||{home}"


def _instant(at: datetime) -> str:
    return f"{at:%Y%m%d%H%M%S}+0000"


def _message(*segments: str) -> bytes:
    return (SEGMENT_END.join(segments) + SEGMENT_END).encode("latin-1")
