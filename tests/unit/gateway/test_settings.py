"""A hub's settings: every file that will not do is refused with its place, and no value of it is told."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from gateway import settings
from gateway.keys import MasterKey
from routing.components import FORBIDDEN
from sandbox.toml import render
from schemas.errors import Refused, Rejected
from tests.gateway.borough import Document
from tests.unit.gateway.whole import document

KEY = base64.b64encode(bytes(range(32))).decode()
CANARY = "zephyrine"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "hub.toml"
    path.write_text(render(document("https://id.example")), encoding="utf-8")
    return path


def secret(path: Path, text: str = KEY, mode: int = 0o600) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)
    return path


def test_a_hub_is_its_file_and_what_the_environment_adds(config: Path) -> None:
    environ = {"MASH_MASTER_KEY": KEY, "MASH_DATABASE_URL": "postgresql://h/d", "MASH_BROKER_URL": "amqp://h/"}
    loaded = settings.load(config, environ)
    assert loaded.hub.hub.id == "testborough"
    assert loaded.digest == hashlib.sha256(config.read_bytes()).hexdigest()
    assert (loaded.database_url, loaded.broker_url) == ("postgresql://h/d", "amqp://h/")
    assert loaded.directory == config.parent


def test_what_the_environment_does_not_say_has_its_place_beside_the_file(config: Path) -> None:
    secret(config.parent / "secrets" / "master.key")
    loaded = settings.load(None, {"MASH_CONFIG": str(config), "MASH_DATABASE_URL": "", "MASH_BROKER_URL": ""})
    assert loaded.database_url == f"sqlite:///{config.parent / 'hub.sqlite3'}"
    assert loaded.broker_url is None


def test_the_command_line_goes_before_the_environment(config: Path) -> None:
    environ = {"MASH_MASTER_KEY": KEY, "MASH_CONFIG": "/nowhere/hub.toml"}
    assert settings.load(config, environ).hub.hub.id == "testborough"


def test_the_key_of_the_environment_goes_before_files(config: Path, tmp_path: Path) -> None:
    environ = {"MASH_MASTER_KEY": KEY, "MASH_MASTER_KEY_FILE": str(tmp_path / "nothing")}
    assert settings.load(config, environ).master_key == MasterKey(bytes(range(32)))
    named = secret(tmp_path / "elsewhere.key")
    assert settings.load(config, {"MASH_MASTER_KEY_FILE": str(named)}).master_key == MasterKey(bytes(range(32)))


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644, 0o620])
def test_a_master_key_that_others_may_touch_is_refused(config: Path, mode: int) -> None:
    secret(config.parent / "secrets" / "master.key", mode=mode)
    with pytest.raises(Rejected, match=r"keys\.master\.mode"):
        settings.load(config, {})


@pytest.mark.parametrize("text", ["", "short", KEY[:-4], KEY + "AAAA"])
def test_a_master_key_that_is_none_is_refused_and_an_empty_variable_is_no_absent_one(config: Path, text: str) -> None:
    secret(config.parent / "secrets" / "master.key")
    with pytest.raises(Rejected, match=r"keys\.master\.form"):
        settings.load(config, {"MASH_MASTER_KEY": text})


def test_settings_show_no_secret(config: Path) -> None:
    environ = {"MASH_MASTER_KEY": KEY, "MASH_DATABASE_URL": "postgresql://u:hidden@h/d"}
    shown = repr(settings.load(config, environ))
    assert "hidden" not in shown
    assert KEY not in shown


def test_without_a_file_it_says_how_to_get_one() -> None:
    with pytest.raises(Rejected, match=r"config\.missing.*mash init"):
        settings.load(None, {})


@pytest.mark.parametrize("text", [b"[hub", b"hub = \xff", b"a = 1\na = 2"])
def test_what_is_no_toml_is_refused_with_the_files_name(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "hub.toml"
    path.write_bytes(text)
    with pytest.raises(Rejected) as refused:
        settings.read_hub(path)
    assert (refused.value.code, refused.value.at) == ("config.toml", "hub.toml")


@pytest.mark.parametrize("name", ["nothing.toml", ""])
def test_a_file_that_is_not_there_or_is_a_directory_is_refused_with_its_name(tmp_path: Path, name: str) -> None:
    with pytest.raises(Rejected) as refused:
        settings.read_hub(tmp_path / name)
    assert (refused.value.code, refused.value.at) == ("config.unreadable", (tmp_path / name).name)


def put(*path: str | int, value: object) -> Callable[[Document], None]:
    """A change of the file: this value at this place."""

    def change(made: Document) -> None:
        place: object = made
        for part in path[:-1]:
            place = place[part]  # type: ignore[index]
        place[path[-1]] = value  # type: ignore[index]

    return change


def twice(section: str) -> Callable[[Document], None]:
    def change(made: Document) -> None:
        made[section].append(dict(made[section][0]))

    return change


BROKEN: dict[str, tuple[Callable[[Document], None], str]] = {
    "an unknown section": (put(CANARY, value={"a": 1}), CANARY),
    "an unknown key": (put("hub", "nane", value=CANARY), "hub.nane"),
    "a missing section": (lambda made: made.pop("people"), "people"),
    "a missing key": (lambda made: made["hub"].pop("public_url"), "hub.public_url"),
    "a hub's id": (put("hub", "id", value=f"{CANARY}!"), "hub.id"),
    "a port": (put("http", "port", value=CANARY), "http.port"),
    "a role": (put("people", "roles", "x", value=CANARY), "people.roles.x"),
    "an algorithm": (put("people", "algorithms", value=["HS256"]), "people.algorithms.0"),
    "a prefix": (put("broker", "prefix", value=f"{CANARY}*"), "broker.prefix"),
    "a token's life": (put("tokens", value={"access_seconds": 86400}), "tokens.access_seconds"),
    "a limit": (put("limits", "json_bytes", value=1), "limits.json_bytes"),
    "a skew": (put("clocks", "skew_seconds", value=3600), "clocks.skew_seconds"),
    "a watch that never looks": (put("clocks", "watch_seconds", value=0), "clocks.watch_seconds"),
    "a rating": (put("ratings", 0, "rating", value=CANARY), "ratings.0.rating"),
    "no time to decide": (put("ratings", 0, "hours", value=0), "ratings.0.hours"),
    "a repeat rule of one": (put("repeats", "count", value=1), "repeats.count"),
    "a sector": (put("agencies", 0, "sector", value=CANARY), "agencies.0.sector"),
    "a recipient's role": (put("agencies", 0, "recipients", 0, "role", value=CANARY), "agencies.0.recipients.0.role"),
    "a feed's door": (put("feeds", 0, "authentication", value="none"), "feeds.0.authentication"),
    "nobody who rates": (put("people", "roles", value={"x": "auditor"}), "people.roles"),
    "no working day": (put("working_hours", value={"days": []}), "working_hours.days"),
    "a rating left out": (lambda made: made["ratings"].pop(), "ratings"),
    "replies after the decision": (put("ratings", 0, "reply_hours", value=99), "ratings[0].reply_hours"),
    "an agency twice": (twice("agencies"), "agencies[3].id"),
    "a feed twice": (twice("feeds"), "feeds[7].name"),
    "a feed of nobody": (put("feeds", 0, "agency", value=CANARY), "feeds[0].agency"),
    "a queue that outlives its tokens": (put("broker", "queue_hours", value=72), "broker.queue_hours"),
}


@pytest.mark.parametrize("change, at", BROKEN.values(), ids=BROKEN)
def test_a_file_that_will_not_do_is_refused_with_the_place_and_without_the_value(
    tmp_path: Path, change: Callable[[Document], object], at: str
) -> None:
    made = document("https://id.example")
    change(made)
    path = tmp_path / "hub.toml"
    path.write_text(render(made), encoding="utf-8")
    with pytest.raises(Rejected) as refused:
        settings.read_hub(path)
    assert refused.value.at == at
    assert refused.value.detail
    assert CANARY not in refused.value.detail.lower()
    assert refused.value.code in {"config.invalid", "config.inconsistent"}


@pytest.mark.parametrize("number", range(1, 6))
def test_a_file_that_takes_a_component_away_is_refused_with_its_number(tmp_path: Path, number: int) -> None:
    row = next(one for one in FORBIDDEN if one.component == number)
    section, _, name = row.setting.partition(".")
    path = tmp_path / "hub.toml"
    path.write_text(f"[{section}]\n{name} = 'never'\n")
    with pytest.raises(Refused) as refused:
        settings.read_hub(path)
    assert (refused.value.code, refused.value.at) == (f"component.{number}", row.setting)
    assert "never" not in refused.value.detail


def test_no_two_files_have_one_digest(config: Path) -> None:
    first = settings.read_hub(config)[1]
    config.write_bytes(config.read_bytes() + b"# a remark\n")
    assert settings.read_hub(config)[1] != first


def test_how_many_processes_is_asked_for_on_the_command_line_or_else_in_the_environment(config: Path) -> None:
    environ = {"MASH_MASTER_KEY": KEY, "MASH_DATABASE_URL": "postgresql://localhost/hub"}
    assert settings.load(config, environ).workers == 1
    assert settings.load(config, environ | {"MASH_WORKERS": "3"}).workers == 3
    assert settings.load(config, environ | {"MASH_WORKERS": "3"}, workers=2).workers == 2


@pytest.mark.parametrize("text", ["0", "-1", "two", "1.5", "65", "²"])
def test_a_number_of_processes_that_is_none_is_refused(config: Path, text: str) -> None:
    environ = {"MASH_MASTER_KEY": KEY, "MASH_DATABASE_URL": "postgresql://localhost/hub", "MASH_WORKERS": text}
    with pytest.raises(Rejected, match=r"config\.workers"):
        settings.load(config, environ)


def test_several_processes_on_sqlite_are_refused(config: Path) -> None:
    with pytest.raises(Rejected, match=r"config\.workers"):
        settings.load(config, {"MASH_MASTER_KEY": KEY}, workers=2)


def test_the_secrets_of_a_mailbox_and_of_details_come_from_the_environment(config: Path) -> None:
    made = document("https://id.example")
    made["mesh"] = {"url": "https://mesh.example", "mailbox": "X26ABC1"}
    detail = {"url": "https://details.example"}
    made["feeds"].append({"name": "thin-events", "agency": "police", "adapter": "probation.event", "detail": detail})
    config.write_text(render(made), encoding="utf-8")
    environ = {"MASH_MASTER_KEY": KEY}
    bare = settings.load(config, environ)  # only who serves needs them
    assert (bare.mesh, bare.detail_secrets) == (None, {})
    environ |= {
        "MASH_MESH_PASSWORD_FILE": str(secret(config.parent / "password", f"{CANARY}\n")),
        "MASH_MESH_SHARED_KEY": CANARY,
        "MASH_DETAIL_THIN_EVENTS_SECRET": CANARY,
    }
    loaded = settings.load(config, environ)
    assert loaded.mesh is not None
    assert (loaded.mesh.password, loaded.mesh.shared_key) == (CANARY, CANARY)
    assert loaded.detail_secrets == {"thin-events": CANARY}
    assert CANARY not in repr(loaded)
    assert CANARY not in repr(loaded.mesh)
