"""The HTTP application: the rows of ``routes``, each behind its own rule."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from gateway.api import metrics, problems
from gateway.api.callers import authorise, identify
from gateway.api.possession import NONCE_HEADER, fresh_nonce
from gateway.api.refusing import record
from gateway.api.route import Asked, Route
from gateway.api.routes import ROUTES
from gateway.bootstrap import Gateway
from gateway.console.routes import add_console
from gateway.log import Event
from schemas.errors import Conflict, Refused, Rejected, Unauthenticated, Unknown

GATEWAY = web.AppKey("gateway", Gateway)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    # In place of the library's own, which names its version.
    "Server": "mash-gateway",
}
"""What every answer says, unless it says something stricter or fitter of its own: pages do."""


def make_app(gateway: Gateway) -> web.Application:
    """The application over this gateway. Limits on size are each handler's own, so that a refusal is in its format."""
    app = web.Application(middlewares=[_dressed, metrics.middleware, problems.middleware], client_max_size=0)
    app[GATEWAY] = gateway
    for route in ROUTES:
        app.router.add_route(route.method, route.path, _guarded(route, gateway))
    if gateway.console is not None:
        add_console(app, gateway, gateway.console)
    return app


def _guarded(route: Route, gateway: Gateway) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handle(request: web.Request) -> web.StreamResponse:
        if route.open is not None:
            return await route.handler(Asked(request=request, gateway=gateway, caller=None, routes=ROUTES))
        try:
            caller = await identify(request, gateway)
        except Unauthenticated as error:
            await gateway.refusals.unauthenticated(route.path, getattr(error, "reason", error.code))
            raise
        try:
            authorise(caller, route.grants, route.actions)
            response = await route.handler(Asked(request=request, gateway=gateway, caller=caller, routes=ROUTES))
        except Refused as error:
            await record(gateway, caller, f"{route.method}:{route.path}", error, Event.ACTION_REFUSED)
            raise
        except Unknown as error:
            # It may be there and be another's: whoever tries names out leaves a trace.
            await record(gateway, caller, f"{route.method}:{route.path}", error, Event.VIEW_REFUSED)
            raise
        except (Rejected, Conflict) as error:
            # What a person tried on a case and could not do is part of its story, too.
            if route.actions and route.method != "GET":
                await record(gateway, caller, f"{route.method}:{route.path}", error, Event.ACTION_NOT_TAKEN)
            raise
        if isinstance(response, web.Response) and route.grants:
            response.headers.setdefault(NONCE_HEADER, fresh_nonce(gateway))
        return response

    return handle


@web.middleware
async def _dressed(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    response = await handler(request)
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    return response
