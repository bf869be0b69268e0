"""The native messages are written without the adapters; here the adapters' own schema and command judge them."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

import adapters
from sandbox.natives import health, police
from sandbox.scenarios import background, drugs_warrant_cast, unborn_baby_cast

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
ADAPTERS = {
    "police-ppn": "police.ppn",
    "health-hl7": "nhs.hl7v2",
    "school-csv": "schools.csv",
    "school-ctf": "schools.ctf",
    "probation-events": "probation.event",
}
KINDS = {
    "health: ADT^A28": ["update"],
    "health: ADT^A31": ["update"],
    "school: safeguarding CSV": ["concern"],
    "school: Common Transfer File": ["update", "update"],
    "probation: domain event": ["update"],
    "probation: domain event in a notification": ["concern"],
}


def notice() -> bytes:
    return police.notice(drugs_warrant_cast.warrant(drugs_warrant_cast.cast(NOW.date()), NOW, "PPN-1"))


def normalised(adapter: str, message: bytes, folder: Path) -> list[dict[str, Any]]:
    (folder / "message").write_bytes(message)
    mash = Path(sys.executable).parent / "mash"
    ran = subprocess.run(
        [mash, "normalise", "--adapter", adapter, "--json", folder / "message"], capture_output=True, check=False
    )
    return [json.loads(line) for line in ran.stdout.splitlines()]


def test_the_police_notice_fits_the_documented_schema() -> None:
    schema = etree.XMLSchema(etree.parse(Path(adapters.__file__).parent / "police" / "ppn.xsd"))
    schema.assertValid(etree.fromstring(notice()))


def test_the_police_notice_names_the_child_and_no_younger_ones(tmp_path: Path) -> None:
    (read,) = normalised("police.ppn", notice(), tmp_path)
    told = read["notification"]
    assert read["outcome"] == "accepted"
    assert told["kind"] == "concern"
    assert [child["names"][0]["given"] for child in told["children"]] == [["Kieran"]]
    assert {one["validity"] for child in told["children"] for one in child["identifiers"]} == {"valid"}
    assert {adult["relation"] for adult in told["adults"]} == {"mother", "stepfather"}


def test_the_referral_of_the_unborn_baby_has_an_expected_date_and_nothing_of_the_born(tmp_path: Path) -> None:
    family = unborn_baby_cast.cast(NOW.date())
    message = health.unborn_referral("GP1", NOW, unborn_baby_cast.referral(family))
    (read,) = normalised("nhs.hl7v2", message, tmp_path)
    told = read["notification"]
    (child,) = told["children"]
    (mother,) = told["adults"]
    assert (read["outcome"], told["kind"]) == ("accepted", "concern")
    assert child["unborn"]
    assert child["expected_date"] == family.expected.isoformat()
    assert (child["birth_date"], child["sex"], child["identifiers"]) == (None, None, [])
    assert child["mother"] == mother["ref"]
    assert [(one["value"], one["validity"]) for one in mother["identifiers"]] == [(family.mother.nhs, "valid")]
    assert "13 weeks pregnant" in told["incident"]["narrative"]


@pytest.mark.parametrize("message", list(background.everyday(NOW)), ids=lambda message: message.about)
def test_everyday_messages_are_what_their_adapter_takes(message: background.Everyday, tmp_path: Path) -> None:
    read = normalised(ADAPTERS[message.feed], message.body, tmp_path)
    assert {each["outcome"] for each in read} == {"accepted"}
    assert [each["notification"]["kind"] for each in read] == KINDS[message.about]


def test_hl7_delimiters_in_a_text_are_escaped() -> None:
    assert health.escape("a|b^c~d&e\\f") == r"a\F\b\S\c\R\d\T\e\E\f"
