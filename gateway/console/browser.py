"""What the hub keeps at a browser, and what a browser says of where a call came from."""

from __future__ import annotations

from aiohttp import web

from gateway.bootstrap import Gateway
from gateway.console.sign_in import LASTS, Began

_SITTING, _BEGAN = "mash-console", "mash-sign-in-"
_STATE_LETTERS = 12


def secure(gateway: Gateway) -> bool:
    """Whether browsers reach this hub by https; by http they only do on the machine that it runs on."""
    return gateway.public_url.startswith("https://")


def held(request: web.Request, gateway: Gateway) -> str:
    """The name of a sitting that the browser holds; empty where it holds none."""
    return request.cookies.get(_named(_SITTING, gateway), "")


def hold(response: web.Response, gateway: Gateway, name: str) -> None:
    """Let the browser hold a sitting, until it is closed."""
    _set(response, gateway, _SITTING, name)


def let_go(response: web.Response, gateway: Gateway) -> None:
    """Let the browser forget its sitting."""
    _set(response, gateway, _SITTING, "", max_age=0)


def carry(response: web.Response, gateway: Gateway, began: Began) -> None:
    """Let the browser carry a sign-in that it began; several at once do not disturb one another."""
    name = _BEGAN + began.state[:_STATE_LETTERS]
    _set(response, gateway, name, began.carried, max_age=int(LASTS.total_seconds()))


def carried(request: web.Request, gateway: Gateway, state: str) -> str:
    """What the browser carries of the sign-in with this state; empty where it began none."""
    return request.cookies.get(_named(_BEGAN + state[:_STATE_LETTERS], gateway), "")


def put_down(response: web.Response, gateway: Gateway, state: str) -> None:
    """The sign-in is over."""
    _set(response, gateway, _BEGAN + state[:_STATE_LETTERS], "", max_age=0)


def from_our_own_page(request: web.Request, gateway: Gateway) -> bool:
    """Whether a form came from a page of this hub, as far as the browser says.

    Source: Fetch Metadata Request Headers; RFC 6454 for browsers that do not send them.
    """
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin")
    return origin is None or origin == gateway.public_url


def _named(name: str, gateway: Gateway) -> str:
    # __Host-: from this host alone, by https alone, for all paths; no other host of the domain can plant one.
    return f"__Host-{name}" if secure(gateway) else name


def _set(response: web.Response, gateway: Gateway, name: str, value: str, *, max_age: int | None = None) -> None:
    # Lax and not Strict: the provider leads people back here, and colleagues send one another links to a case.
    response.set_cookie(
        _named(name, gateway),
        value,
        max_age=max_age,
        path="/",
        secure=secure(gateway),
        httponly=True,
        samesite="Lax",
    )
