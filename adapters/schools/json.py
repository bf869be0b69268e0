"""Schools' JSON: pupils and attendance as Wonde gives them, and our own documents of concerns and attendance.

CPOMS and MyConcern publish no schema: what their users send comes in our own form, whose schema we publish.

Source: Wonde API v1; docs/formats/schools-json.md; docs/formats/schools-json.schema.json.
"""

from __future__ import annotations

import hashlib

from adapters.port import Answer, FeedContext, Receipt
from adapters.receipts import json_receipt
from adapters.schools import school_records, wonde
from adapters.schools.school_document import FORMAT
from adapters.strict_json import Json, decode, leaves, parse
from schemas.errors import Rejected, TooLarge
from schemas.notification import Reading
from schemas.vocabulary import Sector

NAME = "schools.json"
MOST_RECORDS = 2_500


class SchoolJson:
    """Reads schools' JSON and answers with JSON: a receipt, or problem details.

    Option of the feed: ``categories`` (native words to ours).
    """

    name = NAME
    version = "1.0.0"
    sector = Sector.EDUCATION
    summary = "Schools' JSON: Wonde-style pupils and attendance, and our documented safeguarding concerns"

    def read(self, payload: bytes, context: FeedContext) -> Reading:
        """Normalise a document: one item a pupil, a mark of the register, or a record.

        Raises:
            Rejected: it is no strict JSON, of neither form, or not of the shape that our schema names; ``at`` is a JSON
                pointer.
            TooLarge: it is over the limit on size, depth, values or records.
        """
        whole = parse(decode(payload, family=NAME), family=NAME)
        digest = f"sha256:{hashlib.sha256(payload).hexdigest()}"
        if isinstance(whole, dict) and "format" in whole and "records" in whole:
            return self._ours(whole, digest, context)
        records, around = _students(whole)
        _limit(len(records), "/data")
        return Reading(native_id=digest, format=wonde.FORMAT, items=wonde.items(records, around, digest))

    def _ours(self, whole: dict[str, Json], digest: str, context: FeedContext) -> Reading:
        if whole["format"] != FORMAT:
            raise Rejected(f"{NAME}.version", f"send a document whose format is {FORMAT}", at="/format")
        records = whole["records"]
        _limit(len(records) if isinstance(records, list) else 0, "/records")
        items = school_records.items(whole, context.options)
        own = whole.get("id")
        return Reading(
            native_id=own if isinstance(own, str) and own.strip() else digest,
            format=items[0].notification.format,
            items=items,
        )

    def answer(self, payload: bytes, receipt: Receipt, context: FeedContext) -> Answer:  # noqa: ARG002 - the port's
        """A JSON receipt where it was accepted, else problem details (RFC 9457)."""
        return json_receipt(receipt)


ADAPTER = SchoolJson()


def _limit(records: int, at: str) -> None:
    if records > MOST_RECORDS:
        raise TooLarge(f"{NAME}.records", f"send at most {MOST_RECORDS} records in one document", at=at)


def _students(whole: Json) -> tuple[list[tuple[str, Json]], dict[str, str]]:
    """The records of a page, a list or a single object, each with its pointer; and the values around them."""
    if wonde.is_record(whole):
        return [("", whole)], {}
    held, start = (whole.get("data"), "/data") if isinstance(whole, dict) else (whole, "")
    members: list[Json] | None = held if isinstance(held, list) else None
    found = [(start, held)] if members is None else [(f"{start}/{place}", each) for place, each in enumerate(members)]
    if not found:
        raise Rejected(f"{NAME}.empty", "send at least one record", at=start)
    for pointer, each in found:
        if not wonde.is_record(each):
            raise Rejected(
                f"{NAME}.form",
                f"send pupils or attendance as Wonde's API gives them, or a document whose format is {FORMAT}",
                at=pointer,
            )
    around = {key: value for key, value in whole.items() if key != "data"} if isinstance(whole, dict) else {}
    return found, leaves(around)
