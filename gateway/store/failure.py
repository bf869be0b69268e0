"""What a database driver can throw, turned into the one reaction that it asks for: try again later.

Anything else (a broken constraint, a missing table, a wrong statement) is a bug and stays the plain exception it is.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
from sqlalchemy import exc

from schemas.errors import Unavailable

# Source: PostgreSQL, appendix A, error codes: the class is the first two characters.
_LOST_CLASSES = frozenset({"08", "53", "57", "58"})  # connection, resources, operator's intervention, system
_COLLISION_CLASSES = frozenset({"40"})  # serialization failure, deadlock
_SIGN_IN_CLASSES = frozenset({"28", "3D"})  # wrong user or password, no such database
_LOCK_NOT_AVAILABLE = "55P03"
# Source: SQLite, result and error codes: the primary name is what extended names begin with.
_BUSY_NAMES = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_PROTOCOL")
_DISK_NAMES = ("SQLITE_IOERR", "SQLITE_FULL", "SQLITE_CANTOPEN", "SQLITE_NOMEM")


@contextmanager
def translated() -> Iterator[None]:
    """Let what runs inside fail as ``Unavailable`` where trying again later is the right answer.

    Raises:
        Unavailable: ``store.connection``, ``store.busy``, ``store.disk``, ``store.sign_in``.
    """
    try:
        yield
    except exc.DBAPIError as error:
        reaction = _reaction(error.orig)
        if reaction is None and error.connection_invalidated:
            reaction = _lost()
        if reaction is None:
            raise
        raise reaction from error
    except (asyncpg.PostgresError, sqlite3.Error) as error:
        # Connecting fails before SQLAlchemy wraps what the driver throws, and a hot path goes around SQLAlchemy.
        reaction = _reaction(error)
        if reaction is None:
            raise
        raise reaction from error
    except exc.TimeoutError as error:
        raise Unavailable("store.busy", "no connection to the database came free in time; try again") from error
    except (OSError, asyncpg.InterfaceError) as error:
        raise _lost() from error


def _lost() -> Unavailable:
    return Unavailable("store.connection", "the database can't be reached; nothing was done; try again")


def _reaction(error: BaseException | None) -> Unavailable | None:
    if isinstance(error, sqlite3.Error):
        return _sqlite_reaction(getattr(error, "sqlite_errorname", None) or "")
    return _postgres_reaction(getattr(error, "sqlstate", None) or "")


def _sqlite_reaction(name: str) -> Unavailable | None:
    if name.startswith(_BUSY_NAMES):
        return Unavailable("store.busy", "another process is writing; nothing was done; try again")
    if name.startswith(_DISK_NAMES):
        return Unavailable("store.disk", "the database file can't be read or written; see to the disk, then try again")
    return None


def _postgres_reaction(state: str) -> Unavailable | None:
    if state[:2] in _LOST_CLASSES:
        return _lost()
    if state[:2] in _COLLISION_CLASSES or state == _LOCK_NOT_AVAILABLE:
        return Unavailable("store.busy", "other work was in the way; nothing was done; try again")
    if state[:2] in _SIGN_IN_CLASSES:
        return Unavailable("store.sign_in", "the database refused the sign-in; see to its URL", at="MASH_DATABASE_URL")
    return None
