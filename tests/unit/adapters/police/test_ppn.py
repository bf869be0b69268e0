from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path
from textwrap import dedent

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from adapters.police.ppn import ADAPTER, RULES
from adapters.port import Fate, FeedContext, Problem, Receipt
from schemas.errors import MashError, Rejected, TooLarge
from schemas.identifiers import IdentifierKind, Validity
from schemas.notification import Normalised
from schemas.vocabulary import Concern, ItemKind, LegalGround, Marking
from tests.fixtures.regenerate import context, golden, natives

FIXTURES = natives("police.ppn")
WARRANT, UNBORN, UPDATE, CHECKLIST = (
    next(path for path in FIXTURES if path.name == name).read_bytes()
    for name in ("drugs-warrant.xml", "unborn-baby.xml", "details-update.xml", "came-to-notice.xml")
)
AT = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
FEED = FeedContext(feed="police", agency="northmarsh-police")


def read(payload: bytes, feed: FeedContext = FEED) -> Normalised:
    (item,) = ADAPTER.read(payload, feed).items
    return item


def notice(inner: str = "", *, attributes: str = "", reference: str = "PPN/1") -> bytes:
    return (
        f'<ppn xmlns="urn:mash-gateway:police:ppn:1" version="1.0" {attributes}>'
        f"<report><reference>{reference}</reference><force>Northmarsh Police</force></report>{inner}</ppn>"
    ).encode()


def refusal(payload: bytes) -> MashError | None:
    try:
        ADAPTER.read(payload, FEED)
    except MashError as error:
        return error
    return None


@pytest.mark.parametrize("native", FIXTURES, ids=lambda path: path.stem)
def test_each_fixture_reads_as_its_golden_file_says(native: Path) -> None:
    reading = ADAPTER.read(native.read_bytes(), context()).model_dump(mode="json")
    assert reading == json.loads(golden(native).read_text(encoding="utf-8"))


def test_a_warrant_carries_the_story_the_people_and_how_it_must_be_handled() -> None:
    made = read(WARRANT).notification
    (child,) = made.children
    mother, stepfather = made.adults
    assert made.kind is ItemKind.CONCERN
    assert made.native_id == "PPN/26/0004711"
    assert made.event_at == datetime(2026, 11, 2, 19, 40, tzinfo=UTC)
    assert child.birth_date == "2009-03-14"
    assert child.identifiers[0].kind is IdentifierKind.NHS
    assert child.identifiers[0].validity is Validity.VALID
    assert child.parental_responsibility == (mother.ref,)
    assert (mother.relation, mother.birth_date) == ("mother", "1988")
    assert stepfather.alleged_perpetrator is True
    assert [each.validity for each in stepfather.identifiers] == [Validity.VALID, Validity.VALID]
    assert made.concern is not None
    assert made.concern.categories == (Concern.DRUGS, Concern.GANGS)
    assert made.concern.source_grade == "amber"
    assert made.concern.level_of_need == 3
    assert "Outcome not met: Stay safe" in made.concern.factors
    assert made.incident is not None
    assert made.incident.children_present is True
    assert "drugs & scales" in made.incident.narrative
    assert made.incident.place == "14 Imaginary Row, Eastgate, ZZ99 3VZ"
    assert made.consent is not None
    assert (made.consent.informed, made.consent.given) == (True, False)
    assert made.consent.legal_ground is LegalGround.CHILDREN_ACT_1989_S47
    assert made.handling.restricted
    assert made.handling.source_protection
    assert made.quality == ()


def test_a_checklist_tells_outcomes_research_and_the_part_of_each_child() -> None:
    made = read(CHECKLIST).notification
    assert made.concern is not None
    assert made.concern.factors == (
        "Came to notice: Seen in the street late at night.",
        "Outcome met: be healthy",
        "Outcome not met: stay safe: No adult knew where they were.",
        "Outcome not met: enjoy and achieve: Truancy is spoken of.",
        "Outcome not met: make a positive contribution",
        "Research: PNC, 2026-10-04, no trace",
        "Research: Crime reports, trace, One report of criminal damage.",
        "Previous incident: 2026-09-12, PAC/26/0008001, Found asleep in a shelter., green, Taken home.",
        "Children present: 3",
        "Linked report: NM/26/55120, crime report",
        "Linked report: PAC/26/0008001",
    )
    assert ("code.unread", "concern.factors[3]") in {(flag.code, flag.field) for flag in made.quality}
    assert made.format == "police.ppn/1.1"
    assert made.supersedes == "PAC/26/0009119"
    victim, perpetrator, witness = made.children
    assert "a victim of the incident" in victim.notes
    assert perpetrator.alleged_perpetrator is True
    assert witness.notes == ("a witness of the incident",)


def test_a_checklist_alone_is_a_concern_whatever_its_purpose_says() -> None:
    outcome = '<preAssessment><outcome name="staySafe"/></preAssessment>'
    assert read(notice(outcome, attributes='purpose="information"')).notification.kind is ItemKind.CONCERN


def test_an_update_keeps_its_linked_report_aside_and_stays_an_update() -> None:
    child = "<children><child><name><family>Sample</family></name></child></children>"
    payload = notice(child, attributes='purpose="update"').replace(
        b"<force>", b"<linkedReport>PPN/2</linkedReport><force>"
    )
    item = read(payload)
    assert (item.notification.kind, item.notification.concern) == (ItemKind.UPDATE, None)
    assert "PPN/2" in {left.value for left in item.unmapped}


def test_an_outcome_that_nobody_knows_is_refused_with_its_place() -> None:
    error = refusal(notice('<preAssessment><outcome name="beRich"/></preAssessment>'))
    assert error is not None
    assert (error.code, error.at) == ("police.ppn.schema", "/ppn/preAssessment/outcome")


def test_every_example_and_every_receipt_is_valid_against_its_schema() -> None:
    page = (Path(__file__).parents[4] / "docs" / "formats" / "police-ppn.md").read_text(encoding="utf-8")
    shown = [
        dedent(block)
        for block in re.findall(r"(?:^    .*\n)+", page, flags=re.MULTILINE)
        if block.lstrip().startswith(("<ppn", "<receipt"))
    ]
    schemas = {
        "ppn": etree.XMLSchema(etree.fromstring(files("adapters.police").joinpath("ppn.xsd").read_bytes())),
        "receipt": etree.XMLSchema(etree.fromstring(files("adapters").joinpath("receipt.xsd").read_bytes())),
    }
    examples = [path.read_bytes() for path in FIXTURES] + [text.encode() for text in shown]
    roots = [etree.fromstring(example) for example in examples]
    assert {etree.QName(root).localname for root in roots} == set(schemas)
    assert len(shown) >= 3
    for root in roots:
        schemas[etree.QName(root).localname].assertValid(root)
    for fate in Fate:
        receipt = Receipt(fate=fate, at=AT, message_id="msg_1", problem=Problem(code="police.ppn.schema", at="/ppn"))
        schemas["receipt"].assertValid(etree.fromstring(ADAPTER.answer(CHECKLIST, receipt, FEED).body))


def test_an_unborn_child_is_a_person_with_a_mother_and_an_expected_date_and_nothing_invented() -> None:
    made = read(UNBORN).notification
    unborn = made.children[0]
    assert unborn.unborn
    assert unborn.expected_date == date(2027, 5, 10)
    assert unborn.mother == made.adults[0].ref
    assert (unborn.birth_date, unborn.sex, unborn.names, unborn.identifiers) == (None, None, (), ())
    assert made.handling.hidden_location
    assert made.adults[0].addresses[0].confidential, "anything but a clear no keeps an address confidential"


def test_what_cannot_be_read_is_kept_and_flagged_and_the_child_is_still_notified() -> None:
    item = read(UNBORN)
    flags = {(flag.code, flag.field) for flag in item.notification.quality}
    left = {each.value for each in item.unmapped}
    assert {
        ("date.unread", "children[1].birth_date"),
        ("code.unread", "children[1].sex"),
        ("identifier.check_failed", "children[1].identifiers[0]"),
        ("category.unknown", "concern.source_categories"),
        ("code.unread", "handling.marking"),
    } <= flags
    assert {"2019-02-30", "purple", "CONFIDENTIAL", "refuge"} <= left
    assert item.notification.children[1].birth_date is None
    assert item.notification.handling.marking is Marking.OFFICIAL_SENSITIVE


def test_comments_and_extensions_are_listed_and_a_comment_does_not_split_a_text() -> None:
    left = {each.value for each in read(UNBORN).unmapped}
    assert {"sent by the maternity liaison desk", "Van seen nearby", "blue", "twice"} <= left


def test_provenance_points_to_fields_that_are_there() -> None:
    for native in FIXTURES:
        item = read(native.read_bytes())
        for mapped in item.provenance:
            assert _resolve(item.notification.model_dump(), mapped.field), mapped.field


def _resolve(dumped: object, field: str) -> bool:
    for part in field.replace("[", ".[").split("."):
        if part.startswith("["):
            assert isinstance(dumped, list | tuple)
            dumped = dumped[int(part[1:-1])]
        else:
            assert isinstance(dumped, dict)
            dumped = dumped[part]
    return dumped is not None and dumped != ""


@pytest.mark.parametrize(
    "payload, kind",
    [
        (notice(), ItemKind.CONCERN),
        (notice("<assessment><grade>green</grade></assessment>"), ItemKind.CONCERN),
        (notice("<children><child/></children>", attributes='purpose="update"'), ItemKind.UPDATE),
        (notice(attributes='purpose="information"'), ItemKind.CONTEXT),
        (
            notice("<incident><circumstances>x</circumstances></incident>", attributes='purpose="update"'),
            ItemKind.CONCERN,
        ),
        (notice("<children><child/></children>", attributes='purpose="information"'), ItemKind.CONCERN),
        (notice(attributes='purpose="update"'), ItemKind.CONCERN),
    ],
)
def test_doubt_about_the_kind_of_a_notice_means_concern(payload: bytes, kind: ItemKind) -> None:
    made = read(payload).notification
    assert made.kind is kind
    assert made.kind_reason


def test_every_row_has_a_reason() -> None:
    assert all(rule.because for rule in RULES)


def test_a_notice_that_names_no_child_is_accepted() -> None:
    assert read(notice("<incident><circumstances>x</circumstances></incident>")).notification.children == ()


def test_the_feeds_own_categories_are_used() -> None:
    feed = FeedContext(feed="f", agency="a", options={"categories": {"Code 7": "gangs"}})
    made = read(notice("<concern><category>code 7</category></concern>"), feed).notification
    assert made.concern is not None
    assert made.concern.categories == (Concern.GANGS,)


def test_a_time_of_day_makes_a_moment_and_a_bare_day_stays_a_day() -> None:
    made = read(notice("<incident><occurredAt>03/11/2026</occurredAt></incident>")).notification
    assert made.incident is not None
    assert (made.incident.occurred_at, made.incident.occurred_on) == (None, "2026-11-03")
    assert made.event_at is None


@pytest.mark.parametrize("word", ["no", "None", "N/A"])
def test_a_bare_no_is_no_immediate_danger(word: str) -> None:
    made = read(notice(f"<assessment><immediateDanger>{word}</immediateDanger></assessment>"))
    assert made.notification.immediate_danger == ""
    assert word in {each.value for each in made.unmapped}


def test_a_child_said_to_be_unborn_who_has_a_birth_date_is_born_and_flagged() -> None:
    inner = '<children><child unborn="yes"><dateOfBirth>2026-01-01</dateOfBirth></child></children>'
    made = read(notice(inner)).notification
    assert not made.children[0].unborn
    assert ("unborn.has_birth_date", "children[0].birth_date") in {(each.code, each.field) for each in made.quality}


def test_a_mother_who_is_nobody_of_the_notice_is_flagged_and_kept() -> None:
    item = read(notice('<children><child><expectedDate>2027-01-01</expectedDate><mother ref="q"/></child></children>'))
    assert item.notification.children[0].mother is None
    assert "q" in {each.value for each in item.unmapped}
    assert item.notification.quality[0].code == "mother.unknown"


@pytest.mark.parametrize(
    "payload, code, at",
    [
        (notice().replace(b"urn:mash-gateway:police:ppn:1", b"urn:other"), "police.ppn.namespace", "/ppn"),
        (notice().replace(b"ppn ", b"qqn ").replace(b"/ppn", b"/qqn"), "police.ppn.namespace", "/qqn"),
        (notice().replace(b'"1.0"', b'"2.0"'), "police.ppn.schema", "/ppn"),
        (notice(reference=" "), "police.ppn.schema", "/ppn/report/reference"),
        (notice("<surprise/>"), "police.ppn.schema", "/ppn/surprise"),
        (
            notice('<children><child/><child><identifier type="passport">x</identifier></child></children>'),
            "police.ppn.schema",
            "/ppn/children/child[2]/identifier",
        ),
        (WARRANT[: len(WARRANT) // 2], "police.ppn.malformed", None),
        (b"<!DOCTYPE ppn>" + notice(), "police.ppn.doctype", "/"),
        (notice(reference="\xe9").replace(b"\xc3", b""), "police.ppn.encoding", None),
    ],
)
def test_each_refusal_names_its_reason_and_its_place(payload: bytes, code: str, at: str | None) -> None:
    with pytest.raises(Rejected) as caught:
        ADAPTER.read(payload, FEED)
    assert caught.value.code == code
    assert caught.value.at == at or (at is None and caught.value.at.startswith("line "))
    assert caught.value.detail


def test_a_notice_over_the_limits_is_too_large() -> None:
    with pytest.raises(TooLarge):
        ADAPTER.read(notice() + b" " * (5 * 1024 * 1024), FEED)
    with pytest.raises(TooLarge):
        ADAPTER.read(notice("<extension>" + "<x:a xmlns:x='urn:x'>" * 100 + "</x:a>" * 100 + "</extension>"), FEED)


def test_a_refusal_quotes_nothing_of_the_message() -> None:
    error = refusal(notice("<concern><levelOfNeed>" + "Testcase" * 20 + "</levelOfNeed></concern>"))
    assert error is not None
    assert "Testcase" not in str(error)


@given(st.data())
def test_no_mutation_of_a_notice_raises_anything_but_our_errors(data: st.DataObject) -> None:
    payload = bytearray(data.draw(st.sampled_from([WARRANT, UNBORN, UPDATE])))
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(payload) - 1))
        payload[place : place + data.draw(st.integers(0, 40))] = data.draw(st.binary(max_size=8))
    error = refusal(bytes(payload))
    assert error is None or error.code.startswith("police.ppn.")
    assert ADAPTER.answer(bytes(payload), Receipt(fate=Fate.QUARANTINED, at=AT), FEED).body


@given(st.binary(max_size=300))
def test_an_answer_never_fails_whatever_the_bytes_are(payload: bytes) -> None:
    answer = ADAPTER.answer(payload, Receipt(fate=Fate.REFUSED, at=AT), FEED)
    assert etree.fromstring(answer.body).get("fate") == "refused"


def test_the_answer_repeats_the_senders_reference() -> None:
    answer = ADAPTER.answer(WARRANT, Receipt(fate=Fate.ACCEPTED, at=AT, message_id="msg_1"), FEED)
    assert etree.fromstring(answer.body).findtext("{*}reference") == "PPN/26/0004711"


@pytest.mark.parametrize("native", FIXTURES, ids=lambda path: path.stem)
def test_reading_twice_gives_equal_results(native: Path) -> None:
    assert ADAPTER.read(native.read_bytes(), FEED) == ADAPTER.read(native.read_bytes(), FEED)
