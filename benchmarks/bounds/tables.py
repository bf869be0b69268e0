"""The rows that an intake leaves: the columns that the gateway fills, without indexes for other purposes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

_SQLITE_TYPES = {"text": "TEXT", "bytea": "BLOB", "bigint": "INTEGER", "boolean": "INTEGER", "timestamptz": "TEXT"}


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table: its columns by name with their types in PostgreSQL's words; the first ``key`` columns are its key."""

    name: str
    columns: Mapping[str, str]
    key: int = 1
    unique: tuple[str, ...] = ()

    def create(self, *, sqlite: bool) -> str:
        """The statement that makes it."""
        parts = [f'"{name}" {_SQLITE_TYPES[kind] if sqlite else kind}' for name, kind in self.columns.items()]
        parts.append(f"PRIMARY KEY ({_listed(list(self.columns)[: self.key])})")
        if self.unique:
            parts.append(f"UNIQUE ({_listed(self.unique)})")
        return f"CREATE TABLE {self.name} ({', '.join(parts)})"

    def insert_each(self) -> str:
        """For SQLite: one row at a time, by ``executemany``."""
        holes = ", ".join("?" * len(self.columns))
        return f"INSERT INTO {self.name} VALUES ({holes})"  # noqa: S608 - names of ours alone

    def insert_all(self, first: int) -> str:
        """For PostgreSQL: an array for each column, the arguments numbered from ``first``."""
        arrays = ", ".join(f"${place}::{kind}[]" for place, kind in enumerate(self.columns.values(), start=first))
        return f"INSERT INTO {self.name} SELECT * FROM unnest({arrays})"  # noqa: S608 - names of ours alone


def _listed(names: list[str] | tuple[str, ...]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _table(name: str, columns: str, *, key: int = 1, unique: tuple[str, ...] = ()) -> Table:
    pairs = (column.strip().split(" ") for column in columns.split(","))
    return Table(name=name, columns={column: kind for column, kind in pairs}, key=key, unique=unique)  # noqa: C416 - pairs of two


INTAKE = {
    table.name: table
    for table in (
        _table("scopes", "id text, kek_version bigint, wrapped bytea, created_at timestamptz"),
        _table(
            "messages",
            "id text, feed text, agency text, adapter text, native_hash text, digest text, fate text,"
            "received_at timestamptz, scope text, sealed bytea, answer_status bigint, answer_media_type text,"
            "answer_sealed bytea",
            unique=("feed", "native_hash"),
        ),
        _table("persons", "id text, scope text, sealed bytea, created_at timestamptz, updated_at timestamptz"),
        _table("person_terms", "hash text, person_id text, kind text", key=3),
        _table(
            "referrals",
            "id text, state text, received_at timestamptz, feedback_due_at timestamptz, scope text,"
            "child_unidentified boolean, version bigint",
        ),
        _table(
            "referral_persons",
            "referral_id text, person_id text, part text, ref text, added_at timestamptz, added_by text",
            key=2,
        ),
        _table(
            "items",
            "id text, message_id text, position bigint, kind text, end_state text, referral_id text, sealed bytea,"
            "event_at timestamptz",
        ),
        _table("item_persons", "item_id text, person_id text", key=2),
        _table(
            "log_entries",
            "id text, event text, at timestamptz, actor text, referral_id text, subject text, entry bytea,"
            "salt bytea, commitment bytea, position bigint",
        ),
        _table("log_nodes", "level bigint, index bigint, hash bytea", key=2),
        _table("notices", "id text, message_id text, created_at timestamptz"),
        _table("seen", "kind text, value_hash text, expires_at timestamptz", key=2),
    )
}
