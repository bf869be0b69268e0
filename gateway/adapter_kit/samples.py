"""The samples that an adapter is checked on: files that somebody names, else those that its quality file names."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from adapters.kit import Sample
from adapters.kit.quality import Quality
from gateway.adapter_kit.finding import Found
from schemas.errors import Conflict, Rejected

GOLDEN = ".canonical.json"
"""What a golden file's name adds to its native file's."""


def of(found: Found, quality: Quality | None, files: Sequence[Path] = ()) -> list[Sample]:
    """Each native file with its golden file, where one lies beside it.

    Raises:
        Rejected: there are none, or one can't be read.
    """
    paths = list(files) or natives(found, quality)
    if not paths:
        raise Rejected(
            "samples.none", "name native files, or a folder of them as samples in the quality file", at="FILES"
        )
    return [_sample(path, quality.syntax if quality else "") for path in paths]


def natives(found: Found, quality: Quality | None) -> list[Path]:
    """The adapter's own native files, in order."""
    if found.root is None or quality is None or not quality.samples:
        return []
    folder = found.root / quality.samples
    listed = sorted(folder.iterdir()) if folder.is_dir() else []
    return [path for path in listed if path.is_file() and not path.name.endswith(GOLDEN)]


def golden(native: Path) -> Path:
    """The golden file of ``native``."""
    return native.with_name(f"{native.name}{GOLDEN}")


def agree(found: Found, native: Path, *, replace: bool) -> Path:
    """Write what the adapter makes of ``native`` now into its golden file, for a person to read.

    Raises:
        Conflict: it has one, and ``replace`` is not set.
        Rejected, TooLarge: the file can't be read, or the adapter does not accept it.
    """
    path = golden(native)
    if path.exists() and not replace:
        raise Conflict("samples.agreed", "read the difference first; --replace writes it anew", at=path.name)
    sample = _sample(native, "")
    reading = found.adapter.read(sample.payload, sample.context)
    text = json.dumps(reading.model_dump(mode="json"), indent=2, ensure_ascii=False)
    path.write_text(f"{text}\n", encoding="utf-8")
    return path


def _sample(path: Path, syntax: str) -> Sample:
    beside = golden(path)
    try:
        agreed = beside.read_text(encoding="utf-8") if beside.is_file() else ""
        return Sample(name=path.name, payload=path.read_bytes(), golden=agreed, syntax=syntax)
    except (OSError, UnicodeDecodeError) as error:
        raise Rejected("samples.unreadable", "name files that exist and may be read", at=path.name) from error
