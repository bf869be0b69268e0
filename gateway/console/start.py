"""The first page: what each role comes here for."""

from __future__ import annotations

from aiohttp import web

from gateway.console.page import Visit
from gateway.store.repositories.listing import Listing
from routing.permissions import Action

_MOST_URGENT = 5


async def start(visit: Visit) -> web.Response:
    """The person's tasks."""
    urgent = None
    if visit.may(Action.LIST_REFERRALS):
        urgent = (await visit.gateway.board.listed(Listing())).referrals[:_MOST_URGENT]
    return await visit.page("start.html", title="Your tasks", urgent=urgent)


async def help_page(visit: Visit) -> web.Response:
    """How the console is used: keys, time-outs, what is recorded."""
    return await visit.page("help.html", title="Help")
