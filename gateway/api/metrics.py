"""Prometheus metrics: counts and times by route and feed. No label ever holds a caller, an id or a person."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

from aiohttp import hdrs, web
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from gateway.api.route import Asked

REGISTRY = CollectorRegistry()
_CALLS = Counter(
    "mash_http_requests_total", "Calls by route and status.", ["method", "route", "status"], registry=REGISTRY
)
_SECONDS = Histogram("mash_http_request_seconds", "Seconds a call took.", ["method", "route"], registry=REGISTRY)
_MESSAGES = Gauge("mash_messages", "Arrivals by feed and fate.", ["feed", "fate"], registry=REGISTRY)
_OUTBOX = Gauge("mash_outbox_pending", "Envelopes that wait for the broker.", registry=REGISTRY)
_PARKED = Gauge("mash_outbox_parked", "Envelopes set aside for a person to look at.", registry=REGISTRY)
_NOTICES = Gauge("mash_notices_pending", "Arrivals that are still to be announced.", registry=REGISTRY)
_DETAILS = Gauge(
    "mash_details", "Details of thin messages that wait or were set aside.", ["feed", "state"], registry=REGISTRY
)
_ALARMS = Gauge("mash_alarms_standing", "Alarms that stand.", ["kind"], registry=REGISTRY)


@web.middleware
async def middleware(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Count and time every call, by the route's pattern and never by its path."""
    start = time.monotonic()
    response = await handler(request)
    resource = request.match_info.route.resource
    route = resource.canonical if resource is not None else "none"
    # A caller may make up a method: it must not make up a label.
    method = request.method if request.method in hdrs.METH_ALL else "other"
    _CALLS.labels(method, route, str(response.status)).inc()
    _SECONDS.labels(method, route).observe(time.monotonic() - start)
    return response


async def scrape(asked: Asked) -> web.Response:
    """The metrics, with the store's own counts as they are now."""
    async with asked.gateway.store.reading() as work:
        for name in asked.gateway.feeds:
            counts = await work.messages.counts(name)
            for fate in ("received", "accepted", "duplicate", "quarantined", "refused"):
                _MESSAGES.labels(name, fate).set(getattr(counts, fate))
        _OUTBOX.set(await work.outbox.pending())
        _PARKED.set(len(await work.outbox.parked()))
        _NOTICES.set(await work.notices.pending())
        _DETAILS.clear()
        for name, counted in (await work.details.counts()).items():
            for state, number in counted.items():
                _DETAILS.labels(name, state).set(number)
        _ALARMS.clear()
        for alarm in await work.alarms.standing():
            _ALARMS.labels(alarm.kind).inc()
    return web.Response(body=generate_latest(REGISTRY), headers={"Content-Type": "text/plain; version=0.0.4"})
