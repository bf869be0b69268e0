"""A school's CSV as a table: bytes to text, text to rows, the header found, each cell with its pointer.

A pointer is ``row[5]/CHILD_DATE_OF_BIRTH``: the number of the record as a spreadsheet shows it, and the header as it
was sent. Formulas are text like any other: kept as they are, told of, never evaluated. What is no text is not unpacked.

Source: RFC 4180; docs/formats/schools-csv.md.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from adapters.natives import ABSENT, Native
from adapters.schools import columns
from adapters.schools.day_forms import DayForm, DayForms
from schemas.errors import Rejected, TooLarge

CODE = "schools.csv"
LARGEST = 5 * 1024 * 1024
MOST_ROWS = 5_000
MOST_LINES = 200_000  # spreadsheets export blank rows by the ten thousand
MOST_COLUMNS = 400
MOST_CELLS = 130_000
_DELIMITERS = (",", ";", "\t", "|")
_CHARSETS = {
    **{name: name for name in ("utf-8", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "iso-8859-1", "iso-8859-15")},
    "windows-1252": "cp1252",
    "latin-1": "iso-8859-1",
    "latin-9": "iso-8859-15",
}
_NO_TEXT = (
    (b"PK\x03\x04", "a workbook or a zip file: save the sheet as CSV, and send that file"),
    (b"PK\x05\x06", "an empty zip file: save the sheet as CSV, and send that file"),
    (b"\xd0\xcf\x11\xe0", "an old workbook (.xls): save the sheet as CSV, and send that file"),
    (b"\x1f\x8b", "a compressed file: send the CSV as it is"),
    (b"%PDF", "a PDF: export the list as CSV instead"),
)
"""How files begin that are no CSV, and what the sender must do. Nothing is ever unpacked."""
_HEADER_WITHIN = 20
_INSTRUCTION = re.compile(
    r"(required|optional|mandatory|must |format|example|e\.g\.|enter |please |dd/mm/yyyy)", re.IGNORECASE
)


_FORMULA = re.compile(r"[=@\t\r]|[+\-](?![0-9 ().+\-]*\Z)")
"""How a cell begins that a spreadsheet would take for a formula; a telephone number, a number or a dash is none."""


@dataclass(frozen=True, kw_only=True)
class Foreign:
    """CSV of another format: with ``least`` of these headers a file is one, and goes elsewhere."""

    what: str
    headers: frozenset[str]
    least: int


FOREIGN = (
    Foreign(
        what="a return on looked-after children (SSDA903)",
        headers=frozenset(
            {"decom", "rne", "ls", "dec", "rec", "home post", "pl post", "place provider", "reason place change"}
            | {"place", "mis start", "mis end", "miss type", "duc", "poc start", "date int", "uasc", "rev date"}
        ),
        least=3,
    ),
    Foreign(
        what="a census of children in need",
        headers=frozenset(
            {"lachildid", "cinreferraldate", "referralsource", "primaryneedcode", "cinclosuredate", "referralnfa"}
            | {"cppstartdate", "cppenddate", "initialcategoryofabuse", "reasonforclosure", "dateofinitialcpc"}
        ),
        least=3,
    ),
)
"""Returns of local authorities: they tell of children, but not as a school does, and their words mean other things."""


@dataclass(frozen=True, kw_only=True)
class Row:
    """One record: its number, its cells by field, all its cells in order (blank ones too), its forms of dates."""

    number: int
    fields: Mapping[str, Native]
    cells: tuple[Native, ...]
    forms: DayForms

    def dates(self, field: str) -> DayForm:
        """How the dates of ``field`` are written."""
        return self.forms.of(field)

    def holds_formula(self) -> bool:
        """Whether a spreadsheet would take a cell for a formula."""
        return any(
            cell.text[:1] in "=+-@" and _FORMULA.match(cell.text) is not None for cell in self.cells if cell.text
        )

    def get(self, field: str) -> Native:
        """The cell of ``field``; an absent one has no text."""
        return self.fields.get(field, ABSENT)

    def has(self, *fields: str) -> bool:
        """Whether a cell of any of these fields holds something."""
        return any(field in self.fields for field in fields)


@dataclass(frozen=True, kw_only=True)
class Table:
    """The rows that are items, the header's fields, and what stands around the rows."""

    rows: tuple[Row, ...]
    fields: tuple[str | None, ...]
    headers: tuple[str, ...]
    around: tuple[Native, ...]
    charset_guessed: bool


def read(payload: bytes, options: Mapping[str, object]) -> Table:
    """Read the table.

    Raises:
        Rejected: ``schools.csv.encoding``, ``.container``, ``.malformed``, ``.header``, ``.foreign``, ``.empty`` or
            ``.options``.
        TooLarge: ``schools.csv.size``, ``.rows``, ``.columns``, ``.cells`` or ``.cell``.
    """
    own, forms = columns.column_map(options), columns.day_forms(options)
    if len(payload) > LARGEST:
        raise TooLarge(f"{CODE}.size", f"send at most {LARGEST} bytes in one file")
    for magic, what in _NO_TEXT:
        if payload.startswith(magic):
            raise Rejected(f"{CODE}.container", f"this is {what}", at="row[1]")
    text, guessed = _decode(payload, options.get("charset"))
    delimiter = _delimiter(text, options.get("delimiter"), own)
    records = _records(text, delimiter)
    _refuse_foreign(records)
    top = _header(records, own)
    header_number, headers = records[top]
    fields = columns.fields_of(headers, own)
    around = [
        Native(cell.strip(), f"row[{number}]/[{place}]")
        for number, record in records[:top]
        for place, cell in enumerate(record, start=1)
        if cell.strip()
    ]
    names = _column_names(headers)
    rows = []
    for number, record in records[top + 1 :]:
        names += [f"[{place}]" for place in range(len(names) + 1, len(record) + 1)]
        start = f"row[{number}]/"
        cells = tuple([Native(text.strip(), start + name) for text, name in zip(record, names, strict=False)])
        named = {field: cell for field, cell in zip(fields, cells, strict=False) if field is not None and cell.text}
        row = Row(number=number, fields=named, cells=cells, forms=forms)
        if _is_instruction(row):
            around += [cell for cell in cells if cell.text]
        else:
            rows.append(row)
    if not rows:
        raise Rejected(f"{CODE}.empty", "send at least one row under the header", at=f"row[{header_number}]")
    return Table(rows=tuple(rows), fields=fields, headers=tuple(headers), around=tuple(around), charset_guessed=guessed)


def _decode(payload: bytes, wanted: object) -> tuple[str, bool]:
    """The text, and whether its character set was guessed: a byte-order mark, the feed's option and UTF-8 are sure."""
    if payload.startswith(b"\xef\xbb\xbf"):
        attempts, guessed = ["utf-8-sig"], False
    elif payload.startswith((b"\xff\xfe", b"\xfe\xff")):
        attempts, guessed = ["utf-16"], False
    elif wanted is not None:
        charset = _CHARSETS.get(str(wanted).lower())
        if charset is None:
            known = ", ".join(_CHARSETS)
            raise Rejected(
                f"{CODE}.options", f"ask the hub to mend the feed's character set: one of {known}", at="options.charset"
            )
        attempts, guessed, wanted = [charset], False, charset
    elif payload[1::2].count(0) * 2 > len(payload) // 2 > 0:
        attempts, guessed = ["utf-16-le"], True
    elif payload[0::2].count(0) * 2 > len(payload) // 2 > 0:
        attempts, guessed = ["utf-16-be"], True
    else:
        attempts, guessed = ["utf-8", "cp1252"], False
    for attempt in attempts:
        try:
            return payload.decode(attempt), guessed or attempt == "cp1252" != wanted
        except UnicodeDecodeError:
            continue
    raise Rejected(
        f"{CODE}.encoding", "send the file as UTF-8, or tell the hub which character set it has", at="row[1]"
    )


def _delimiter(text: str, wanted: object, own: Mapping[str, str]) -> str:
    """The feed's delimiter, else the one under which one of the first lines names the most fields."""
    if wanted is not None:
        if wanted not in _DELIMITERS:
            raise Rejected(f"{CODE}.options", "ask the hub to mend the feed's delimiter", at="options.delimiter")
        return str(wanted)
    lines = text[:100_000].splitlines()[:_HEADER_WITHIN]

    def named(delimiter: str) -> int:
        return max((_named([part.strip(' "') for part in line.split(delimiter)], own) for line in lines), default=0)

    return max(_DELIMITERS, key=named)


def _records(text: str, delimiter: str) -> list[tuple[int, list[str]]]:
    """The records that hold anything, each with its number."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    records: list[tuple[int, list[str]]] = []
    number = cells = 0
    try:
        for number, record in enumerate(reader, start=1):
            if any(cell.strip() for cell in record):
                records.append((number, record))
                cells += len(record)
            if len(records) > MOST_ROWS or number > MOST_LINES:
                raise TooLarge(f"{CODE}.rows", f"send at most {MOST_ROWS} rows in one file", at=f"row[{number}]")
            if cells > MOST_CELLS:
                raise TooLarge(f"{CODE}.cells", f"send at most {MOST_CELLS} cells in one file", at=f"row[{number}]")
            if len(record) > MOST_COLUMNS:
                raise TooLarge(f"{CODE}.columns", f"send at most {MOST_COLUMNS} columns", at=f"row[{number}]")
    except csv.Error as error:
        at = f"row[{number + 1}]"
        if "field larger than field limit" in str(error):
            raise TooLarge(f"{CODE}.cell", "send a shorter text in this row", at=at) from error
        raise Rejected(
            f"{CODE}.malformed", "close every quotation mark, and double those inside a text", at=at
        ) from error
    return records


def _header(records: list[tuple[int, list[str]]], own: Mapping[str, str]) -> int:
    """The place of the first of the top rows that names two fields or more."""
    for place, (_, record) in enumerate(records[:_HEADER_WITHIN]):
        if _named(record, own) >= 2:
            return place
    raise Rejected(
        f"{CODE}.header",
        "send a header row with column names that the format's documentation lists, or ask the hub for a column map",
        at="row[1]",
    )


def _refuse_foreign(records: list[tuple[int, list[str]]]) -> None:
    for number, record in records[:_HEADER_WITHIN]:
        met = {columns.plain(header) for header in record[:MOST_COLUMNS]}
        for foreign in FOREIGN:
            if len(met & foreign.headers) >= foreign.least:
                detail = f"this is {foreign.what}, which no school sends; send it elsewhere"
                raise Rejected(f"{CODE}.foreign", detail, at=f"row[{number}]")


def _named(cells: list[str], own: Mapping[str, str]) -> int:
    return sum(1 for field in columns.fields_of(cells[:MOST_COLUMNS], own) if field is not None)


def _column_names(headers: list[str]) -> list[str]:
    """The headers as pointers name them: one that is blank or comes twice has its place with it."""
    bare = [header.strip() for header in headers]
    total = Counter(bare)
    return [
        header if header and total[header] == 1 else f"{header}[{place}]" for place, header in enumerate(bare, start=1)
    ]


def _is_instruction(row: Row) -> bool:
    """Whether the row tells how to fill the form in: most of its cells are instructions, and it names no child."""
    if row.dates("birth_date").partial(row.get("birth_date").text) is not None:
        return False
    filled = [cell.text for cell in row.cells if cell.text]
    telling = sum(1 for text in filled if _INSTRUCTION.match(text) is not None)
    return len(filled) > 1 and telling * 2 > len(filled)
