"""A record's fields are its table's columns."""

from __future__ import annotations

import pytest

from gateway.store import work
from gateway.store.records import PersonRecord
from gateway.store.repositories import (
    agencies,
    alarms,
    alerts,
    disclosures,
    envelopes,
    keys,
    log,
    mailbox,
    messages,
    outbox,
    persons,
    products,
    referrals,
    refusals,
    releases,
    requests,
    scopes,
)
from gateway.store.shape import Shape
from gateway.store.tables.persons import persons as table
from tests.ports.store import samples

MODULES = [
    agencies, alarms, alerts, disclosures, envelopes, keys, log, mailbox, messages, outbox, persons, products,
    referrals, refusals, releases, requests, scopes, work,
]  # fmt: skip
SHAPES = {
    f"{module.__name__.rpartition('.')[2]}.{name}": shape
    for module in MODULES
    for name, shape in vars(module).items()
    if isinstance(shape, Shape)
}


OUTLINES = {"messages.OUTLINES"}
"""Records that are only read, and leave the bytes of a message where they are."""


@pytest.mark.parametrize("name", sorted(SHAPES.keys() - OUTLINES))
def test_a_record_has_a_field_for_every_column_and_no_other(name: str) -> None:
    shape = SHAPES[name]
    assert sorted(shape.names) == sorted(column.name for column in shape.table.columns)


@pytest.mark.parametrize("name", sorted(OUTLINES))
def test_an_outline_leaves_out_what_is_sealed(name: str) -> None:
    shape = SHAPES[name]
    assert set(shape.names) < {column.name for column in shape.table.columns}
    assert not [column for column in shape.names if "sealed" in column]


def test_a_record_and_its_row_become_one_another() -> None:
    shape = Shape(table, PersonRecord)
    person = samples.person("per_1")
    row = shape.values(person)
    assert row["id"] == "per_1"
    assert shape.record([row[name] for name in shape.names]) == person


def test_a_row_of_another_length_is_no_record() -> None:
    with pytest.raises(ValueError, match="zip"):
        Shape(table, PersonRecord).record(["per_1"])
