"""A private PostgreSQL from installed binaries: its own data, port and password, fit to be killed and started again."""

from __future__ import annotations

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.services import probe
from tests.services.process import Process, ServiceFailed, free_port

DEBIAN_BINARIES = "/usr/lib/postgresql"
OTHER_BINARIES = ("/opt/homebrew/bin", "/usr/local/pgsql/bin", "/usr/pgsql/bin")
NEEDED = ("postgres", "initdb")
UNPRIVILEGED = ("postgres", "nobody")


def binaries() -> Path | None:
    """Return the folder that holds the newest installed server and its initdb, or nothing."""
    versions = sorted(Path(DEBIAN_BINARIES).glob("*/bin"), key=lambda found: int(found.parent.name), reverse=True)
    on_path = shutil.which("initdb")
    folders = [*versions, *([Path(on_path).parent] if on_path else []), *map(Path, OTHER_BINARIES)]
    return next((folder for folder in folders if all((folder / name).exists() for name in NEEDED)), None)


def account() -> tuple[int, int] | None:
    """Return the user and group to run as, where we are root: PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return None
    for name in UNPRIVILEGED:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return entry.pw_uid, entry.pw_gid
    raise ServiceFailed(f"root may not run PostgreSQL and none of the users {', '.join(UNPRIVILEGED)} exists")


@dataclass(frozen=True, kw_only=True)
class PrivatePostgres:
    """One PostgreSQL server of the tests' own."""

    url: str
    folder: Path
    process: Process

    def start(self) -> int:
        """Start it, again after a kill or a stop; return its warden's process id."""
        return self.process.start()

    def kill(self) -> None:
        """End it at once. What it has committed must survive."""
        self.process.kill()

    def stop(self) -> None:
        """Shut it down in order; it may be started again."""
        self.process.stop()

    def close(self) -> None:
        """Stop it and remove all it wrote."""
        self.process.stop()
        shutil.rmtree(self.folder, ignore_errors=True)


def private_postgres(*, owner: int) -> PrivatePostgres:
    """Prepare a server with a fresh data folder on a free loopback port; call ``start`` next.

    Raises:
        ServiceFailed: no binaries, no user to run it as, or initdb refused.
    """
    found = binaries()
    if found is None:
        raise ServiceFailed("no PostgreSQL server is installed")
    who = account()
    folder = Path(tempfile.mkdtemp(prefix="mash-postgres-"))
    password = secrets.token_urlsafe(16)
    password_file = folder / "password"
    password_file.write_text(password, encoding="ascii")
    if who is not None:
        os.chown(folder, *who)
        os.chown(password_file, *who)
    data = folder / "data"
    env = {"PATH": f"{found}:/usr/bin:/bin", "HOME": str(folder), "LC_ALL": "C.UTF-8", "TZ": "UTC"}
    user, group = who or (None, None)
    made = subprocess.run(
        [
            str(found / "initdb"),
            f"--pgdata={data}",
            "--username=postgres",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
            "--no-sync",
        ],
        env=env,
        user=user,
        group=group,
        extra_groups=None if who is None else [],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    password_file.unlink()
    if made.returncode != 0:
        shutil.rmtree(folder, ignore_errors=True)
        raise ServiceFailed(f"initdb refused: {made.stderr.strip()[-500:]}")
    port = free_port()
    url = f"postgresql://postgres:{password}@127.0.0.1:{port}/postgres"
    # A killed process loses nothing that reached the kernel, so the tests spare themselves the disk's own flush.
    settings = {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": "",
        "fsync": "off",
        "max_connections": "100",
    }
    command = [str(found / "postgres"), "-D", str(data)]
    for name, value in settings.items():
        command += ["-c", f"{name}={value}"]
    process = Process(
        name="postgres",
        folder=folder,
        owner=owner,
        command=command,
        env=env,
        ready=lambda: probe.listens(port) and not probe.postgres_trouble(url),
        stop_signal=signal.SIGINT,
        user=user,
        group=group,
        remove=folder,
    )
    return PrivatePostgres(url=url, folder=folder, process=process)
