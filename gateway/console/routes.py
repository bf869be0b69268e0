"""Every page of the console, one row each: the only way in. What a row's desk shows is cut to the role again."""

from __future__ import annotations

import asyncio

from aiohttp import web

from gateway.bootstrap import Gateway
from gateway.console import (
    ask,
    board,
    case,
    coming_and_going,
    decide,
    disclosure,
    history,
    involve,
    notify,
    rate,
    release,
    start,
)
from gateway.console.assets import BASE
from gateway.console.door import acted, no_such_page, shown
from gateway.console.page import Page
from gateway.console.parts import Console
from gateway.console.small_steps import STEPS
from routing.permissions import Action


def _may(*actions: Action) -> frozenset[Action]:
    return frozenset(actions)


_CASE = "/console/referrals/{id}"
_READ = _may(Action.READ_REFERRAL)
_TELL = _may(Action.NOTIFY, Action.TAKE_CALL)

# fmt: off
PAGES: tuple[Page, ...] = (
    Page(path="/console", show=start.start),
    Page(path="/console/help", show=start.help_page),
    # The desk
    Page(path="/console/referrals", show=board.board, actions=_may(Action.LIST_REFERRALS)),
    Page(path="/console/referrals/changes", show=board.changes, actions=_may(Action.LIST_REFERRALS)),
    Page(path=_CASE, show=case.summary, actions=_READ),
    Page(path=_CASE + "/people", show=case.people, actions=_READ),
    Page(path=_CASE + "/people/add", show=involve.form, act=involve.send, actions=_may(Action.IDENTIFY)),
    Page(path=_CASE + "/requests", show=case.requests, actions=_READ),
    Page(path=_CASE + "/disclosures", show=case.disclosures, actions=_READ),
    Page(path=_CASE + "/decisions", show=case.decisions, actions=_READ),
    Page(path=_CASE + "/history", show=history.history, actions=_READ),
    Page(path="/console/disclosures/{id}", show=disclosure.disclosure, act=disclosure.add_people,
         actions=_may(Action.VIEW_DISCLOSURES)),
    # Coming in without a system
    Page(path="/console/notify", show=notify.form, act=notify.send, step=True, actions=_TELL),
    Page(path="/console/notify/check", show=notify.check, act=notify.give, actions=_TELL),
    Page(path="/console/notify/sent", show=notify.sent, actions=_TELL),
    # The manager's steps
    Page(path=_CASE + "/rate", show=rate.form, act=rate.send, step=True, actions=_may(Action.RATE)),
    Page(path=_CASE + "/rate/check", show=rate.check, act=rate.give, actions=_may(Action.RATE)),
    Page(path=_CASE + "/ask", show=ask.form, act=ask.send, actions=_may(Action.REQUEST)),
    Page(path=_CASE + "/decide", show=decide.form, act=decide.send, actions=_may(Action.DECIDE)),
    Page(path=_CASE + "/release", show=release.form, act=release.send, step=True,
         actions=_may(Action.ASSEMBLE_PRODUCT)),
    Page(path=_CASE + "/release/check", show=release.check, act=release.give, actions=_may(Action.SEND_PRODUCT)),
    *(step.page() for step in STEPS),
)
# fmt: on


def add_console(app: web.Application, gateway: Gateway, console: Console) -> None:
    """Let this application serve the console."""
    doors = coming_and_going.Doors(gateway, console)
    app[board.STOPPING] = stopping = asyncio.Event()

    async def stop(_: web.Application) -> None:
        # Who looks on would hold the process up.
        stopping.set()

    app.on_shutdown.append(stop)
    app.router.add_get(BASE + "/{version}/{name}", doors.asset)
    app.router.add_get("/console/sign-in", doors.sign_in_page)
    app.router.add_get("/console/sign-in/start", doors.begin)
    app.router.add_get("/console/signed-in", doors.signed_in)
    app.router.add_get("/console/signed-out", doors.signed_out)
    app.router.add_post("/console/sign-out", doors.sign_out)
    app.router.add_post("/console/drafts", doors.keep_draft)
    for page in PAGES:
        app.router.add_get(page.path, shown(page, gateway, console))
        if page.act is not None:
            app.router.add_post(page.path, acted(page, gateway, console))
    app.router.add_route("*", "/console/{tail:.*}", no_such_page(console))
