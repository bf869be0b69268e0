"""Whole copies of the database: SQLite by its online backup, PostgreSQL by its own programs.

A backup holds what the database holds: sealed bytes, keyed hashes, ids and times. The master key is not in it.
"""

from __future__ import annotations

import shutil
import sqlite3
import subprocess
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from gateway.whole_file import whole_file
from schemas.errors import Conflict, Rejected, Unavailable

_PAGES = 2_000
_BUSY_SECONDS = 10
_ARCHIVE = b"PGDMP"
_DEBIAN = Path("/usr/lib/postgresql")


def backup(url: str, target: Path, environ: Mapping[str, str]) -> None:
    """Write a consistent copy of the database to a new file that only its owner may read, whole or not at all.

    ``environ`` is what PostgreSQL's programs are started with.

    Raises:
        Conflict: the file is there already.
        Rejected: no such database, or the folder can't be written to.
        Unavailable: the database is not there, or PostgreSQL's programs are not installed.
    """
    database = _parse(url)
    if target.exists():
        raise Conflict("backup.exists", "choose a new name for each backup", at="FILE")
    with whole_file(target) as file:
        part = Path(file.name)
        if database.get_backend_name() == "sqlite":
            _copy_sqlite(_sqlite_file(database), part)
            with closing(sqlite3.connect(part)) as copy:
                copy.execute("PRAGMA journal_mode = DELETE")  # one file, without a log beside it
            _check_sqlite(part)
        else:
            _run("pg_dump", database, environ, "--format=custom", "--no-owner", "--no-privileges", f"--file={part}")


def restore(url: str, source: Path, environ: Mapping[str, str], *, replace: bool = False) -> None:
    """Put a backup in the place of the database, whole or not at all; with ``replace``, over what it holds.

    Raises:
        Conflict: the database holds something and ``replace`` was not said.
        Rejected: the file is no backup of a database of this kind.
        Unavailable: the database is in use or not there, or PostgreSQL's programs are not installed.
    """
    database = _parse(url)
    if not source.is_file():
        raise Rejected("backup.file", "there is no such file", at="FILE")
    if database.get_backend_name() == "sqlite":
        _check_sqlite(source)
        target = Path(database.database or "")
        if target.exists() and target.stat().st_size and not replace:
            raise Conflict("restore.not_empty", "the database holds something: say --replace to lose it")
        _copy_sqlite(source, target)
        return
    with source.open("rb") as file:
        if file.read(len(_ARCHIVE)) != _ARCHIVE:
            raise Rejected("backup.damaged", "this is no backup of PostgreSQL", at="FILE")
    clean = ["--clean", "--if-exists"] if replace else []
    _run("pg_restore", database, environ, "--no-owner", "--exit-on-error", "--single-transaction", *clean, str(source))


def _parse(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise Rejected("store.url", "sqlite:///path or postgresql://...", at="MASH_DATABASE_URL") from None
    if parsed.get_backend_name() not in {"sqlite", "postgresql"}:
        raise Rejected("store.url", "sqlite:///path or postgresql://...", at="MASH_DATABASE_URL")
    return parsed


def _sqlite_file(database: URL) -> Path:
    path = Path(database.database or "")
    if not path.is_file():
        raise Rejected("store.file", "there is no such database", at="MASH_DATABASE_URL")
    return path


def _copy_sqlite(source: Path, target: Path) -> None:
    # The online backup reads beside writers, begins again where one came between, and ends as one transaction.
    try:
        with (
            closing(sqlite3.connect(source, timeout=_BUSY_SECONDS)) as reading,
            closing(sqlite3.connect(target, timeout=_BUSY_SECONDS)) as writing,
        ):
            reading.backup(writing, pages=_PAGES)
    except sqlite3.OperationalError:
        raise Unavailable("store.busy", "the database is in use: stop the gateway, or try again") from None
    except sqlite3.DatabaseError:
        raise Rejected("backup.file", "this is no database of SQLite", at="FILE") from None


def _check_sqlite(path: Path) -> None:
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as reading:
            sound = reading.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            found = reading.execute("SELECT count(*) FROM sqlite_master WHERE name = 'alembic_version'").fetchone()
    except sqlite3.DatabaseError:
        sound, found = False, None
    if not sound or found != (1,):
        raise Rejected("backup.damaged", "this is no sound database of a gateway", at="FILE")


def _run(program: str, database: URL, environ: Mapping[str, str], *arguments: str) -> None:
    # The password goes by the environment: arguments can be seen by everybody on the machine.
    environment = {**environ, "LC_ALL": "C"}
    if database.password:
        environment["PGPASSWORD"] = str(database.password)
    where = {"--host": database.host, "--port": database.port, "--username": database.username}
    named = [f"{option}={value}" for option, value in where.items() if value]
    command = [_find(program, environ), *named, "--no-password", f"--dbname={database.database}", *arguments]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own command, without a shell
    if done.returncode == 0:
        return
    if "already exists" in done.stderr:
        raise Conflict("restore.not_empty", "the database holds something: say --replace to lose it")
    if "input file" in done.stderr or "archive" in done.stderr:
        raise Rejected("backup.damaged", "this is no whole backup of PostgreSQL", at="FILE")
    if "server version mismatch" in done.stderr:
        raise Unavailable("backup.version", f"install the {program} of the server's version of PostgreSQL")
    raise Unavailable(
        "backup.failed", f"{program} ended with {done.returncode}: is the database there? May you sign in?"
    )


def _find(program: str, environ: Mapping[str, str]) -> str:
    newest = sorted(_DEBIAN.glob(f"*/bin/{program}"), key=lambda path: _version(path.parts[-3]), reverse=True)
    found = str(newest[0]) if newest else shutil.which(program, path=environ.get("PATH"))
    if found is None:
        raise Unavailable("backup.program", f"{program} is not installed: install PostgreSQL's client programs")
    return found


def _version(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0.0
