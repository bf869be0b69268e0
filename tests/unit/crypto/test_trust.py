"""Each rule by which a trust list follows another, with the list that breaks it and no other rule."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crypto import canonical, cosigned, trust
from crypto.cosigned import Cosigned
from crypto.jwk import SigningKey, generate_signing_key
from crypto.trust import Accepted, Officers, follow, officers, suspended_by
from schemas.errors import Conflict, MashError, Rejected
from schemas.trust import TrustedOfficer

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
HUB = "harbour"
KEYS = {name: generate_signing_key(f"officer.{name}") for name in ("amina", "bryn", "carys", "stranger")}
Payload = dict[str, Any]


def named(*posts: str) -> list[Payload]:
    return [{"id": post, "key": KEYS[post].public().jwk()} for post in posts]


def anchors(threshold: int = 2, *posts: str) -> Officers:
    shown = named(*(posts or ("amina", "bryn", "carys")))
    return officers(threshold, [TrustedOfficer.model_validate(one) for one in shown])


def payload(version: int = 1, previous: str | None = None, **changed: object) -> Payload:
    issued = int(NOW.timestamp())
    made: Payload = {
        "hub": HUB, "version": version, "previous": previous, "base": "0" * 64, "iat": issued,
        "exp": issued + 90 * 86400, "threshold": 2, "officers": named("amina", "bryn", "carys"), "people": {},
        "agencies": [],
    }  # fmt: skip
    return made | changed


def signed(made: Mapping[str, Any], *by: str, typ: str = trust.TYP, keys: Mapping[str, SigningKey] = KEYS) -> bytes:
    document = Cosigned(payload=canonical.dumps(dict(made)), tokens=())
    for post in by:
        document = cosigned.add_signature(document, keys[post], typ=typ)
    return cosigned.render(document)


def take(data: bytes, before: Accepted | None = None, *, now: datetime = NOW, who: Officers | None = None) -> Accepted:
    return follow(data, hub=HUB, before=before, anchors=who or anchors(), now=now)


@pytest.fixture
def first() -> Accepted:
    return take(signed(payload(), "amina", "bryn"))


def following(first: Accepted, **changed: object) -> Payload:
    return payload(2, first.digest) | changed


def test_a_list_that_enough_officers_signed_follows_and_names_them(first: Accepted) -> None:
    second = take(signed(following(first), "carys", "amina"), first)
    assert (second.list.version, second.signers) == (2, ("amina", "carys"))


def code(data: bytes, before: Accepted | None, *, now: datetime = NOW, who: Officers | None = None) -> str:
    with pytest.raises(MashError) as caught:
        take(data, before, now=now, who=who)
    assert isinstance(caught.value, Rejected | Conflict)
    return caught.value.code


def test_1_what_has_not_the_form_is_refused(first: Accepted) -> None:
    wrong: list[Payload] = [{"version": "2"}, {"version": True}, {"extra": 1}, {"exp": 10**20}, {"exp": None}]
    for changed in [*wrong, {"officers": []}, {"threshold": 0}, {"agencies": None}]:
        assert code(signed(following(first, **changed), "amina", "bryn"), first) == "trust.form"
    twice = canonical.dumps(following(first)).replace(b'"version":2', b'"version":2,"version":2')
    document = cosigned.add_signature(Cosigned(payload=twice, tokens=()), KEYS["amina"], typ=trust.TYP)
    assert code(cosigned.render(document), first) == "crypto.json.duplicate"


def test_2_another_hubs_list_is_refused(first: Accepted) -> None:
    assert code(signed(following(first, hub="elsewhere"), "amina", "bryn"), first) == "trust.hub"


@pytest.mark.parametrize("version, told", [(1, "trust.replayed"), (2, ""), (3, "trust.skipped"), (9, "trust.skipped")])
def test_3_the_next_version_alone_follows(first: Accepted, version: int, told: str) -> None:
    data = signed(following(first, version=version), "amina", "bryn")
    assert (take(data, first).list.version == version) if not told else (code(data, first) == told)


def test_3_the_first_list_is_version_one() -> None:
    assert code(signed(payload(2), "amina", "bryn"), None) == "trust.skipped"


def test_4_a_list_goes_on_from_the_one_in_force(first: Accepted) -> None:
    for previous in ("f" * 64, None):
        assert code(signed(payload(2, previous), "amina", "bryn"), first) == "trust.chain"
    assert code(signed(payload(1, "f" * 64), "amina", "bryn"), None) == "trust.chain"


def test_5_a_list_that_was_held_back_goes_stale(first: Accepted) -> None:
    data = signed(following(first), "amina", "bryn")
    assert take(data, first, now=NOW + timedelta(days=89)).list.version == 2
    assert code(data, first, now=NOW + timedelta(days=90)) == "trust.expired"
    assert code(data, first, now=NOW - timedelta(minutes=1)) == "trust.early"
    long = following(first, exp=int(NOW.timestamp()) + 401 * 86400)
    assert code(signed(long, "amina", "bryn"), first) == "trust.life"


def test_6_officers_are_distinct_and_reach_their_threshold(first: Accepted) -> None:
    same = [*named("amina", "bryn"), {"id": "double", "key": {**KEYS["amina"].public().jwk(), "kid": "officer.double"}}]
    for shown in (same, [*named("amina"), *named("amina"), *named("bryn")]):
        assert code(signed(following(first, officers=shown), "amina", "bryn"), first) == "trust.officer_twice"
    assert code(signed(following(first, threshold=4), "amina", "bryn"), first) == "trust.threshold"


BAD: dict[str, Callable[[Payload], bytes]] = {
    "a duplicate signer": lambda made: signed(made, "amina", "amina"),
    "a stranger beside enough": lambda made: signed(made, "amina", "bryn", "stranger"),
    "another type": lambda made: signed(made, "amina", "bryn", typ=trust.SUSPENSION_TYP),
    "another's key under an officer's kid": lambda made: signed(
        made, "amina", "bryn", keys=KEYS | {"bryn": replace(KEYS["stranger"], kid=KEYS["bryn"].kid)}
    ),
}


@pytest.mark.parametrize("what", BAD)
def test_7_every_signature_holds(first: Accepted, what: str) -> None:
    assert code(BAD[what](following(first)), first) == "trust.signature"


def test_7_a_signature_does_not_move_to_another_list(first: Accepted) -> None:
    good = json.loads(signed(following(first), "amina", "bryn"))
    other = json.loads(signed(following(first, threshold=1)))
    assert code(json.dumps(good | {"payload": other["payload"]}).encode(), first) == "trust.signature"


@pytest.mark.parametrize("by", [(), ("amina",), ("carys",)])
def test_8_one_signer_is_not_enough(first: Accepted, by: tuple[str, ...]) -> None:
    assert code(signed(following(first), *by), first) == "trust.too_few"
    assert code(signed(payload(), *by), None) == "trust.too_few"


def test_8_new_officers_do_not_let_themselves_in(first: Accepted) -> None:
    theirs = following(first, officers=named("amina", "stranger"))
    assert code(signed(theirs, "amina", "stranger"), first) == "trust.too_few"
    assert take(signed(theirs, "amina", "bryn", "stranger"), first).list.version == 2


def test_9_new_officers_show_that_they_can_sign(first: Accepted) -> None:
    assert (
        code(signed(following(first, officers=named("amina", "stranger")), "amina", "bryn"), first) == "trust.too_few"
    )


def test_after_the_first_the_hubs_file_decides_nothing(first: Accepted) -> None:
    usurper = anchors(1, "stranger")
    assert code(signed(following(first), "stranger"), first, who=usurper) == "trust.signature"
    assert take(signed(following(first), "amina", "bryn"), first, who=usurper).list.version == 2


def test_one_officer_is_enough_where_the_threshold_says_one() -> None:
    alone = payload(threshold=1, officers=named("amina"))
    assert take(signed(alone, "amina"), None, who=anchors(1, "amina")).signers == ("amina",)


def order(by: str = "amina", *, typ: str = trust.SUSPENSION_TYP, **changed: object) -> bytes:
    return signed({"hub": HUB, "agency": "police", "iat": int(NOW.timestamp()), **changed}, by, typ=typ)


def obey(data: bytes, *, now: datetime = NOW, since: datetime = NOW - timedelta(days=9)) -> tuple[str, str]:
    return suspended_by(data, hub=HUB, who=anchors(), since=since, now=now)


def test_one_officer_orders_a_suspension() -> None:
    assert obey(order("carys")) == ("police", "carys")


ORDERS: dict[str, tuple[bytes, timedelta, timedelta, str]] = {
    # what: (the order, later by, the list in force came so long before, the code)
    "by a stranger": (order("stranger"), timedelta(0), timedelta(9), "trust.signature"),
    "by nobody": (signed({"hub": HUB, "agency": "police", "iat": int(NOW.timestamp())}), timedelta(0), timedelta(9),
                  "trust.too_few"),
    "signed as a list": (order(typ=trust.TYP), timedelta(0), timedelta(9), "trust.signature"),
    "for another hub": (order(hub="elsewhere"), timedelta(0), timedelta(9), "trust.hub"),
    "a day old": (order(), timedelta(hours=25), timedelta(9), "trust.order_age"),
    "older than the list that restored": (order(), timedelta(hours=2), timedelta(hours=-1), "trust.order_age"),
    "with something more": (order(role="x"), timedelta(0), timedelta(9), "trust.order"),
    "with a truth for a time": (order(iat=True), timedelta(0), timedelta(9), "trust.order"),
}  # fmt: skip


@pytest.mark.parametrize("what", ORDERS)
def test_an_order_that_does_not_hold_suspends_nobody(what: str) -> None:
    data, later, before, told = ORDERS[what]
    with pytest.raises(Rejected) as caught:
        obey(data, now=NOW + later, since=NOW - before)
    assert caught.value.code == told
