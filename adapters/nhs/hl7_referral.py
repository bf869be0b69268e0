"""The answer to a referral: RRI of the referral's own event, which names it and says how far it has come.

It says that the referral is pending: the hub has it, and what becomes of it a social work manager decides. It echoes
the sender's number for the referral and the patient's first number, and nothing else of what was sent: no name.

Source: HL7 v2.8 chapter 11.3 (REF and RRI, events I12 to I15), 11.6 (RF1, PRD); tables 0200, 0283, 0286.
"""

from __future__ import annotations

from typing import NamedTuple

from adapters.nhs.hl7_escape import Delimiters

EVENTS = ("I12", "I13", "I14", "I15")
"""Referral sent, modified, cancelled; its status asked for."""
SEGMENTS = ("RF1", "PID")
"""What an answer echoes something of."""
_LONGEST = 199


class Referral(NamedTuple):
    """What an answer echoes, as it was sent: RF1-6 (the sender's number of the referral), the first of PID-3."""

    number: str = ""
    patient: str = ""

    def seeing(self, line: str, marks: Delimiters) -> Referral:
        """The same, with what this RF1 or PID says, unless it was said before."""
        if line.startswith("RF1"):
            return self._replace(number=self.number or _field(line, 6, marks))
        return self._replace(patient=self.patient or _field(line, 3, marks))


def fields(
    own: Referral, message_id: str, marks: Delimiters, *, accepted: bool
) -> tuple[tuple[str, dict[int, str]], ...]:
    """RF1, PRD and PID, each with its fields. ``message_id`` is the hub's own name for what it keeps."""
    coded = marks.component.join
    status = coded(("P", "Pending", "HL70283") if accepted else ("R", "Rejected", "HL70283"))
    unspecified = marks.component * 6 + "U"  # a name is required, and this one says that it is withheld
    return (
        ("RF1", {1: status, 6: own.number, 11: message_id}),
        ("PRD", {1: coded(("RT", "Referred to Provider", "HL70286"))}),
        ("PID", {1: "1", 3: own.patient, 5: unspecified}),
    )


def _field(line: str, number: int, marks: Delimiters) -> str:
    found = line.split(marks.field, number + 1)[number : number + 1]
    first = found[0].split(marks.repetition, 1)[0] if found else ""
    return first if first.isprintable() and len(first) <= _LONGEST else ""
