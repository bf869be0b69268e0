"""The house's own rules, where no linter knows them."""

from __future__ import annotations

import ast
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
PACKAGES = ("schemas", "crypto", "adapters", "routing", "gateway", "sandbox")
PURE = ("schemas", "crypto", "adapters", "routing")
LONGEST = 400
VAGUE = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc"}
CLOCKS = {"now", "utcnow", "today"}
WAYS_IN = {"open", "input", "print"}
FILE_CALLS = {"read_text", "write_text", "read_bytes", "write_bytes", "mkdir", "unlink", "iterdir", "glob"}
ENVIRONMENT = {"environ", "getenv"}


def sources(*folders: str) -> list[Path]:
    """Return every Python file below these folders of the project."""
    return sorted(path for folder in folders for path in (ROOT / folder).rglob("*.py"))


def nodes(path: Path) -> Iterator[ast.AST]:
    """Walk the syntax tree of one file."""
    return ast.walk(ast.parse(path.read_text(encoding="utf-8"), filename=str(path)))


def imported(path: Path) -> set[str]:
    """Return the top-level names that one file imports."""
    names = set()
    for node in nodes(path):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.partition(".")[0])
    return names


def called(path: Path) -> Iterator[tuple[str, str, int]]:
    """Return every call in one file: what it is called on (as far as it is a name), its own name, its line."""
    for node in nodes(path):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Attribute):
            yield ast.unparse(node.func.value), node.func.attr, node.lineno
        elif isinstance(node.func, ast.Name):
            yield "", node.func.id, node.lineno


def place(path: Path, line: int) -> str:
    """Return a place as an editor opens it."""
    return f"{path.relative_to(ROOT)}:{line}"


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_has_code_to_check(package: str) -> None:
    assert sources(package)


def test_python_jose_and_cryptography_are_imported_in_crypto_alone() -> None:
    found = [
        str(path.relative_to(ROOT))
        for path in sources(*PACKAGES)
        if imported(path) & {"jose", "cryptography"} and path.relative_to(ROOT).parts[0] not in {"crypto", "sandbox"}
    ]
    assert not found
    assert not [path for path in sources("sandbox") if "jose" in imported(path)]


def test_the_sandbox_imports_nothing_of_ours() -> None:
    others = set(PACKAGES) - {"sandbox"}
    assert not [str(path.relative_to(ROOT)) for path in sources("sandbox") if imported(path) & others]


def test_the_pure_core_reads_no_clock_and_no_file() -> None:
    found = [
        place(path, line)
        for path in sources(*PURE)
        for on, name, line in called(path)
        if (name in CLOCKS and on in {"datetime", "date", "datetime.datetime", "datetime.date"})
        or (not on and name in WAYS_IN)
        or (name in FILE_CALLS and "files(" not in on and "resources" not in on)
    ]
    assert not found


def test_nothing_is_printed() -> None:
    assert not [
        place(path, line)
        for path in sources(*PACKAGES)
        for on, name, line in called(path)
        if (on, name) == ("", "print")
    ]


def test_the_environment_is_handed_over_by_the_commands_and_read_nowhere_else_in_the_gateway() -> None:
    assert not [
        place(path, node.lineno)
        for path in sources("gateway")
        if "cli" not in path.relative_to(ROOT).parts
        for node in nodes(path)
        if isinstance(node, ast.Attribute) and node.attr in ENVIRONMENT and ast.unparse(node.value) == "os"
    ]


# What a court runs is one file by purpose, with the words that it tells the story in.
LONGER = {"gateway/log/custody_verifier.py": 500}


def test_every_file_fits_a_few_screens() -> None:
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for path in sources(*PACKAGES, "tests", "benchmarks")
        if path.parent.name != "versions"  # a migration is one step, frozen once it has run
    }
    assert not {name: length for name, length in lengths.items() if length > LONGER.get(name, LONGEST)}


def test_no_file_has_a_vague_name() -> None:
    assert not [
        str(path.relative_to(ROOT))
        for path in sources(*PACKAGES, "tests", "benchmarks")
        if VAGUE & set(path.relative_to(ROOT).with_suffix("").parts)
    ]


def test_no_test_is_skipped_or_expected_to_fail_but_those_that_need_files_from_outside() -> None:
    found = [
        place(path, line)
        for path in sources("tests")
        for on, name, line in called(path)
        if name in {"skip", "xfail", "skipif", "importorskip"}
        and on in {"pytest", "pytest.mark"}
        and not {"vectors", "corpus"} & set(path.relative_to(ROOT).with_suffix("").parts)
    ]
    assert not found


@pytest.mark.parametrize(
    "package,line,contract",
    [
        ("schemas", "import crypto", "A lower layer never imports a higher one, nor a neighbour"),
        ("routing", "import adapters", "A lower layer never imports a higher one, nor a neighbour"),
        ("gateway", "import sandbox", "A lower layer never imports a higher one, nor a neighbour"),
        ("sandbox", "import schemas", "The sandbox knows the hub from outside only"),
        ("gateway", "import jose", "python-jose and cryptography are touched in crypto alone"),
        ("crypto", "import joserfc", "joserfc belongs to the sandbox, so that it stays an independent party"),
        ("gateway", "import hl7", "python-hl7 stays behind its adapter"),
        ("adapters", "import hl7", "python-hl7 stays behind its adapter"),
        ("routing", "import asyncio", "The core does no input or output, reads no clock and draws no randomness"),
    ],
)
def test_each_import_contract_breaks_when_it_is_broken(package: str, line: str, contract: str, tmp_path: Path) -> None:
    for name in PACKAGES:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(line if name == package else "", encoding="utf-8")
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    # The copy must come before the project on the path, and sees the installed libraries.
    program = (
        "import sys; sys.path.insert(0, '.'); from importlinter.cli import lint_imports_command; lint_imports_command()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, "--no-logo", "--no-cache"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    broken = [row.removesuffix(" BROKEN") for row in done.stdout.splitlines() if row.endswith(" BROKEN")]
    assert contract in broken
    assert done.returncode != 0


@pytest.mark.parametrize(
    "path",
    ["docker-compose.yml", ".pre-commit-config.yaml", "tests/services/compose.yml"],
    ids=lambda path: Path(path).name,
)
def test_every_yaml_file_parses(path: str) -> None:
    assert isinstance(yaml.safe_load((ROOT / path).read_text(encoding="utf-8")), dict)
