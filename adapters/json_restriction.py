"""Limits on who may see a case, as JSON systems of justice mark them, carried into the notification's handling.

Doubt restricts: under a key that speaks of limited access, anything but a clear no counts, and so does a value that the
source has blacked out.

Source: HMPPS APIs (limitedAccessOffender, currentRestriction, currentExclusion, restrictedTo, excludedFrom and their
messages); Common Platform (reportingRestrictions and their label); docs/formats/probation-event.md.
"""

from __future__ import annotations

import re

from adapters.json_taking import JsonTaking
from schemas.notification import Handling

_RESTRICTING = re.compile(
    r"/(?:(?:is|has|user|current)?limitedaccess(?:offender|case|details?)?|(?:is)?lao|currentrestriction"
    r"|currentexclusion|restricted|isrestricted|isexcluded|userrestricted|userexcluded|restrictedto|excludedfrom"
    r"|hasrestrictions?|hasexclusions?"
    r"|restrictionmessage|exclusionmessage|reportingrestrictions)(?=/|\Z)"
)
_CAVEAT = re.compile(r"/(?:restrictionmessage|exclusionmessage|reportingrestrictions/[0-9]+/label)\Z")
_NO = ("false", "0", "n", "no", "none")
_REDACTED = re.compile(r"[\[*<(]*\s*redacted\s*[\])>*]*", re.IGNORECASE)


def is_redacted(text: str) -> bool:
    """Whether ``text`` only says that the source has blacked a value out; it is then nobody's name."""
    return _REDACTED.fullmatch(text) is not None


def handling(taking: JsonTaking, base: str = "") -> Handling:
    """Restricted where something below ``base`` limits access or is redacted; its messages are the caveat."""
    restricted, caveats = False, []
    start = f"{base}/"
    for pointer, text in taking.values.items():
        if not pointer.startswith(start) or not (said := text.strip()):
            continue
        lower = pointer.lower()
        # A list such as restrictedTo restricts by what stands in it, however deep.
        restricting = _RESTRICTING.search(lower, len(base)) is not None and said.lower() not in _NO
        if is_redacted(said):
            taking.recorder.flag("value.redacted")
            restricting = True
        if restricting:
            restricted = True
            taking.mark("handling.restricted", pointer)
            if _CAVEAT.search(lower) is not None:
                caveats.append(taking.carry("handling.caveat", pointer))
    return Handling(restricted=restricted, caveat="\n".join(caveats))
