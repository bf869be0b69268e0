"""What a campaign starts from: an adapter's own samples, and the public samples that its routes name."""

from __future__ import annotations

from tests.corpus.routing import CORPUS, files, load, route
from tests.fixtures.regenerate import natives

_LARGEST = 16 * 1024


def sources(name: str) -> list[bytes]:
    """The bytes of each, small enough to be read a hundred thousand times."""
    found = [path.read_bytes() for path in natives(name)]
    routes = load()
    for path in files(CORPUS) if CORPUS.is_dir() else ():
        taken = route(routes, path.relative_to(CORPUS).as_posix())
        if taken is not None and taken.adapter == name and path.stat().st_size <= _LARGEST:
            found.append(path.read_bytes())
    return found
