"""What a driver throws becomes Unavailable where trying again is right, and stays a bug elsewhere."""

from __future__ import annotations

import sqlite3

import asyncpg
import pytest
from sqlalchemy import exc

from gateway.store.failure import translated
from schemas.errors import Unavailable


class DriverError(Exception):
    def __init__(self, state: str) -> None:
        super().__init__("DETAIL: Key (hash)=(abc) is in the way")
        self.sqlstate = state


def sqlite_error(name: str) -> sqlite3.OperationalError:
    error = sqlite3.OperationalError("words that may name a row")
    error.sqlite_errorname = name
    return error


def wrapped(orig: BaseException, *, lost: bool = False) -> exc.DBAPIError:
    return exc.DBAPIError("SELECT 1", {"hash": "abc"}, orig, hide_parameters=True, connection_invalidated=lost)


RETRY = [
    (wrapped(DriverError("08006")), "store.connection"),
    (wrapped(DriverError("57P01")), "store.connection"),
    (wrapped(DriverError("53300")), "store.connection"),
    (wrapped(DriverError("40001")), "store.busy"),
    (wrapped(DriverError("40P01")), "store.busy"),
    (wrapped(DriverError("55P03")), "store.busy"),
    (wrapped(DriverError("28P01")), "store.sign_in"),
    (wrapped(DriverError(""), lost=True), "store.connection"),
    (wrapped(sqlite_error("SQLITE_BUSY_SNAPSHOT")), "store.busy"),
    (wrapped(sqlite_error("SQLITE_LOCKED")), "store.busy"),
    (wrapped(sqlite_error("SQLITE_IOERR_WRITE")), "store.disk"),
    (wrapped(sqlite_error("SQLITE_FULL")), "store.disk"),
    (asyncpg.CannotConnectNowError("starting"), "store.connection"),
    (asyncpg.InvalidCatalogNameError("no such"), "store.sign_in"),
    (asyncpg.InterfaceError("closed"), "store.connection"),
    (exc.TimeoutError("pool"), "store.busy"),
    (ConnectionRefusedError(), "store.connection"),
    (TimeoutError(), "store.connection"),
]
BUGS = [
    wrapped(DriverError("42P01")),
    wrapped(DriverError("23505")),
    wrapped(DriverError("25006")),
    wrapped(sqlite_error("SQLITE_ERROR")),
    wrapped(sqlite_error("SQLITE_READONLY")),
    asyncpg.UndefinedTableError("no such table"),
    ValueError("a time needs its zone"),
]


@pytest.mark.parametrize("thrown, code", RETRY, ids=[f"{number}-{code}" for number, (_, code) in enumerate(RETRY)])
def test_what_may_pass_by_itself_asks_to_be_tried_again(thrown: Exception, code: str) -> None:
    with pytest.raises(Unavailable) as refused, translated():
        raise thrown
    assert refused.value.code == code
    assert "abc" not in str(refused.value)


@pytest.mark.parametrize("thrown", BUGS, ids=[str(number) for number in range(len(BUGS))])
def test_a_bug_stays_the_exception_that_it_is(thrown: Exception) -> None:
    with pytest.raises(type(thrown)) as raised, translated():
        raise thrown
    assert raised.value is thrown
