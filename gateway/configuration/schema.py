"""The JSON Schema of a hub's file, for editors and for whoever writes such files by program."""

from __future__ import annotations

import json

from schemas.hub import Hub

ID = "https://mash-gateway.example/schemas/hub.schema.json"


def document() -> str:
    """The schema (JSON Schema 2020-12) as it is published: UTF-8 text, indented, with a line end.

    TOML's times and dates are strings of their formats here. What no schema can say (a feed's agency must be one of
    the file's, red gives no more time than amber) is checked by ``mash config check``.
    """
    made = Hub.model_json_schema(mode="validation")
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": ID,
        "title": "A hub's file (hub.toml)",
    }
    return json.dumps({**made, **head}, indent=2, ensure_ascii=False) + "\n"
