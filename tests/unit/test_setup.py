"""Setting up on a bare machine: each thing that may be missing is fetched, or named with what to do."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# What the script needs of any machine, besides what each test puts there.
ALWAYS_THERE = ("sh", "id", "ln", "cat", "mkdir", "chmod", "touch", "dirname")
OLD_PYTHON = 'case "$*" in *version_info*) exit 1;; esac'
PYTHON_WITHOUT_VENV = """
case "$*" in
    *"import ensurepip"*) test -e "$HOME/venv-installed" || exit 1;;
    *"%d.%d"*) echo 3.11;;
esac
"""
MAKES_VENV = """
case "$*" in *"-m venv"*)
    for last in "$@"; do :; done
    mkdir -p "$last/bin"
    printf '#!/bin/sh\\n%s\\n' '{pip}' >"$last/bin/python"
    chmod +x "$last/bin/python";;
esac
"""


class Machine:
    """A machine with a few programs and nothing else, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.bin = folder / "bin"
        self.bin.mkdir()
        for name in ALWAYS_THERE:
            (self.bin / name).symlink_to(str(shutil.which(name)))
        (folder / ".ci").mkdir()
        shutil.copy(ROOT / ".ci" / "setup", folder / ".ci")

    def has(self, name: str, does: str = "") -> None:
        """Put a program on the path that notes its call."""
        path = self.bin / name
        path.unlink(missing_ok=True)
        path.write_text(f'#!/bin/sh\necho "{name} $*" >>"$HOME/calls"\n{does}\n', encoding="utf-8")
        path.chmod(0o755)

    def set_up(self) -> subprocess.CompletedProcess[str]:
        """Run the script there."""
        env = {"PATH": str(self.bin), "HOME": str(self.folder)}
        return subprocess.run(
            [self.folder / ".ci" / "setup", "9.9.9"],
            cwd=self.folder,
            env=env,
            capture_output=True,
            text=True,
            check=False,
        )

    @property
    def calls(self) -> str:
        """What was called, in order."""
        return (self.folder / "calls").read_text(encoding="utf-8")


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_the_pinned_uv_is_installed_into_an_environment_of_its_own(machine: Machine) -> None:
    machine.has("python3", MAKES_VENV.format(pip='echo "pip $*" >>"$HOME/calls"'))
    assert machine.set_up().returncode == 0
    assert "pip -m pip install" in machine.calls
    assert "uv==9.9.9" in machine.calls


def test_an_old_python_is_passed_over_for_a_newer_one(machine: Machine) -> None:
    machine.has("python3", OLD_PYTHON)
    machine.has("python3.12", MAKES_VENV.format(pip="exit 0"))
    assert machine.set_up().returncode == 0
    assert "python3.12 -m venv" in machine.calls


def test_without_a_python_that_is_new_enough_it_says_what_to_do(machine: Machine) -> None:
    machine.has("python3", OLD_PYTHON)
    done = machine.set_up()
    assert done.returncode != 0
    assert "no Python 3.11 or newer" in done.stderr


def test_debians_missing_venv_is_installed_where_we_are_root(machine: Machine) -> None:
    machine.has("python3", PYTHON_WITHOUT_VENV + MAKES_VENV.format(pip="exit 0"))
    machine.has("id", "echo 0")
    machine.has("apt-get", 'case "$1" in install) touch "$HOME/venv-installed";; esac')
    assert machine.set_up().returncode == 0
    assert "python3.11-venv" in machine.calls


def test_debians_missing_venv_is_named_where_we_are_not_root(machine: Machine) -> None:
    machine.has("python3", PYTHON_WITHOUT_VENV)
    machine.has("id", "echo 1000")
    machine.has("apt-get")
    done = machine.set_up()
    assert done.returncode != 0
    assert "apt-get install python3.11-venv" in done.stderr
    assert "apt-get install" not in machine.calls


def test_where_uv_cannot_be_installed_one_on_the_path_serves(machine: Machine) -> None:
    machine.has("python3", MAKES_VENV.format(pip="exit 1"))
    machine.has("uv", "echo uv 0.9.0")
    done = machine.set_up()
    assert done.returncode == 0
    assert "from the path instead" in done.stderr
    assert (machine.folder / ".tools" / "bin" / "uv").resolve() == machine.bin / "uv"


def test_where_there_is_no_uv_at_all_it_says_what_to_do(machine: Machine) -> None:
    machine.has("python3", MAKES_VENV.format(pip="exit 1"))
    done = machine.set_up()
    assert done.returncode != 0
    assert "put uv on the path" in done.stderr


def test_the_demos_servers_are_passed_on_and_each_may_be_left_out() -> None:
    def shown(*variables: str) -> str:
        done = subprocess.run(
            ["make", "--dry-run", "--assume-old=.venv/.synced", "demo", *variables],
            cwd=ROOT,
            env={"PATH": os.environ["PATH"]},  # nothing of a make that may be running this
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.splitlines()[-1]

    both = shown("DATABASE=postgresql://db.example/mash", "BROKER=amqp://mq.example/")
    assert both.split()[1:] == [
        "demo",
        "--database",
        '"postgresql://db.example/mash"',
        "--broker",
        '"amqp://mq.example/"',
    ]
    assert shown().split() == [".venv/bin/mash", "demo"]
