"""Signing in and out, and what else a browser asks for beside pages: assets, and keeping what is being typed."""

from __future__ import annotations

import re

from aiohttp import web

from gateway.api.route import read
from gateway.bootstrap import Gateway
from gateway.console import browser
from gateway.console import form as forms
from gateway.console.form import Form
from gateway.console.page import html
from gateway.console.parts import Console
from gateway.people import NotSignedIn
from schemas.errors import MashError, Unavailable

HOME = "/console"
_OURS = re.compile(r"/console(/[A-Za-z0-9_./-]*)?(\?[A-Za-z0-9_.~%=&+-]*)?")
_LONGEST_ADDRESS = 500
_PATH_FIELD = "form_path"
_YEAR = 365 * 24 * 3600


class Doors:
    """The few addresses that are no pages of somebody who is signed in."""

    def __init__(self, gateway: Gateway, console: Console) -> None:
        self._gateway = gateway
        self._console = console

    async def asset(self, request: web.Request) -> web.Response:
        """A stylesheet, a script or a picture, for ever: its address changes with its content."""
        found = self._console.assets.find(request.match_info["version"], request.match_info["name"])
        if found is None:
            raise web.HTTPNotFound
        gzipped = "gzip" in request.headers.get("Accept-Encoding", "")
        response = web.Response(body=found.gzipped if gzipped else found.plain, content_type=found.content_type)
        response.headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable"
        response.headers["Vary"] = "Accept-Encoding"
        response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
        if gzipped:
            response.headers["Content-Encoding"] = "gzip"
        return response

    async def sign_in_page(self, request: web.Request) -> web.Response:
        """Where everybody begins who is not signed in."""
        to, kept = _inside(request.query.get("to", "")), request.query.get("kept") == "yes"
        return self._plain(
            "sign_in.html", "Sign in", to=to, kept=kept, expired=bool(browser.held(request, self._gateway))
        )

    async def begin(self, request: web.Request) -> web.Response:
        """Lead the browser to the provider."""
        try:
            began = await self._console.sign_in.begin(_inside(request.query.get("to", "")))
        except Unavailable:
            return self._failed(503, "The sign-in service can't be reached. Try again in a minute.")
        response = self._led(began.url)
        browser.carry(response, self._gateway, began)
        return response

    async def signed_in(self, request: web.Request) -> web.Response:
        """Take the provider's answer."""
        state = request.query.get("state", "")
        carried = browser.carried(request, self._gateway, state)
        try:
            signed = await self._console.sign_in.end(request.query, carried)
        except NotSignedIn as error:
            await self._gateway.refusals.unauthenticated("console.signed-in", error.reason)
            return self._failed(403, _SAID.get(error.reason, "That sign-in did not work. Try again."))
        except Unavailable:
            return self._failed(503, "The sign-in service can't be reached. Try again in a minute.")
        await self._end_sitting(request)
        held = await self._console.sittings.begin(signed.caller, signed.name)
        response = self._led(signed.to)
        browser.hold(response, self._gateway, held)
        browser.put_down(response, self._gateway, state)
        return response

    async def sign_out(self, request: web.Request) -> web.Response:
        """End the sitting. A forged form can't: it bears no token of this sitting."""
        response = self._led("/console/signed-out")
        held = browser.held(request, self._gateway)
        sitting = await self._console.sittings.find(held) if held else None
        if sitting is not None and not sitting.ended:
            _, token = forms.parse(await read(request, self._gateway.hub.limits.json_bytes))
            ours = browser.from_our_own_page(request, self._gateway)
            if not ours or forms.named(sitting.secret, request.path, token) is None:
                return self._failed(403, "That page was out of date. Go back, reload it, and sign out again.")
            await self._console.sittings.end(sitting)
        browser.let_go(response, self._gateway)
        return response

    async def signed_out(self, _: web.Request) -> web.Response:
        """Say that nobody is signed in any more."""
        return self._plain("signed_out.html", "You have signed out")

    async def keep_draft(self, request: web.Request) -> web.Response:
        """Keep what is being typed, by the page's script. It counts as doing something: the sitting goes on."""
        try:
            form, token = forms.parse(await read(request, self._gateway.hub.limits.json_bytes))
        except MashError:
            return web.Response(status=422)
        held = browser.held(request, self._gateway)
        sitting = await self._console.sittings.find(held) if held else None
        if sitting is None or not browser.from_our_own_page(request, self._gateway):
            return web.Response(status=403)
        path = form.text(_PATH_FIELD)
        if forms.named(sitting.secret, path, token) is None:
            return web.Response(status=403)
        typed = Form(fields={name: values for name, values in form.fields.items() if name != _PATH_FIELD})
        # Of a sitting that has just ended too: it is kept for the same person.
        if not typed.empty:
            await self._console.drafts.keep(sitting.caller.subject, path, typed)
        if sitting.ended:
            return web.Response(status=401)
        until = await self._console.sittings.touch(sitting)
        return web.json_response({"until": until.isoformat(timespec="seconds")}, headers={"Cache-Control": "no-store"})

    async def _end_sitting(self, request: web.Request) -> None:
        held = browser.held(request, self._gateway)
        sitting = await self._console.sittings.find(held) if held else None
        if sitting is not None and not sitting.ended:
            await self._console.sittings.end(sitting)

    def _plain(self, template: str, title: str, *, status: int = 200, **context: object) -> web.Response:
        rendering = self._console.rendering
        text = rendering.page(template, now=self._console.world.now(), visit=None, title=title, notice="", **context)
        return html(self._console, text, status)

    def _failed(self, status: int, said: str) -> web.Response:
        return self._plain("sign_in_failed.html", "You are not signed in", status=status, said=said)

    def _led(self, location: str) -> web.Response:
        response = web.Response(status=303, headers={"Location": location})
        response.headers.update(self._console.rendering.headers)
        return response


_SAID = {
    "token.roles": "You have no role at this hub. Ask whoever runs it to give you one.",
    "sign_in.refused": "The sign-in service did not sign you in. Try again.",
    "sign_in.late": "Signing in took too long. Try again.",
    "sign_in.browser": "That sign-in was begun at another browser, or long ago. Try again.",
}


def _inside(to: str) -> str:
    """An address of the console's own; its first page where it is none."""
    return to if len(to) <= _LONGEST_ADDRESS and _OURS.fullmatch(to) and "//" not in to else HOME
