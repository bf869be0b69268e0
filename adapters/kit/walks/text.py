"""Plain text: every line, and of a line such as ``Officer: PC Example`` what stands behind the label."""

from __future__ import annotations

import re
from collections.abc import Iterator

_LABEL = re.compile(r"[^\W\d_][\w \-/()'.?]{0,60}:\s+")
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))


def values(payload: bytes) -> Iterator[tuple[str, str]]:
    """Every line that says something, with its number."""
    for number, line in enumerate(decoded(payload).splitlines(), start=1):
        said = _LABEL.sub("", line.strip(), count=1)
        if said:
            yield f"line[{number}]", said


def decoded(payload: bytes) -> str:
    """The text of bytes whose character set nobody named: by their mark, else UTF-8, else Windows-1252."""
    for mark, codec in _MARKS:
        if payload.startswith(mark):
            return payload.decode(codec, errors="replace")
    try:
        return payload.decode("utf-8")
    except UnicodeDecodeError:
        return payload.decode("cp1252", errors="replace")
