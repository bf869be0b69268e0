"""The hub's figures of a period, as JSON or as comma-separated values."""

from __future__ import annotations

from datetime import date

from aiohttp import web

from gateway.api.route import Asked, answer
from gateway.evaluation.exporting import as_csv
from schemas.errors import Rejected


async def figures(asked: Asked) -> web.Response:
    """The figures; with ``format=csv`` as a file."""
    begins, ends = day(asked, "from"), day(asked, "to")
    wanted = asked.request.query.get("format", "json")
    if wanted not in {"json", "csv"}:
        raise Rejected("query.format", "json or csv", at="format")
    found = await asked.gateway.evaluation.figures(begins, ends, actor=asked.person.actor)
    if wanted == "json":
        return answer(found)
    return web.Response(
        text=as_csv(found),
        content_type="text/csv",
        charset="utf-8",
        headers={
            "Cache-Control": "no-store",
            "Content-Disposition": f'attachment; filename="{found.hub}-{begins}-{ends}.csv"',
        },
    )


def day(asked: Asked, name: str) -> date:
    """The day that the query names.

    Raises:
        Rejected: there is none, or it is no date.
    """
    try:
        return date.fromisoformat(asked.request.query.get(name, ""))
    except ValueError:
        raise Rejected("query.date", "a date such as 2026-11-02, please", at=name) from None
