"""Invariants 5 and 6 on paper: a product's documents hold what its signed parts hold, for its one reader."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pypdf import PdfReader

from gateway.casework import paperwork
from sandbox.disclosure import Group, Reply
from sandbox.product_documents import Documents, take_out
from tests.gateway import borough
from tests.gateway.fixtures import Starter
from tests.gateway.kept import everything, found_in
from tests.gateway.natives import FAMILY, GIVEN, NARRATIVE, POSTCODE, STREET, marked, notice
from tests.gateway.town import HELD, Town

pytestmark = [pytest.mark.invariant(5), pytest.mark.invariant(6)]
TEAM = "council.assessment-team"
HISTORY, MENTAL = "A history that health holds.", "Something that health keeps to the manager."


def printed(*formats: str) -> borough.Change:
    """The hub's file with a team that wants its products printed so."""

    def changed(made: borough.Document) -> None:
        council = next(agency for agency in made["agencies"] if agency["id"] == "council")
        council["la_code"] = "999"
        next(one for one in council["recipients"] if one["name"] == "assessment-team")["formats"] = list(formats)

    return changed


async def opened(
    town: Town, reply: Reply | None = None, *, told: bytes | None = None
) -> tuple[dict[str, Any], Documents]:
    case = await town.referral(told or notice())
    await town.disclosed(case, reply)
    content = dict((await town.client(TEAM).open(await town.product(case))).content)
    return content, take_out(content)


def words_of(pdf: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages).split())


async def test_the_documents_hold_what_was_released_and_nothing_of_the_rest(start: Starter) -> None:
    async with start(printed("json", "pdf", "cin")) as town:
        content, documents = await opened(town)
        assert [one["format"] for one in content["documents"]] == ["json", "pdf", "cin"]
        assert content["left_out"] == []
        assert documents.words == [HISTORY]
        pdf = words_of(documents.files["pdf"])
        assert HISTORY in pdf
        assert f"{GIVEN} {FAMILY}" in pdf
        everything = pdf + documents.files["json"].decode() + documents.files["cin"].decode()
        for kept_back in (MENTAL, "health_mental", NARRATIVE, STREET, POSTCODE):
            assert kept_back not in everything
        # The marker of what is withheld says where to ask, as in the signed parts.
        assert documents.product["withheld"] == content["withheld"]
        assert [one["agency"] for one in content["withheld"]] == ["health"]


async def test_the_json_satisfies_the_schema_that_the_hub_publishes(start: Starter) -> None:
    async with start(printed("json")) as town:
        _, documents = await opened(town)
        published = await town.plain("GET", "/schemas/product-1.json")
        assert published.headers["Content-Type"].startswith("application/schema+json")
        schema = json.loads(published.body)
        Draft202012Validator(schema).validate(documents.product)
        assert Draft202012Validator(schema).is_valid({}) is False
        # Whom a group is about is told by the recipient's own pseudonyms.
        about = {ref for owner in documents.product["evidence"] for one in owner["groups"] for ref in one["about"]}
        assert about <= {person["ref"] for person in documents.product["persons"]}


async def test_the_record_is_of_the_child_and_of_how_it_came_to_the_hub(start: Starter) -> None:
    async with start(printed("cin")) as town:
        _, documents = await opened(town)
        (child,) = documents.children
        assert child.findtext("ChildIdentifiers/PersonBirthDate") == "2015-03-14"
        assert child.findtext("CINdetails/ReferralSource") == "6"
        assert child.findtext("CINdetails/ReferralNFA") == "false"
        assert b"<LEA>999</LEA>" in documents.files["cin"]


async def test_the_record_does_not_tell_of_a_source_that_is_protected(start: Starter) -> None:
    async with start(printed("cin")) as town:
        _, documents = await opened(town, told=marked(notice(), sourceProtection="yes"))
        (child,) = documents.children
        assert child.findtext("CINdetails/ReferralSource") == "10"


async def test_a_record_that_tells_of_a_source_opens_no_more_once_the_source_is_protected(start: Starter) -> None:
    async with start(printed("cin")) as town:
        case = await town.referral(notice())
        await town.disclosed(case)
        delivery = await town.product(case)
        await town.notify(marked(notice(), sourceProtection="true"))
        refused = await town.client(TEAM).redeem(delivery)
        assert (refused.status, refused.code) == (403, "envelope.policy")
        await town.client(TEAM).settle(delivery)
        content = (await town.client(TEAM).open(await town.product(case))).content
        (child,) = take_out(content).children
        assert child.findtext("CINdetails/ReferralSource") == "10"


async def test_a_team_that_asked_for_none_gets_none(start: Starter) -> None:
    async with start() as town:
        content, documents = await opened(town)
        assert content["documents"] == []
        assert documents.files == {}


async def test_what_does_not_fit_is_left_out_by_name_and_the_product_goes(
    start: Starter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(paperwork, "DOCUMENT_LIMIT", 10_000)
    async with start(printed("pdf", "json")) as town:
        content, documents = await opened(town)
        assert set(documents.files) == {"json"}
        assert content["left_out"] == [{"format": "pdf", "because": "it is larger than one envelope carries"}]
        made = next(one for one in await town.events() if one["event"] == "product.made")
        assert (made["detail"]["documents"], made["detail"]["left_out"]) == (["json"], ["pdf"])


async def test_a_product_that_fills_its_envelope_still_goes(start: Starter) -> None:
    items = tuple((f"{number} " + "long words " * 800, "record", "2026-05-01") for number in range(6))
    group = Group(
        name="history", category="health_history", items=items, audiences=("social_work_manager", "receiving_team")
    )

    def roomy(made: borough.Document) -> None:
        printed("json", "pdf")(made)
        made["limits"].update({"answer_bytes": 256 * 1024})

    async with start(roomy) as town:
        content, documents = await opened(town, Reply(decision="disclose", groups=(group,)))
        assert [one["format"] for one in content["left_out"]] == ["json"]
        assert set(documents.files) == {"pdf"}


async def test_nothing_of_a_document_is_readable_in_the_database(start: Starter) -> None:
    async with start(printed("json", "pdf", "cin")) as town:
        case = await town.referral(notice())
        await town.disclosed(case, HELD)
        await town.product(case)
        assert found_in(await everything(town.gateway), (HISTORY, FAMILY, "%PDF-1.", "<Message>")) == []
