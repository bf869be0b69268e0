"""Native values with their pointers, and the ways in which one becomes a canonical value: carried, read, or left.

Whatever happens to a value is recorded on the way, so that none goes missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime
from typing import NamedTuple, TypeVar

from adapters import codes, dates
from adapters.provenance import Recorder

Value = TypeVar("Value")


class Native(NamedTuple):
    """A value as it was sent, without blanks around it, and where it stood. An absent one has no text."""

    text: str
    pointer: str


ABSENT = Native("", "")
"""What an adapter gets where it asks for what was not sent."""


def carry(recorder: Recorder, field: str, native: Native) -> str:
    """The text itself."""
    text = native.text
    if text:
        recorder.take(field, native.pointer)
    return text


def carry_unless_no(recorder: Recorder, field: str, native: Native) -> str:
    """The text itself, for a field that is empty where there is nothing to tell: a bare no is kept aside."""
    if codes.says_no(native.text):
        recorder.leave(native.pointer, native.text)
        return ""
    return carry(recorder, field, native)


def lower(recorder: Recorder, field: str, native: Native) -> str:
    """The text in lower case, its own spelling kept where that differs."""
    if carry(recorder, field, native) != native.text.lower():
        recorder.leave(native.pointer, native.text)
    return native.text.lower()


def carry_each(recorder: Recorder, field: str, natives: Iterable[Native]) -> tuple[str, ...]:
    """The texts themselves, each at its own place in ``field``."""
    present = [native for native in natives if native.text]
    return tuple([carry(recorder, f"{field}[{place}]", native) for place, native in enumerate(present)])


def join(recorder: Recorder, field: str, natives: Iterable[Native], between: str = ", ") -> str:
    """The texts in one, for a field that has several origins."""
    return between.join(carry(recorder, field, native) for native in natives if native.text)


def read(
    recorder: Recorder,
    field: str,
    native: Native,
    reader: Callable[[str], Value | None],
    *,
    unread: str = "code.unread",
) -> Value | None:
    """What ``reader`` makes of the text, which is kept beside it; where that is nothing, ``unread`` is flagged."""
    if not native.text:
        return None
    value = reader(native.text)
    if value is None:
        recorder.leave(native.pointer, native.text)
        recorder.flag(unread, field)
    elif str(value) == native.text:
        recorder.take(field, native.pointer)
    else:
        recorder.translate(field, native.pointer, native.text)
    return value


def moment(recorder: Recorder, field: str, native: Native) -> datetime | None:
    """A moment in UTC; without a zone the text is Europe/London."""
    return read(recorder, field, native, dates.moment, unread="date.unread")


def partial_date(recorder: Recorder, field: str, native: Native) -> str | None:
    """An ISO date as far as the text goes."""
    return read(recorder, field, native, dates.partial_date, unread="date.unread")


def full_date(recorder: Recorder, field: str, native: Native) -> date | None:
    """A day."""
    return read(recorder, field, native, dates.full_date, unread="date.unread")


def answer(recorder: Recorder, field: str, native: Native) -> bool | None:
    """Yes or no."""
    return read(recorder, field, native, codes.answer)


def caution(recorder: Recorder, field: str, native: Native) -> bool:
    """Yes or no to a question about protection, where anything but a clear no means yes."""
    if not native.text:
        return False
    said = answer(recorder, field, native)
    if said is None:
        recorder.take(field, native.pointer)
    return said is not False
