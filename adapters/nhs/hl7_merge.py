"""What MRG says of two records: that they are one person's, that a number changed, or that an entry was moved.

Only the trigger event tells. In a merge and a change, MRG names the patient of the PID before it; in a move it names
somebody else, from whose record an entry is taken; where accounts or visits alone are merged, it names nobody new.

Source: HL7 v2.8 chapters 3.3 (trigger events), 3.4.9 (MRG), 3.6 (updating, merging and moving identifiers).
"""

from __future__ import annotations

from collections.abc import Mapping

from adapters.nhs import hl7_people as people
from adapters.nhs.hl7_kind import event_of
from adapters.nhs.hl7_message import Message
from adapters.nhs.hl7_taking import Said, Taking
from schemas.notification import MergeKind
from schemas.persons import NameUse

KINDS: Mapping[str, MergeKind] = {
    **dict.fromkeys(("A18", "A30", "A34", "A36", "A39", "A40"), MergeKind.MERGE),
    **dict.fromkeys(("A46", "A47", "A48"), MergeKind.CHANGE),
    **dict.fromkeys(("A43", "A44", "A45"), MergeKind.MOVE),
}
"""By trigger event."""

_OF_ACCOUNTS = ("A35", "A41", "A42", "A49", "A50", "A51")
"""Events whose MRG names an account or a visit of the same patient."""
_FLAGS = {MergeKind.MERGE: "person.merged", MergeKind.CHANGE: "person.number_changed", MergeKind.MOVE: "person.moved"}
UNCLEAR = "person.merge_unclear"
_NUMBERS = (1, 2, 4)
_NAME = 7


def merges(
    taking: Taking, message: Message, refs: Mapping[int, str], options: Mapping[str, object]
) -> tuple[Said, ...]:
    """Every MRG that names somebody, with whom it goes; ``refs`` has the ``ref`` of each PID by its number."""
    event = event_of(message)
    kind = KINDS.get(event)
    if kind is None:
        if event not in _OF_ACCOUNTS:
            taking.flag(UNCLEAR, "merges")
        return ()
    found: list[Said] = []
    patient = 1
    for segment in message.any_of(("PID", "MRG")):
        if segment.name == "PID":
            patient = segment.number
            continue
        at = f"merges[{len(found)}]"
        prior = taking.within(f"{at}.prior")
        numbers = people.identifiers(prior, tuple((segment, field) for field in _NUMBERS), None, options)
        names = people.names(prior, segment, _NAME, use=NameUse.ALIAS)
        if not numbers and not names:
            continue
        first = next(iter(segment.leaves))
        taking.take(f"{at}.into", first["pointer"])
        taking.flag(_FLAGS[kind], at)
        said = {"ref": f"prior-{len(found) + 1}", "identifiers": tuple(numbers), "names": tuple(names)}
        found.append({"kind": kind, "into": refs[patient], "prior": said})
    return tuple(found)
