from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from adapters.port import STATUS, Fate, Problem, Receipt
from adapters.receipts import RECEIPT_NAMESPACE, json_receipt, problem_details, xml_receipt

AT = datetime(2026, 11, 2, 21, 15, 0, 250_000, tzinfo=UTC)
PROBLEM = Problem(code="police.ppn.schema", at="/ppn/report", detail="send the elements that the schema names")


def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.fromstring(files("adapters").joinpath("receipt.xsd").read_bytes()))


@pytest.mark.parametrize("problem", [None, PROBLEM])
@pytest.mark.parametrize("fate", list(Fate))
def test_every_xml_receipt_follows_its_schema(fate: Fate, problem: Problem | None) -> None:
    answer = xml_receipt(Receipt(fate=fate, at=AT, message_id="msg_1", problem=problem), reference="PPN/1")
    root = etree.fromstring(answer.body)
    assert _schema().validate(root)
    assert root.get("fate") == fate.value
    assert root.findtext(f"{{{RECEIPT_NAMESPACE}}}at") == "2026-11-02T21:15:00.250Z"
    assert answer.status == STATUS[fate]
    assert answer.media_type == "application/xml"
    assert (root.findtext(f"{{{RECEIPT_NAMESPACE}}}problem/{{{RECEIPT_NAMESPACE}}}code") is not None) == bool(problem)


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_text_breaks_a_receipt(at: str, reference: str) -> None:
    receipt = Receipt(fate=Fate.QUARANTINED, at=AT, problem=Problem(code="a.b", at=at, detail=at))
    etree.fromstring(xml_receipt(receipt, reference=reference).body)
    json.loads(json_receipt(receipt, reference=reference).body)


@pytest.mark.parametrize("fate", [Fate.ACCEPTED, Fate.DUPLICATE])
def test_what_was_accepted_gets_a_json_receipt(fate: Fate) -> None:
    answer = json_receipt(Receipt(fate=fate, at=AT, message_id="msg_1"))
    told = json.loads(answer.body)
    assert answer.media_type == "application/json"
    assert (answer.status, told["fate"], told["message_id"]) == (202, fate.value, "msg_1")


@pytest.mark.parametrize("fate", [Fate.CONFLICT, Fate.QUARANTINED, Fate.REFUSED, Fate.UNAVAILABLE])
def test_what_was_not_accepted_gets_problem_details(fate: Fate) -> None:
    answer = json_receipt(Receipt(fate=fate, at=AT, problem=PROBLEM))
    told = json.loads(answer.body)
    assert answer.media_type == "application/problem+json"
    assert told["status"] == answer.status == STATUS[fate]
    assert (told["code"], told["pointer"], told["detail"]) == (PROBLEM.code, PROBLEM.at, PROBLEM.detail)
    assert told["type"] == "urn:mash-gateway:problem:police.ppn.schema"


def test_a_problem_without_a_reason_still_has_a_code() -> None:
    told = json.loads(problem_details(Receipt(fate=Fate.CONFLICT, at=AT)).body)
    assert told["code"] == "message.conflict"
    assert "detail" not in told


def test_the_time_is_told_in_utc() -> None:
    local = AT.astimezone(timezone(timedelta(hours=5)))
    told = json.loads(json_receipt(Receipt(fate=Fate.ACCEPTED, at=local)).body)
    assert told["at"] == "2026-11-02T21:15:00.250Z"
