"""The console's one door: who is signed in, whether they may, and what becomes of a form."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

import structlog
from aiohttp import web

from gateway.api.callers import authorise
from gateway.api.problems import frames, status_of
from gateway.api.refusing import record
from gateway.api.route import read
from gateway.bootstrap import Gateway
from gateway.console import browser
from gateway.console import form as forms
from gateway.console.form import Form
from gateway.console.page import DONE, Go, Invalid, Page, Visit, Wrong, html, located, see_other
from gateway.console.parts import Console
from gateway.console.sittings import Sitting
from gateway.log import Event
from schemas.errors import Conflict, MashError, Refused, Rejected, TooLarge, Unknown

SIGN_IN = "/console/sign-in"
_NOTHING_TO_KEEP = frozenset({"/console/sign-out"})
_log = structlog.get_logger(__name__)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Forged(Refused):
    """A form that no page of ours made for this sitting."""


def shown(page: Page, gateway: Gateway, console: Console) -> Handler:
    """What answers a GET of this page."""

    async def handle(request: web.Request) -> web.StreamResponse:
        visit: Visit | None = None
        try:
            visit = await _visit(request, gateway, console)
            await _allowed(page, visit)
            if page.act is not None and request.query.get("fresh") != "yes":
                await _take_up(visit)
            return await page.show(visit)
        except (MashError, web.HTTPException, Exception) as error:  # noqa: BLE001 - the last fence, as in the API
            return await _failed(page, request, console, visit, error)

    return handle


def acted(page: Page, gateway: Gateway, console: Console) -> Handler:
    """What answers a form that is sent to this page."""

    async def handle(request: web.Request) -> web.StreamResponse:
        visit: Visit | None = None
        try:
            form, token = forms.parse(await read(request, gateway.hub.limits.json_bytes))
            if not browser.from_our_own_page(request, gateway):
                raise Forged("form.elsewhere", "open the page here, and send its form from there")
            sitting = await _sitting(request, gateway, console)
            if sitting is None or sitting.ended:
                return await _kept_for_later(request, console, sitting, form, token)
            visit = await _visit_of(request, gateway, console, sitting)
            visit.form = form
            await _allowed(page, visit)
            name = forms.named(sitting.secret, request.path, token)
            if name is None:
                wrong = Wrong(
                    at="main-content", text="This page was out of date. Check what you wrote and send it again"
                )
                return await _again(page, visit, 403, wrong)
            return await _sent(page, visit, name)
        except (MashError, web.HTTPException, Exception) as error:  # noqa: BLE001 - the last fence, as in the API
            return await _failed(page, request, console, visit, error)

    return handle


async def _sent(page: Page, visit: Visit, name: str) -> web.StreamResponse:
    """A form that is genuine: its effect, once."""
    console, session, act = visit.console, visit.sitting.id, page.act
    if act is None:
        raise web.HTTPMethodNotAllowed("POST", ["GET"])
    if page.step:
        visit.draft = await console.drafts.keep(visit.person.subject, visit.path, visit.form)
    else:
        before = await console.submissions.claim(name, session)
        if before is not None:
            raise web.HTTPSeeOther(located(before.location, {DONE: name} if before.notice else {}))
    try:
        done = await act(visit)
    except Invalid as error:
        await _give_back(page, console, name)
        return await _again(page, visit, 422, *error.wrongs)
    except (Rejected, Conflict, TooLarge) as error:
        await _give_back(page, console, name)
        return await _again(page, visit, status_of(error), Wrong(at=error.at or "main-content", text=_said(error)))
    except MashError:
        await _give_back(page, console, name)
        raise
    if isinstance(done, Go):
        if not page.step:
            await console.submissions.give_back(name)
        raise web.HTTPSeeOther(done.location)
    if not page.step:
        await console.submissions.settle(name, session, done)
        await visit.drop(visit.path)
    raise web.HTTPSeeOther(located(done.location, {DONE: name} if done.notice else {}))


async def _give_back(page: Page, console: Console, name: str) -> None:
    if not page.step:
        await console.submissions.give_back(name)


async def _again(page: Page, visit: Visit, status: int, *wrongs: Wrong) -> web.StreamResponse:
    """The page with what was typed, and what is wrong with it."""
    visit.wrongs, visit.status = wrongs, status
    return await page.show(visit)


async def _visit(request: web.Request, gateway: Gateway, console: Console) -> Visit:
    sitting = await _sitting(request, gateway, console)
    if sitting is None or sitting.ended:
        see_other(SIGN_IN, to=request.path_qs)
    return await _visit_of(request, gateway, console, sitting)


async def _visit_of(request: web.Request, gateway: Gateway, console: Console, sitting: Sitting) -> Visit:
    until = await console.sittings.touch(sitting)
    return Visit(
        request=request,
        gateway=gateway,
        console=console,
        sitting=replace(sitting, until=until),
        until=until.isoformat(timespec="seconds"),
    )


async def _sitting(request: web.Request, gateway: Gateway, console: Console) -> Sitting | None:
    held = browser.held(request, gateway)
    return await console.sittings.find(held) if held else None


async def _take_up(visit: Visit) -> None:
    """What the person typed here before and has not sent."""
    draft = await visit.console.drafts.find(visit.person.subject, visit.path)
    if draft is not None:
        visit.form, visit.draft = draft.form, draft.id
        visit.kept_at = draft.saved_at.isoformat()


async def _kept_for_later(
    request: web.Request, console: Console, sitting: Sitting | None, form: Form, token: str
) -> web.StreamResponse:
    """A form of a sitting that has ended: kept for its person, and shown to them again once they have signed in."""
    kept = ""
    genuine = sitting is not None and forms.named(sitting.secret, request.path, token) is not None
    if sitting is not None and genuine and not form.empty and request.path not in _NOTHING_TO_KEEP:
        await console.drafts.keep(sitting.caller.subject, request.path, form)
        kept = "yes"
    to = "/console" if request.path in _NOTHING_TO_KEEP else request.path
    raise web.HTTPSeeOther(located(SIGN_IN, {"to": to, "kept": kept}))


async def _allowed(page: Page, visit: Visit) -> None:
    if page.actions:
        authorise(visit.person, frozenset(), page.actions)


async def _failed(
    page: Page, request: web.Request, console: Console, visit: Visit | None, error: Exception
) -> web.StreamResponse:
    """A page that says what to do; a refusal is recorded as the API records it."""
    if isinstance(error, web.HTTPException):
        if error.status < 400:
            error.headers.update(console.rendering.headers)
            return web.Response(status=error.status, headers=error.headers)
        return await _sorry(console, visit, error.status, "")
    if not isinstance(error, MashError):
        # What an exception says may be somebody's data: only where it happened is told.
        _log.error("bug", kind=type(error).__name__, route=page.path, frames=frames(error))
        return await _sorry(console, visit, 500, "")
    if visit is not None and isinstance(error, (Refused, Unknown)):
        event = Event.ACTION_REFUSED if isinstance(error, Refused) else Event.VIEW_REFUSED
        await record(visit.gateway, visit.person, f"{request.method}:{page.path}", error, event)
    return await _sorry(console, visit, status_of(error), _said(error))


def _said(error: MashError) -> str:
    text = error.detail or error.code.replace(".", " ").replace("_", " ")
    return text[:1].upper() + text[1:]


async def _sorry(console: Console, visit: Visit | None, status: int, said: str) -> web.StreamResponse:
    title = _SORRY.get(status, _SORRY[500])
    if visit is not None:
        visit.wrongs = ()
        return await visit.page("sorry.html", title=title, status=status, said=said)
    text = console.rendering.page(
        "sorry.html", now=console.world.now(), visit=None, title=title, notice="", status=status, said=said
    )
    return html(console, text, status)


_SORRY = {
    400: "This can't be read",
    403: "This is not yours to do",
    404: "There is nothing here for you",
    405: "This can't be sent here",
    409: "This can't be done now",
    413: "This is too large",
    422: "This can't be taken as it is",
    500: "Something is wrong with the hub",
    503: "The hub can't do this at the moment",
}


def no_such_page(console: Console) -> Handler:
    """What answers every other address below the console."""

    async def handle(_: web.Request) -> web.StreamResponse:
        return await _sorry(console, None, 404, "")

    return handle
