from __future__ import annotations

import base64
import hashlib
import json
import time
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.police.email import ADAPTER, RULES
from adapters.police.email_labels import _LABELS, PEOPLE
from adapters.police.email_parts import MOST_BYTES, MOST_LEVELS, MOST_LINES, REFUSED, take_apart
from adapters.port import Fate, FeedContext, Receipt
from schemas.errors import MashError, TooLarge
from schemas.notification import Normalised, Notification
from schemas.vocabulary import Concern, ItemKind
from tests.fixtures.regenerate import context, golden, natives

FIXTURES = natives("police.email")
TEXT, TABLE, NOTICE, DOCUMENT = (
    next(path for path in FIXTURES if path.name == name).read_bytes()
    for name in ("form-in-text.eml", "form-in-table.eml", "notice-attached.eml", "document-attached.eml")
)
AT = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
FEED = FeedContext(feed="mail", agency="northmarsh-police", options={"reply_from": "mash@hub.example"})
HEADERS = b"From: desk@northmarsh.example\nMessage-ID: <1@northmarsh.example>\n"


def read(payload: bytes) -> Normalised:
    (item,) = ADAPTER.read(payload, FEED).items
    return item


def refusal(payload: bytes) -> MashError | None:
    try:
        ADAPTER.read(payload, FEED)
    except MashError as error:
        return error
    return None


def mail(body: str, kind: str = "text/plain", *, headers: str = "") -> bytes:
    return HEADERS + f"{headers}Content-Type: {kind}; charset=utf-8\n\n{body}".encode()


def with_part(content: bytes, kind: str, filename: str = "", *, headers: str = "") -> bytes:
    named = f'; name="{filename}"' if filename else ""
    return (
        HEADERS
        + (
            f"{headers}Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\nCircumstances: x\n"
            f"--b\nContent-Type: {kind}{named}\nContent-Transfer-Encoding: base64\n\n"
            f"{base64.encodebytes(content).decode()}\n--b--\n"
        ).encode()
    )


def left(item: Normalised) -> set[str]:
    return {each.value for each in item.unmapped}


def flags(made: Notification) -> set[str]:
    return {flag.code for flag in made.quality}


@pytest.mark.parametrize("native", FIXTURES, ids=lambda path: path.stem)
def test_each_fixture_reads_as_its_golden_file_says(native: Path) -> None:
    reading = ADAPTER.read(native.read_bytes(), context()).model_dump(mode="json")
    assert reading == json.loads(golden(native).read_text(encoding="utf-8"))


def test_a_form_in_text_is_read_by_its_labels() -> None:
    made = read(TEXT).notification
    (child,) = made.children
    mother, suspect = made.adults
    assert made.kind is ItemKind.CONCERN
    assert made.native_id == "PPN/26/0004790"
    assert (child.names[0].family, child.birth_date) == ("TESTCASE", "2009-03-14")
    assert (mother.relation, mother.contacts[0].value) == ("mother", "07700 900123")
    assert suspect.alleged_perpetrator is True
    assert made.concern is not None
    assert made.concern.categories == (Concern.DRUGS, Concern.GANGS)
    assert made.concern.source_grade == "Green"
    assert "Subject: PPN \u2013 child at home during warrant" in made.concern.factors
    assert made.incident is not None
    assert made.incident.narrative.endswith("on the kitchen table.")
    assert made.incident.reported_at == datetime(2026, 11, 3, 8, 1, 10, tzinfo=UTC)
    assert made.event_at == datetime(2026, 11, 2, 19, 40, tzinfo=UTC)
    assert made.handling.restricted, "a Sensitivity that is not normal restricts"
    assert {"Favourite colour: blue", "This e-mail is confidential."} <= left(read(TEXT))


def test_the_messages_identity_is_its_message_id_and_the_notices_is_its_reference() -> None:
    reading = ADAPTER.read(TEXT, FEED)
    assert reading.native_id == "<20261103080110.4711@northmarsh.example>"
    assert reading.items[0].notification.native_id == "PPN/26/0004790"
    assert read(b"From: a@b.example\n\nwords").notification.native_id.startswith("sha256:")


def test_a_form_in_a_table_is_read_from_the_part_that_holds_it() -> None:
    made = read(TABLE).notification
    born, unborn = made.children
    assert (born.names[0].family, born.names[0].given, born.birth_date) == ("Fictional", ("Ashby",), "2013-07-09")
    assert unborn.unborn
    assert str(unborn.expected_date) == "2027-02-11"
    assert made.incident is not None
    assert made.incident.narrative == "Found asleep in a shelter \u2013 said that he\u2019d not go home."
    assert made.handling.hidden_location, "anything but a clear no hides it"
    assert {"form version 3", "td { border: 1px }", "https://intranet.northmarsh.example/9120"} <= left(read(TABLE))


def test_a_table_in_a_table_keeps_its_rows_apart() -> None:
    inner = "<table><tr><td>Child</td><td>SAMPLE, Jo</td></tr><tr><td>Grade</td><td>red</td></tr></table>"
    made = read(mail(f"<table><tr><td>{inner}</td></tr></table>", "text/html")).notification
    assert made.children[0].names[0].family == "SAMPLE"
    assert made.concern is not None
    assert made.concern.source_grade == "red"


def test_a_notice_attached_is_read_as_police_ppn_reads_it_with_the_part_before_its_pointers() -> None:
    item = read(NOTICE)
    assert item.notification.format == "police.ppn/1.1"
    assert item.notification.native_id == "PPN/26/0004795"
    assert "part[2]/ppn/incident/circumstances" in {mapped.pointer for mapped in item.provenance}
    assert {"The notice is attached.", "Notice PPN/26/0004795"} <= left(item)
    assert ADAPTER.read(NOTICE, FEED).native_id == "<4795@northmarsh.example>"


def test_a_notice_attached_that_breaks_its_schema_is_refused_with_the_part_and_the_place() -> None:
    error = refusal(NOTICE.replace(b"<reference>PPN/26/0004795</reference>", b"<reference/>"))
    assert error is not None
    assert (error.code, error.at) == ("police.email.ppn.schema", "part[2]/ppn/report/reference")


def test_two_notices_are_two_items() -> None:
    start, end = NOTICE.index(b"--outer\nContent-Type: application/xml"), NOTICE.index(b"--outer--")
    second = NOTICE[start:end].replace(b"0004795", b"0004796")
    items = ADAPTER.read(NOTICE[:end] + second + NOTICE[end:], FEED).items
    assert [item.notification.native_id[-4:] for item in items] == ["4795", "4796"]


def test_a_document_that_no_machine_reads_makes_a_concern_for_a_person_and_is_listed_by_its_digest() -> None:
    item = read(DOCUMENT)
    assert (item.notification.kind, item.notification.kind_reason) == (
        ItemKind.CONCERN,
        "a document is attached that a person must read",
    )
    assert "document.unread" in flags(item.notification)
    content = b"%PDF-1.4\n% synthetic\n"
    assert any(value.endswith(f"sha256:{hashlib.sha256(content).hexdigest()}") for value in left(item))


def test_a_document_beside_a_notice_that_only_updates_makes_it_a_concern() -> None:
    notice = NOTICE.replace(b'version="1.1">', b'version="1.1" purpose="update">')
    notice = notice.replace(
        b"<incident><circumstances>Two brothers were seen alone at night.</circumstances></incident>", b""
    )
    assert read(notice).notification.kind is ItemKind.UPDATE
    with_document = notice.replace(b"--outer--", b"--outer\nContent-Type: application/pdf\n\n%PDF-1.4\n--outer--")
    assert read(with_document).notification.kind is ItemKind.CONCERN


def test_words_without_a_form_are_told_as_they_are_and_are_a_concern() -> None:
    made = read(mail("A child was seen alone.\nIt was late.")).notification
    assert made.kind is ItemKind.CONCERN
    assert made.incident is not None
    assert made.incident.narrative == "A child was seen alone.\nIt was late."


def enclosing(*parts: str, headers: str = "") -> bytes:
    inside = "".join(f"--b\n{part}\n" for part in parts)
    return HEADERS + f"{headers}Content-Type: multipart/mixed; boundary=b\n\n{inside}--b--\n".encode()


NOTICE_PART = "Content-Type: application/xml\n\n" + next(
    part.content.decode() for part in take_apart(NOTICE, code="x").parts if b"<" in part.content[:60]
)


def test_what_protects_is_said_of_every_notice_that_an_email_brings() -> None:
    second = NOTICE_PART.replace("PPN/26/0004795", "PPN/26/0004796")
    cover = "Content-Type: text/plain\n\nHidden location: yes\nSource protection: yes\nCaveat: tell nobody at home\n"
    items = ADAPTER.read(enclosing(cover, NOTICE_PART, second, headers="Sensitivity: Private\n"), FEED).items
    assert len(items) == 2
    for item in items:
        said = item.notification.handling
        assert (said.restricted, said.hidden_location, said.source_protection) == (True, True, True)
        assert "tell nobody at home" in said.caveat
        assert {"handling.restricted", "handling.hidden_location"} <= {each.field for each in item.provenance}
    assert "Private" in left(items[0])


def test_a_form_that_is_not_chosen_still_protects() -> None:
    chosen = (
        "Content-Type: text/plain\n\nChild: SAMPLE, Jo\nDate of birth: 03/02/2012\nCircumstances: x\nRestricted: no\n"
    )
    other = "Content-Type: text/plain\n\nHidden location: yes\nRestricted: yes\n"
    made = read(enclosing(chosen, other)).notification
    assert made.children
    assert (made.handling.restricted, made.handling.hidden_location) == (True, True)


@pytest.mark.parametrize(
    "payload",
    [
        mail("Child: SAMPLE, Jo\nHidden location: no\nHidden location: yes\n"),
        mail("Child: SAMPLE, Jo\nHidden location: yes\nHidden location: no\n"),
    ],
)
def test_a_later_no_takes_no_warning_back(payload: bytes) -> None:
    assert read(payload).notification.handling.hidden_location


def test_any_sensitivity_restricts_and_none_is_lost() -> None:
    twice = read(mail("words", headers="Sensitivity: Normal\nSensitivity: Private\nSubject: a\nSubject: b\n"))
    assert twice.notification.handling.restricted
    assert {"Private", "b"} <= left(twice)
    within = "Content-Type: message/rfc822\n\nFrom: a@b.example\nSensitivity: Personal\n\nwords\n"
    assert read(enclosing(within)).notification.handling.restricted


def test_what_a_machine_wrote_of_its_own_accord_may_be_a_notice() -> None:
    made = read(mail("A child was seen alone.", headers="Auto-Submitted: auto-generated\n")).notification
    assert made.kind is ItemKind.CONCERN


@pytest.mark.parametrize("headers", ["Auto-Submitted: auto-replied\n", "Auto-Submitted: Auto-Replied; x=y\n"])
def test_an_automatic_reply_is_context_unless_it_holds_a_form(headers: str) -> None:
    assert read(mail("I am out of the office.", headers=headers)).notification.kind is ItemKind.CONTEXT
    assert read(mail("Child: SAMPLE, Jo", headers=headers)).notification.kind is ItemKind.CONCERN
    assert read(mail("words", headers="Auto-Submitted: no\n")).notification.kind is ItemKind.CONCERN


def test_blank_rows_of_a_form_name_nobody() -> None:
    made = read(
        mail("Child 1: SAMPLE, Jo\nDate of birth:\nChild 2:\nDate of birth:\nFather:\nTelephone:\n")
    ).notification
    assert (len(made.children), made.adults) == (1, ())


def test_an_e_mail_inside_an_e_mail_is_read_with_its_place() -> None:
    inner = TEXT.decode()
    payload = HEADERS + f"Content-Type: message/rfc822\n\n{inner}".encode()
    item = read(payload)
    assert item.notification.children[0].names[0].family == "TESTCASE"
    assert any(mapped.pointer.startswith("part[1]/line[") for mapped in item.provenance)


@pytest.mark.parametrize(
    "content,kind,filename,code",
    [
        (b"\x78\x9f\x3e\x22rest", "application/octet-stream", "a.bin", "tnef"),
        (b"words", "application/ms-tnef", "winmail.dat", "tnef"),
        (b"PK\x03\x04" + b"\0" * 64, "application/octet-stream", "notices.bin", "archive"),
        (b"\x1f\x8b\x08", "application/octet-stream", "notice.xml.gz", "archive"),
        (b"any", "application/zip", "notices.zip", "archive"),
        (b"any", "application/pkcs7-mime", "smime.p7m", "encrypted"),
    ],
)
def test_what_is_not_taken_is_refused_with_its_part_and_what_to_do(
    content: bytes, kind: str, filename: str, code: str
) -> None:
    error = refusal(with_part(content, kind, filename))
    assert error is not None
    assert (error.code, error.at) == (f"police.email.{code}", "part[2]")
    assert error.detail == next(row.detail for row in REFUSED if row.code == code)


def test_a_word_document_is_no_archive_and_is_kept_for_a_person() -> None:
    kind = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    made = read(with_part(b"PK\x03\x04rest", kind, "form.docx")).notification
    assert "document.unread" in flags(made)


def test_a_picture_in_a_signature_is_no_document() -> None:
    assert "document.unread" not in flags(read(with_part(b"\x89PNG", "image/png")).notification)
    assert "document.unread" in flags(read(with_part(b"\x89PNG", "image/png", "scan.png")).notification)


@pytest.mark.parametrize("charset", ["utf-8", "x-unknown", "hex", "punycode", "unicode_escape", "us-ascii", ""])
def test_a_character_set_that_is_wrong_loses_nothing_and_is_flagged(charset: str) -> None:
    named = f"; charset={charset}" if charset else ""
    payload = HEADERS + f"Content-Type: text/plain{named}\n\n".encode() + "Circumstances: caf\u00e9".encode("cp1252")
    made = read(payload).notification
    assert made.incident is not None
    assert made.incident.narrative == "caf\u00e9"
    assert ("charset.wrong" in flags(made)) is bool(charset)


def deep(levels: int) -> bytes:
    opened = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(levels))
    return HEADERS + opened.encode() + b"Content-Type: text/plain\n\nwords\n"


@pytest.mark.parametrize(
    "payload,code",
    [
        (b"", "malformed"),
        (b"words and no header", "malformed"),
        (b"x" * (MOST_BYTES + 1), "size"),
        (HEADERS + b"\n" * (MOST_LINES + 2), "lines"),
        (deep(MOST_LEVELS + 1), "depth"),
        (deep(2_000), "depth"),
        (HEADERS + b"Content-Type: message/rfc822\n\n" * 100, "depth"),
        (HEADERS + b"Content-Type: text/plain; a=" + b"b" * 5_000 + b"\n\n", "headers"),
        (HEADERS + b"Content-Type: text/plain" + b";" * 1_000_000 + b"\n\n", "headers"),
        (HEADERS + b"".join(b"X-%d: y\n" % n for n in range(300)) + b"\nwords", "headers"),
        (HEADERS + b"X-Long: " + b"y" * 9_000 + b"\n\nwords", "headers"),
        (
            HEADERS + b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nwords\n" * 200 + b"--b--\n",
            "parts",
        ),
        (mail("<p>" + "x" * 600_000, "text/html"), "html"),
        (mail("Child: x\n" * 90_000), "rows"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_passes_a_limit_is_refused_at_once(payload: bytes, code: str) -> None:
    began = time.process_time()
    error = refusal(payload)
    assert error is not None
    assert error.code == f"police.email.{code}"
    assert isinstance(error, TooLarge) is (code != "malformed")
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    "body,kind",
    [
        ("<td>" * 120_000, "text/html"),
        ("<div>" * 100_000, "text/html"),
        ("<!--" * 120_000, "text/html"),
        ("<p " + " ".join(f"a{number}=1" for number in range(50_000)) + ">", "text/html"),
        ("Child: x\n" * 900 + "words\n" * 90_000, "text/plain"),
        ("a " * 1_000_000 + ":", "text/plain"),
        ("Circumstances: x\n" + "more\n" * 90_000, "text/plain"),
    ],
)
def test_hostile_texts_take_little_time(body: str, kind: str) -> None:
    began = time.process_time()
    refusal(mail(body, kind))
    assert time.process_time() - began < 15, "linear: a quadratic reading of one of these takes minutes"


@pytest.mark.parametrize(
    "header", ["From: " + "(" * 4_000, "Subject: =?utf-8?q?" + "(" * 1_000 + "?=", "Date: " + "1 " * 900]
)
def test_a_header_that_the_library_chokes_on_is_kept_as_it_is(header: str) -> None:
    item = read(b"Message-ID: <1@b.example>\n" + header.encode() + b"\n\nwords")
    assert any(header.partition(": ")[2].strip() in value for value in (*left(item), *_factors(item)))


def _factors(item: Normalised) -> tuple[str, ...]:
    return item.notification.concern.factors if item.notification.concern is not None else ()


def test_no_label_means_two_things() -> None:
    words = [word for several in _LABELS.values() for word in several]
    words += [word for _, several in PEOPLE.values() for word in several]
    assert len(set(words)) == len(words)


def test_every_row_has_a_reason_of_its_own() -> None:
    assert len({rule.because for rule in RULES}) == len(RULES)
    assert len({row.detail for row in REFUSED}) == len(REFUSED)


@given(st.sampled_from(FIXTURES), st.data())
def test_a_mangled_e_mail_is_read_or_refused_and_always_answered(native: Path, data: st.DataObject) -> None:
    payload = bytearray(native.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, max(0, len(payload) - 1)))
        cut = data.draw(st.integers(0, 60))
        payload[start : start + cut] = data.draw(st.binary(max_size=12))
    error = refusal(bytes(payload))
    assert error is None or error.code.startswith("police.email.")
    ADAPTER.answer(bytes(payload), Receipt(fate=Fate.REFUSED, at=AT), FEED).body.decode("utf-8")
