"""The one base of every model: frozen, strict, and closed to fields it does not know."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError


def _in_utc(value: datetime) -> datetime:
    if value.tzinfo is None:
        raise ValueError("a time needs its zone")
    try:
        return value.astimezone(UTC)
    except OverflowError:
        raise ValueError("a time within the years 1 to 9999 in UTC") from None


Instant = Annotated[datetime, AfterValidator(_in_utc)]
"""A moment: an aware datetime, kept in UTC."""


class Frozen(BaseModel):
    """A value. Read JSON with ``model_validate_json``: strict mode then still reads dates and enumerations."""

    model_config = ConfigDict(
        frozen=True,
        strict=True,
        extra="forbid",
        hide_input_in_errors=True,
        allow_inf_nan=False,
    )


ROW = ConfigDict(extra="forbid", hide_input_in_errors=True)
"""The same for rows of which one item has dozens: frozen pydantic dataclasses with slots cost half of what models do.

A strict dataclass would take nothing but instances of its own, so strictness stands at the fields: ``StrictStr``.
"""


def place_of(error: ValidationError) -> str:
    """Where the first thing is that is wrong, such as ``persons.0.given``: a field of ours and never a value.

    A member that the model does not know was named by its sender, so its name is left out.
    """
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    named = first["loc"][:-1] if first["type"] == "extra_forbidden" else first["loc"]
    return ".".join(str(part) for part in named)
