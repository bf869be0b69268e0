"""Pages out of templates: GOV.UK's own macros, everything escaped, and the headers that every page goes under."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from jinja2 import ChoiceLoader, Environment, PackageLoader, PrefixLoader

from gateway.console import times, words
from gateway.console.assets import Assets
from schemas.hub import Hub

_INLINE = re.compile(r"<script(?: [^>]*)?>([^<]+)</script>")
_GOVUK = "govuk_frontend_jinja"


class Rendering:
    """The templates, compiled once."""

    def __init__(self, assets: Assets, hub: Hub) -> None:
        self.hub_name = hub.hub.name
        self.zone = ZoneInfo(hub.hub.timezone)
        self._agencies = {agency.id: agency.name for agency in hub.agencies}
        self._environment = Environment(
            loader=ChoiceLoader([PackageLoader("gateway.console"), PrefixLoader({_GOVUK: PackageLoader(_GOVUK)})]),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.globals.update(asset=assets.url, hub_name=self.hub_name)
        self._environment.filters.update(words.FILTERS)
        self._environment.filters.update(agency=self.agency, long_day=words.long_day, reference=words.reference)
        self.headers: Mapping[str, str] = _headers(self._inline_hashes())

    def agency(self, name: str | None) -> str:
        """An agency by its name; by its id where the hub's file no longer has it. None: who told is protected."""
        return "A protected source" if name is None else self._agencies.get(name, name)

    def page(self, template: str, *, now: datetime, **context: object) -> str:
        """The page, as HTML. ``now`` is aware: what a page says of times, it says as of then."""
        return self._environment.get_template(template).render(
            now=now,
            when=lambda at: times.moment(at, now, self.zone),
            left=lambda due: times.left(due, now),
            ago=lambda at: times.length(now - at),
            iso=lambda at: at.isoformat(timespec="seconds"),
            stamp=lambda at: f"{times.day(at, self.zone)} {at.astimezone(self.zone):%H:%M}",
            zone=self.zone,
            **context,
        )

    def _inline_hashes(self) -> list[str]:
        # GOV.UK's page has one script of its own inside, which says whether the browser runs any.
        loader = self._environment.loader
        source = loader.get_source(self._environment, f"{_GOVUK}/template.html")[0] if loader else ""
        plain = re.sub(r"\{%.*?%\}", "", source)
        return [
            f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
            for text in _INLINE.findall(plain)
        ]


def _headers(scripts: list[str]) -> dict[str, str]:
    policy = {
        "default-src": "'none'",
        "script-src": " ".join(["'self'", *scripts]),
        "style-src": "'self'",
        "img-src": "'self'",
        "connect-src": "'self'",
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
        "require-trusted-types-for": "'script'",
        "trusted-types": "'none'",
    }
    return {
        "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
        "Cache-Control": "no-store",
        # Forms say where they come from only under a policy that lets them.
        "Referrer-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
        "X-Robots-Tag": "noindex, nofollow",
    }
