"""Notifications over HTTP: authenticated before they are read, answered in the feed's own words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pytest

from gateway.bootstrap import Gateway
from gateway.store.records import FeedCounts
from schemas.vocabulary import Role
from tests.gateway.natives import notice, registration
from tests.unit.gateway.api.caller import Caller, keys_of
from tests.unit.gateway.api.conftest import Api
from tests.unit.gateway.issuer import Issuer
from tests.unit.gateway.whole import claims_of, entries

PATH = "/v1/feeds/police-ppn/notifications"


@pytest.fixture
async def desk(api: Api, clock: Callable[[], datetime]) -> Caller:
    made = Caller(api=api, now=clock, keys=keys_of("police.desk"))
    await made.sign_in()
    return made


async def counts(gateway: Gateway, feed: str = "police-ppn") -> FeedCounts:
    async with gateway.store.reading() as work:
        return await work.messages.counts(feed)


async def test_a_notice_is_accepted_in_its_own_format_and_its_fate_is_told(desk: Caller, gateway: Gateway) -> None:
    response = await desk.call("POST", PATH, body=notice())
    assert (response.status, response.content_type) == (202, "application/xml")
    name = response.headers["Mash-Message-Id"]
    fate = await (await desk.call("GET", f"/v1/messages/{name}")).json()
    assert (fate["id"], fate["feed"], fate["fate"], fate["problem"]) == (name, "police-ppn", "accepted", None)
    assert fate["items"] == [{"kind": "concern", "end_state": "referral"}]
    assert (await counts(gateway)).accepted == 1


async def test_who_is_unknown_is_refused_in_the_feeds_own_format_and_nothing_is_read(
    api: Api, gateway: Gateway
) -> None:
    for feed, media_type in (("police-ppn", "application/xml"), ("health-hl7", "application/hl7-v2+er7")):
        response = await api.post(f"/v1/feeds/{feed}/notifications", data=notice())
        assert (response.status, response.content_type) == (401, media_type)
        assert "WWW-Authenticate" in response.headers
        assert (await counts(gateway, feed)).received == 0


async def test_without_a_credential_nobody_learns_which_feeds_there_are(api: Api) -> None:
    response = await api.post("/v1/feeds/no-such-feed/notifications", data=b"x")
    assert (response.status, (await response.json())["code"]) == (401, "credential.invalid")


@pytest.mark.parametrize("feed", ["no-such-feed", "health-mllp", "police-amqp"])
async def test_a_feed_that_is_not_there_or_has_another_door_is_unknown(desk: Caller, feed: str) -> None:
    response = await desk.call("POST", f"/v1/feeds/{feed}/notifications", body=notice())
    assert (response.status, (await response.json())["code"]) == (404, "feed.unknown")


@pytest.mark.parametrize("client_id", ["health.gp", "police.lead", "police.broker"])
async def test_who_may_not_send_to_a_feed_is_refused_natively_counted_and_logged_by_name(
    api: Api, clock: Callable[[], datetime], gateway: Gateway, client_id: str
) -> None:
    other = Caller(api=api, now=clock, keys=keys_of(client_id))
    await other.sign_in()
    response = await other.call("POST", PATH, body=notice())
    assert (response.status, response.content_type) == (403, "application/xml")
    assert "Mash-Message-Id" not in response.headers
    found = await counts(gateway)
    assert (found.received, found.refused) == (1, 1)
    (entry,) = await entries(gateway, "message.refused")
    assert entry["actor"] == client_id


async def test_a_person_sends_no_notifications(
    api: Api, issuer: Issuer, clock: Callable[[], datetime], gateway: Gateway
) -> None:
    headers = {"Authorization": f"Bearer {issuer.token(clock(), **claims_of(Role.REFERRER, agency='police'))}"}
    assert (await api.post(PATH, data=notice(), headers=headers)).status == 403
    assert (await counts(gateway)).accepted == 0


@pytest.mark.parametrize("announced", [True, False])
async def test_a_message_over_the_limit_is_refused_natively(
    desk: Caller, gateway: Gateway, api: Api, *, announced: bool
) -> None:
    body = b"<" * (gateway.hub.limits.message_bytes + 1)

    async def unannounced() -> object:
        yield body

    headers = {
        "Authorization": f"DPoP {desk.token}",
        "DPoP": desk.proof("POST", PATH, token=desk.token).text(),
    }
    response = await api.post(PATH, data=body if announced else unannounced(), headers=headers)
    assert (response.status, response.content_type) == (413, "application/xml")
    assert (await counts(gateway)).refused == 1


async def test_what_cannot_be_read_is_kept_and_says_where(desk: Caller) -> None:
    response = await desk.call("POST", PATH, body=b"<ppn")
    assert response.status == 422
    fate = await (await desk.call("GET", f"/v1/messages/{response.headers['Mash-Message-Id']}")).json()
    assert fate["fate"] == "quarantined"
    assert fate["problem"]["code"].startswith("police.ppn")


async def test_hl7_is_answered_with_an_acknowledgement(api: Api, clock: Callable[[], datetime]) -> None:
    surgery = Caller(api=api, now=clock, keys=keys_of("health.gp"))
    await surgery.sign_in()
    response = await surgery.call("POST", "/v1/feeds/health-hl7/notifications", body=registration())
    assert response.status == 202
    assert "MSA|AA|" in await response.text()


async def test_another_agencys_message_and_no_message_look_alike(
    api: Api, desk: Caller, clock: Callable[[], datetime]
) -> None:
    name = (await desk.call("POST", PATH, body=notice())).headers["Mash-Message-Id"]
    surgery = Caller(api=api, now=clock, keys=keys_of("health.gp"))
    await surgery.sign_in()
    answers = [
        await surgery.call("GET", f"/v1/messages/{one}")
        for one in (name, name[:-4] + "2222", "msg_x", "ref_" + name[4:])
    ]
    assert {answer.status for answer in answers} == {404}
    assert len({await answer.text() for answer in answers}) == 1


@pytest.mark.parametrize(
    "role, agency, status",
    [
        (Role.INTEGRATION_ENGINEER, "council", 200),
        (Role.REFERRER, "police", 200),
        (Role.REFERRER, "health", 404),
        (Role.PROFESSIONAL_LEAD, "", 404),
        (Role.SOCIAL_WORK_MANAGER, "council", 403),
    ],
)
async def test_people_see_the_fate_of_their_own_agencys_messages_and_an_engineer_of_all(  # noqa: PLR0917 - who asks
    desk: Caller, api: Api, issuer: Issuer, clock: Callable[[], datetime], role: Role, agency: str, status: int
) -> None:
    name = (await desk.call("POST", PATH, body=notice())).headers["Mash-Message-Id"]
    headers = {"Authorization": f"Bearer {issuer.token(clock(), **claims_of(role, agency=agency))}"}
    assert (await api.get(f"/v1/messages/{name}", headers=headers)).status == status
