"""What a browser sends as a form, and the token that proves which page it came from.

A token is bound to the sitting (by its secret, which never leaves the server) and to the form's path, and is another
for every page shown. So it is three things at once: proof against forgery, the name by which a form counts once, and
nothing that repeats in a compressed page.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from crypto import base64url
from schemas.base import Frozen
from schemas.errors import Rejected

TOKEN_FIELD = "form_token"  # noqa: S105 - a field's name
NAME_BYTES = 16
MOST_FIELDS = 2_000
_TOKEN = re.compile(r"[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}")


class FormNote(Frozen):
    """The fields of a form as they are sealed, in order."""

    fields: tuple[tuple[str, str], ...]


@dataclass(frozen=True, kw_only=True)
class Form:
    """The fields of a form; a name may come several times."""

    fields: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, pairs: Iterable[tuple[str, str]]) -> Form:
        """A form of these fields, without the token."""
        gathered: dict[str, tuple[str, ...]] = {}
        for name, value in pairs:
            if name != TOKEN_FIELD:
                gathered[name] = (*gathered.get(name, ()), value)
        return cls(fields=gathered)

    def text(self, name: str, otherwise: str = "") -> str:
        """The field's text without white space around it; the last, where there are several."""
        values = self.fields.get(name)
        return values[-1].strip() if values else otherwise

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a field."""
        return self.fields.get(name, ())

    def has(self, name: str) -> bool:
        """Whether the field came at all."""
        return name in self.fields

    @property
    def empty(self) -> bool:
        """Whether nothing was typed."""
        return not any(value.strip() for values in self.fields.values() for value in values)

    def note(self) -> FormNote:
        """As it is sealed."""
        return FormNote(fields=tuple((name, value) for name, values in self.fields.items() for value in values))


def parse(body: bytes) -> tuple[Form, str]:
    """The form and its token, out of ``application/x-www-form-urlencoded``. Line ends become those of text.

    Raises:
        Rejected: it is no such form, or has too many fields.
    """
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="strict")
    except ValueError:
        raise Rejected("form.unreadable", "send the form as the page made it") from None
    read = [(name, _text(value)) for name, value in pairs]
    return Form.of(read), next((value for name, value in read if name == TOKEN_FIELD), "")


def _text(value: str) -> str:
    # A browser sends CRLF. What no text holds (NUL, and controls that hide or reorder a terminal's line) is taken out.
    unified = value.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(letter for letter in unified if letter in "\n\t" or not (ord(letter) < 32 or ord(letter) == 127))


def mint(secret: bytes, path: str, random: bytes) -> str:
    """A token for the form at this path; ``random`` are 16 fresh bytes."""
    name = base64url.encode(random)
    return f"{name}.{base64url.encode(_mac(secret, path, name))}"


def named(secret: bytes, path: str, token: str) -> str | None:
    """The name of the form that this token was minted for, at this path; None where it was not."""
    if not _TOKEN.fullmatch(token):
        return None
    name, _, mac = token.partition(".")
    right = base64url.encode(_mac(secret, path, name))
    return name if hmac.compare_digest(mac, right) else None


def _mac(secret: bytes, path: str, name: str) -> bytes:
    return hmac.digest(secret, f"{name}\n{path}".encode(), hashlib.sha256)
