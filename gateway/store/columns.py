"""Column types that mean the same on both databases."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Text, TypeDecorator
from sqlalchemy.types import TypeEngine

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Instant(TypeDecorator[datetime]):
    """A moment in UTC, to the microsecond.

    PostgreSQL: ``timestamptz``. SQLite drops zones, so there it is the whole number of microseconds since 1970.

    Raises:
        ValueError: a datetime without a zone was bound.
    """

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the stored form."""
        stored = BigInteger() if dialect.name == "sqlite" else DateTime(timezone=True)
        return dialect.type_descriptor(stored)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | int | None:
        """Write a moment."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time needs its zone")
        return (value - _EPOCH) // _MICROSECOND if dialect.name == "sqlite" else value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ANN401, ARG002 - the driver's value; the base class's signature
        """Read a moment, in UTC."""
        if value is None:
            return None
        return _EPOCH + value * _MICROSECOND if isinstance(value, int) else value.astimezone(UTC)


class Names(TypeDecorator[tuple[str, ...]]):
    """A short list of opaque ids or terms of a fixed list, in order, as a JSON array in text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - the base class's signature
        """Write the list."""
        return None if value is None else json.dumps(list(value), separators=(",", ":"))

    def process_result_value(self, value: Any, dialect: Dialect) -> tuple[str, ...] | None:  # noqa: ANN401, ARG002 - the driver's value; the base class's signature
        """Read the list."""
        return None if value is None else tuple(json.loads(value))


class Headers(TypeDecorator[Mapping[str, str]]):
    """Message headers as a JSON object in text."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Mapping[str, str] | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - the base class's signature
        """Write the headers."""
        return None if value is None else json.dumps(dict(value), separators=(",", ":"))

    def process_result_value(self, value: Any, dialect: Dialect) -> Mapping[str, str] | None:  # noqa: ANN401, ARG002 - the driver's value; the base class's signature
        """Read the headers."""
        return None if value is None else dict(json.loads(value))
