"""probation.event: the detail that a thin event points to, and the event with what its detail says.

The completed event is the event itself (out of SNS's wrapping), with the members of the detail beside those of
``additionalInformation``. Where both have a member the event's stands there, and the detail's, if it says something
else, under ``additionalInformation/detail``: nothing of either is lost, and pointers tell which was which.
``detailUrl`` stays, so that the unmapped list says where the detail came from.

Source: HMPPS domain event schema (detailUrl); docs/formats/probation-event.md.
"""

from __future__ import annotations

import json

from adapters.strict_json import Json, Number, decode, parse
from schemas.errors import MashError, Rejected

NAME = "probation.event"
_MORE = "additionalInformation"
_DETAIL = "detail"
_LONGEST_NUMBER = 40


class EventDetail:
    """Completes domain events. It holds no state."""

    def detail_url(self, payload: bytes) -> str:
        """The event's ``detailUrl``, or empty."""
        try:
            found = _event(payload).get("detailUrl")
        except MashError:
            return ""
        return found.strip() if isinstance(found, str) else ""

    def completed(self, payload: bytes, detail: bytes) -> bytes:
        """The event with what its detail says.

        Raises:
            Rejected: either is no strict JSON object.
            TooLarge: either is over the limit on size, depth or values.
        """
        event = _event(payload)
        found = _object(parse(decode(detail, family=NAME), family=NAME))
        more = event.get(_MORE)
        said: dict[str, Json] = dict(more) if isinstance(more, dict) else {}
        apart: dict[str, Json] = {}
        if more is not None and not isinstance(more, dict):
            apart[_MORE] = more  # no object, against the schema: kept as it is
        for key, value in found.items():
            if key in said and said[key] != value:
                apart[key] = value
            else:
                said[key] = value
        if apart:
            taken = said.get(_DETAIL)
            said[_DETAIL] = [apart, taken] if taken is not None else apart
        return _WRITER.encode(_written({**event, _MORE: said})).encode()


COMPLETING = EventDetail()
_WRITER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def _event(payload: bytes) -> dict[str, Json]:
    whole = _object(parse(decode(payload, family=NAME), family=NAME))
    if "Message" not in whole or "Type" not in whole:
        return whole
    inner = whole["Message"]
    if not isinstance(inner, str):
        raise Rejected("probation.event.message", "Put the event into Message as escaped JSON.", at="/Message")
    return _object(parse(inner, family=NAME, at="/Message"))


def _object(value: Json) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise Rejected("probation.event.object", "Send one JSON object.")
    return value


def _written(value: Json) -> object:
    """The value for the writer: a number as one again, with its own digits where a whole number or a float has them."""
    if isinstance(value, Number):
        number = json.loads(value) if len(value) <= _LONGEST_NUMBER else None
        return number if str(number) == value else str(value)
    if isinstance(value, dict):
        return {key: _written(each) for key, each in value.items()}
    return [_written(each) for each in value] if isinstance(value, list) else value
