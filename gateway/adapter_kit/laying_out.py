"""Laying out an adapter's package in a directory: one that works, and passes every check as it is."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from string import Template

from adapters import registry
from schemas.errors import Conflict, Rejected

_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)*")
_LONGEST = 60
_TEMPLATE = ".in"
_PACKAGE = "package"


def lay_out(name: str, directory: Path) -> list[Path]:
    """Write the package of an adapter called ``name`` into ``directory/name``; the paths of its files.

    Raises:
        Rejected: the name is none that an adapter can have.
        Conflict: the gateway ships an adapter of this name, or something lies there already.
        Unavailable: the directory can't be written.
    """
    parts = name.split(".")
    if len(name) > _LONGEST or not _NAME.fullmatch(name) or any(keyword.iskeyword(part) for part in parts):
        raise Rejected(
            "adapter.name", "write it as acme.notes: small letters, digits, dots, and no word of Python's", at="NAME"
        )
    if name in registry.BUILT_IN:
        raise Conflict("adapter.taken", "an adapter of the gateway has this name; take another", at="NAME")
    target = directory / name
    if target.exists():
        raise Conflict("adapter.exists", "something of this name lies there; nothing was written", at=name)
    bare = name.replace(".", "_")
    words = {
        "name": name,
        "package": f"mash_adapter_{bare}",
        "distribution": f"mash-adapter-{bare.replace('_', '-')}",
    }
    return [_write(target, parts, source, words) for parts, source in _sources(files(__package__) / "template")]


def _sources(folder: Traversable, within: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Traversable]]:
    for each in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if each.is_dir():
            yield from _sources(each, (*within, each.name))
        elif not each.name.endswith(".pyc"):
            yield (*within, each.name), each


def _write(target: Path, parts: tuple[str, ...], source: Traversable, words: dict[str, str]) -> Path:
    folders = [words["package"] if part == _PACKAGE else part for part in parts[:-1]]
    path = target.joinpath(*folders, parts[-1].removesuffix(_TEMPLATE))
    text = source.read_text(encoding="utf-8")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(Template(text).substitute(words) if source.name.endswith(_TEMPLATE) else text, encoding="utf-8")
    return path
