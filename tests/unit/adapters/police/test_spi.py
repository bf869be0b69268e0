from __future__ import annotations

import json
from datetime import UTC, datetime
from html import escape
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from adapters.police.spi import ADAPTER, MOST_CASES, MOST_PEOPLE, RULES
from adapters.port import Fate, FeedContext, Receipt
from schemas.errors import MashError
from schemas.identifiers import IdentifierKind, Validity
from schemas.notification import Normalised, Reading
from schemas.vocabulary import Concern, ItemKind
from tests.fixtures.regenerate import context, golden, natives

FIXTURES = natives("police.spi")
YOUTH, ROUTED, LISTED, DOCUMENTS = (
    next(path for path in FIXTURES if path.name == name).read_bytes()
    for name in ("new-case-youth.xml", "resulted-in-routedata.xml", "court-list.xml", "cp20-documents.xml")
)
AT = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
FEED = FeedContext(feed="cases", agency="northmarsh-police")


def read(payload: bytes, feed: FeedContext = FEED) -> Reading:
    return ADAPTER.read(payload, feed)


def item(payload: bytes, feed: FeedContext = FEED) -> Normalised:
    (only,) = read(payload, feed).items
    return only


def refusal(payload: bytes) -> MashError | None:
    try:
        read(payload)
    except MashError as error:
        return error
    return None


def case(
    born: str | None, *, began: str = "2026-10-30", wording: str = "Theft from a shop.", inside: str = ""
) -> bytes:
    birth = f"<Birthdate>{born}</Birthdate>" if born is not None else ""
    day = f"<OffenceStart><OffenceDateStartDate>{began}</OffenceDateStartDate></OffenceStart>"
    start = f"<OffenceTiming>{day}</OffenceTiming>"
    return (
        "<NewCaseMessage><Case><PTIURN>99NM1</PTIURN><Defendant><PoliceIndividualDefendant><PersonDefendant>"
        f"<BasePersonDetails>{birth}</BasePersonDetails></PersonDefendant></PoliceIndividualDefendant>"
        f"<Offence><BaseOffenceDetails><OffenceCode>TH68010</OffenceCode><OffenceWording>{wording}</OffenceWording>"
        f"{start if began else ''}</BaseOffenceDetails>{inside}</Offence></Defendant></Case></NewCaseMessage>"
    ).encode()


@pytest.mark.parametrize("native", FIXTURES, ids=lambda path: path.stem)
def test_each_fixture_reads_as_its_golden_file_says(native: Path) -> None:
    reading = ADAPTER.read(native.read_bytes(), context()).model_dump(mode="json")
    assert reading == json.loads(golden(native).read_text(encoding="utf-8"))


def test_a_new_case_names_the_youth_the_guardian_the_victim_and_the_officer() -> None:
    made = item(YOUTH).notification
    youth, victim = made.children
    guardian, adult = made.adults
    assert made.kind is ItemKind.CONCERN
    assert [each.kind for each in youth.identifiers] == [IdentifierKind.ASN, IdentifierKind.PNC]
    assert {each.validity for each in youth.identifiers} == {Validity.VALID}
    assert (youth.alleged_perpetrator, adult.alleged_perpetrator, victim.alleged_perpetrator) == (True, True, None)
    assert "a victim of the offence" in victim.notes
    assert guardian.relation == "parent or guardian"
    assert made.orders[0].kind == "Bail conditions of child-1"
    assert made.concern is not None
    assert made.concern.categories == (Concern.PHYSICAL, Concern.NEGLECT)
    assert made.incident is not None
    assert (made.incident.occurred_on, made.incident.officer) == ("2026-09-01", "DC Jo Example 4321NM")
    assert made.referrer is not None
    assert made.referrer.agency == "0990000"


def test_an_organisation_is_no_person_and_stays_on_the_unmapped_list() -> None:
    assert "Marsh Taxis Ltd" in {left.value for left in item(YOUTH).unmapped}
    assert len(item(DOCUMENTS).notification.adults) == 1


@pytest.mark.parametrize(
    "born,began,child",
    [
        ("2008-10-31", "2026-10-30", True),  # eighteen on the day after
        ("2008-10-30", "2026-10-30", False),
        ("2008-10", "2026-10-30", True),  # a birth date that goes to the month may be its last day
        ("2008", "2026-10-30", True),
        ("2007", "2026-10-30", False),
    ],
)
def test_who_was_under_eighteen_when_it_happened_is_a_child(born: str, began: str, child: bool) -> None:
    made = item(case(born, began=began)).notification
    assert (len(made.children), len(made.adults)) == ((1, 0) if child else (0, 1))
    assert made.kind is (ItemKind.CONCERN if child else ItemKind.UPDATE)


@pytest.mark.parametrize("born,began", [(None, "2026-10-30"), ("1990-01-01", ""), ("2019-02-30", "2026-10-30")])
def test_an_age_that_is_not_told_is_a_concern(born: str | None, began: str) -> None:
    made = item(case(born, began=began)).notification
    assert made.kind is ItemKind.CONCERN
    assert "age" in made.kind_reason


@pytest.mark.parametrize(
    "wording", ["Sexual activity with a girl aged 13.", "Cruelty to a child", "Assault on a person under 16"]
)
def test_words_of_an_offence_that_speak_of_a_child_make_a_concern_of_a_case_against_an_adult(wording: str) -> None:
    made = item(case("1990-01-01", wording=wording)).notification
    assert (made.kind, made.children) == (ItemKind.CONCERN, ())


def test_a_victim_without_a_birth_date_may_be_a_child() -> None:
    inside = "<OtherPartyVictim><PersonName><PersonFamilyName>Sample</PersonFamilyName></PersonName></OtherPartyVictim>"
    made = item(case("1990-01-01", inside=inside)).notification
    assert made.kind is ItemKind.CONCERN
    assert ("age.unknown", "adults[1].birth_date") in {(flag.code, flag.field) for flag in made.quality}


def test_a_feeds_map_of_offence_codes_goes_before_the_wording() -> None:
    feed = FeedContext(feed="cases", agency="x", options={"categories": {"TH68010": "gangs"}})
    made = item(case("2010-01-01"), feed).notification
    assert made.concern is not None
    assert made.concern.categories == (Concern.GANGS,)


def test_a_message_inside_an_envelopes_text_is_read_and_told_from_outside() -> None:
    made = item(ROUTED)
    place = "/RouteData/DataStream/DataStreamContent!/ResultedCaseMessage/Session/Case/Defendant"
    assert any(mapped.pointer.startswith(place) for mapped in made.provenance)
    assert made.notification.native_id == "NM-2026-000471/99NM0471226/2026-11-20"
    assert made.notification.kind is ItemKind.UPDATE
    assert made.notification.actions_taken == ("Fined 100.",)


def test_a_cdata_section_and_an_envelope_in_an_envelope_are_opened() -> None:
    inner = case("2010-01-01").decode()
    for text in (f"<![CDATA[{inner}]]>", escape(inner), inner):
        payload = f"<Envelope><Body><DeliverRequest><Message>{text}</Message></DeliverRequest></Body></Envelope>"
        assert len(item(payload.encode()).notification.children) == 1


@pytest.mark.parametrize(
    "payload,at",
    [
        ("<Envelope><Body>{0}{0}</Body></Envelope>", "/Envelope/Body/NewCaseMessage[2]"),
        ("<Envelope><Body>{0}</Body><Body>{0}</Body></Envelope>", "/Envelope/Body[2]"),
        ("<DeliverRequest><Message>{0}</Message><Message>{1}</Message></DeliverRequest>", "/DeliverRequest/Message[2]"),
    ],
)
def test_a_second_message_in_an_envelope_is_never_left_unread(payload: str, at: str) -> None:
    inner = case("2010-01-01").decode()
    refused = refusal(payload.format(inner, escape(inner)).encode())
    assert refused is not None
    assert (refused.code, refused.at) == ("police.spi.envelope", at)


def test_a_test_message_is_flagged() -> None:
    flags = item(ROUTED.replace(b"<TestOperation>false", b"<TestOperation>true")).notification.quality
    assert "message.test" in {flag.code for flag in flags}


def test_each_case_of_a_court_list_is_an_item_and_the_second_knows_its_place() -> None:
    first, second = read(LISTED).items
    assert second.notification.native_id == f"{first.notification.native_id}#case-2"
    assert second.notification.kind is ItemKind.CONTEXT
    assert "listed late" in {left.value for left in first.unmapped}


def test_a_court_list_without_cases_is_context_and_not_refused() -> None:
    payload = b"<ExternalDocumentRequest><documents><document><data/></document></documents></ExternalDocumentRequest>"
    made = item(payload).notification
    assert made.kind is ItemKind.CONTEXT
    assert made.native_id.startswith("sha256:")


@pytest.mark.parametrize(
    "payload,code,at",
    [
        (b"<CPE02/>", "police.spi.root", "/CPE02"),
        (b"<NewCaseMessage/>", "police.spi.case", "/NewCaseMessage"),
        (b"<Envelope><Body/></Envelope>", "police.spi.envelope", "/Envelope"),
        (b"<DeliverRequest><Message>words</Message></DeliverRequest>", "police.spi.envelope", "/DeliverRequest"),
        (b"<!DOCTYPE a><NewCaseMessage/>", "police.spi.doctype", "/"),
        (
            b"<DeliverRequest><Message>&lt;!DOCTYPE a&gt;&lt;a/&gt;</Message></DeliverRequest>",
            "police.spi.doctype",
            "/DeliverRequest/Message!/",
        ),
        (
            b"<DeliverRequest><Message>&lt;a&gt;</Message></DeliverRequest>",
            "police.spi.malformed",
            "/DeliverRequest/Message!line 1, column 4",
        ),
        (b"<Envelope><Body>" * 9 + b"<CP20/>" + b"</Body></Envelope>" * 9, "police.spi.nesting", ""),
    ],
)
def test_what_is_no_case_is_refused_with_its_place(payload: bytes, code: str, at: str) -> None:
    error = refusal(payload)
    assert error is not None
    assert (error.code, error.at) == (code, at)


def test_documents_in_documents_are_opened_to_a_bound() -> None:
    payload = case("2010-01-01").decode()
    for _ in range(2):
        payload = f"<DeliverRequest><Message>{escape(payload)}</Message></DeliverRequest>"
    assert len(item(payload.encode()).notification.children) == 1
    error = refusal(f"<DeliverRequest><Message>{escape(payload)}</Message></DeliverRequest>".encode())
    assert error is not None
    assert error.code == "police.spi.nesting"


def test_too_many_cases_are_refused() -> None:
    error = refusal(b"<NewCaseMessage>" + b"<Case/>" * (MOST_CASES + 1) + b"</NewCaseMessage>")
    assert error is not None
    assert error.code == "police.spi.cases"


def test_too_many_people_are_refused() -> None:
    victims = "<OtherPartyVictim/>" * MOST_PEOPLE
    error = refusal(case("2010-01-01", inside=victims))
    assert error is not None
    assert error.code == "police.spi.people"


def test_every_row_has_a_reason_of_its_own() -> None:
    assert len({rule.because for rule in RULES}) == len(RULES)


def test_the_answer_is_a_receipt_that_repeats_what_identifies_the_message() -> None:
    answer = ADAPTER.answer(ROUTED, Receipt(fate=Fate.ACCEPTED, at=AT, message_id="msg_1"), FEED)
    root = etree.fromstring(answer.body)
    assert root.findtext("{urn:mash-gateway:receipt:1}reference") == "NM-2026-000471/99NM0471226/2026-11-20"
    assert b"Sample" not in answer.body


@given(st.sampled_from(FIXTURES), st.data())
def test_a_mangled_message_is_read_or_refused_and_nothing_else(native: Path, data: st.DataObject) -> None:
    payload = bytearray(native.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(payload) - 1))
        cut = data.draw(st.integers(0, 40))
        payload[start : start + cut] = data.draw(st.binary(max_size=12))
        if not payload:
            break
    error = refusal(bytes(payload))
    assert error is None or error.code.startswith("police.spi.")
