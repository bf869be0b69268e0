"""The watch: what happens because time passes, once for each cause, until the cause is gone."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from crypto import canonical, cosigned, tokens
from crypto.cosigned import Cosigned
from crypto.jwk import generate_signing_key
from crypto.keys import KeyState, Purpose
from gateway.bootstrap import Gateway
from gateway.keys import RevocationReason
from gateway.store.records import EnvelopeState, TrustListRow
from schemas.errors import MashError
from schemas.hub import KeysSection
from schemas.trust import TrustedOfficer, TrustList
from schemas.vocabulary import Rating
from tests.gateway import borough
from tests.unit.gateway.case import accepted, asked, decided, opened, product, rated, standing
from tests.unit.gateway.conftest import Clock
from tests.unit.gateway.fixtures import gateway, hub_file, issuer
from tests.unit.gateway.whole import entries, person

__all__ = ["gateway", "hub_file", "issuer"]

HOUR = timedelta(hours=1)


async def raised(gateway: Gateway) -> list[str]:
    return [entry["detail"]["kind"] for entry in await entries(gateway, "alarm.raised")]


async def cleared(gateway: Gateway) -> list[str]:
    return [entry["detail"]["kind"] for entry in await entries(gateway, "alarm.cleared")]


async def test_an_unrated_referral_has_one_alarm_until_it_is_rated(gateway: Gateway, clock: Clock) -> None:
    referral = await opened(gateway)
    clock.pass_by(timedelta(minutes=59))
    await gateway.watch.round()
    assert await standing(gateway) == []
    clock.pass_by(timedelta(minutes=1))
    for _ in range(3):
        await gateway.watch.round()
    assert await standing(gateway) == [("unrated", referral)]
    assert await raised(gateway) == ["unrated"]
    await rated(gateway, referral)
    await gateway.watch.round()
    assert await standing(gateway) == []
    (entry,) = await entries(gateway, "alarm.cleared")
    assert (entry["actor"], entry["detail"]) == (person("manager").actor, {"kind": "unrated"})


async def test_a_referral_that_was_rated_in_time_never_had_an_alarm(gateway: Gateway, clock: Clock) -> None:
    await rated(gateway, await opened(gateway))
    clock.pass_by(2 * HOUR)
    await gateway.watch.round()
    assert await raised(gateway) == []
    assert await cleared(gateway) == []


async def test_a_decision_that_is_late_has_an_alarm_until_it_is_made(gateway: Gateway, clock: Clock) -> None:
    referral = await opened(gateway)
    await rated(gateway, referral, Rating.RED)
    clock.pass_by(4 * HOUR)
    for _ in range(2):
        await gateway.watch.round()
    assert await standing(gateway) == [("decision_overdue", referral)]
    await decided(gateway, referral)
    await gateway.watch.round()
    assert await standing(gateway) == []
    assert await cleared(gateway) == ["decision_overdue"]


async def test_a_decision_that_was_made_in_time_is_never_late(gateway: Gateway, clock: Clock) -> None:
    referral = await opened(gateway)
    await rated(gateway, referral, Rating.RED)
    await decided(gateway, referral)
    clock.pass_by(30 * HOUR)
    await gateway.watch.round()
    assert await raised(gateway) == []


async def test_a_due_time_that_a_manager_relaxed_is_late_no_more(gateway: Gateway, clock: Clock) -> None:
    referral = await opened(gateway)
    await rated(gateway, referral, Rating.RED)
    clock.pass_by(4 * HOUR)
    await gateway.watch.round()
    await rated(gateway, referral, Rating.GREEN, relax="The child is safe with its aunt")
    await gateway.watch.round()
    assert await standing(gateway) == []


async def test_a_request_that_is_not_answered_in_time_is_overdue_with_one_alarm(gateway: Gateway, clock: Clock) -> None:
    referral = await opened(gateway)
    await rated(gateway, referral)
    request = await asked(gateway, referral)
    clock.pass_by(24 * HOUR)
    for _ in range(2):
        await gateway.watch.round()
    assert await standing(gateway) == [("request_overdue", request)]
    async with gateway.store.reading() as work:
        assert (await work.requests.get(request)).state == "overdue"
    await gateway.asking.withdraw(person("manager"), request)
    await gateway.watch.round()
    assert await standing(gateway) == []
    assert await cleared(gateway) == ["request_overdue"]


async def test_a_product_that_nobody_accepts_has_an_alarm_until_somebody_does(gateway: Gateway, clock: Clock) -> None:
    referral = await opened(gateway)
    await rated(gateway, referral)
    await decided(gateway, referral)
    name, envelope = await product(gateway, referral)
    clock.pass_by(HOUR)
    for _ in range(2):
        await gateway.watch.round()
    assert await standing(gateway) == [("product_unaccepted", name)]
    client = await gateway.agencies.standing("council.assessment-team")
    assert client is not None
    await gateway.mailbox.acknowledge(client, envelope)
    await accepted(gateway, name)
    assert await standing(gateway) == []
    assert await cleared(gateway) == ["product_unaccepted"]


@pytest.mark.parametrize("before", [True, False])
async def test_a_product_that_was_called_back_waits_for_nobody(gateway: Gateway, clock: Clock, *, before: bool) -> None:
    referral = await opened(gateway)
    await rated(gateway, referral)
    await decided(gateway, referral)
    _, envelope = await product(gateway, referral)
    if before:
        await gateway.revoking.revoke(person("manager"), envelope, "A mistake")
    clock.pass_by(HOUR)
    await gateway.watch.round()
    if not before:
        await gateway.revoking.revoke(person("manager"), envelope, "A mistake")
        await gateway.watch.round()
    assert await standing(gateway) == []


async def test_an_envelope_that_nobody_opened_in_time_expires_once(gateway: Gateway, clock: Clock) -> None:
    referral = await opened(gateway)
    await rated(gateway, referral)
    await asked(gateway, referral)
    clock.pass_by(timedelta(hours=gateway.hub.tokens.open_hours) - timedelta(seconds=1))
    await gateway.watch.round()
    assert await entries(gateway, "envelope.expired") == []
    clock.pass_by(timedelta(seconds=1))
    for _ in range(2):
        await gateway.watch.round()
    async with gateway.store.reading() as work:
        (envelope,) = await work.envelopes.of_referral(referral)
    assert envelope.state == EnvelopeState.EXPIRED
    (entry,) = await entries(gateway, "envelope.expired")
    assert (entry["subject"], entry["referral"]) == (envelope.id, referral)


async def test_what_was_seen_is_forgotten_once_it_could_not_be_replayed_any_more(
    gateway: Gateway, clock: Clock
) -> None:
    async def first() -> bool:
        async with gateway.store.work() as work:
            answer = await work.seen.first("dpop", "digest", clock() + timedelta(minutes=5))
            await work.commit()
        return answer

    assert await first()
    await gateway.watch.round()
    assert not await first()
    clock.pass_by(timedelta(minutes=6))
    await gateway.watch.round()
    assert await first()


async def test_after_a_rotation_at_rest_everything_is_wrapped_under_the_new_key(gateway: Gateway, clock: Clock) -> None:
    referral = await opened(gateway)

    async def versions() -> set[int]:
        async with gateway.store.reading() as work:
            people = [one.person_id for one in await work.referrals.persons(referral)]
            return {(await work.scopes.get(name)).kek_version for name in (referral, *people)}

    assert await versions() == {1}
    await gateway.keys.rotate(Purpose.AT_REST, clock())
    await gateway.watch.round()
    assert await versions() == {1}, "its successor is published first"
    clock.pass_by(timedelta(minutes=5))
    await gateway.watch.round()
    assert await versions() == {2}
    shown = await gateway.viewing.referral(person("manager"), referral)
    assert shown.notifications[0].narrative


async def test_a_successor_that_was_published_for_long_enough_is_promoted(gateway: Gateway, clock: Clock) -> None:
    before = gateway.keys.ring.signing_key().kid
    await gateway.keys.rotate(Purpose.SIGNING, clock())
    await gateway.watch.round()
    assert gateway.keys.ring.signing_key().kid == before
    clock.pass_by(timedelta(minutes=7))
    await gateway.watch.round()
    assert gateway.keys.ring.signing_key().kid != before


async def test_keys_near_their_end_have_one_alarm_each_until_they_are_replaced(
    gateway: Gateway, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    lives = KeysSection(life_days={"policy": 90}, agency_life_days=100, warn_days=14)
    monkeypatch.setattr(gateway.hub, "__dict__", gateway.hub.__dict__ | {"keys": lives})
    clock.pass_by(timedelta(days=76, seconds=-1))
    await gateway.watch.round()
    assert await standing(gateway) == []
    clock.pass_by(timedelta(seconds=1))
    for _ in range(3):
        await gateway.watch.round()
    assert await standing(gateway) == [("hub_key_expiring", "policy.1")]
    await gateway.keys.rotate(Purpose.POLICY, clock(), compromise=True)
    await gateway.watch.round()
    assert await standing(gateway) == []
    clock.pass_by(timedelta(days=10))
    for _ in range(2):
        await gateway.watch.round()
    near = await standing(gateway)
    assert {kind for kind, _ in near} == {"agency_key_expiring"}
    assert {subject.partition("/")[0] for _, subject in near} == set(borough.AGENCIES)
    assert (await raised(gateway)).count("hub_key_expiring") == (await cleared(gateway)).count("hub_key_expiring") == 1


async def trust_list(gateway: Gateway, version: int, now: datetime, *, days: int) -> None:
    """A trust list that was applied and is good for so many days."""
    issued = tokens.numeric_date(now)
    made = TrustList(
        hub=borough.HUB,
        version=version,
        previous=None,
        base="0" * 64,
        iat=issued,
        exp=issued + days * 86_400,
        threshold=1,
        officers=(TrustedOfficer(id="amina", key=generate_signing_key().public().jwk()),),
        people={},
        agencies=(),
    )
    document = cosigned.render(Cosigned(payload=canonical.dumps(made.model_dump(mode="json")), tokens=())).decode()
    async with gateway.store.work() as work:
        row = TrustListRow(
            version=version, digest=f"{version:064}", document=document, applied_at=now, applied_by="operator"
        )
        await work.trust_lists.add(row)
        await work.commit()


async def test_a_trust_list_near_its_end_has_an_alarm_and_another_from_its_end_on(
    gateway: Gateway, clock: Clock
) -> None:
    await gateway.watch.round()
    assert await standing(gateway) == []
    await trust_list(gateway, 1, clock(), days=90)
    clock.pass_by(timedelta(days=76, seconds=-1))
    await gateway.watch.round()
    assert await standing(gateway) == []
    clock.pass_by(timedelta(seconds=1))
    for _ in range(2):
        await gateway.watch.round()
    assert await standing(gateway) == [("trust_list_expiring", "trust-list.1")]
    clock.pass_by(timedelta(days=14))
    for _ in range(2):
        await gateway.watch.round()
    assert sorted(await standing(gateway)) == [
        ("trust_list_expired", "trust-list.1"),
        ("trust_list_expiring", "trust-list.1"),
    ]
    shown = {one.kind for one in await gateway.bulk_opening.alarms()}
    assert shown == {"trust_list_expired", "trust_list_expiring"}
    await trust_list(gateway, 2, clock(), days=90)
    await gateway.watch.round()
    assert await standing(gateway) == []
    assert sorted(await raised(gateway)) == sorted(await cleared(gateway)) == sorted(shown)


async def test_a_key_is_rotated_once_it_served_for_as_long_as_the_file_says(
    gateway: Gateway, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    section = KeysSection(rotate_days={"policy": 30})
    monkeypatch.setattr(gateway.hub, "__dict__", gateway.hub.__dict__ | {"keys": section})
    clock.pass_by(timedelta(days=30))
    await gateway.watch.round()
    assert [one.version for one in gateway.keys.ring.of(Purpose.POLICY)] == [2, 1]
    clock.pass_by(timedelta(minutes=1))
    await gateway.watch.round()
    assert gateway.keys.ring.active(Purpose.POLICY).version == 2
    await gateway.keys.revoke("policy.1", RevocationReason.SUPERSEDED, clock())
    clock.pass_by(timedelta(days=35))
    await gateway.watch.round()
    assert gateway.keys.ring.record("policy.1").state is KeyState.DESTROYED


async def test_what_one_step_cannot_do_holds_no_other_up(
    gateway: Gateway, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    referral = await opened(gateway)

    async def broken(*_: object) -> int:
        raise MashError("watch.broken")

    monkeypatch.setattr(gateway.vault, "rewrap", broken)
    clock.pass_by(HOUR)
    with pytest.raises(MashError, match=r"watch\.broken"):
        await gateway.watch.round()
    assert await standing(gateway) == [("unrated", referral)]
