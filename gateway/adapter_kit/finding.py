"""Finding an adapter by what somebody calls it: its name, the directory that holds it, or ``module:attribute``."""

from __future__ import annotations

import sys
import tomllib
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path, PurePath

from adapters import registry
from adapters.kit.quality import Quality, parse
from adapters.port import Adapter
from schemas.errors import MashError, Rejected

SUFFIX = ".quality.toml"
_PROJECT = "pyproject.toml"
_FURTHEST = 6


@dataclass(frozen=True, kw_only=True)
class Found:
    """An adapter and where it came from: ``module`` is its file, ``root`` the project that the file lies in, if any."""

    adapter: Adapter
    origin: str
    module: Path | None
    root: Path | None

    @property
    def quality_file(self) -> Path | None:
        """Where its quality file is to be: beside its module, under the module's own name."""
        return self.module.with_suffix(SUFFIX) if self.module is not None else None

    def quality(self) -> Quality | None:
        """What its quality file says, or None where it has none.

        Raises:
            Rejected: the file is there and can't be read.
        """
        path = self.quality_file
        if path is None or not path.is_file():
            return None
        try:
            return parse(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise Rejected("quality.unreadable", "save it as UTF-8", at=path.name) from error


def find(name: str, directory: Path) -> Found:
    """The adapter that is meant by ``name``; a project in ``directory`` goes before what is installed under its name.

    Raises:
        Unknown: there is none.
        Rejected: it is there and can't be loaded; the detail says what happened, and where.
    """
    if name in registry.BUILT_IN:
        return _found(registry.get(name), "comes with the gateway")
    if ":" in name:
        return _found(_load(name, directory), f"{name}, from the path")
    project = directory / name
    if (project / _PROJECT).is_file():
        return _found(_from_project(project, name), f"the directory {name}, not what may be installed")
    return _found(registry.get(name), "installed")


def _from_project(project: Path, name: str) -> Adapter:
    try:
        table = tomllib.loads((project / _PROJECT).read_text(encoding="utf-8"))
        entries: dict[str, str] = table["project"]["entry-points"][registry.GROUP]
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, KeyError, TypeError) as error:
        detail = f'give it a table [project.entry-points."{registry.GROUP}"]'
        raise Rejected("adapter.project", detail, at=_PROJECT) from error
    wanted = PurePath(name).name
    if wanted not in entries and len(entries) != 1:
        raise Rejected("adapter.project", "name one of its entry points as module:attribute", at=_PROJECT)
    return _load(str(entries.get(wanted) or next(iter(entries.values()))), project)


def _load(place: str, directory: Path) -> Adapter:
    """The object at ``module:attribute``, imported from ``directory`` first."""
    module, _, attribute = place.partition(":")
    for start in (directory.resolve() / "src", directory.resolve()):
        if start.is_dir() and str(start) not in sys.path:
            sys.path.insert(0, str(start))
    try:
        adapter: Adapter = getattr(import_module(module), attribute)
    except MashError:
        raise
    except Exception as error:
        raise Rejected("adapter.broken", f"mend its import: {_said(error)}", at=place) from error
    return adapter


def _said(error: BaseException) -> str:
    """The kind of error and the line of the adapter's own code where it came from."""
    trace, place = error.__traceback__, ""
    while trace is not None:
        name = trace.tb_frame.f_code.co_filename
        if not name.startswith("<") and "importlib" not in name:
            place = f" in {PurePath(name).name}, line {trace.tb_lineno}"
        trace = trace.tb_next
    return f"{type(error).__name__}{place}"


def _found(adapter: Adapter, origin: str) -> Found:
    module = sys.modules.get(type(adapter).__module__)
    file = getattr(module, "__file__", None)
    path = Path(file).resolve() if file else None
    root = next((each for each in path.parents[:_FURTHEST] if (each / _PROJECT).is_file()), None) if path else None
    return Found(adapter=adapter, origin=origin, module=path, root=root)
