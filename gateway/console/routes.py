"""Every page of the console, one row each: the only way in. What a row's desk shows is cut to the role again."""

from __future__ import annotations

from aiohttp import web

from gateway.bootstrap import Gateway
from gateway.console import coming_and_going, start
from gateway.console.assets import BASE
from gateway.console.door import acted, no_such_page, shown
from gateway.console.page import Page
from gateway.console.parts import Console

# fmt: off
PAGES: tuple[Page, ...] = (
    Page(path="/console", show=start.start),
    Page(path="/console/help", show=start.help_page),
)
# fmt: on


def add_console(app: web.Application, gateway: Gateway, console: Console) -> None:
    """Let this application serve the console."""
    doors = coming_and_going.Doors(gateway, console)
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
