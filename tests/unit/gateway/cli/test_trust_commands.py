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
from schemas.vocabulary import Role
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

    # Entries of one transaction are of one time, and in no order among themselves.
    assert sorted(officers.run(told)) == [
        ("agency.enrolled", "operator"),
        ("agency.restored", "operator"),
        ("agency.suspended", "officer:carys"),
        ("trust.list_applied", "operator"),
        ("trust.list_applied", "operator"),
    ]


def fresh(folder: Path, post: str) -> str:
    """A key for this post, and the file of its public half as the hub's operator has it."""
    made = call(trust.trust, "key", post, "--out", str(folder / f"{post}.key"))
    (folder / f"{post}.toml").write_text(made.stdout)
    return str(folder / f"{post}.toml")


def test_officers_and_their_threshold_change_by_consent_of_both(officers: Opening, tmp_path: Path) -> None:
    assert officers.hub.trust is not None
    done(trust.trust, "apply", through(tmp_path, "first"))
    change = ("--officer", fresh(tmp_path, "dafydd"), "--threshold", "3")
    # Two of those in force are not the three that the list asks for; nor do the new ones let themselves in.
    for by in (("amina", "bryn"), ("dafydd",), ("amina", "dafydd")):
        path = through(tmp_path, f"early-{'-'.join(by)}", *change, by=by)
        assert failure(trust.trust, "apply", path).code == "trust.too_few"
    done(trust.trust, "apply", through(tmp_path, "grown", *change, by=("amina", "bryn", "dafydd")))
    shown = answer(trust.trust, "show")
    assert (shown["threshold"], shown["officers"]) == (3, ["amina", "bryn", "carys", "dafydd"])
    # One leaves, and with that the threshold comes down: three of those in force still sign.
    back = ("--without", "bryn", "--threshold", "2")
    assert failure(trust.trust, "apply", through(tmp_path, "two", *back)).code == "trust.too_few"
    done(trust.trust, "apply", through(tmp_path, "smaller", *back, by=("amina", "bryn", "carys")))
    assert failure(trust.trust, "apply", through(tmp_path, "gone", by=("amina", "bryn"))).code == "trust.signature"
    # A post gets a new key: the old one signs nothing from then on.
    (tmp_path / "carys.key").rename(tmp_path / "former.key")
    renewal = ("--officer", fresh(tmp_path, "carys"))
    done(trust.trust, "apply", through(tmp_path, "renewed", *renewal, by=("amina", "dafydd", "carys")))
    assert failure(trust.trust, "apply", through(tmp_path, "old", by=("amina", "former"))).code == "trust.signature"
    done(trust.trust, "apply", through(tmp_path, "new", by=("amina", "carys")))


def test_a_change_of_officers_that_can_not_be_is_not_drawn_up(officers: Opening, tmp_path: Path) -> None:
    assert officers.hub.trust is not None
    file, out = fresh(tmp_path, "dafydd"), ("--out", str(tmp_path / "x.json"))
    (tmp_path / "two.toml").write_text(Path(file).read_text() * 2)
    (tmp_path / "none.toml").write_text("\xff")
    for change, code in (
        (("--threshold", "4"), "trust.threshold"),
        (("--without", "nobody"), "trust.unknown_officer"),
        (("--without", "amina", "--officer", file), "trust.changes"),
        (("--restore", "police", "--threshold", "2"), "trust.changes"),
        (("--roles", "--without", "amina"), "trust.changes"),
        (("--officer", str(tmp_path / "two.toml")), "trust.officer"),
        (("--officer", str(tmp_path / "none.toml")), "trust.officer"),
        (("--officer", str(tmp_path / "missing.toml")), "trust.file"),
    ):
        assert failure(trust.trust, "propose", *change, *out).code == code, change


def test_roles_change_in_the_hubs_file_and_then_by_consent(officers: Opening, tmp_path: Path) -> None:
    done(trust.trust, "apply", through(tmp_path, "first", "--enrol", enrolment(tmp_path)))
    (police,) = [one for one in officers.hub.agencies if one.id == "police"]
    (lead, *others) = police.recipients
    assert lead.name == "lead"
    moved = police.model_copy(update={"recipients": (lead.model_copy(update={"role": Role.REFERRER}), *others)})
    agencies = tuple(moved if one is police else one for one in officers.hub.agencies)
    officers.hub = officers.hub.model_copy(update={"agencies": agencies})
    assert failure(trust.trust, "apply", through(tmp_path, "renewal")).code == "trust.role"
    path = str(tmp_path / "roles.json")
    done(trust.trust, "propose", "--roles", "--out", path)
    signing = ("sign", path, "--key", str(tmp_path / "amina.key"), "--out", str(tmp_path / "roles-1.json"))
    assert "police.lead (referrer, active)" in done(trust.trust, *signing)
    assert failure(trust.trust, "apply", str(tmp_path / "roles-1.json")).code == "trust.too_few"
    done(trust.trust, "apply", through(tmp_path, "both", "--roles"))

    async def role(parts: Parts) -> str | None:
        async with parts.store.reading() as work:
            return (await work.agencies.clients("police"))[0].role

    assert officers.run(role) == "referrer"


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
