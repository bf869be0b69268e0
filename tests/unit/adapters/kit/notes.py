"""A small adapter that passes every check, and the ways to break it."""

from __future__ import annotations

import json
import random
import re
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from adapters.port import STATUS, Answer, FeedContext, Receipt
from adapters.receipts import json_receipt
from adapters.strict_json import decode, leaves, parse
from schemas.errors import Rejected
from schemas.notification import Mapped, Normalised, Notification, Reading, Referrer, Unmapped
from schemas.persons import Name, Person
from schemas.vocabulary import ItemKind, Sector

NOTE = b'{"id": "N-100", "by": "Morgan Example", "text": "Seen alone.", "tag": "evening", "child": "Testcase"}'


class Notes:
    name = "acme.notes"
    version = "1.0"
    sector = Sector.VOLUNTARY
    summary = "Notes in JSON"

    def read(self, payload: bytes, context: FeedContext) -> Reading:
        del context
        value = parse(decode(payload, family=self.name), family=self.name)
        if not isinstance(value, dict) or not isinstance(value.get("id"), str) or not value["id"]:
            raise Rejected(f"{self.name}.object", "Send an object with an id.", at="/id")
        found = leaves(value)
        by = found.pop("/by", "").strip()
        native_id = found.pop("/id")
        provenance = [Mapped(field="native_id", pointer="/id")]
        if by:
            provenance.append(Mapped(field="referrer.name", pointer="/by"))
        child = found.pop("/child", "").strip()
        if child:
            provenance.append(Mapped(field="children[0].names[0].family", pointer="/child"))
        children = (Person(ref="child-1", names=(Name(family=child),)),) if child else ()
        reading = self.made(native_id, by, provenance, [Unmapped(pointer=at, value=text) for at, text in found.items()])
        if not children:
            return reading
        note = reading.items[0].notification.model_copy(update={"children": children})
        return reading.model_copy(update={"items": (reading.items[0].model_copy(update={"notification": note}),)})

    def made(self, native_id: str, by: str, provenance: list[Mapped], unmapped: list[Unmapped]) -> Reading:
        note = Notification(
            native_id=native_id,
            format=self.name,
            kind=ItemKind.CONCERN,
            kind_reason="a note is a concern",
            referrer=Referrer(name=by) if by else None,
        )
        item = Normalised(notification=note, provenance=tuple(provenance), unmapped=tuple(unmapped))
        return Reading(native_id=native_id, format=self.name, items=(item,))

    def answer(self, payload: bytes, receipt: Receipt, context: FeedContext) -> Answer:
        del payload, context
        return json_receipt(receipt)


class ReadsTheClock(Notes):
    def read(self, payload: bytes, context: FeedContext) -> Reading:
        datetime.now(UTC)
        return super().read(payload, context)


class ReadsTheOtherClock(Notes):
    def answer(self, payload: bytes, receipt: Receipt, context: FeedContext) -> Answer:
        time.time()
        return super().answer(payload, receipt, context)


class ThrowsDice(Notes):
    def read(self, payload: bytes, context: FeedContext) -> Reading:
        random.random()  # noqa: S311 - what the check is to find
        return super().read(payload, context)


class ReadsAFile(Notes):
    def read(self, payload: bytes, context: FeedContext) -> Reading:
        with suppress(RuntimeError):  # what the check raises is noted, whatever an adapter does with it
            Path(__file__).read_bytes()
        return super().read(payload, context)


class HasNoName(Notes):
    name = "Acme Notes"


class Remembers(Notes):
    def __init__(self) -> None:
        self._seen = 0

    def read(self, payload: bytes, context: FeedContext) -> Reading:
        self._seen += 1
        reading = super().read(payload, context)
        return reading.model_copy(update={"native_id": f"{reading.native_id}-{self._seen}"})


class HidesAnOrigin(Notes):
    def made(self, native_id: str, by: str, provenance: list[Mapped], unmapped: list[Unmapped]) -> Reading:
        return super().made(native_id, by, [each for each in provenance if each.field != "referrer.name"], unmapped)


class DropsTheRest(Notes):
    def made(self, native_id: str, by: str, provenance: list[Mapped], unmapped: list[Unmapped]) -> Reading:
        return super().made(native_id, by, provenance, [left for left in unmapped if left.pointer != "/tag"])


class CallsItSomethingElse(Notes):
    def made(self, native_id: str, by: str, provenance: list[Mapped], unmapped: list[Unmapped]) -> Reading:
        return super().made(native_id, "Somebody Else", provenance, [*unmapped, Unmapped(pointer="/by", value=by)])


class FallsOver(Notes):
    def read(self, payload: bytes, context: FeedContext) -> Reading:
        json.loads(payload)
        return super().read(payload, context)


class TellsAValue(Notes):
    def read(self, payload: bytes, context: FeedContext) -> Reading:
        told = re.search(rb'"by": "([\w ]+)"', payload)
        if told is not None and payload != NOTE:
            raise Rejected(f"{self.name}.object", f"{told[1].decode()} is not known here.")
        return super().read(payload, context)


class AnswersWrongly(Notes):
    def answer(self, payload: bytes, receipt: Receipt, context: FeedContext) -> Answer:
        made = super().answer(payload, receipt, context)
        return Answer(status=200, media_type=made.media_type, body=made.body)


class GossipsInItsAnswer(Notes):
    def answer(self, payload: bytes, receipt: Receipt, context: FeedContext) -> Answer:
        made = super().answer(payload, receipt, context)
        return made if b"N-100" not in payload else Answer(status=made.status, media_type="text/plain", body=payload)


class AnswersNobody(Notes):
    def answer(self, payload: bytes, receipt: Receipt, context: FeedContext) -> Answer:
        del payload, context
        return Answer(status=STATUS[receipt.fate], media_type="application/json", body=b'{"fate": "noted"}')


class AnswersInPieces(Notes):
    def answer(self, payload: bytes, receipt: Receipt, context: FeedContext) -> Answer:
        made = super().answer(payload, receipt, context)
        return Answer(status=made.status, media_type=made.media_type, body=made.body[:-3])
