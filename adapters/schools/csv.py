"""Schools' CSV: safeguarding exports, class lists, attendance, children missing education. One item a row.

The exports of CPOMS and MyConcern have no public schema: this is a documented CSV of our own, read through header
synonyms and the feed's own column map.

Source: docs/formats/schools-csv.md.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from adapters.kinds import Rule, judge
from adapters.natives import Native
from adapters.port import Answer, FeedContext, Receipt
from adapters.provenance import Recorder
from adapters.receipts import json_receipt
from adapters.schools import attendance, attendance_row, columns, record, table, worry
from adapters.schools.table import Row, Table
from schemas.notification import Normalised, Notification, Reading
from schemas.vocabulary import ItemKind, Sector

NAME = "schools.csv"
FORMAT = "schools.csv/1.0"


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the rows below look at: the export as a whole, and this row."""

    safeguarding_export: bool
    worries: bool
    unread_worry: bool
    identified: bool


RULES = (
    Rule[Facts](
        kind=ItemKind.CONCERN,
        when=lambda facts: facts.worries,
        because="the row tells of a concern",
    ),
    Rule[Facts](
        kind=ItemKind.CONCERN,
        when=lambda facts: facts.safeguarding_export,
        because="the export is about safeguarding, though this row's columns for it are empty",
    ),
    Rule[Facts](
        kind=ItemKind.CONCERN,
        when=lambda facts: facts.unread_worry,
        because="a column that nobody mapped holds free text or speaks of safeguarding",
    ),
    Rule[Facts](
        kind=ItemKind.UPDATE,
        when=lambda facts: facts.identified,
        because="a class list refreshes what is known of a pupil",
    ),
    Rule[Facts](
        kind=ItemKind.CONTEXT,
        when=lambda facts: not facts.identified,
        because="a class list's row does not say which child it is about",
    ),
)


class SafeguardingExport:
    """Reads schools' CSV and answers with JSON: a receipt, or problem details.

    Options of the feed: ``columns`` (header to field), ``dates``, ``two_digit_years_from``, ``categories`` (native
    words to ours), ``charset``, ``delimiter``.
    """

    name = NAME
    version = "1.1.0"
    sector = Sector.EDUCATION
    summary = "Schools' CSV: safeguarding exports, class lists, attendance (documented, with a column map)"

    def read(self, payload: bytes, context: FeedContext) -> Reading:
        """Normalise a file: one item a row that is neither blank nor an instruction.

        Raises:
            Rejected: ``schools.csv.encoding``, ``.container``, ``.malformed``, ``.header``, ``.foreign``, ``.empty`` or
                ``.options``.
            TooLarge: ``schools.csv.size``, ``.rows``, ``.columns``, ``.cells`` or ``.cell``.
        """
        found = table.read(payload, context.options)
        digest = f"sha256:{hashlib.sha256(payload).hexdigest()}"
        exports = {row.get("export_id").text for row in found.rows}
        file_id = exports.pop() if len(exports) == 1 else ""
        ids: dict[str, Row] = {}
        for row in found.rows:
            own = row.get("incident_id").text or f"{digest}#row-{row.number}"
            # An incident with several pupils has a row for each, under one number.
            ids[own if own not in ids else f"{own}#row-{row.number}"] = row
        export = _Export(
            safeguarding=columns.is_safeguarding_export(found.fields),
            speaking=tuple(columns.speaks_of_safeguarding(header) for header in found.headers),
            commenting=tuple(columns.holds_comments(header) for header in found.headers),
            headers={
                field: header.strip()
                for field, header in zip(found.fields, found.headers, strict=False)
                if field is not None
            },
            tenth=attendance_row.tenth_days(found.rows) if "attendance_code" in found.fields else {},
        )
        items = tuple(
            _item(row, found, export, context, native_id=native_id, around=found.around if place == 0 else ())
            for place, (native_id, row) in enumerate(ids.items())
        )
        return Reading(native_id=file_id or digest, format=FORMAT, items=items)

    def answer(self, payload: bytes, receipt: Receipt, context: FeedContext) -> Answer:  # noqa: ARG002 - the port's
        """A JSON receipt on acceptance, else problem details (RFC 9457)."""
        return json_receipt(receipt)


ADAPTER = SafeguardingExport()


@dataclass(frozen=True, kw_only=True)
class _Export:
    """What holds for every row of the export.

    Whether it is about safeguarding, which of its headers sound like a concern or are for comments, its headers by
    field, and the rows that complete ten school days of absence.
    """

    safeguarding: bool
    speaking: tuple[bool, ...]
    commenting: tuple[bool, ...]
    headers: Mapping[str, str]
    tenth: attendance_row.Tenth


def _item(
    row: Row, found: Table, export: _Export, context: FeedContext, *, native_id: str, around: Sequence[Native]
) -> Normalised:
    recorder = Recorder(recurring=False)
    if row.get("incident_id").text:
        recorder.take("native_id", row.get("incident_id").pointer)
    if found.charset_guessed:
        recorder.flag("text.charset_guessed")
    if row.holds_formula():
        recorder.flag("cell.formula")
    kind, because = _judge(row, found, export)
    concern = record.concern(row, recorder.within("concern"), context.options.get("categories"))
    actions = record.actions(row, recorder)
    if attendance_row.tells(row):
        attendance_row.flag(row, recorder)
        if kind is ItemKind.CONCERN:
            concern = attendance_row.concern(row, export.headers, concern, recorder.within("concern"))
            actions += attendance_row.enquiries(row, recorder, len(actions))
    incident = record.incident(row, recorder.within("incident"))
    notification = Notification(
        native_id=native_id,
        format=FORMAT,
        kind=kind,
        kind_reason=because,
        event_at=record.event_at(row, recorder),
        children=record.children(row, recorder),
        adults=record.adults(row, recorder),
        concern=concern,
        incident=incident,
        immediate_danger=record.immediate_danger(row, recorder),
        actions_taken=actions,
        referrer=record.referrer(row, recorder.within("referrer")),
        consent=record.consent(row, recorder.within("consent")),
        handling=record.handling(row, recorder.within("handling")),
        quality=recorder.quality,
    )
    recorder.sweep([(cell.pointer, cell.text) for cell in (*row.cells, *around) if cell.text])
    return Normalised(
        notification=notification,
        provenance=recorder.provenance,
        unmapped=recorder.unmapped,
    )


def _judge(row: Row, found: Table, export: _Export) -> tuple[ItemKind, str]:
    """By the rows above; and by those for attendance, where the row tells of it and no row above makes it a concern."""
    kind, because = judge(RULES, _facts(row, found, export))
    if kind is not ItemKind.CONCERN and attendance_row.tells(row):
        facts = attendance_row.facts(row, found.fields, export.tenth, identified=record.identified(row))
        return judge(attendance.RULES, facts)
    return kind, because


def _facts(row: Row, found: Table, export: _Export) -> Facts:
    mapped = len(found.fields)
    unread = [
        (place < mapped and export.speaking[place], place < mapped and export.commenting[place], cell.text)
        for place, cell in enumerate(row.cells)
        if cell.text and (place >= mapped or found.fields[place] is None)
    ]
    return Facts(
        safeguarding_export=export.safeguarding,
        worries=not columns.SAFEGUARDING.isdisjoint(row.fields),
        unread_worry=any(
            speaks or len(text.split()) >= worry.LONG or (comments and worry.tells(text))
            for speaks, comments, text in unread
        ),
        identified=record.identified(row),
    )
