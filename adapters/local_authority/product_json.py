"""The product as JSON in a shape that is published: every word that its owners released, and nothing else.

Source: RFC 8259; JSON Schema 2020-12 for the schema.
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic.json_schema import JsonSchemaValue

from schemas.product import SHAPE, ProductDocument

MEDIA_TYPE = "application/json"


def render(document: ProductDocument) -> bytes:
    """The document as UTF-8 JSON. The same document gives the same bytes."""
    return document.model_dump_json(indent=2).encode() + b"\n"


def schema() -> Mapping[str, JsonSchemaValue | str]:
    """The JSON Schema that every such document satisfies."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:mash-gateway:{SHAPE.replace('.', ':').replace('/', ':')}",
        **ProductDocument.model_json_schema(mode="serialization"),
    }
