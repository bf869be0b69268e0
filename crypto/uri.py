"""Whether two URIs name the same target of a request, after the normalisation of RFC 3986.

Source: RFC 3986 sections 5.2.4, 6.2.2 and 6.2.3, as RFC 9449 section 4.3 asks for.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_DEFAULT_PORTS = {"http": 80, "https": 443}
_TARGET = re.compile(r"[\x21-\x7e]+")
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_BROKEN_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_NORMAL = re.compile(
    r"https?://[a-z0-9](?:[a-z0-9.-]{0,200}[a-z0-9])?(?::(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}))?(?:/[A-Za-z0-9_-]+)+"
)
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


def same_target(one: str, other: str) -> bool:
    """Whether both are http(s) URIs of the same target, query and fragment aside. What is malformed equals nothing."""
    if one == other and _NORMAL.fullmatch(one):
        return True  # what nearly every proof names, and the hub's own address: spelt alike, with nothing to normalise
    normal = normalised(one)
    return normal is not None and normal == normalised(other)


def normalised(uri: str) -> str | None:
    """The one spelling of this http(s) URI without query and fragment, or None where it is none or holds user data."""
    if not _TARGET.fullmatch(uri) or _BROKEN_ESCAPE.search(uri) or "\\" in uri:
        return None
    try:
        parts = urlsplit(uri)
        port = parts.port
    except ValueError:
        return None
    scheme, host = parts.scheme.lower(), parts.hostname
    if scheme not in _DEFAULT_PORTS or not host or "@" in parts.netloc:
        return None
    name = f"[{host}]" if ":" in host else _escapes(host).lower()
    shown = "" if port is None or port == _DEFAULT_PORTS[scheme] else f":{port}"
    return f"{scheme}://{name}{shown}{_without_dots(_escapes(parts.path))}"


def _escapes(text: str) -> str:
    """Escapes of unreserved characters decoded, all others in upper case."""

    def spell(match: re.Match[str]) -> str:
        character = chr(int(match[1], 16))
        return character if character in _UNRESERVED else match[0].upper()

    return _ESCAPE.sub(spell, text)


def _without_dots(path: str) -> str:
    kept: list[str] = []
    segments = path.split("/")[1:] or [""]
    for segment in segments:
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(segment)
    if segments[-1] in {".", ".."}:
        kept.append("")
    return "/" + "/".join(kept)
