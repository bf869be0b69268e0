"""The HTTP application: the rows of ``routes``, each behind its own rule."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from aiohttp import web

from gateway.api import metrics, problems
from gateway.api.callers import Caller, authorise, identify
from gateway.api.possession import NONCE_HEADER, fresh_nonce
from gateway.api.route import Asked, Route
from gateway.api.routes import ROUTES
from gateway.bootstrap import Gateway
from gateway.log import Event
from schemas.errors import MashError, Refused, Unauthenticated, Unknown

GATEWAY = web.AppKey("gateway", Gateway)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    # In place of the library's own, which names its version.
    "Server": "mash-gateway",
}


def make_app(gateway: Gateway) -> web.Application:
    """The application over this gateway. Limits on size are each handler's own, so that a refusal is in its format."""
    app = web.Application(middlewares=[_dressed, metrics.middleware, problems.middleware], client_max_size=0)
    app[GATEWAY] = gateway
    for route in ROUTES:
        app.router.add_route(route.method, route.path, _guarded(route, gateway))
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
            await _record(gateway, caller, route, error, Event.ACTION_REFUSED)
            raise
        except Unknown as error:
            # It may be there and be another's: whoever tries names out leaves a trace.
            await _record(gateway, caller, route, error, Event.VIEW_REFUSED)
            raise
        if isinstance(response, web.Response) and route.grants:
            response.headers.setdefault(NONCE_HEADER, fresh_nonce(gateway))
        return response

    return handle


async def _record(gateway: Gateway, caller: Caller, route: Route, error: MashError, event: Event) -> None:
    """A refusal by law, policy or role is in the log: who, at which route, and the code."""
    async with gateway.store.work() as work:
        await gateway.log.append(
            work,
            event=event,
            actor=caller.actor,
            now=gateway.world.now(),
            detail={"route": f"{route.method}:{route.path.replace('{', '').replace('}', '')}", "code": error.code},
        )
        await work.commit()


@web.middleware
async def _dressed(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    response = await handler(request)
    response.headers.update(_HEADERS)
    return response
