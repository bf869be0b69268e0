"""Logging: one JSON object a line, of codes and counts. Nobody's data: events name fields, never values."""

from __future__ import annotations

import logging
import sys

import structlog

_QUIET = ("aiormq", "aio_pika", "aiohttp", "asyncio", "hl7", "alembic", "sqlalchemy")


def configure(level: str = "INFO") -> None:
    """Send the gateway's own log to standard error as JSON, and libraries' logs nowhere below an error's name.

    Libraries may log what they were given (python-hl7 logs fields, a driver logs statements): of theirs only the
    logger's name and the level are kept.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(sort_keys=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    root = logging.getLogger()
    root.handlers = [_NamesOnly()]
    root.setLevel(logging.WARNING)
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.ERROR)


class _NamesOnly(logging.Handler):
    """Says that a library logged something, and not what."""

    def emit(self, record: logging.LogRecord) -> None:
        structlog.get_logger("library").warning("library", logger=record.name, level=record.levelname)
