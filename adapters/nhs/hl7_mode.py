"""Whether a message is acknowledged at all, and in which mode: what MSH-15 and MSH-16 ask for.

Both empty is original mode: an application acknowledgement (AA, AE, AR), always. Else it is enhanced mode. MSH-15 then
says when an accept acknowledgement (CA, CE, CR) is wanted: it tells that the message is in safe storage. MSH-16 says
the same of the application's own. One that is empty beside the other asks for nothing. A condition that is not in the
table asks always: an answer that was not wanted does less harm than one that is missing.

One message gets one answer on its connection: where both are wanted it is the accept acknowledgement, which the hub
gives only once the application is done with the message too.

Source: HL7 v2.8 chapter 2.9.2 and 2.9.3 (modes), 2.14.9.15 and 2.14.9.16 (MSH-15, MSH-16); table 0155.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

ORIGINAL, ENHANCED, NONE = "A", "C", ""


class Mode(NamedTuple):
    """``letter`` is the first of MSA-1: A or C, or nothing where no answer is wanted.

    ``application`` tells whether the application is to answer, be it with the accept acknowledgement in one.
    """

    letter: str
    application: bool


@lru_cache(maxsize=64)
def mode(accept: str, application: str, *, success: bool) -> Mode:
    """What MSH-15 (``accept``) and MSH-16 (``application``) ask for, now that the message succeeded or did not."""
    if not accept and not application:
        return Mode(ORIGINAL, application=True)
    wants_accept = bool(accept) and _wanted(accept, success=success)
    wants_application = bool(application) and _wanted(application, success=success)
    letter = ENHANCED if wants_accept else ORIGINAL if wants_application else NONE
    return Mode(letter, wants_application)


def _wanted(condition: str, *, success: bool) -> bool:
    match condition.strip().upper():
        case "NE":
            return False
        case "ER":
            return not success
        case "SU":
            return success
        case _:
            return True
