"""Errors as RFC 9457 problems: one table of statuses, one shape, and never a traceback or a value from outside."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping

import structlog
from aiohttp import web

from schemas import errors

MEDIA_TYPE = "application/problem+json"
STATUS: Mapping[type[errors.MashError], int] = {
    errors.Unauthenticated: 401,
    errors.Untrusted: 400,
    errors.Rejected: 422,
    errors.Refused: 403,
    errors.Unknown: 404,
    errors.Conflict: 409,
    errors.TooLarge: 413,
    errors.Unavailable: 503,
}
GONE = frozenset({"envelope.revoked", "envelope.expired"})
_log = structlog.get_logger(__name__)


def status_of(error: errors.MashError) -> int:
    """The HTTP status of an error: its family's, but 410 for an envelope that is gone for good."""
    if error.code in GONE:
        return 410
    return next((STATUS[family] for family in type(error).__mro__ if family in STATUS), 500)


def problem(status: int, code: str, detail: str = "", at: str = "") -> web.Response:
    """A problem document. ``code`` is stable; ``detail`` says what to do."""
    body = {
        "type": f"urn:mash-gateway:problem:{code}",
        "title": code.replace(".", " ").replace("_", " "),
        "status": status,
    }
    body |= {"code": code, "detail": detail, "at": at}
    return web.Response(status=status, body=json.dumps(body).encode(), content_type=MEDIA_TYPE)


def render(error: errors.MashError) -> web.Response:
    """An error of ours as a problem. What failed in a seal is for the log alone."""
    status = status_of(error)
    if isinstance(error, errors.Untrusted):
        _log.warning("untrusted", code=error.code, reason=getattr(error, "reason", ""), at=error.at)
        return problem(status, error.code)
    if isinstance(error, errors.Unknown):
        # In the same words whether it is not there or not for this caller: the difference would tell that it exists.
        return problem(status, error.code, "there is none of this name, or none for you")
    response = problem(status, error.code, error.detail, error.at)
    if status == 503:
        response.headers["Retry-After"] = "2"
    return response


@web.middleware
async def middleware(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Turn every failure into a problem; a bug becomes a bare 500 whose trace goes to nobody outside."""
    try:
        return await handler(request)
    except errors.MashError as error:
        response = render(error)
        response.headers.update(getattr(error, "headers", {}))
        return response
    except web.HTTPException as error:
        return problem(
            error.status, f"http.{error.status}", "no such route or method" if error.status in {404, 405} else ""
        )
    except Exception as error:  # noqa: BLE001 - the last fence: a bug must not show what it was given
        _log.error("bug", kind=type(error).__name__, route=_route(request), frames=frames(error))
        return problem(500, "internal", "this is a fault of the gateway; nothing of the request was kept")


def _route(request: web.Request) -> str:
    resource = request.match_info.route.resource
    return resource.canonical if resource is not None else "unknown"


def frames(error: BaseException) -> list[str]:
    """Where it happened, without messages or values: exception texts may hold what somebody sent."""
    found, trace = [], error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        found.append(f"{code.co_qualname}:{trace.tb_lineno}")
        trace = trace.tb_next
    return found[-8:]
