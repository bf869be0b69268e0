"""The bounds of normalising: a native document parsed and validated, and nothing made of it.

XML: our own hardened parser, then lxml's validation against a schema. JSON: pydantic's validation against a model of
what our adapter understands of the event, as strict as the adapter, which takes no key twice and no NaN.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Annotated, Any, Literal

from lxml import etree
from pydantic import BaseModel, ConfigDict, Field, Json, TypeAdapter

_PPN = "{urn:mash-gateway:police:ppn:1}ppn"
_SCHEMAS = {_PPN: ("adapters.police", "ppn.xsd"), "CTfile": ("benchmarks.bounds", "ctf.xsd")}


def xml_bound(document: bytes) -> Callable[[], object]:
    """Parse ``document`` and validate it: a police notice or a transfer file."""
    parser = etree.XMLParser(
        attribute_defaults=False,
        dtd_validation=False,
        huge_tree=False,
        load_dtd=False,
        no_network=True,
        remove_blank_text=False,
        resolve_entities=False,
    )
    schema = _schema(etree.fromstring(document, parser).tag)

    def bound() -> object:
        return schema.validate(etree.fromstring(document, parser))

    assert bound(), "the bound reads a valid document"
    return bound


def json_bound(document: bytes) -> Callable[[], object]:
    """Validate ``document``, an HMPPS domain event, bare or wrapped, with each key once: read by pairs, then validated.

    pydantic's own reader keeps the last of two keys without a word, so that Python's reads the pairs.
    """
    model = _model(document)

    def bound() -> object:
        whole = _strict(document.decode())
        if isinstance(whole.get("Message"), str):
            whole["Message"] = _strict(whole["Message"])
        return model.validate_python(whole)

    bound()
    return bound


def json_bound_unchecked(document: bytes) -> Callable[[], object]:
    """Validate ``document`` by pydantic's own reader, which refuses NaN and lets a key come twice: less than we owe."""
    model = _model(document)

    def bound() -> object:
        return model.validate_json(document)

    bound()
    return bound


class _Part(BaseModel):
    """A part of an event. What it does not name is kept, as the adapter keeps it."""

    model_config = ConfigDict(strict=True, extra="allow", allow_inf_nan=False, hide_input_in_errors=True)


class _Identifier(_Part):
    type: str
    value: str


class _PersonReference(_Part):
    identifiers: list[_Identifier] = []


class _AdditionalInformation(_Part):
    registerTypeCode: str = ""  # noqa: N815 - the event's own names, here and below
    registerTypeDescription: str = ""  # noqa: N815
    registrationId: str | int = ""  # noqa: N815
    registrationLevelDescription: str = ""  # noqa: N815
    registrationCategoryDescription: str = ""  # noqa: N815
    registrationNotes: str = ""  # noqa: N815
    riskColour: str = ""  # noqa: N815
    details: str = ""
    notes: str = ""
    crn: str = ""
    nomsNumber: str = ""  # noqa: N815
    limitedAccess: bool | None = None  # noqa: N815
    restrictionMessage: str = ""  # noqa: N815
    exclusionMessage: str = ""  # noqa: N815


class _Event(_Part):
    eventType: Annotated[str, Field(min_length=1)]  # noqa: N815
    version: int | float | str = ""
    description: str = ""
    detailUrl: str = ""  # noqa: N815
    occurredAt: str = ""  # noqa: N815
    eventDatetime: str = ""  # noqa: N815
    crn: str = ""
    nomsNumber: str = ""  # noqa: N815
    additionalInformation: _AdditionalInformation | None = None  # noqa: N815
    personReference: _PersonReference | None = None  # noqa: N815


class _Attribute(_Part):
    Type: str
    Value: str


class _Notification(_Part):
    Type: Literal["Notification"]
    MessageId: str
    Message: Json[_Event] | _Event
    TopicArn: str = ""
    Timestamp: str = ""
    MessageAttributes: dict[str, _Attribute] = {}


def _model(document: bytes) -> TypeAdapter[Any]:
    return TypeAdapter(_Notification if "Message" in json.loads(document) else _Event)


def _strict(text: str) -> dict[str, Any]:
    value: dict[str, Any] = _DECODER.decode(text)
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("a key came twice")
    return made


def _refuse(_: str) -> float:
    raise ValueError("no JSON number")


_DECODER = json.JSONDecoder(object_pairs_hook=_once, parse_constant=_refuse)


@cache
def _schema(tag: str) -> etree.XMLSchema:
    package, name = _SCHEMAS[tag]
    return etree.XMLSchema(etree.fromstring(files(package).joinpath(name).read_bytes()))
