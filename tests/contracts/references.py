"""Looks into a document of JSON: its references, and what they lead to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def every_reference(value: object) -> Iterator[str]:
    """Every ``$ref`` in a document."""
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for inner in value.values():
            yield from every_reference(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from every_reference(inner)


def led_to(document: dict[str, Any], reference: str) -> Any:  # noqa: ANN401 - JSON is of any shape
    """What a local reference leads to.

    Raises:
        KeyError: nothing.
    """
    found: Any = document
    for part in reference.removeprefix("#/").split("/"):
        found = found[part.replace("~1", "/").replace("~0", "~")]
    return found
