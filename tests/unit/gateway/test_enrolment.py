"""What an agency may enrol with: each thing that is wrong with a file is refused by name, without being repeated."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from crypto.jwk import DecryptionKey, generate_sealing_key, generate_signing_key
from gateway.enrolment import parse
from schemas.errors import MashError, Rejected, TooLarge
from schemas.hub import AgencySection, Hub, HubSection, Listen, PeopleSection, RecipientSection
from schemas.vocabulary import Role, Sector

Form = dict[str, Any]


@pytest.fixture(scope="module")
def sealing() -> DecryptionKey:
    return generate_sealing_key()


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
        "signing_keys": [generate_signing_key().public().jwk()],
        "clients": [
            {
                "client_id": "police.lead",
                "recipient": "lead",
                "grants": ["open", "mailbox", "disclose"],
                "authentication_key": generate_signing_key().public().jwk(),
                "dpop_key": generate_signing_key().public().jwk(),
                "encryption_key": sealing.public().jwk(),
                "amqp_user": "police-lead",
            },
            {
                "client_id": "police.notifier",
                "recipient": None,
                "grants": ["notify"],
                "authentication_key": generate_signing_key().public().jwk(),
                "dpop_key": generate_signing_key().public().jwk(),
            },
        ],
    }


def read(form: Form, hub: Hub) -> Any:  # noqa: ANN401 - the test says what it expects of it
    return parse(json.dumps(form).encode(), hub)


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


@pytest.mark.parametrize("data", [b"", b"[]", b"null", b'{"agency":"police","agency":"police"}', b"\xff", b"{"])
def test_what_is_no_form_is_refused(data: bytes, hub: Hub) -> None:
    with pytest.raises(Rejected):
        parse(data, hub)


def test_a_huge_file_is_refused(hub: Hub) -> None:
    with pytest.raises(TooLarge):
        parse(b'{"agency":"' + b"a" * 300_000 + b'"}', hub)


def test_a_key_of_a_generator_known_to_be_weak_is_refused(
    form: Form, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crypto.roca.is_fingerprinted", lambda _modulus: True)
    with pytest.raises(MashError) as caught:
        read(form, hub)
    assert (caught.value.code, caught.value.at) == ("crypto.jwk.weak", "clients.0.encryption_key.n")
