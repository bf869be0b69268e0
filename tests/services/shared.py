"""One server of each kind for a whole run, however many workers it has.

The first worker that needs it resolves it while the others wait; the run itself ends it, after its last worker.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.services.process import ServiceFailed
from tests.services.resolve import Kind, Server, resolve


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold a lock among processes."""
    with path.open("a", encoding="ascii") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


@dataclass(frozen=True)
class SharedServers:
    """What a run shares: a folder with one record per server, and the process that owns them all."""

    folder: Path
    owner: int

    @classmethod
    def of_this_run(cls) -> SharedServers:
        """Make the folder; the calling process becomes the owner."""
        return cls(folder=Path(tempfile.mkdtemp(prefix="mash-run-")), owner=os.getpid())

    def server(self, kind: Kind, environment: Mapping[str, str]) -> Server:
        """Return the run's server of this kind; the first caller finds or starts it.

        Raises:
            ServiceFailed: none serves. Later callers get the same answer at once.
        """
        record = self.folder / f"{kind.service}.json"
        with locked(self.folder / f"{kind.service}.lock"):
            if not record.exists():
                try:
                    found = asdict(resolve(kind, environment=environment, owner=self.owner))
                except ServiceFailed as error:
                    found = {"failed": str(error)}
                record.write_text(json.dumps(found), encoding="utf-8")
            known = json.loads(record.read_text(encoding="utf-8"))
        if "failed" in known:
            raise ServiceFailed(known["failed"])
        return read(known)

    def found(self, *kinds: Kind) -> list[Server]:
        """Return the servers that the run has used so far: of these kinds, or all."""
        wanted = {kind.service for kind in kinds}
        paths = [path for path in sorted(self.folder.glob("*.json")) if not wanted or path.stem in wanted]
        records = [json.loads(path.read_text(encoding="utf-8")) for path in paths]
        return [read(known) for known in records if "failed" not in known]

    def end(self) -> None:
        """End every server that the run started, and forget the rest."""
        for server in self.found():
            server.end()
            if server.folder:
                shutil.rmtree(server.folder, ignore_errors=True)
        shutil.rmtree(self.folder, ignore_errors=True)


def read(known: Mapping[str, object]) -> Server:
    """Return the server of a record."""
    wardens = known["wardens"]
    if not isinstance(wardens, list):
        raise TypeError("wardens")
    return Server(
        url=str(known["url"]),
        how=str(known["how"]),
        wardens=tuple(int(pid) for pid in wardens),
        project=str(known["project"]),
        folder=str(known["folder"]),
    )
