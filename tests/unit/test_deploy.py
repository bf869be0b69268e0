"""The containers: nothing secret in them, nothing more than each needs."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
COMPOSE = ROOT / "docker-compose.yml"
OURS = ("first-start", "gateway", "sandbox")
MADE_BY_INIT = {
    "hub.toml": "",
    "secrets/master.key": "master",
    "secrets/broker.url": "amqps://mash:secret@rabbitmq:5671/mash",
    "broker/definitions.json": "{}",
    "tls/ca.pem": "ca",
    "tls/server.pem": "server",
    "tls/server-key.pem": "key",
}


def services() -> dict[str, Any]:
    """Return the services of the compose file, by name."""
    found: dict[str, Any] = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))["services"]
    return found


@pytest.fixture
def hub(tmp_path: Path) -> Path:
    """A folder where a hub may be made, with a ``mash`` on the path whose init writes what ours writes."""
    (tmp_path / "bin").mkdir()
    mash = tmp_path / "bin" / "mash"
    mash.write_text(
        f"#!{sys.executable}\n"
        "import json, pathlib, sys\n"
        f"folder = pathlib.Path({str(tmp_path / 'hub')!r})\n"
        "with (folder.parent / 'calls').open('a') as calls: calls.write(json.dumps(sys.argv[1:]) + '\\n')\n"
        f"made = {MADE_BY_INIT!r} if sys.argv[1] == 'init' else {{}}\n"
        "for name, text in made.items():\n"
        "    (folder / name).parent.mkdir(exist_ok=True)\n"
        "    (folder / name).write_text(text)\n",
        encoding="utf-8",
    )
    mash.chmod(0o755)
    for folder in ("hub", "out/broker", "out/postgres", "out/sandbox"):
        (tmp_path / folder).mkdir(parents=True)
    return tmp_path / "hub"


def run(script: str, *arguments: str, hub: Path, **env: str) -> subprocess.CompletedProcess[str]:
    """Run one of the gateway's container scripts beside the hub."""
    path = f"{hub.parent / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        [str(ROOT / "deploy" / "gateway" / script), *arguments],
        env={
            "PATH": path,
            "MASH_PUBLIC_URL": "https://hub.example",
            "MASH_BROKER_ADDRESS": "amqps://rabbitmq:5671/mash",
            **env,
        },
        capture_output=True,
        text=True,
        check=False,
    )


def calls(hub: Path) -> list[list[str]]:
    """Return how ``mash`` was called."""
    return [json.loads(line) for line in (hub.parent / "calls").read_text(encoding="utf-8").splitlines()]


def test_the_first_start_makes_a_hub_once_and_later_starts_change_nothing(hub: Path) -> None:
    out = hub.parent / "out"
    assert run("first-start", str(hub), str(out), hub=hub).returncode == 0
    password = (hub / "secrets" / "postgres.password").read_text(encoding="ascii")
    assert len(password) >= 40
    (out / "postgres" / "password").unlink()
    assert run("first-start", str(hub), str(out), hub=hub).returncode == 0
    assert [call[0] for call in calls(hub)] == ["init"]
    assert (out / "postgres" / "password").read_text(encoding="ascii") == password


def test_the_master_key_is_handed_to_nobody_and_stays_its_owners(hub: Path) -> None:
    out = hub.parent / "out"
    run("first-start", str(hub), str(out), hub=hub)
    handed = {
        path.relative_to(out).as_posix(): path.read_text(encoding="ascii") for path in out.rglob("*") if path.is_file()
    }
    assert sorted(handed) == [
        "broker/ca.pem",
        "broker/definitions.json",
        "broker/server-key.pem",
        "broker/server.pem",
        "postgres/password",
        "sandbox/broker.url",
        "sandbox/ca.pem",
        "sandbox/postgres.password",
    ]
    assert "master" not in handed.values()
    assert stat.S_IMODE((hub / "secrets" / "postgres.password").stat().st_mode) == 0o600


def test_the_gateway_brings_its_tables_up_to_date_and_serves(hub: Path) -> None:
    run("first-start", str(hub), str(hub.parent / "out"), hub=hub)
    assert run("serve", hub=hub, MASH_SECRETS=str(hub / "secrets")).returncode == 0
    assert calls(hub)[1:] == [["db", "upgrade"], ["serve"]]


def test_a_command_of_ones_own_gets_both_addresses_from_files(hub: Path) -> None:
    run("first-start", str(hub), str(hub.parent / "out"), hub=hub)
    done = run(
        "serve", "sh", "-c", "echo $MASH_DATABASE_URL $MASH_BROKER_URL", hub=hub, MASH_SECRETS=str(hub / "secrets")
    )
    database, broker = done.stdout.split()
    assert re.fullmatch(r"postgresql://mash:[\w-]{40,}@postgres:5432/mash", database)
    assert broker == MADE_BY_INIT["secrets/broker.url"]


def test_a_missing_secret_stops_the_start(hub: Path) -> None:
    assert run("serve", "true", hub=hub, MASH_SECRETS=str(hub / "secrets")).returncode != 0


@pytest.mark.parametrize("name", OURS)
def test_our_containers_write_nowhere_but_in_volumes_and_have_no_powers(name: str) -> None:
    service = services()[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert not service.get("privileged")
    assert "user" not in service  # the image's own, which is not root


def test_no_container_is_given_a_secret_in_its_configuration() -> None:
    for name, service in services().items():
        for variable, value in service.get("environment", {}).items():
            named_secret = re.search(r"PASSWORD|SECRET|KEY|TOKEN", variable)
            assert not named_secret or str(value).startswith("/run/mash"), f"{name}: {variable}"
            assert not re.search(r"://[^/@]*:[^/@]*@", str(value)), f"{name}: {variable}"


def test_the_hubs_own_volume_is_mounted_by_the_hub_alone() -> None:
    holders = {
        name
        for name, service in services().items()
        for volume in service.get("volumes", [])
        if volume.startswith("hub:")
    }
    assert holders == {"first-start", "gateway"}


def test_nothing_is_published_beyond_this_machine_and_the_database_not_at_all() -> None:
    published = {name: service.get("ports", []) for name, service in services().items()}
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)
    assert not published["postgres"]
    assert services()["postgres"]["networks"] == ["inside"]


def test_every_image_that_is_not_ours_is_pinned_to_a_version() -> None:
    images = [service["image"] for service in services().values()]
    images += re.findall(r"^FROM (\S+)", (ROOT / "Dockerfile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert images
    assert not [image for image in images if not re.search(r":\d+\.\d+", image)]


def test_the_image_runs_as_a_user_of_its_own_and_says_whether_it_is_well() -> None:
    final = (ROOT / "Dockerfile").read_text(encoding="utf-8").rpartition("\nFROM ")[2]
    assert re.search(r"^USER 10001:10001$", final, flags=re.MULTILINE)
    program = re.search(r'^HEALTHCHECK .* CMD \["python", "-c", "(.+)"\]$', final, flags=re.MULTILINE)
    assert program is not None
    compile(program[1], "healthcheck", "exec")
    assert "/healthz" in final


def test_the_image_is_built_by_the_uv_that_the_makefile_pins() -> None:
    makefile, dockerfile = ((ROOT / name).read_text(encoding="utf-8") for name in ("Makefile", "Dockerfile"))
    pinned = re.findall(r"^UV_VERSION := (\S+)", makefile, flags=re.MULTILINE)
    assert pinned
    assert re.findall(r"^ARG UV_VERSION=(\S+)", dockerfile, flags=re.MULTILINE) == pinned


def test_compose_itself_accepts_the_file_or_its_plugin_is_absent() -> None:
    docker = shutil.which("docker")
    plugin = docker and subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode == 0
    if docker and plugin:
        checked = subprocess.run(
            [docker, "compose", "--file", str(COMPOSE), "config", "--quiet"], capture_output=True, check=False
        )
        assert checked.returncode == 0, checked.stderr
    # Without the plugin: what every service names must be defined in the file.
    whole = yaml.safe_load(COMPOSE.read_text(encoding="utf-8"))
    for service in whole["services"].values():
        assert set(service.get("networks", [])) <= set(whole["networks"])
        named = {volume.partition(":")[0] for volume in service.get("volumes", []) if not volume.startswith(".")}
        assert named <= set(whole["volumes"])
        assert set(service.get("depends_on", {})) <= set(whole["services"])
