"""JSON messages as they come over Amazon SNS: bare, or wrapped with the message as escaped JSON in ``Message``.

Pointers go on through ``Message`` into the JSON that it holds: ``/Message/eventType``.

Source: Amazon SNS message format (Type, MessageId, Message, MessageAttributes).
"""

from __future__ import annotations

from dataclasses import dataclass

from adapters.strict_json import Json, decode, leaves, parse
from schemas.errors import MashError, Rejected

_LONGEST_REFERENCE = 100


@dataclass(frozen=True, kw_only=True)
class Unwrapped:
    """The message itself, the pointer that it starts at, every value by its pointer, and whether SNS wrapped it."""

    message: dict[str, Json]
    base: str
    values: dict[str, str]
    wrapped: bool


def unwrap(payload: bytes, *, family: str) -> Unwrapped:
    """The message that ``payload`` holds.

    Raises:
        Rejected: it is no strict JSON object, no SNS notification, or its ``Message`` is neither; ``at`` is a pointer.
        TooLarge: it is over the limit on size, depth or values.
    """
    whole = _object(parse(decode(payload, family=family), family=family), family, "")
    if "Message" not in whole or "Type" not in whole:
        return Unwrapped(message=whole, base="", values=leaves(whole), wrapped=False)
    if whole["Type"] != "Notification":
        raise Rejected(f"{family}.sns_type", "Send SNS notifications only.", at="/Type")
    inner = whole.pop("Message")  # its content is walked by itself
    if not isinstance(inner, str):
        raise Rejected(f"{family}.message", "Put the event into Message as escaped JSON.", at="/Message")
    message = _object(parse(inner, family=family, at="/Message"), family, "/Message")
    return Unwrapped(message=message, base="/Message", values=leaves(whole) | leaves(message, "/Message"), wrapped=True)


def message_id(payload: bytes, *, family: str) -> str:
    """SNS's MessageId where the payload can be read that far. Never raises."""
    try:
        whole = parse(decode(payload, family=family), family=family)
    except MashError:
        return ""
    own = whole.get("MessageId") if isinstance(whole, dict) else None
    return own.strip()[:_LONGEST_REFERENCE] if isinstance(own, str) else ""


def _object(value: Json, family: str, at: str) -> dict[str, Json]:
    if not isinstance(value, dict):
        raise Rejected(f"{family}.object", "Send one JSON object.", at=at)
    return value
