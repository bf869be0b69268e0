"""``mash trust``, as officers use it: a list drawn up, signed away from the hub, applied; an agency suspended."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest

from crypto.jwk import generate_sealing_key, generate_signing_key
from gateway.cli import agencies, trust
from gateway.log import Event
from schemas.hub import OfficersSection
from tests.unit.gateway.cli.conftest import Opening, Parts
from tests.unit.gateway.cli.test_hub_commands import answer, call, failure
from tests.unit.gateway.enrolling import signed, stamped


@pytest.fixture
def officers(hub: Opening, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Opening:
    """A hub of three officers, two of whom sign; their keys lie in the test's folder."""
    named = []
    for post in ("amina", "bryn", "carys"):
        made = call(trust.trust, "key", post, "--out", str(tmp_path / f"{post}.key"))
        assert made.exit_code == 0
        row = made.stdout.partition("key = { ")[2].rstrip(" }\n")
        named.append({"id": post, "key": dict(pair.replace('"', "").split(" = ") for pair in row.split(", "))})
    section = OfficersSection.model_validate({"threshold": 2, "officers": named})
    hub.hub = hub.hub.model_copy(update={"trust": section})
    monkeypatch.setattr(trust, "load_settings", lambda _config: type("Loaded", (), {"hub": hub.hub}))
    return hub


def enrolment(folder: Path) -> str:
    private = [generate_signing_key() for _ in range(3)]
    signing, authentication, dpop = (key.public().jwk() for key in private)
    opening = generate_sealing_key()
    client = {
        "client_id": "police.lead", "recipient": "lead", "grants": ["open"], "authentication_key": authentication,
        "dpop_key": dpop, "encryption_key": opening.public().jwk(),
    }  # fmt: skip
    form = {"agency": "police", "signing_keys": [signing], "clients": [client]}
    (folder / "police.json").write_bytes(signed(stamped(form, datetime.now(UTC)), [*private, opening]))
    return str(folder / "police.json")


def done(command: click.Group, *arguments: str) -> str:
    result = call(command, *arguments)
    assert result.exit_code == 0, result.output
    return result.output


def through(folder: Path, name: str, *change: str, by: tuple[str, ...] = ("amina", "bryn")) -> str:
    """Draw up, have signed by these officers; the file to apply."""
    path = str(folder / f"{name}.json")
    done(trust.trust, "propose", *change, "--out", path)
    for post in by:
        signed_path = str(folder / f"{name}.{post}.json")
        done(trust.trust, "sign", path, "--key", str(folder / f"{post}.key"), "--out", signed_path)
        path = signed_path
    return path


def status() -> str:
    return str(answer(agencies.agencies, "list")[0]["status"])


def test_agencies_of_a_hub_with_officers_go_by_their_list(officers: Opening, tmp_path: Path) -> None:
    file = enrolment(tmp_path)
    # Not by whoever may use the database.
    assert failure(agencies.agencies, "enrol", "--keys", file).code == "agency.officers"
    # One signature is not enough, and a list is good once.
    one = through(tmp_path, "one", "--enrol", file, by=("amina",))
    assert failure(trust.trust, "apply", one).code == "trust.too_few"
    assert status() == "not enrolled"
    both = through(tmp_path, "both", "--enrol", file)
    assert "signed by amina, bryn" in done(trust.trust, "apply", both)
    assert status() == "active"
    assert failure(trust.trust, "apply", both).code == "trust.replayed"
    shown = answer(trust.trust, "show")
    assert (shown["version"], shown["threshold"], shown["agencies"], shown["current"]) == (
        1,
        2,
        {"police": "active"},
        True,
    )
    # One officer suspends; what was drawn up before is overtaken; two restore.
    assert failure(agencies.agencies, "suspend", "police").code == "agency.officers"
    overtaken = through(tmp_path, "renewal")
    order = str(tmp_path / "order.json")
    done(trust.trust, "order", "police", "--hub", "demo", "--key", str(tmp_path / "carys.key"), "--out", order)
    assert "by order of carys" in done(trust.trust, "suspend", order)
    assert status() == "suspended"
    assert failure(trust.trust, "apply", overtaken).code == "trust.base"
    assert answer(trust.trust, "show")["current"] is False
    alone = through(tmp_path, "alone", "--restore", "police", by=("carys",))
    assert failure(trust.trust, "apply", alone).code == "trust.too_few"
    done(trust.trust, "apply", through(tmp_path, "restored", "--restore", "police"))
    assert status() == "active"
    # The old order does not suspend it again.
    assert failure(trust.trust, "suspend", order).code in {"trust.order_age", "agency.standing"}
    # Taking the officers out of the hub's file does not open the way around them.
    officers.hub = officers.hub.model_copy(update={"trust": None})
    assert failure(agencies.agencies, "suspend", "police").code == "agency.officers"

    async def told(parts: Parts) -> list[tuple[str, str]]:
        async with parts.store.reading() as work:
            rows = await work.log.unsequenced(1000)
        names = {Event.AGENCY_ENROLLED, Event.AGENCY_SUSPENDED, Event.AGENCY_RESTORED, Event.TRUST_LIST_APPLIED}
        return [(row.event, row.actor) for row in rows if row.event in names]

    # Sorted: entries of one commit may bear one time.
    assert sorted(officers.run(told)) == [
        ("agency.enrolled", "operator"),
        ("agency.restored", "operator"),
        ("agency.suspended", "officer:carys"),
        ("trust.list_applied", "operator"),
        ("trust.list_applied", "operator"),
    ]


def test_a_list_says_of_roles_what_the_hubs_file_says(officers: Opening, tmp_path: Path) -> None:
    path = through(tmp_path, "next")
    roles = {"boss": "social_work_manager"}
    people = officers.hub.people.model_copy(update={"roles": roles})
    officers.hub = officers.hub.model_copy(update={"people": people})
    assert failure(trust.trust, "apply", path).code == "trust.people"


def test_a_hub_without_officers_says_so(hub: Opening, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(trust, "load_settings", lambda _config: type("Loaded", (), {"hub": hub.hub}))
    assert "no officers" in done(trust.trust, "show")
    assert failure(trust.trust, "propose", "--out", str(tmp_path / "x.json")).code == "trust.no_officers"
    assert json.loads(done(trust.trust, "show", "--json")) is None
