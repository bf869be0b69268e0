"""One document inside another: pointers into the inner one, told from outside.

A message may hold another as text (escaped XML in an envelope) or as a part (an attachment). The inner one is read by
itself; what it says then gets the place of the inner document before its own pointers, such as
``/RouteData/DataStream/DataStreamContent!/ResultedCaseMessage/…``.
"""

from __future__ import annotations

from collections.abc import Iterable

from schemas.notification import Mapped, Unmapped


def mapped_within(place: str, rows: Iterable[Mapped]) -> tuple[Mapped, ...]:
    """The same provenance with ``place`` before every pointer."""
    return tuple([Mapped(field=row.field, pointer=f"{place}{row.pointer}") for row in rows])


def left_within(place: str, rows: Iterable[Unmapped]) -> tuple[Unmapped, ...]:
    """The same unmapped content with ``place`` before every pointer."""
    return tuple([Unmapped(pointer=f"{place}{row.pointer}", value=row.value) for row in rows])
