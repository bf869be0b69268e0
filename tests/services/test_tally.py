"""The closing line counts what ran, and shows what did not."""

from __future__ import annotations

from typing import Literal

import pytest

from tests.services import tally


def report(when: Literal["setup", "call", "teardown"], *parts: str) -> pytest.TestReport:
    """Return one phase's report of a test that used these parts."""
    properties = [(tally.PROPERTY, part) for part in parts]
    return pytest.TestReport("a", ("a", 0, "a"), {}, "passed", None, when, user_properties=properties)


def test_a_test_is_counted_once_for_each_part_that_it_ran_against() -> None:
    reports = [report(when, "postgres", "rabbitmq") for when in ("setup", "call", "teardown")] + [
        report("call", "sqlite")
    ]
    assert tally.count(reports) == {"postgres": 1, "rabbitmq": 1, "sqlite": 1}


def test_a_test_that_never_got_to_its_call_is_not_counted() -> None:
    assert not tally.count([report("setup", "postgres")])


def test_a_part_that_nothing_ran_against_is_shown_with_its_zero() -> None:
    line = tally.line(tally.count([report("call", "postgres")]))
    assert line == "ran against SQLite: 0, PostgreSQL: 1, RabbitMQ: 0, mailbox: 0"


def test_a_test_is_marked_by_the_fixtures_that_it_uses(request: pytest.FixtureRequest, amqp_url: str) -> None:
    marks = {mark.name for mark in request.node.iter_markers()}
    assert "rabbitmq" in marks
    assert "postgres" not in marks
    assert amqp_url.startswith("amqp")
