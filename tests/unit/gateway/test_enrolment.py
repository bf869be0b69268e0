"""What an agency may enrol with: each thing that is wrong with a file is refused by name, without being repeated."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from crypto.jwk import DecryptionKey, SigningKey, generate_sealing_key, generate_signing_key
from gateway.enrolment import parse
from sandbox import jose
from sandbox.keys import AgencyKeys
from schemas.errors import MashError, Rejected, TooLarge
from schemas.hub import AgencySection, Hub, HubSection, Listen, PeopleSection, RecipientSection
from schemas.vocabulary import Role, Sector
from tests.gateway import borough
from tests.unit.gateway.enrolling import SUCCESSION, TYP, signed, stamped

Form = dict[str, Any]
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
PRIVATE: dict[str, SigningKey | DecryptionKey] = {}
"""Every private key of the forms, by kid: the file is signed by them all, unless a test says otherwise."""


def public() -> dict[str, str]:
    key = generate_signing_key()
    PRIVATE[key.kid] = key
    return key.public().jwk()


@pytest.fixture(scope="module")
def sealing() -> DecryptionKey:
    key = generate_sealing_key()
    PRIVATE[key.kid] = key
    return key


@pytest.fixture
def hub() -> Hub:
    recipients = (RecipientSection(name="lead", role=Role.PROFESSIONAL_LEAD, channel="amqp"),)
    return Hub(
        hub=HubSection(id="demo", name="Demo", public_url="https://hub.example"),
        http=Listen(port=8080),
        people=PeopleSection(issuer="https://id.example", audience="demo", roles={}),
        ratings=(),
        agencies=(AgencySection(id="police", name="Police", sector=Sector.POLICE, recipients=recipients),),
        feeds=(),
    )


@pytest.fixture
def form(sealing: DecryptionKey) -> Form:
    return {
        "agency": "police",
        "signing_keys": [public()],
        "clients": [
            {
                "client_id": "police.lead",
                "recipient": "lead",
                "grants": ["open", "mailbox", "disclose"],
                "authentication_key": public(),
                "dpop_key": public(),
                "encryption_key": sealing.public().jwk(),
                "amqp_user": "police-lead",
            },
            {
                "client_id": "police.notifier",
                "recipient": None,
                "grants": ["notify"],
                "authentication_key": public(),
                "dpop_key": public(),
            },
        ],
    }


def read(form: Form, hub: Hub) -> Any:  # noqa: ANN401 - the test says what it expects of it
    return parse(signed(stamped(form, NOW), private_of(form)), hub, NOW)


def private_of(form: Form) -> list[SigningKey | DecryptionKey]:
    jwks = list(form["signing_keys"])
    for client in form["clients"]:
        jwks += [client.get(name) or {} for name in ("authentication_key", "dpop_key", "encryption_key")]
    kids = {jwk["kid"]: None for jwk in jwks if jwk.get("kid") in PRIVATE}
    return [PRIVATE[kid] for kid in kids]


def test_a_file_as_the_wire_describes_it_is_taken(form: Form, hub: Hub) -> None:
    found = read(form, hub)
    assert [key.kid for key in found.signing] == [form["signing_keys"][0]["kid"]]
    lead, notifier = found.clients
    assert (lead.section.role, lead.section.channel, lead.amqp_user) == (Role.PROFESSIONAL_LEAD, "amqp", "police-lead")
    assert lead.grants == ("disclose", "mailbox", "open")
    assert (notifier.section, notifier.encryption) == (None, None)


def at(form: Form, place: str) -> tuple[Any, Any]:
    *path, last = [int(part) if part.isdigit() else part for part in place.split(".")]
    inner: Any = form
    for part in path:
        inner = inner[part]
    return inner, last


WRONG: dict[str, tuple[str, object, str]] = {
    # what: (place, put there, the error's code)
    "an agency that the hub does not name": ("agency", "health", "agency.unknown"),
    "a recipient that the hub does not name": ("clients.0.recipient", "boss", "agency.recipient"),
    "another agency's client": ("clients.1.client_id", "health.notifier", "agency.client_id"),
    "a recipient's client under another name": ("clients.0.client_id", "police.boss", "agency.client_id"),
    "a client id without its agency": ("clients.1.client_id", "notifier", "agency.form"),
    "a grant that there is not": ("clients.1.grants", ["rate"], "agency.form"),
    "no grant": ("clients.1.grants", [], "agency.form"),
    "opening without a key to be sealed to": ("clients.1.grants", ["open"], "agency.encryption_key"),
    "a recipient without a key to be sealed to": ("clients.0.encryption_key", None, "agency.encryption_key"),
    "a member that nobody knows": ("clients.1.admin", True, "agency.form"),
    "a private key": ("signing_keys.0.d", "AAAA", "crypto.jwk.private"),
    "a key for another use": ("clients.0.dpop_key.use", "enc", "crypto.jwk.use"),
    "a key for another algorithm": ("signing_keys.0.alg", "RS256", "crypto.jwk.alg"),
    "a point that is not on the curve": ("signing_keys.0.x", "A" * 43, "crypto.jwk.point"),
    "a symmetric key": ("signing_keys.0.kty", "oct", "crypto.jwk.kty"),
    "the gateway's own user of the broker": ("clients.0.amqp_user", "gateway", "agency.amqp_user"),
    "a user of the broker with a space": ("clients.0.amqp_user", "a b", "agency.form"),
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_wrong_is_refused_with_its_place(form: Form, hub: Hub, what: str) -> None:
    place, value, code = WRONG[what]
    inner, last = at(form, place)
    inner[last] = value
    with pytest.raises(Rejected) as caught:
        read(form, hub)
    assert caught.value.code == code
    assert caught.value.at
    assert "police-lead" not in str(caught.value)


@pytest.mark.parametrize(
    "double",
    [lambda form: form["signing_keys"].append(form["signing_keys"][0]),
     lambda form: form["clients"].append(form["clients"][1])],
    ids=["key", "client"],
)  # fmt: skip
def test_nothing_stands_twice(form: Form, hub: Hub, double: Callable[[Form], None]) -> None:
    double(form)
    with pytest.raises(Rejected) as caught:
        read(form, hub)
    assert caught.value.code == "agency.twice"


def test_an_rsa_key_signs_for_nobody(form: Form, hub: Hub, sealing: DecryptionKey) -> None:
    form["clients"][0]["authentication_key"] = {
        name: value for name, value in sealing.public().jwk().items() if name not in {"use", "alg"}
    }
    with pytest.raises(Rejected) as caught:
        read(form, hub)
    assert caught.value.code == "crypto.jwk.alg"


NO_FORM = [b"", b"[]", b"null", b'{"agency":"police","agency":"police"}', b"\xff", b"{"]


@pytest.mark.parametrize("data", NO_FORM)
def test_what_is_no_form_is_refused(data: bytes, hub: Hub) -> None:
    for whole in (data, jose.cosigned(data, [], typ=TYP)):
        with pytest.raises(Rejected):
            parse(whole, hub, NOW)


def test_a_huge_file_is_refused(hub: Hub) -> None:
    with pytest.raises(TooLarge):
        parse(b'{"payload":"' + b"a" * 500_000 + b'"}', hub, NOW)


def refused(data: bytes, hub: Hub, now: datetime = NOW) -> tuple[str, str | None]:
    with pytest.raises(Rejected) as caught:
        parse(data, hub, now)
    return caught.value.code, caught.value.at


def test_the_bare_form_without_proofs_is_no_file(form: Form, hub: Hub) -> None:
    assert refused(json.dumps(stamped(form, NOW)).encode(), hub)[0] == "cosigned.form"


PLACES = ["signing_keys.0", "clients.0.authentication_key", "clients.0.dpop_key", "clients.0.encryption_key"]


@pytest.mark.parametrize("place", PLACES)
def test_a_key_whose_private_half_did_not_sign_is_not_enrolled(form: Form, hub: Hub, place: str) -> None:
    inner, last = at(form, place)
    others = [key for key in private_of(form) if key.kid != inner[last]["kid"]]
    assert refused(signed(stamped(form, NOW), others), hub) == ("agency.proof", place)


@pytest.mark.parametrize("place", PLACES)
def test_somebody_elses_public_key_can_t_be_enrolled_as_ones_own(form: Form, hub: Hub, place: str) -> None:
    victim = public() if "encryption" not in place else generate_sealing_key().public().jwk()
    inner, last = at(form, place)
    mine = PRIVATE[inner[last]["kid"]]
    impostor = {**victim, "kid": mine.kid}
    inner[last] = impostor
    assert refused(signed(stamped(form, NOW), private_of(form)), hub) == ("agency.proof", "signatures")


def test_proofs_are_good_for_what_was_signed_alone(form: Form, hub: Hub) -> None:
    """Another hub's file, another agency's, one with more grants: a signature does not move to it."""
    made = json.loads(signed(stamped(form, NOW), private_of(form)))
    form["clients"][1]["grants"] = ["notify", "mailbox"]
    other = json.loads(signed(stamped(form, NOW), []))
    assert refused(json.dumps(made | {"payload": other["payload"]}).encode(), hub) == ("agency.proof", "signatures")
    elsewhere = signed(stamped(form, NOW, hub="harbour"), private_of(form))
    assert refused(elsewhere, hub) == ("agency.hub", "aud")


def test_a_file_is_for_one_use(form: Form, hub: Hub) -> None:
    assert refused(signed(stamped(form, NOW), private_of(form), typ=SUCCESSION), hub)[0] == "agency.proof"


def test_nobody_signs_twice_and_nobody_unknown_signs(form: Form, hub: Hub) -> None:
    keys = private_of(form)
    for more in (keys[0], generate_signing_key()):
        assert refused(signed(stamped(form, NOW), [*keys, more]), hub) == ("agency.proof", "signatures")


@pytest.mark.parametrize("age, taken", [(-31, False), (-29, True), (7 * 86400, True), (7 * 86400 + 31, False)])
def test_a_file_is_taken_within_seven_days(form: Form, hub: Hub, age: int, taken: bool) -> None:
    data = signed(stamped(form, NOW), private_of(form))
    if taken:
        assert parse(data, hub, NOW + timedelta(seconds=age)).signed_at == NOW
    else:
        assert refused(data, hub, NOW + timedelta(seconds=age)) == ("agency.not_fresh", "iat")


def test_one_kid_means_one_key_in_a_file(form: Form, hub: Hub) -> None:
    form["clients"][1]["dpop_key"]["kid"] = form["signing_keys"][0]["kid"]
    assert refused(signed(stamped(form, NOW), private_of(form)), hub) == ("agency.kid", "clients.1.dpop_key")


def test_what_the_sandbox_writes_is_taken(hub: Hub) -> None:
    police: AgencyKeys = borough.keys_of("police")
    clients = {name: one for name, one in police.clients.items() if name == "police.lead"}
    found = parse(replace(police, clients=clients).enrolment_file("demo", NOW), hub, NOW)
    assert [one.client_id for one in found.clients] == ["police.lead"]


def test_a_key_of_a_generator_known_to_be_weak_is_refused(
    form: Form, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crypto.roca.is_fingerprinted", lambda _modulus: True)
    with pytest.raises(MashError) as caught:
        read(form, hub)
    assert (caught.value.code, caught.value.at) == ("crypto.jwk.weak", "clients.0.encryption_key.n")
