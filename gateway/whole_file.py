"""A file that appears whole or not at all, and that only its owner may read."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from schemas.errors import Rejected


@contextmanager
def whole_file(target: Path) -> Iterator[IO[bytes]]:
    """A file to write to, under a name of its own beside the target (``name``), whose place it takes at the end.

    Where the block fails nothing is left of it.

    Raises:
        Rejected: the folder is not there or can't be written to.
    """
    try:
        file = tempfile.NamedTemporaryFile(dir=target.parent, prefix=".part-", delete=False)  # noqa: SIM115 - closed by the caller
    except OSError:
        raise Rejected("file.folder", "the folder is not there or can't be written to", at="FILE") from None
    part = Path(file.name)
    try:
        with file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
