"""Each step of the search for a server really leads to one, and a search that fails says what to do."""

from __future__ import annotations

import dataclasses
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.services import containers, debian, probe, warden
from tests.services.process import ServiceFailed
from tests.services.resolve import POSTGRES, RABBITMQ, Kind, Server, resolve
from tests.services.shared import SharedServers

CLOSED = {"postgres": "postgresql://postgres@127.0.0.1:1/postgres", "rabbitmq": "amqp://guest:guest@127.0.0.1:1/"}
KINDS = pytest.mark.parametrize("kind", [POSTGRES, RABBITMQ], ids=lambda kind: kind.name)


@pytest.fixture
def fake_programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that alone is on the path; each call of a program in it is written to ``calls``."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    return folder


def program(folder: Path, name: str, body: str = "") -> Path:
    """Write a shell program that records its arguments, then does what ``body`` says; return the record."""
    calls = folder / "calls"
    path = folder / name
    path.write_text(f'#!/bin/sh\necho "{name} $*" >> {calls}\n{body}\n', encoding="utf-8")
    path.chmod(0o755)
    return calls


@pytest.fixture
def ended() -> Iterator[list[Server]]:
    """Servers to end after the test, with what they wrote."""
    servers: list[Server] = []
    yield servers
    for server in servers:
        server.end()
        shutil.rmtree(server.folder, ignore_errors=True)


@KINDS
def test_a_server_that_the_environment_names_is_taken_before_all_others(kind: Kind) -> None:
    believed = dataclasses.replace(kind, trouble=lambda _url: "")
    named = resolve(believed, environment={kind.variable: "scheme://elsewhere"}, owner=os.getpid())
    assert (named.url, named.how) == ("scheme://elsewhere", kind.variable)


@KINDS
def test_a_named_server_that_does_not_serve_fails_and_nothing_stands_in_for_it(kind: Kind) -> None:
    with pytest.raises(ServiceFailed, match=f"{kind.variable} names does not serve"):
        resolve(kind, environment={kind.variable: CLOSED[kind.service]}, owner=os.getpid())


@KINDS
def test_where_the_standard_port_is_closed_a_private_server_starts_from_installed_binaries(
    kind: Kind, ended: list[Server]
) -> None:
    server = resolve(kind, environment={}, owner=os.getpid(), standard_url=CLOSED[kind.service])
    ended.append(server)
    assert server.how == "private"
    assert kind.trouble(server.url) == ""


@KINDS
def test_where_nothing_is_installed_it_is_installed_and_then_started(
    kind: Kind, fake_programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = program(fake_programs, "apt-get")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    started = Server(url="scheme://private", how="private")
    bare = dataclasses.replace(kind, installed=lambda: False, private=lambda _owner: started)
    assert resolve(bare, environment={}, owner=os.getpid(), standard_url=CLOSED[kind.service]) == started
    update, install = calls.read_text(encoding="utf-8").splitlines()
    assert update.startswith("apt-get update")
    assert install.endswith(debian.PACKAGES[kind.service])


@KINDS
def test_where_nothing_can_be_installed_a_container_serves(
    kind: Kind, fake_programs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = program(fake_programs, "docker", 'case "$*" in *" port "*) echo 127.0.0.1:49153;; esac')
    monkeypatch.setattr(debian, "trouble", lambda: "this is no Debian")
    bare = dataclasses.replace(kind, installed=lambda: False)
    server = resolve(bare, environment={}, owner=os.getpid(), standard_url=CLOSED[kind.service])
    assert server.how == "docker compose"
    assert "@127.0.0.1:49153/" in server.url
    server.end()
    up, down = (call for call in calls.read_text(encoding="utf-8").splitlines() if " up " in call or " down " in call)
    assert server.project in up
    assert server.project in down


@KINDS
def test_where_nothing_serves_each_reason_and_what_to_do_are_told(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(debian, "trouble", lambda: "only root may install packages")
    monkeypatch.setattr(containers, "trouble", lambda: "no docker engine answers")
    bare = dataclasses.replace(kind, installed=lambda: False)
    with pytest.raises(ServiceFailed) as failure:
        resolve(bare, environment={}, owner=os.getpid(), standard_url=CLOSED[kind.service])
    told = str(failure.value)
    for part in ("standard port", "not installed", "only root", "docker engine", kind.variable):
        assert part in told


def test_an_engine_that_does_not_answer_is_named(fake_programs: Path) -> None:
    program(fake_programs, "docker", 'test "$1" != info')
    assert containers.trouble() == "no docker engine answers"


def test_a_container_that_does_not_come_up_is_taken_down_again(fake_programs: Path) -> None:
    calls = program(fake_programs, "docker", 'case "$*" in *" up "*) echo no such image >&2; exit 1;; esac')
    with pytest.raises(ServiceFailed, match="no such image"):
        containers.start("postgres")
    assert " down " in calls.read_text(encoding="utf-8")


def test_a_failed_search_is_not_repeated_by_the_next_worker() -> None:
    tries = []

    def trouble(url: str) -> str:
        tries.append(url)
        return "closed"

    kind = dataclasses.replace(POSTGRES, trouble=trouble)
    shared = SharedServers.of_this_run()
    environment = {kind.variable: "postgresql://elsewhere"}
    for _worker in range(2):
        with pytest.raises(ServiceFailed, match="closed"):
            shared.server(kind, environment)
    shared.end()
    assert len(tries) == 1
    assert not shared.folder.exists()


def test_workers_share_one_server_and_the_run_ends_it() -> None:
    shared = SharedServers.of_this_run()
    kind = dataclasses.replace(POSTGRES, standard_url=CLOSED["postgres"])
    first, second = shared.server(kind, {}), shared.server(kind, {})
    assert first == second
    assert shared.found() == [first]
    assert [pid for pid in first.wardens if warden.alive(pid)]
    shared.end()
    assert not [pid for pid in first.wardens if warden.alive(pid)]
    assert probe.postgres_trouble(first.url) != ""
    assert not Path(first.folder).exists()
