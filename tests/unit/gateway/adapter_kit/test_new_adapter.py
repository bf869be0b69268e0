"""`mash adapters new` and `check` as an engineer uses them: in an empty directory, with nothing installed by hand."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from adapters import registry
from gateway.store.records import Fate
from tests.gateway.borough import Document
from tests.unit.gateway.fixtures import hub_file, issuer
from tests.unit.gateway.whole import put_together

__all__ = ["hub_file", "issuer"]

ROOT = Path(__file__).parents[4]
MASH = (sys.executable, "-c", "from gateway.cli import main; main()")
MODULE = "mash_adapter_demo/adapter.py"


def mash(directory: Path, *arguments: str, path: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command from that directory; the gateway is found as it is when it is installed."""
    search = [str(ROOT), *([str(path)] if path else [])]
    environ = {"PYTHONPATH": ":".join(search), "PATH": "/usr/bin:/bin", "COLUMNS": "200"}
    return subprocess.run([*MASH, *arguments], cwd=directory, env=environ, capture_output=True, text=True, check=False)


def failed(directory: Path, *arguments: str) -> dict[str, Any]:
    """The checks that do not hold, by their names."""
    done = mash(directory, "adapters", "check", "demo", "--json", *arguments)
    assert done.returncode == 2, done.stderr
    return {row["check"]: row["failures"] for row in json.loads(done.stdout)["checks"] if not row["held"]}


@pytest.fixture
def made(tmp_path: Path) -> Path:
    done = mash(tmp_path, "adapters", "new", "demo")
    assert done.returncode == 0, done.stderr
    return tmp_path


def test_what_is_laid_out_passes_every_check_as_it_is(made: Path) -> None:
    done = mash(made, "adapters", "check", "demo")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "all 14 checks hold" in done.stdout
    assert "the directory demo" in done.stdout


def test_its_own_tests_pass_as_they_are(made: Path) -> None:
    pytest_run = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-W", "ignore"]
    environ = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(pytest_run, cwd=made / "demo", env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


def test_its_source_is_formatted_and_typed(made: Path) -> None:
    ruff = [str(Path(sys.executable).with_name("ruff")), "format", "--isolated", "--line-length=120", "--check", "demo"]
    assert subprocess.run(ruff, cwd=made, check=False, capture_output=True).returncode == 0
    mypy = [
        sys.executable,
        "-m",
        "mypy",
        "--strict",
        "--config-file=",
        "--cache-dir=/dev/null",
        "--follow-imports=silent",
    ]
    environ = {"MYPYPATH": f"{ROOT}:{made / 'demo'}", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [*mypy, "--explicit-package-bases", "--namespace-packages", f"demo/{MODULE}"],
        cwd=made,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize(
    "before,after,check,where",
    [
        ('"/worry")', '"/officer")', "reads as agreed", "items[0].notification.incident.narrative"),
        ("    taking.leave_rest()\n", "", "leaves nothing unaccounted", "/children/1/school"),
        (
            'recorder, "handling.restricted", taking',
            'type(recorder)(), "handling.restricted", taking',
            "tells where every field came from",
            "items[0].handling.restricted",
        ),
        (
            "        note = _note(payload)\n",
            "        import time\n        time.time()\n        note = _note(payload)\n",
            "is pure",
            "time.time",
        ),
        (
            "        note = _note(payload)\n",
            "        import random\n        note = _note(payload)\n",
            "has pure sources",
            "adapter.py",
        ),
        (
            "note = parse(decode(payload, family=NAME), family=NAME)",
            "note = parse(payload.decode(), family=NAME)",
            "withstands hostile input",
            "a fragment",
        ),
        ("reference=_reference(payload)", 'reference="")[0:0] or (receipt', "answers every fate", "accepted"),
    ],
    ids=["mapping", "dropping", "provenance", "clock", "dice", "crash", "answer"],
)
def test_a_broken_mapping_makes_the_check_fail_and_says_where(
    made: Path, before: str, after: str, check: str, where: str
) -> None:
    module = made / "demo" / MODULE
    source = module.read_text(encoding="utf-8")
    assert before in source
    module.write_text(source.replace(before, after), encoding="utf-8")
    found = failed(made)
    assert check in found
    assert any(where in failure["where"] for failure in found[check])
    assert all(failure["todo"] for failure in found[check])


def test_a_golden_file_that_is_missing_makes_the_check_fail(made: Path) -> None:
    (made / "demo" / "tests" / "samples" / "moved.json.canonical.json").unlink()
    assert failed(made)["has golden files"][0]["where"] == "moved.json.canonical.json"


def test_a_golden_file_is_written_for_a_person_to_read_and_never_over_another_by_itself(made: Path) -> None:
    beside = "demo/tests/samples/moved.json.canonical.json"
    agreed = (made / beside).read_text(encoding="utf-8")
    refused = mash(made, "adapters", "golden", "demo", "demo/tests/samples/moved.json")
    assert (refused.returncode, "samples.agreed" in refused.stderr) == (1, True)
    (made / beside).write_text("{}", encoding="utf-8")
    done = mash(made, "adapters", "golden", "demo", "demo/tests/samples/moved.json", "--replace")
    assert (done.returncode, done.stdout.strip()) == (0, beside)
    assert (made / beside).read_text(encoding="utf-8") == agreed


def test_a_file_that_is_named_is_checked_instead_of_the_samples(made: Path) -> None:
    note = made / "note.json"
    note.write_text('{"id": "V-1", "remarks": "seen"}', encoding="utf-8")
    done = mash(made, "adapters", "check", "demo", "--json", "note.json")
    assert done.returncode == 0, done.stdout
    note.write_text('{"remarks": "no id"}', encoding="utf-8")
    assert failed(made, "note.json")["says what it is"][0]["where"] == "demo.id /id"


@pytest.mark.parametrize("name", ["Demo", "1demo", "de mo", "demo/x", "../demo", "class", "a.import", "d" * 61, ""])
def test_a_name_that_no_adapter_can_have_is_refused(tmp_path: Path, name: str) -> None:
    done = mash(tmp_path, "adapters", "new", name)
    assert done.returncode == 1
    assert "adapter.name" in done.stderr
    assert not list(tmp_path.iterdir())


def test_nothing_that_is_there_is_overwritten(made: Path) -> None:
    module = made / "demo" / MODULE
    module.write_text("changed", encoding="utf-8")
    done = mash(made, "adapters", "new", "demo")
    assert (done.returncode, module.read_text(encoding="utf-8")) == (1, "changed")
    assert "adapter.exists" in done.stderr


def test_the_name_of_one_of_ours_is_refused(tmp_path: Path) -> None:
    assert "adapter.taken" in mash(tmp_path, "adapters", "new", "police.ppn").stderr


def test_a_module_that_cannot_be_imported_is_told_by_its_line(made: Path) -> None:
    module = made / "demo" / MODULE
    module.write_text('"""Broken."""\n\nfrom nowhere import nothing\n', encoding="utf-8")
    done = mash(made, "adapters", "check", "demo")
    assert done.returncode == 1
    assert "ModuleNotFoundError in adapter.py, line 3" in " ".join(done.stderr.split())


@pytest.fixture
def installed(made: Path) -> Path:
    """The package as an installer leaves it: a folder that the search path holds, with its metadata."""
    target = made / "installed"
    uv = shutil.which("uv", path=f"{ROOT / '.tools' / 'bin'}") or shutil.which("uv")
    assert uv, "run make setup: it fetches uv"
    command = [uv, "pip", "install", "--offline", "--no-deps", "--quiet", "--python", sys.executable]
    subprocess.run([*command, "--target", target, made / "demo"], check=True, capture_output=True)
    shutil.rmtree(made / "demo")
    return target


def test_an_adapter_that_somebody_installed_is_listed_used_and_checked(installed: Path, tmp_path: Path) -> None:
    note = tmp_path / "note.json"
    note.write_text('{"id": "V-1", "worry": "seen alone"}', encoding="utf-8")
    assert "demo " in mash(tmp_path, "adapters", "list", path=installed).stdout
    done = mash(tmp_path, "normalise", "--adapter", "demo", "--json", "note.json", path=installed)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["notification"]["incident"]["narrative"] == "seen alone"
    checked = mash(tmp_path, "adapters", "check", "demo", "note.json", "--json", path=installed)
    assert checked.returncode == 0, checked.stdout
    assert json.loads(checked.stdout)["origin"] == "installed"


@pytest.fixture
def on_the_path(installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(installed))


@pytest.mark.usefixtures("on_the_path", "rsa_pairs")
async def test_a_feed_may_name_an_adapter_that_somebody_installed(
    tmp_path: Path, clock: Callable[[], datetime], hub_file: Document, store_url: str
) -> None:
    feed = {"name": "visits", "agency": "police", "adapter": "demo", "authentication": "dpop", "client": "police.desk"}
    feeds = [*(each for each in hub_file["feeds"] if each["adapter"] in registry.BUILT_IN), feed]
    async with put_together(tmp_path, clock, hub_file | {"feeds": feeds}, database_url=store_url) as gateway:
        note = b'{"id": "V-1", "worry": "seen alone"}'
        answered = await gateway.intake.receive(gateway.feeds["visits"], note, "police.desk")
        async with gateway.store.reading() as work:
            kept = await work.messages.get(answered.message_id)
    assert (kept.adapter, kept.fate) == ("demo", Fate.ACCEPTED)
    assert json.loads(answered.answer.body)["reference"] == "V-1"
