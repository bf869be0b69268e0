"""How many tests ran against each real part, told at the end of a run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pytest

PARTS = {"sqlite": "SQLite", "postgres": "PostgreSQL", "rabbitmq": "RabbitMQ", "mailbox": "mailbox"}
FIXTURES = {
    "sqlite_url": "sqlite",
    "postgres_server": "postgres",
    "private_postgres": "postgres",
    "amqp_url": "rabbitmq",
    "private_broker": "rabbitmq",
}
PROPERTY = "against"


def mark(item: pytest.Item) -> None:
    """Mark a test with the parts whose fixtures it uses, directly or through other fixtures."""
    for fixture in getattr(item, "fixturenames", ()):
        if fixture in FIXTURES:
            item.add_marker(FIXTURES[fixture])


def note(item: pytest.Item) -> None:
    """Write a test's parts where its report carries them from a worker to the run."""
    item.user_properties += [(PROPERTY, part) for part in PARTS if item.get_closest_marker(part)]


def count(reports: Iterable[pytest.TestReport]) -> Counter[str]:
    """Count the tests that ran, per part; a test is counted once, by its own call."""
    return Counter(
        str(part)
        for report in reports
        for name, part in report.user_properties
        if report.when == "call" and name == PROPERTY
    )


def line(counts: Counter[str]) -> str:
    """Return the closing line; a part that nothing ran against is shown with its zero."""
    return "ran against " + ", ".join(f"{title}: {counts[part]}" for part, title in PARTS.items())
