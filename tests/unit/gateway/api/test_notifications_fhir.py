"""FHIR and CP-IS over HTTP: whatever content type they come with, each is answered in its own syntax."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest
from aiohttp import ClientResponse
from fhir.resources.R4B.operationoutcome import OperationOutcome
from lxml import etree

from gateway.bootstrap import Gateway
from tests.fixtures.regenerate import HERE
from tests.gateway import borough
from tests.unit.gateway.api.caller import Caller, keys_of
from tests.unit.gateway.api.conftest import Api
from tests.unit.gateway.whole import URL

PATH = "/v1/feeds/health-fhir/notifications"
CPIS = "/v1/feeds/health-cpis/notifications"
JSON, XML = "application/fhir+json", "application/fhir+xml"
FHIR = "{http://hl7.org/fhir}"


@pytest.fixture
def hub_file(hub_file: borough.Document) -> borough.Document:
    """The borough's file with a feed for each of the two."""
    feeds = hub_file["feeds"]
    assert isinstance(feeds, list)
    for name, adapter in (("health-fhir", "nhs.fhir"), ("health-cpis", "nhs.cpis")):
        feeds.append(
            {"name": name, "agency": "health", "adapter": adapter, "authentication": "dpop", "client": "health.gp"}
        )
    return hub_file


@pytest.fixture
async def surgery(api: Api, clock: Callable[[], datetime]) -> Caller:
    made = Caller(api=api, now=clock, keys=keys_of("health.gp"))
    await made.sign_in()
    return made


async def send(caller: Caller, path: str, body: bytes, content_type: str) -> ClientResponse:
    proof = caller.proof("POST", path, token=caller.token)
    headers = {"Authorization": f"DPoP {caller.token}", "DPoP": proof.text(), "Content-Type": content_type}
    assert proof.url == URL + path
    return await caller.api.request("POST", path, data=body, headers=headers)


def native(adapter: str, name: str) -> bytes:
    return (HERE / adapter / name).read_bytes()


async def test_json_is_accepted_and_answered_as_json(surgery: Caller, gateway: Gateway) -> None:
    payload = native("nhs.fhir", "bars-referral-safeguarding.json")
    response = await send(surgery, PATH, payload, JSON)
    assert (response.status, response.content_type) == (202, JSON)
    outcome = OperationOutcome.model_validate_json(await response.read())
    assert [(issue.severity, issue.code) for issue in outcome.issue] == [("information", "informational")]
    assert outcome.extension is not None
    assert outcome.extension[0].valueString == response.headers["Mash-Message-Id"]
    fate = await (await surgery.call("GET", f"/v1/messages/{response.headers['Mash-Message-Id']}")).json()
    assert fate["items"] == [{"kind": "concern", "end_state": "referral"}]
    again = await send(surgery, PATH, payload, JSON)
    assert await again.read() == await response.read()
    async with gateway.store.reading() as work:
        counts = await work.messages.counts("health-fhir")
    assert (counts.accepted, counts.duplicate) == (1, 1)


async def test_xml_is_accepted_and_answered_as_xml(surgery: Caller) -> None:
    response = await send(surgery, PATH, native("nhs.fhir", "unborn-referral.xml"), XML)
    assert (response.status, response.content_type) == (202, XML)
    root = etree.fromstring(await response.read())
    assert root.tag == f"{FHIR}OperationOutcome"
    told = root.find(f"{FHIR}extension/{FHIR}valueString")
    assert told is not None
    assert told.get("value") == response.headers["Mash-Message-Id"]


@pytest.mark.parametrize("content_type", [JSON, XML, "text/plain", f"{JSON}; charset=utf-8; fhirVersion=4.0"])
async def test_the_bytes_and_not_the_content_type_tell_the_syntax(surgery: Caller, content_type: str) -> None:
    response = await send(surgery, PATH, native("nhs.fhir", "booking.json"), content_type)
    assert (response.status, response.content_type) == (202, JSON)


async def test_what_breaks_a_rule_is_kept_and_the_outcome_says_where(surgery: Caller) -> None:
    broken = b'{"resourceType":"Bundle","type":"message","entry":[{"resource":{"resourceType":"Patient"}}]}'
    response = await send(surgery, PATH, broken, JSON)
    assert (response.status, response.content_type) == (422, JSON)
    (issue,) = OperationOutcome.model_validate_json(await response.read()).issue
    assert (issue.severity, issue.code, issue.expression) == ("error", "invariant", ["Bundle.entry.resource"])
    assert "Mash-Message-Id" in response.headers
    same = await send(surgery, PATH, b'<Bundle xmlns="http://hl7.org/fhir"><type value="message"/>', XML)
    assert (same.status, same.content_type) == (422, XML)
    kind = etree.fromstring(await same.read()).find(f"{FHIR}issue/{FHIR}code")
    assert kind is not None
    assert kind.get("value") == "structure"


async def test_other_content_under_one_identity_is_a_conflict(surgery: Caller) -> None:
    payload = native("nhs.fhir", "booking.json")
    assert (await send(surgery, PATH, payload, JSON)).status == 202
    response = await send(surgery, PATH, payload.replace(b"Asthma", b"Eczema"), JSON)
    (issue,) = OperationOutcome.model_validate_json(await response.read()).issue
    assert (response.status, issue.code) == (409, "conflict")


async def test_who_is_unknown_or_may_not_send_is_told_so_in_an_outcome(api: Api, clock: Callable[[], datetime]) -> None:
    response = await api.post(PATH, data=native("nhs.fhir", "booking.json"))
    (issue,) = OperationOutcome.model_validate_json(await response.read()).issue
    assert (response.status, response.content_type, issue.code) == (401, JSON, "login")
    desk = Caller(api=api, now=clock, keys=keys_of("police.desk"))
    await desk.sign_in()
    response = await send(desk, PATH, native("nhs.fhir", "booking.json"), JSON)
    (issue,) = OperationOutcome.model_validate_json(await response.read()).issue
    assert (response.status, response.content_type, issue.code) == (403, JSON, "forbidden")


async def test_a_cpis_upload_becomes_its_items_and_an_envelope_is_answered_in_kind(surgery: Caller) -> None:
    response = await send(surgery, CPIS, native("nhs.cpis", "upload.xml"), "application/xml")
    assert (response.status, response.content_type) == (202, "application/xml")
    assert b'typeCode="AA"' in await response.read()
    fate = await (await surgery.call("GET", f"/v1/messages/{response.headers['Mash-Message-Id']}")).json()
    assert [item["kind"] for item in fate["items"]] == ["concern", "concern", "update"]
    answer = await send(surgery, CPIS, native("nhs.cpis", "query-answer.xml"), "text/xml")
    assert answer.status == 202
    assert b'result="OK"' in await answer.read()
