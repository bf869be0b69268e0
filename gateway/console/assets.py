"""What pages bring beside themselves: served by us alone, under a name that changes with its content.

GOV.UK Frontend lies here as it was published. What belongs to gov.uk domains alone is taken out as it is served: the
typeface Transport. Source: https://design-system.service.gov.uk/styles/typeface/
"""

from __future__ import annotations

import gzip
import hashlib
import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

BASE = "/console/assets"
_TYPES = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
_FONT_FACE = re.compile(r"@font-face\{[^}]*\}")
_TRANSPORT = re.compile(r"\"?GDS Transport\"?,")
_SOURCE_MAP = re.compile(r"\n?(?://|/\*)# sourceMappingURL=[^\n*]*(?:\*/)?\n?")
_GOVUK = "govuk-frontend-6.3.0"
_FILES = {
    "govuk-frontend.css": f"{_GOVUK}/govuk-frontend.min.css",
    "govuk-frontend.js": f"{_GOVUK}/govuk-frontend.min.js",
    "console.css": "console.css",
    "console.js": "console.js",
    "icon.svg": "icon.svg",
}


@dataclass(frozen=True, kw_only=True)
class Asset:
    """One file as it is served, plain and compressed."""

    content_type: str
    plain: bytes
    gzipped: bytes


class Assets:
    """All of them, read once. One digest names them together, so that they may name one another without it."""

    def __init__(self) -> None:
        folder = files("gateway.console").joinpath("assets")
        self._assets = {
            name: _asset(name, _served(name, folder.joinpath(path).read_text(encoding="utf-8")))
            for name, path in _FILES.items()
        }
        digest = hashlib.sha256(b"".join(one.plain for one in self._assets.values())).hexdigest()
        self.version = digest[:16]

    def url(self, name: str) -> str:
        """Where a page finds it."""
        if name not in self._assets:
            raise KeyError(name)
        return f"{BASE}/{self.version}/{name}"

    def find(self, version: str, name: str) -> Asset | None:
        """The file of this name and content; None where it has another content by now."""
        return self._assets.get(name) if version == self.version else None


@cache
def assets() -> Assets:
    """The assets of this process."""
    return Assets()


def _served(name: str, text: str) -> str:
    text = _SOURCE_MAP.sub("\n", text)
    return _TRANSPORT.sub("", _FONT_FACE.sub("", text)) if name == "govuk-frontend.css" else text


def _asset(name: str, text: str) -> Asset:
    plain = text.encode()
    # Without a time inside: the same content is the same file in every process.
    return Asset(
        content_type=_TYPES[name.rpartition(".")[2]],
        plain=plain,
        gzipped=gzip.compress(plain, compresslevel=9, mtime=0),
    )
