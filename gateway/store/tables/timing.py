"""Tables of what the hub did because time passed: reminders of requests, posts turned to over an alarm."""

from sqlalchemy import Column, Integer, String, Table

from gateway.store.columns import Instant
from gateway.store.tables.metadata import metadata, of

chases = Table(
    "chases",
    metadata,
    of("request_id", "requests.id", primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("at", Instant, nullable=False),
)

escalations = Table(
    "escalations",
    metadata,
    of("alarm_id", "alarms.id", primary_key=True),
    Column("level", Integer, primary_key=True),
    Column("post", String, nullable=False),
    Column("at", Instant, nullable=False),
)
