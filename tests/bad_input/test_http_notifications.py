"""Bad notifications over HTTP: refused in the sender's own format, on record, and nothing lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

from aiohttp import ClientSession
from lxml import etree

from gateway.intake.intake import BYTES_PLACE
from sandbox import jose
from sandbox.door import Reply
from sandbox.keys import signing_key
from tests.bad_input.credentials import headers, proof, warmed
from tests.gateway import borough
from tests.gateway.kept import rows
from tests.gateway.natives import FAMILY, NARRATIVE, child, notice, registration
from tests.gateway.town import HL7, Town

FEED = "/v1/feeds/police-ppn/notifications"
XML_PROBLEMS = {
    "empty": b"",
    "not XML": b"good morning",
    "cut off": notice()[:-200],
    "of another kind": b"<invoice/>",
    "against the schema": notice().replace(b"<report>", b"<raport>").replace(b"</report>", b"</raport>"),
    "with a DOCTYPE": b'<?xml version="1.0"?><!DOCTYPE ppn [<!ENTITY a "' + FAMILY.encode() + b'">]><ppn>&a;</ppn>',
    "with an outer entity": b'<!DOCTYPE ppn [<!ENTITY a SYSTEM "file:///etc/hostname">]><ppn>&a;</ppn>',
    "a billion laughs": b'<!DOCTYPE p [<!ENTITY a "xx"><!ENTITY b "&a;&a;&a;&a;">]><p>&b;&b;&b;</p>',
    "too deep": b"<a>" * 5_000 + b"</a>" * 5_000,
    "not UTF-8": b"\xff\xfe\xfd" + NARRATIVE.encode("utf-16"),
    "with a null": notice().replace(b"velvet", b"velvet\x00"),
}
HL7_PROBLEMS = {
    "empty": b"",
    "not HL7": b"good morning",
    "no header": b"PID|1||999\r",
    "another family": registration().replace(b"ADT^A28", b"MFN^M02"),
    "no patient": registration().split(b"\rPID")[0] + b"\r",
    "odd delimiters": registration().replace(b"|^~\\&|", b"||||||"),
    "nulls": b"\x00" * 4_000,
    "one long line": registration().replace(b"\r", b" "),
}


async def test_a_bad_notice_is_quarantined_with_its_bytes_and_refused_as_a_receipt(town: Town) -> None:
    for number, (name, message) in enumerate(XML_PROBLEMS.items(), start=1):
        reply = await town.notify(message)
        assert (reply.status, reply.headers["Content-Type"].partition(";")[0]) == (422, "application/xml"), name
        assert etree.fromstring(reply.body).tag.endswith("receipt"), name
        assert await kept(town, reply) == message, name
        counts = await town.counts("police-ppn")
        assert (counts["received"], counts["quarantined"]) == (number, number), name
    entries = [one for one in await town.events() if one["event"] == "message.quarantined"]
    assert [one["actor"] for one in entries] == ["police.desk"] * len(XML_PROBLEMS)
    assert (await town.notify(notice(child(1)))).status == 202


async def test_a_bad_hl7_message_is_quarantined_and_refused_as_an_acknowledgement(town: Town) -> None:
    for number, (name, message) in enumerate(HL7_PROBLEMS.items(), start=1):
        reply = await town.notify(message, feed="health-hl7", client="health.gp")
        assert (reply.status, reply.headers["Content-Type"].partition(";")[0]) == (422, HL7), name
        assert reply.body.startswith(b"MSH|"), name
        # AE where the header could be read, AR where even that could not
        assert reply.body.partition(b"\rMSA|")[2][:3] in {b"AE|", b"AR|"}, name
        assert await kept(town, reply) == message, name
        counts = await town.counts("health-hl7")
        assert (counts["received"], counts["quarantined"]) == (number, number), name
    reply = await town.notify(registration(), feed="health-hl7", client="health.gp")
    assert b"\rMSA|AA|" in reply.body


async def kept(town: Town, reply: Reply) -> bytes:
    """The original bytes of a message, as the hub keeps them."""
    async with town.gateway.store.reading() as work:
        record = await work.messages.get(reply.headers["Mash-Message-Id"])
        return await town.gateway.vault.open(work, record.scope, record.sealed, aad=f"{BYTES_PLACE}.{record.id}")


async def test_what_is_too_large_is_refused_and_not_kept_however_it_is_sent(town: Town) -> None:
    large = notice() + b" " * borough.LIMIT

    async def in_chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(large), 4_096):
            yield large[start : start + 4_096]
            await asyncio.sleep(0)

    reply = await town.notify(large)
    assert (reply.status, reply.headers["Content-Type"].partition(";")[0]) == (413, "application/xml")
    desk = town.client("police.desk")
    token = await warmed(desk)
    shown = headers(token, proof(town, desk, "POST", FEED, token))
    async with ClientSession() as session, session.post(town.url + FEED, data=in_chunks(), headers=shown) as response:
        assert response.status == 413
    counts = await town.counts("police-ppn")
    assert (counts["received"], counts["refused"]) == (2, 2)
    assert [one["detail"] for one in await town.events() if one["event"] == "message.refused"] == [
        {"feed": "police-ppn", "code": "message.too_large"}
    ] * 2
    assert (await rows(town.gateway))["messages"] == []


async def test_a_feed_that_is_not_there_is_a_problem_for_a_known_caller_and_for_a_stranger(town: Town) -> None:
    known = await town.client("police.desk").notify("nobody", notice(), "application/xml")
    assert (known.status, known.code) == (404, "feed.unknown")
    # Whoever is not known does not learn which feeds there are.
    strangers = [
        await town.plain("POST", f"/v1/feeds/{feed}/notifications", body=notice()) for feed in ("nobody", "police-ppn")
    ]
    assert {one.status for one in strangers} == {401}
    # Feeds of other doors are not reached by this one.
    for feed, client in (("health-mllp", "health.gp"), ("police-amqp", "police.broker")):
        assert (await town.client(client).notify(feed, notice(), "application/xml")).status == 404


async def test_a_sender_at_a_feed_that_is_not_its_own_is_refused_by_name(town: Town) -> None:
    told = {"health.gp": "feed.not_yours", "police.broker": "feed.not_yours", "police.lead": "grant.missing"}
    for client in told:
        reply = await town.notify(notice(), client=client)
        assert (reply.status, reply.headers["Content-Type"].partition(";")[0]) == (403, "application/xml"), client
    entries = [one for one in await town.events() if one["event"] == "message.refused"]
    assert {one["actor"]: one["detail"]["code"] for one in entries} == told
    assert (await town.counts("police-ppn"))["refused"] == len(told)
    assert (await rows(town.gateway))["messages"] == []


async def test_a_feed_that_names_no_client_takes_its_own_agencys_senders_and_nobody_elses(town: Town) -> None:
    refused = await town.notify(notice(), feed="police-mend", client="health.gp")
    assert refused.status == 403
    codes = [one["detail"]["code"] for one in await town.events() if one["event"] == "message.refused"]
    assert codes == ["feed.not_yours"]
    assert (await rows(town.gateway))["messages"] == []
    for client in ("police.desk", "police.broker"):
        assert (await town.notify(notice(), feed="police-mend", client=client)).status == 202


async def test_a_person_is_no_sender(town: Town) -> None:
    await town.manager.sign_in()
    shown = {"Authorization": f"Bearer {town.manager._token}"}
    reply = await town.plain("POST", FEED, body=notice(), headers=shown)
    assert reply.status == 403
    assert (await rows(town.gateway))["messages"] == []


async def test_whoever_presents_nothing_that_holds_is_told_so_in_the_feeds_format_and_counted(town: Town) -> None:
    desk = town.client("police.desk")
    token = await warmed(desk)
    right = proof(town, desk, "POST", FEED, token)
    stranger = signing_key("stranger.1")
    claims = {"iss": borough.HUB, "sub": "police.desk", "aud": town.url, "exp": jose.seconds(town.clock()) + 60}
    forged = jose.sign(jose.compact_json(claims), stranger, typ="at+jwt")
    for shown in (
        {},
        {"Authorization": f"Basic {token}"},
        headers("", right),
        headers("nonsense", right),
        headers(token),
        headers(forged, proof(town, desk, "POST", FEED, forged)),
        headers(token, proof(town, desk, "POST", FEED, token), scheme="Bearer"),
        {"DPoP": right},
    ):
        reply = await town.plain("POST", FEED, body=notice(), headers=shown)
        assert (reply.status, reply.headers["Content-Type"].partition(";")[0]) == (401, "application/xml"), shown
        assert etree.fromstring(reply.body).tag.endswith("receipt")
        assert "WWW-Authenticate" in reply.headers
    strangers = await town.refused_strangers()
    assert sum(one["count"] for one in strangers) == 8
    assert {one["door"] for one in strangers} == {"feeds"}
    assert (await rows(town.gateway))["messages"] == []
    assert (await town.counts("police-ppn"))["received"] == 0


async def test_a_suspended_agency_is_a_stranger(town: Town) -> None:
    desk = town.client("police.desk")
    token = await warmed(desk)
    await town.gateway.agencies.suspend("police", town.clock())
    reply = await town.plain(
        "POST", FEED, body=notice(), headers=headers(token, proof(town, desk, "POST", FEED, token))
    )
    assert reply.status == 401
    assert (await rows(town.gateway))["messages"] == []
