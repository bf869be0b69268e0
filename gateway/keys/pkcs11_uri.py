"""Where a key in a token is: a ``pkcs11:`` URI, taken apart strictly.

Of the attributes those that a hub needs: ``token``, ``serial``, ``object``; of the query ``module-path`` and
``pin-source`` (a file). ``pin-value`` is refused: an address is shown around, a PIN is not.
Source: RFC 7512, sections 2.3 and 2.4.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, unquote

from schemas.errors import Rejected

SCHEME = "pkcs11:"
_LONGEST = 2_000
_PATH = frozenset({"token", "serial", "object", "type"})
_QUERY = frozenset({"module-path", "pin-source"})
_PART = re.compile(r"^([a-z-]+)=((?:[A-Za-z0-9\-._~:\[\]@!$'()*+,=&/?|]|%[0-9A-Fa-f]{2})*)$")
_UNESCAPED = "-._~:[]@!$'()*+,="
_AT = "pkcs11 URI"


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenAddress:
    """One key: the token by label or serial (at least one of them), the key's label, the library that speaks to it."""

    module: Path
    token: str | None = None
    serial: str | None = None
    key: str
    pin_file: Path | None = None

    @classmethod
    def parse(cls, text: str) -> TokenAddress:
        """The address in this URI.

        Raises:
            Rejected: it is not in the form, says something twice, carries a PIN, or does not name token, key or module.
        """
        text = text.strip()
        if not text.startswith(SCHEME) or len(text) > _LONGEST:
            raise _refused("write pkcs11:token=...;object=...?module-path=/path/to/library.so")
        path, _, query = text.removeprefix(SCHEME).partition("?")
        named = _parts(path, ";", _PATH)
        asked = _parts(query, "&", _QUERY)
        if named.get("type", "secret-key") != "secret-key":
            raise _refused("type is secret-key, where it is said")
        if not named.get("object") or not (named.get("token") or named.get("serial")):
            raise _refused("name the token (or its serial) and the key: token=...;object=...")
        module = Path(asked.get("module-path", ""))
        if not module.is_absolute():
            raise _refused("say where the token's library is: ?module-path=/path/to/library.so")
        return cls(
            module=module,
            token=named.get("token"),
            serial=named.get("serial"),
            key=named["object"],
            pin_file=_pin_file(asked.get("pin-source")),
        )

    def text(self) -> str:
        """The URI; it holds no secret."""
        named = {"token": self.token, "serial": self.serial, "object": self.key, "type": "secret-key"}
        path = ";".join(f"{name}={quote(value, safe=_UNESCAPED)}" for name, value in named.items() if value)
        query = f"module-path={quote(str(self.module), safe=_UNESCAPED + '/')}"
        if self.pin_file is not None:
            query += f"&pin-source={quote(f'file:{self.pin_file}', safe=_UNESCAPED + '/')}"
        return f"{SCHEME}{path}?{query}"


def _parts(text: str, between: str, known: frozenset[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in text.split(between) if text else ():
        match = _PART.match(part)
        if match is None or match[1] in found:
            raise _refused("each attribute once, as name=value, what is special in it as %XX")
        if match[1] in {"pin-value", "pin"}:
            raise _refused("a PIN does not stand in an address: MASH_PKCS11_PIN_FILE names a file that holds it")
        if match[1] not in known:
            # RFC 7512 lets unknown vendor attributes be passed over; one that chose the key would choose another here.
            raise _refused(f"of attributes, these alone: {', '.join(sorted(known))}")
        try:
            found[match[1]] = unquote(match[2], errors="strict")
        except UnicodeDecodeError:
            raise _refused("what %XX stands for is UTF-8") from None
    if any(not value.isprintable() for value in found.values()):
        raise _refused("no control characters")
    return found


def _pin_file(source: str | None) -> Path | None:
    if source is None:
        return None
    path = Path(source.removeprefix("file://").removeprefix("file:"))
    if not path.is_absolute():
        raise _refused("pin-source names a file by its whole path: pin-source=file:/path/to/pin")
    return path


def _refused(detail: str) -> Rejected:
    return Rejected("keys.pkcs11.uri", detail, at=_AT)
