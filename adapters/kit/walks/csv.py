"""Delimited text: every cell outside the header, between commas, semicolons, tabs or bars.

Source: RFC 4180.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

from adapters.kit.walks.text import decoded

_DELIMITERS = ",;\t|"
_TOP = 10


def values(payload: bytes) -> Iterator[tuple[str, str]]:
    """Every cell that holds something, trimmed; no places, since columns are named in many ways.

    The header is the first row that fills nearly as many cells as any other: its names are names and no values.

    Raises:
        ValueError: a cell is longer than a cell may be.
    """
    text = decoded(payload)
    first = max(text.splitlines()[:_TOP], key=len, default="")
    delimiter = max(_DELIMITERS, key=first.count)
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error as error:
        raise ValueError("not delimited text") from error
    filled = [sum(1 for cell in row if cell.strip()) for row in rows]
    most = max(filled, default=0)
    header = next((index for index, count in enumerate(filled) if count * 5 >= most * 4), 0)
    for index, row in enumerate(rows):
        if index != header:
            yield from (("", cell.strip()) for cell in row if cell.strip())
