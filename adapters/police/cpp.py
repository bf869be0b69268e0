"""police.cpp: Common Platform prosecutions, hearings and applications in JSON, bare or wrapped by SNS.

Everybody named becomes a child or an adult by age on the day of the latest offence. One message is one item.

Source: HMCTS Common Platform (prosecutors' submissions, prosecution case files, hearings, court applications) and court
lists of Libra, as docs/formats/police-cpp.md describes them; no version is given in the messages.
"""

from __future__ import annotations

import hashlib

from adapters import codes, natives
from adapters.json_restriction import handling
from adapters.json_sns import message_id, unwrap
from adapters.json_taking import JsonTaking
from adapters.kinds import judge
from adapters.police import cpp_offences, cpp_parties, cpp_people, cpp_rules
from adapters.port import Answer, FeedContext, Receipt
from adapters.receipts import json_receipt
from adapters.strict_json import Json, canonical
from schemas.errors import Rejected
from schemas.notification import Normalised, Notification, Reading, Referrer
from schemas.vocabulary import ItemKind, Sector

NAME = "police.cpp"
_SHAPES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("hearing", ("hearing",)),
    ("application", ("courtApplication",)),
    ("papers", ("prosecutionCaseSubject", "defendantOffencesSubjects")),
    ("prosecution", ("prosecution", "caseDetails", "prosecutionSubmissionDetails", "defendants", "defendant")),
    ("defendant", ("defendantDetails",)),
    ("case", ("defendantName", "defendantType")),
    ("rejection", ("errors", "caseErrors", "defendantErrors")),
)
"""What a message is, by the first row of which it has a key."""
_NOT_TEXT = ("defendantName", "defendantType")
_EXPLOITED = "hasDefendantHasBeenAVictimOfSlaveryOrExploitation"
_AGENCIES = (
    "prosecutingAuthority",
    "originatingOrganisation",
    "prosecutionAuthorityName",
    "prosecutionAuthorityCode",
    "prosecutorOuCode",
)


class CommonPlatform:
    """Reads prosecutions and hearings, and answers with a JSON receipt. It holds no state."""

    name = NAME
    version = "1.0.0"
    sector = Sector.POLICE
    summary = "Common Platform prosecutions, hearings and court applications in JSON, bare or wrapped by SNS"

    def read(self, payload: bytes, context: FeedContext) -> Reading:  # noqa: ARG002 - the port's; no options yet
        """Normalise one message: one item.

        Raises:
            Rejected: it is no strict JSON or of no shape that this adapter knows; ``at`` is a JSON pointer.
            TooLarge: it is over the limit on size, depth, values or parties.
        """
        came = unwrap(payload, family=NAME)
        shape = _shape(came.message, came.base)
        taking = JsonTaking(came.values)
        native_id = taking.carry("native_id", "/MessageId") if came.wrapped else _own_id(taking)
        if not native_id:
            native_id = f"sha256:{hashlib.sha256(canonical(came.message)).hexdigest()}"
        item = _item(taking, came.message, came.base, native_id=native_id, shape=shape)
        return Reading(native_id=native_id, format=item.notification.format, items=(item,))

    def answer(self, payload: bytes, receipt: Receipt, context: FeedContext) -> Answer:  # noqa: ARG002 - the port's
        """A JSON receipt where it was accepted, else problem details; with SNS's MessageId where it can be read."""
        return json_receipt(receipt, reference=message_id(payload, family=NAME))


ADAPTER = CommonPlatform()


def _shape(message: dict[str, Json], base: str) -> str:
    for shape, keys in _SHAPES:
        if any(isinstance(message.get(key), (dict, list)) or (key in _NOT_TEXT and message.get(key)) for key in keys):
            return shape
    raise Rejected(
        f"{NAME}.shape",
        "Send a prosecution, a defendant, a hearing, a court application or an answer to a submission.",
        at=base,
    )


def _own_id(taking: JsonTaking) -> str:
    """The submission's id and, since the same one comes back with its state, that; else the case file's own."""
    submission = natives.join(
        taking.recorder, "native_id", (taking.native("/submissionId"), taking.native("/submissionStatus")), "/"
    )
    return submission or taking.carry("native_id", "/externalId")


def _item(taking: JsonTaking, message: dict[str, Json], base: str, *, native_id: str, shape: str) -> Normalised:
    recorder = taking.recorder
    named = cpp_parties.named(message, base)
    within = cpp_offences.objects(message, base)
    found = cpp_offences.offences(taking, within)
    children, adults = cpp_people.people(taking, named, cpp_offences.harmful(found, named.parties))
    organisations = sum(party.is_organisation for party in named.parties)
    if not children and not adults and shape != "rejection":
        recorder.flag("person.missing", "adults")
    if organisations:
        recorder.flag("organisation.unmapped", "adults")
    kind, because = judge(
        cpp_rules.RULES,
        cpp_rules.Facts(
            children=len(children),
            people=len(children) + len(adults),
            organisations=organisations,
            harm=any(offence.harms for offence in found),
            everyday=bool(found) and all(offence.everyday for offence in found),
            marked=bool(cpp_offences.markers(taking, within, base)),
            exploited=_exploited(taking, base),
            turned_back=shape == "rejection",
        ),
    )
    concern = incident = None
    if kind is ItemKind.CONCERN:
        concern = cpp_offences.concern(taking, found, within, base)
        incident = cpp_offences.incident(taking, found, within, base)
    at = natives.moment(recorder, "event_at", cpp_offences.anywhere(taking, within, base, ("dateReceived",)))
    agency = natives.carry(recorder, "referrer.agency", cpp_offences.anywhere(taking, within, base, _AGENCIES))
    name = natives.carry(recorder, "referrer.name", cpp_offences.anywhere(taking, within, base, ("informant",)))
    limits = handling(taking, base)
    taking.leave_rest()
    return Normalised(
        notification=Notification(
            native_id=native_id,
            format=f"{NAME}/{shape}",
            kind=kind,
            kind_reason=because,
            event_at=at,
            children=children,
            adults=adults,
            concern=concern,
            incident=incident,
            referrer=Referrer(agency=agency, name=name) if agency or name else None,
            handling=limits,
            quality=recorder.quality,
        ),
        provenance=recorder.provenance,
        unmapped=recorder.unmapped,
    )


def _exploited(taking: JsonTaking, base: str) -> bool:
    said = taking.native(f"{base}/{_EXPLOITED}")
    return bool(said.text) and not codes.says_no(said.text)
