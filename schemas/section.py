"""What every table of the hub's file is made of."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?$")]
Days = Annotated[int, Field(ge=1, le=3650)]


class Section(BaseModel):
    """A table of the file: closed to keys that it does not know, so that a misspelt one is an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)
