"""``mash normalise`` and the group that it belongs to."""

from __future__ import annotations

import json
import sys
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from gateway import cli
from schemas.errors import Unavailable
from tests.fixtures.regenerate import HERE

EVENT = HERE / "probation.event" / "registration-child-protection.json"
BATCH = HERE / "nhs.hl7v2" / "batch.hl7"
KEYS = {"file", "outcome", "notification", "provenance", "unmapped", "quality", "problem"}


def run(*arguments: str, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(cli.mash, arguments, input=stdin)


def rows(result: Result) -> list[dict[str, object]]:
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_an_accepted_file_is_one_json_object_a_line() -> None:
    result = run("normalise", "--adapter", "probation.event", "--json", str(EVENT))
    assert result.exit_code == 0
    (row,) = rows(result)
    assert set(row) == KEYS
    assert (row["file"], row["outcome"], row["problem"]) == (str(EVENT), "accepted", None)
    assert row["provenance"]
    assert row["unmapped"]


def test_a_batch_gives_a_line_for_each_item() -> None:
    found = rows(run("normalise", "--adapter", "nhs.hl7v2", "--json", str(BATCH)))
    identities = [row["notification"]["native_id"] for row in found if isinstance(row["notification"], dict)]
    assert identities == ["PAS-0010", "PAS-0011"]


def test_one_bad_file_does_not_take_the_others_along(tmp_path: Path) -> None:
    bad, large = tmp_path / "bad.json", tmp_path / "large.json"
    bad.write_bytes(b"{")
    large.write_bytes(b"[" * 100)
    result = run(
        "normalise", "--adapter", "probation.event", "--json", str(bad), str(large), str(tmp_path / "none"), str(EVENT)
    )
    found = rows(result)
    assert result.exit_code == 2
    assert [row["outcome"] for row in found] == ["quarantined", "refused", "refused", "accepted"]
    codes = [row["problem"]["code"] if isinstance(row["problem"], dict) else None for row in found]
    assert codes == ["probation.event.json", "probation.event.depth", "file.unreadable", None]
    assert all(set(row) == KEYS for row in found)


def test_a_dash_reads_standard_input() -> None:
    result = run("normalise", "--adapter", "probation.event", "--json", "-", stdin=EVENT.read_bytes())
    assert result.exit_code == 0
    assert rows(result)[0]["file"] == "-"


def test_without_json_it_says_in_a_line_what_was_found() -> None:
    result = run("normalise", "--adapter", "probation.event", str(EVENT))
    assert "accepted: probation.event/1: concern" in result.stdout
    assert "1 adults" in result.stdout


def test_without_json_a_refusal_names_its_code(tmp_path: Path) -> None:
    (tmp_path / "bad").write_bytes(b"{")
    result = run("normalise", "--adapter", "probation.event", str(tmp_path / "bad"))
    assert result.exit_code == 2
    assert "quarantined: probation.event.json" in result.stdout


def test_an_option_reaches_the_adapter(tmp_path: Path) -> None:
    native = tmp_path / "message.hl7"
    native.write_bytes("MSH|^~\\&|||||2026||ADT^A08|1|P|2.4\rPID|1||||Žoë".encode("iso8859-2"))
    row = rows(run("normalise", "--adapter", "nhs.hl7v2", "--json", "--option", "charset=8859/2", str(native)))[0]
    assert "Žoë" in json.dumps(row, ensure_ascii=False)


@pytest.mark.parametrize("arguments", [("--adapter", "nhs.hl7v2"), ("x",), ("--adapter", "a", "--option", "b", "x")])
def test_a_wrong_call_says_how_to_call_it(arguments: tuple[str, ...]) -> None:
    result = run("normalise", *arguments)
    assert result.exit_code != 0
    assert "Traceback" not in result.output


def test_an_unknown_adapter_is_one_line_and_exit_code_1() -> None:
    result = run("normalise", "--adapter", "no.such", "x")
    assert result.exit_code == 1
    assert result.stderr == (
        "Error: adapter.unknown: adapter: No adapter has this name; list the names that there are.\n"
    )


def test_the_adapters_are_listed_for_people_and_for_programs() -> None:
    assert "probation.event" in run("adapters", "list").stdout
    listed = json.loads(run("adapters", "list", "--json").stdout)
    assert {row["name"] for row in listed} >= {"nhs.hl7v2", "probation.event"}
    assert all(row["summary"] and row["sector"] and row["version"] for row in listed)


@pytest.mark.parametrize("command", [(), ("normalise",), ("adapters",), ("adapters", "list")])
def test_every_command_shows_an_example(command: tuple[str, ...]) -> None:
    assert "Example: mash" in run(*command, "--help").stdout


def _install(monkeypatch: pytest.MonkeyPatch, name: str, command: click.Command | None) -> None:
    def load(_: EntryPoint) -> click.Command:
        if command is None:
            raise ImportError
        return command

    entry = EntryPoint(name=name, value="elsewhere:command", group=cli.GROUP)
    monkeypatch.setattr(EntryPoint, "load", load)
    monkeypatch.setattr(cli, "entry_points", lambda *, group: EntryPoints([entry]).select(group=group))


@click.command(help="Says nothing new.")
def parrot() -> None:
    click.echo("parrot")


@click.command()
def fails() -> None:
    raise Unavailable("store.unavailable", "Try again later.")


def test_an_installed_command_is_run_and_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    _install(monkeypatch, "parrot", parrot)
    assert run("parrot").stdout == "parrot\n"
    assert "Says nothing new." in run("--help").stdout


def test_an_installed_command_cannot_replace_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    _install(monkeypatch, "normalise", parrot)
    assert "parrot" not in run("normalise", "--help").stdout


def test_a_broken_installed_command_does_not_break_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    _install(monkeypatch, "broken", None)
    assert "can't be loaded" in run("--help").stdout
    assert run("broken").exit_code == 2


def test_an_error_of_ours_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    _install(monkeypatch, "fails", fails)
    result = run("fails")
    assert (result.exit_code, result.stderr) == (1, "Error: store.unavailable: Try again later.\n")


def test_a_bug_is_named_without_a_traceback_or_a_value(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    @click.command()
    def breaks() -> None:
        raise KeyError("Rowan Ashdown")

    _install(monkeypatch, "breaks", breaks)
    monkeypatch.setattr(sys, "argv", ["mash", "breaks"])
    with pytest.raises(SystemExit) as left:
        cli.main()
    assert left.value.code == cli.BUG
    told = capsys.readouterr().err
    assert "KeyError at test_normalise.py:" in told
    assert "Rowan" not in told
    assert "Traceback" not in told


def test_an_option_that_is_a_table_takes_its_keys_after_a_dot(tmp_path: Path) -> None:
    native = tmp_path / "list.csv"
    native.write_text("Vorname,Nachname\nMorgan,Testcase\n", encoding="utf-8")
    mapped = ("--option", "columns.Vorname=given", "--option", "columns.Nachname=family")
    result = run("normalise", "--adapter", "schools.csv", "--json", *mapped, str(native))
    assert rows(result)[0]["outcome"] == "accepted"
    both = run("normalise", "--adapter", "schools.csv", "--option", "columns=x", *mapped, str(native))
    assert both.exit_code == 2
