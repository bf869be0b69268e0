"""The one metadata, and the ways a table refers to another."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, ForeignKey, MetaData, String, text

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    },
)


def of(name: str, target: str, *, nullable: bool = False, primary_key: bool = False) -> Column[Any]:
    """Make a column that refers to ``target`` (``table.column``).

    It is checked at commit, so that the order of writes within one work is the caller's.
    """
    reference = ForeignKey(target, deferrable=True, initially="DEFERRED")
    return Column(name, String, reference, nullable=nullable, primary_key=primary_key)


def where(condition: str) -> dict[str, Any]:
    """The condition of a partial index, as both databases are told it."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}
