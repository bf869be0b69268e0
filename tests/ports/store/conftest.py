"""The store on both databases: every test that takes ``store`` runs twice."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import create_async_engine

from gateway.store import Store
from gateway.store.tables import metadata

BOTH = [pytest.param("sqlite", marks=pytest.mark.sqlite), pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture
async def store(database_url: str) -> AsyncIterator[Store]:
    store = Store.open(database_url)
    await store.upgrade()
    if store.dialect == "postgresql":
        await empty(database_url)
    yield store
    await store.close()


@pytest.fixture
async def another_store(store: Store, database_url: str) -> AsyncIterator[Store]:
    """The same database, as a second process would open it."""
    assert store.dialect in database_url
    another = Store.open(database_url)
    yield another
    await another.close()


@pytest.fixture
async def postgres_store(postgres_url: str) -> AsyncIterator[Store]:
    store = Store.open(postgres_url)
    await store.upgrade()
    await empty(postgres_url)
    yield store
    await store.close()


@pytest.fixture
async def bare_postgres_url(postgres_url: str) -> str:
    """The worker's database without any table."""
    engine = create_async_engine(postgres_url)
    async with engine.begin() as connection:
        await connection.execute(text("DROP SCHEMA public CASCADE"))
        await connection.execute(text("CREATE SCHEMA public"))
    await engine.dispose()
    return postgres_url


async def empty(url: str) -> None:
    engine = create_async_engine(url)
    async with engine.begin() as connection:
        await connection.execute(text(f"TRUNCATE {', '.join(metadata.tables)} CASCADE"))
    await engine.dispose()
