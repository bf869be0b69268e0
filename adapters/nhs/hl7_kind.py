"""Which HL7 v2 messages are read, and whether one is a concern, an update or context: rows with reasons.

Whoever sends a message about a patient to a safeguarding hub has a reason: every family of table 0076 that names one
is read. What it is follows from what it carries first, and from its family last.

Source: HL7 tables 0003 (event types) and 0076 (message types), v2.1 to v2.8.
"""

from __future__ import annotations

from collections.abc import Mapping

from adapters.kinds import Rule
from adapters.nhs import hl7_codes as codes
from adapters.nhs.hl7_concern import TELLTALE, categories_of, codes_in, hidden, labels_in, narratives_in
from adapters.nhs.hl7_message import Message
from schemas.vocabulary import ItemKind

CONTEXT: Mapping[str, str] = {
    **dict.fromkeys(("ORU", "OUL", "OPU", "ORF"), "results of an investigation"),
    **dict.fromkeys(("SIU", "SRM", "SRR", "SQR"), "an appointment"),
    **dict.fromkeys(("VXU", "VXR", "VXX"), "a vaccination record"),
    **dict.fromkeys(("PPR", "PGL", "PPP", "PPT", "PPG", "PPV", "PRR", "PTR"), "problems, goals or a pathway of care"),
    **dict.fromkeys(("ORM", "OML", "OMG", "OMI", "OMD", "OMN", "OMS", "OMP", "OMB", "OSR"), "an order"),
    **dict.fromkeys(("ORR", "ORL", "ORG", "ORI", "ORD", "ORN", "ORS", "ORP", "ORB"), "an answer to an order"),
    **dict.fromkeys(("RDE", "RDS", "RGV", "RAS", "RRE", "RRD", "RRG", "RRA", "RDO"), "a prescription"),
    **dict.fromkeys(("BPS", "BTX", "BRP", "BRT"), "a blood transfusion"),
    **dict.fromkeys(("DFT", "BAR", "EHC"), "an account or a charge"),
    **dict.fromkeys(("CRM", "CSU", "PEX"), "a study or a product experience"),
    **dict.fromkeys(("RQI", "RQA", "RQC", "RQP", "RPI", "RPA", "RPL", "RPR", "RCI", "RCL"), "patient information"),
    **dict.fromkeys(("RSP", "RTB", "RDY", "RDR", "ADR", "QVR", "PRA", "RRI", "CCM", "CCR"), "an answer to a question"),
}
"""Families that tell of care as it goes on, and what they tell of. They may name a patient, or be about none."""

FAMILIES = frozenset({"ADT", "REF", "MDM", *CONTEXT})
"""What is read where it names a patient; so is a family of the sender's own, which starts with Z."""

_NOT_KEPT = ("S26",)
"""Trigger events of an appointment to which the patient did not come or was not brought."""


def is_read(family: str) -> bool:
    """Whether messages of this family are about a patient, as far as the standard or the sender says."""
    return family in FAMILIES or (family.startswith("Z") and len(family) == 3)


def family_of(message: Message) -> str:
    """The message's type, such as ``ADT``; some senders write its structure there (``ADT_A01``)."""
    named = message.header.text(9).upper()
    return named if len(named) <= 3 else named.partition("_")[0]


def event_of(message: Message) -> str:
    """The trigger event, such as ``A40``: MSH-9.2, else the structure's second half, else EVN-1."""
    named = message.header.text(9, 2) or message.header.text(9).partition("_")[2]
    if not named:
        event = message.first("EVN")
        named = event.text(1) if event is not None else ""
    return named.upper()


class Facts:
    """What the rules look at, each fact looked up when a rule asks for it. Nothing is taken of the message."""

    __slots__ = ("_message", "_options", "_quiet", "family")

    def __init__(self, message: Message, options: Mapping[str, object]) -> None:
        self._message = message
        self._options = options
        self._quiet = message.lacks(TELLTALE)
        self.family = family_of(message)

    @property
    def coded(self) -> bool:
        """Whether a code stands for a safeguarding concern."""
        return not self._quiet and any(
            categories_of(leaf, self._options) is not None for leaf in codes_in(self._message)
        )

    @property
    def worded(self) -> bool:
        """Whether words do: those of a code, or a narrative."""
        if self._quiet:
            return False
        labels = (leaf["value"] for leaf in labels_in(self._message))
        return any(codes.spoken(text) for text in (*labels, *narratives_in(self._message)))

    @property
    def hidden(self) -> bool:
        """Whether a location must not be told."""
        return not self._quiet and hidden(self._message) is not None

    @property
    def document(self) -> bool:
        """Whether there is any narrative."""
        return any(True for _ in narratives_in(self._message))

    @property
    def missed(self) -> bool:
        """Whether an appointment was not kept."""
        return self.family == "SIU" and event_of(self._message) in _NOT_KEPT


def _of_family(family: str, what: str) -> Rule[Facts]:
    because = f"it tells of {what}, and nothing in it speaks of a concern"
    return Rule(kind=ItemKind.CONTEXT, when=lambda facts: facts.family == family, because=because)


RULES: tuple[Rule[Facts], ...] = (
    Rule(kind=ItemKind.CONCERN, when=lambda facts: facts.family == "REF", because="a referral asks the hub to act"),
    Rule(kind=ItemKind.CONCERN, when=lambda facts: facts.coded, because="it carries a safeguarding code"),
    Rule(
        kind=ItemKind.CONCERN,
        when=lambda facts: facts.hidden,
        because="a location is hidden, which is done to protect somebody",
    ),
    Rule(kind=ItemKind.CONCERN, when=lambda facts: facts.worded, because="its text speaks of safeguarding"),
    Rule(
        kind=ItemKind.UPDATE,
        when=lambda facts: facts.family == "ADT",
        because="it says who and where a patient is, and nothing in it speaks of a concern",
    ),
    Rule(
        kind=ItemKind.CONTEXT,
        when=lambda facts: facts.family == "ORU",
        because="results of an investigation, and nothing in them speaks of a concern",
    ),
    Rule(
        kind=ItemKind.CONTEXT,
        when=lambda facts: facts.family == "MDM" and not facts.document,
        because="it tells of a document without its text",
    ),
    Rule(
        kind=ItemKind.CONTEXT,
        when=lambda facts: facts.missed,
        because="an appointment was not kept, and nothing in it speaks of a concern",
    ),
    *(_of_family(family, what) for family, what in CONTEXT.items() if family != "ORU"),
)
"""Read from the top. What no row fits, such as a document's text or a type of the sender's own, is a concern."""
