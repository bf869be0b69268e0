"""HL7 v2: every value of a message or a batch, under the delimiters that its header names.

Source: HL7 v2 chapter 2 (encoding, escapes, batch protocol).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_HEADERS = ("MSH", "FHS", "BHS")
_AROUND = ("FHS", "BHS", "BTS", "FTS")


def values(payload: bytes) -> Iterator[tuple[str, str]]:
    """Every value as PID-5.1, with the segments counted per message; the commonest escapes are undone.

    Raises:
        ValueError: it does not start with a header.
    """
    counts: dict[str, int] = {}
    separator, marks = "|", "^~\\&"
    for line in _lines(payload):
        name = line[:3]
        if name in _HEADERS and len(line) > 3:
            separator = line[3]
            marks = line[4:].split(separator, 1)[0]
        if name == "MSH":
            counts = {key: count for key, count in counts.items() if key in _AROUND}
        counts[name] = counts.get(name, 0) + 1
        start = name if counts[name] == 1 else f"{name}[{counts[name]}]"
        for number, field in enumerate(line.split(separator)[1:], start=2 if name in _HEADERS else 1):
            if name in _HEADERS and number == 2:
                yield f"{start}-2", field
            else:
                yield from _field(f"{start}-{number}", field, marks.ljust(4, "\x00"), separator)


def _lines(payload: bytes) -> list[str]:
    try:
        text = payload.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = payload.decode("cp1252", errors="replace")
    lines: list[list[str]] = []
    for line in re.split(r"\r\n|\r|\n", text.strip("\x0b\x1c\ufeff\r\n\t ")):
        if not line.strip():
            continue
        if re.match(r"[A-Z][A-Z0-9]{2}([^A-Za-z0-9 ]|$)", line) or not lines:
            lines.append([line])
        else:
            lines[-1].append(line)  # a line that starts no segment goes on with the one before
    if not lines or not lines[0][0].startswith(_HEADERS):
        raise ValueError("no header")
    return ["\n".join(pieces) for pieces in lines]


def _field(pointer: str, field: str, marks: str, separator: str) -> Iterator[tuple[str, str]]:
    component, repetition, escape, sub = tuple(marks[:4])
    for place, repeated in enumerate(field.split(repetition), start=1):
        at = pointer if place == 1 else f"{pointer}[{place}]"
        components = repeated.split(component)
        for inner, each in enumerate(components, start=1):
            subs = each.split(sub)
            for deepest, value in enumerate(subs, start=1):
                whole = at
                if len(components) > 1 or len(subs) > 1:
                    whole += f".{inner}"
                if len(subs) > 1:
                    whole += f".{deepest}"
                if value.strip():
                    yield whole, _plain(value, escape, (separator, component, sub, repetition))


def _plain(value: str, escape: str, marks: tuple[str, str, str, str]) -> str:
    if escape not in value:
        return value
    names = dict(zip("FSTR", marks, strict=True)) | {"E": escape, ".br": "\n"}
    wanted = "|".join(re.escape(name) for name in names)
    return re.sub(f"{re.escape(escape)}({wanted}){re.escape(escape)}", lambda found: names[found.group(1)], value)
