"""Finding words in bytes, however they are spelt there: in clear, encoded, escaped, or deflated."""

from __future__ import annotations

import base64
import html
import json
import quopri
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

_SPACE = re.compile(rb"[\r\n\t ]+")
# A gzip member, or a zlib stream at any of its four levels.
_DEFLATED = re.compile(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]")
_INFLATED_LIMIT = 4_000_000
_DEFLATED_LIMIT = 1_000_000
_EMPTY = re.compile(rb"\x00{64,}")
_CASED = ("in clear", "utf-16-le", "utf-16-be", "percent", "every byte in percent", "json", "json in full", "html",
          "html by number", "html by number in hexadecimal", "quoted-printable", "hexadecimal")  # fmt: skip


@dataclass(frozen=True, order=True, kw_only=True)
class Found:
    """A word, how it was spelt, and where."""

    word: str
    spelling: str
    place: str = ""


def spellings(word: str) -> Iterator[tuple[str, bytes]]:
    """Every way that a word may stand in bytes, each with its name."""
    raw = word.encode()
    yield "in clear", raw
    yield "latin-1", word.encode("latin-1", "replace")
    yield "utf-16-le", word.encode("utf-16-le")
    yield "utf-16-be", word.encode("utf-16-be")
    yield "percent", quote(word, safe="").encode()
    yield "every byte in percent", "".join(f"%{byte:02x}" for byte in raw).encode()
    yield "json", json.dumps(word)[1:-1].encode()
    yield "json in full", "".join(f"\\u{ord(one):04x}" for one in word).encode()
    yield "html", html.escape(word).encode("ascii", "xmlcharrefreplace")
    yield "html by number", "".join(f"&#{ord(one)};" for one in word).encode()
    yield "html by number in hexadecimal", "".join(f"&#x{ord(one):x};" for one in word).encode()
    yield "quoted-printable", quopri.encodestring(raw)
    yield "hexadecimal", raw.hex().encode()
    for offset in range(3):
        encoded = base64.b64encode(b"\0" * offset + raw)
        # The first and last characters mix with whatever stands beside the word.
        inner = encoded[(0, 2, 3)[offset] : -4]
        yield f"base64 at {offset}", inner
        yield f"base64url at {offset}", inner.translate(bytes.maketrans(b"+/", b"-_"))
    digits = word.replace(" ", "")
    if digits.isascii() and digits.isdecimal():
        yield "a number", int(digits).to_bytes(6, "big")
        yield "a number, little end first", int(digits).to_bytes(8, "little")


@dataclass(frozen=True)
class Search:
    """A search for these words, in their own letters, in capitals and in small ones."""

    words: tuple[str, ...]
    _forms: dict[bytes, tuple[str, str]] = field(default_factory=dict)
    _small: dict[bytes, tuple[str, str]] = field(default_factory=dict)
    _broken: dict[bytes, tuple[str, str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for word in self.words:
            for cased in dict.fromkeys((word, word.upper(), word.lower(), word.title())):
                for name, form in spellings(cased):
                    # Of what keeps letters apart by their case alone, small letters stand for both.
                    if name in _CASED:
                        self._small.setdefault(form.lower(), (word, name))
                    elif name.startswith("base64"):
                        self._broken.setdefault(form, (word, name))
                    else:
                        self._forms.setdefault(form, (word, name))

    def look(self, data: bytes, place: str = "") -> set[Found]:
        """Every word that stands in these bytes: as they are, without line breaks, and inflated where they deflate."""
        data = _EMPTY.sub(b"\0", data)
        found = self._look(data, place)
        for inflated in _inflated(data):
            found |= {
                Found(word=one.word, spelling=f"deflated, {one.spelling}", place=place)
                for one in self._look(inflated, place)
            }
        return found

    def look_into(self, files: Iterable[Path]) -> set[Found]:
        """Every word that stands in a file, or in its name. A file that ends meanwhile is passed over."""
        found: set[Found] = set()
        for file in files:
            try:
                data = file.read_bytes()
            except FileNotFoundError:
                continue
            found |= self.look(data, str(file)) | self.look(str(file).encode(), f"the name of {file}")
        return found

    def _look(self, data: bytes, place: str) -> set[Found]:
        small, unbroken = data.lower(), _SPACE.sub(b"", data)
        hits = [told for form, told in self._small.items() if form in small]
        hits += [told for form, told in self._forms.items() if form in data]
        hits += [told for form, told in self._broken.items() if form in unbroken]
        return {Found(word=word, spelling=spelling, place=place) for word, spelling in hits}


def _inflated(data: bytes) -> Iterator[bytes]:
    view = memoryview(data)
    for match in _DEFLATED.finditer(data):
        # 47: whichever of both headers stands there.
        engine = zlib.decompressobj(47)
        try:
            made = engine.decompress(view[match.start() : match.start() + _DEFLATED_LIMIT], _INFLATED_LIMIT)
        except zlib.error:
            continue
        if len(made) > 3:
            yield made


def files(*folders: Path) -> Iterator[Path]:
    """Every file below these folders."""
    for folder in folders:
        yield from (path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
