"""The first page: what each role comes here for."""

from __future__ import annotations

from aiohttp import web

from gateway.console.page import Visit


async def start(visit: Visit) -> web.Response:
    """The person's tasks."""
    return await visit.page("start.html", title="Your tasks")


async def help_page(visit: Visit) -> web.Response:
    """How the console is used: keys, time-outs, what is recorded."""
    return await visit.page("help.html", title="Help")
