"""The AsyncAPI document: the broker's names as the gateway declares them, in the form of AsyncAPI 3."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gateway.api.documents import asyncapi_document
from gateway.delivery.broker import ARRIVALS, Names
from schemas.hub import Hub
from tests.contracts.references import every_reference, led_to


@pytest.fixture
def queues(hub: Hub) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(json.dumps(asyncapi_document(hub)))
    return made


def test_it_is_asyncapi_3(queues: dict[str, Any]) -> None:
    assert queues["asyncapi"] == "3.0.0"
    assert set(queues["info"]) >= {"title", "version"}


def test_its_addresses_are_those_that_the_gateway_declares(queues: dict[str, Any], hub: Hub) -> None:
    names = Names(prefix=hub.broker.prefix)
    addresses = {name: channel["address"] for name, channel in queues["channels"].items()}
    assert addresses == {
        "inbox": names.queue("recipient.{agency}.{recipient}.inbox"),
        "notifications": names.queue("feed.{feed}"),
        "disclosures": names.queue("agency.{agency}.disclosures"),
        "dead": names.dead,
    }
    for channel in queues["channels"].values():
        for name in channel.get("parameters", {}):
            assert f"{{{name}}}" in channel["address"]


def test_arrivals_are_in_it_where_the_hub_announces_them(hub: Hub) -> None:
    broker = hub.broker.model_copy(update={"arrivals": True})
    made = asyncapi_document(hub.model_copy(update={"broker": broker}))
    assert made["channels"]["arrivals"]["address"] == Names(prefix=hub.broker.prefix).queue(ARRIVALS)
    assert made["operations"]["announce"]["channel"]["$ref"] == "#/channels/arrivals"
    for reference in every_reference(made):
        assert led_to(made, reference)
    headers = made["components"]["messages"]["arrival"]["headers"]["properties"]
    attributes = {name.removeprefix("cloudEvents_") for name in headers}
    assert attributes == {"specversion", "id", "source", "type", "time", "subject"}


def test_every_reference_leads_somewhere(queues: dict[str, Any]) -> None:
    references = list(every_reference(queues))
    assert references
    for reference in references:
        assert led_to(queues, reference)


def test_every_operation_sends_to_or_receives_from_a_channel(queues: dict[str, Any]) -> None:
    assert queues["operations"]
    for operation in queues["operations"].values():
        assert operation["action"] in {"send", "receive"}
        assert operation["channel"]["$ref"].startswith("#/channels/")


def test_an_envelopes_headers_are_those_of_the_wire(queues: dict[str, Any]) -> None:
    headers = queues["components"]["messages"]["envelope"]["headers"]["properties"]
    attributes = {name.removeprefix("cloudEvents_") for name in headers if name.startswith("cloudEvents_")}
    assert attributes == {"specversion", "id", "source", "type", "time", "datacontenttype"}
    assert "access-token" in headers
