"""What an answer tells its sender, read back by the same independent walks as messages are."""

from __future__ import annotations

from adapters.kit.accounting import Accounts
from adapters.kit.walks import values
from adapters.port import Answer

_BY_TYPE = (("json", "json"), ("xml", "xml"), ("hl7", "hl7"), ("rfc822", "mime"), ("multipart/", "mime"))


def told(answer: Answer) -> Accounts:
    """Every value of the answer.

    Raises:
        ValueError: the answer is not of the format that its media type names.
    """
    media_type = answer.media_type.lower()
    syntax = next((syntax for part, syntax in _BY_TYPE if part in media_type), "text")
    return Accounts([value.strip() for _, value in values(answer.body, syntax)])
