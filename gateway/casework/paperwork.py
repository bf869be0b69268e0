"""The documents that a product brings beside its signed parts: JSON, PDF and a CIN record, as its recipient wants them.

They are made from the groups that were cut for this recipient and from no others, and travel inside the envelope: under
its key, its signature, its single release and its revocation. Where one does not fit, the product goes without it and
says so: words that somebody waits for are not held up by their print.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

from adapters.local_authority import cin, product_json
from adapters.local_authority.cin_codes import Referred
from crypto import base64url
from gateway.casework.dossier import PersonInvolved
from gateway.casework.office import Office
from gateway.casework.protection import Protection
from gateway.casework.telling import Telling
from gateway.delivery.sealing import digest
from gateway.store import Reading, Work
from gateway.store.records import ClientRow, ReferralRecord
from routing import notified
from routing import products as rules
from routing.need_to_know import ShownDisclosure, View
from routing.notified import Sight
from schemas.envelope import AttachedDocument, LeftOutDocument, ProductContent
from schemas.errors import Conflict, Rejected
from schemas.product import ProductDocument, ProductEvidence, ProductFormat, ProductGroup, ProductPerson
from schemas.vocabulary import Datum

DOCUMENT_LIMIT = 64 * 1024
"""Bytes of one document: beyond it an attachment would have to travel in chunks."""
ENVELOPE_LIMIT = 136_000
"""Bytes of a product with its documents as JSON: what one envelope carries, less what stands around the product."""

_MEDIA_TYPES: Mapping[ProductFormat, tuple[str, str]] = {
    ProductFormat.JSON: (product_json.MEDIA_TYPE, "json"),
    ProductFormat.PDF: ("application/pdf", "pdf"),
    ProductFormat.CIN: (cin.MEDIA_TYPE, "cin.xml"),
}


class Paperwork:
    """Prints products, for whoever the hub's file says wants them printed."""

    def __init__(self, office: Office, telling: Telling) -> None:
        self._office = office
        self._telling = telling

    async def attach(
        self,
        work: Work,
        content: ProductContent,
        *,
        cut: View,
        client: ClientRow,
        referral: ReferralRecord,
        now: datetime,
        guarded: Protection,
    ) -> ProductContent:
        """``content`` with the documents that ``client`` is configured for, or the reason why one is not there.

        Raises:
            Conflict: the hub's file names no such recipient.
        """
        recipient = self._office.readers.recipient(client)
        if recipient is None or not recipient.formats:
            return content
        document = await self._document(
            work, content, cut=cut, client=client, referral=referral, now=now, guarded=guarded
        )
        referred = await self._referred(work, referral, self._sight(cut, guarded, None))
        on = referral.received_at.astimezone(ZoneInfo(self._office.hub.hub.timezone)).date()
        agency = self._office.readers.agency(client.agency)
        made: list[AttachedDocument] = []
        left_out: list[LeftOutDocument] = []
        for wanted in recipient.formats:
            try:
                # Print takes a fraction of a second, which is the other connections' time too.
                printed = await asyncio.to_thread(
                    _print, wanted, document, referred, on, agency.la_code if agency else ""
                )
            except Rejected as error:
                left_out.append(LeftOutDocument(format=wanted, because=error.detail))
                continue
            attached = _attached(wanted, document, printed)
            now_with = content.model_copy(update={"documents": (*made, attached)})
            if len(printed) > DOCUMENT_LIMIT or len(now_with.model_dump_json().encode()) > ENVELOPE_LIMIT:
                left_out.append(LeftOutDocument(format=wanted, because="it is larger than one envelope carries"))
            else:
                made.append(attached)
        return content.model_copy(update={"documents": tuple(made), "left_out": tuple(left_out)})

    async def _document(
        self,
        work: Work,
        content: ProductContent,
        *,
        cut: View,
        client: ClientRow,
        referral: ReferralRecord,
        now: datetime,
        guarded: Protection,
    ) -> ProductDocument:
        office = self._office
        people = await office.dossier.people(work, referral.id)
        return ProductDocument(
            product=content.product,
            version=content.version,
            marking=content.marking,
            hub=office.hub.hub.id,
            hub_name=office.hub.hub.name,
            recipient=client.client_id,
            reference=office.pseudonym(client.agency, referral.id),
            received_at=referral.received_at,
            made_at=now,
            outcomes=content.outcomes,
            summary=content.summary,
            persons=tuple(
                self._described(one, client.agency, self._sight(cut, guarded, one.part.person_id)) for one in people
            ),
            evidence=tuple([await self._evidence(work, one, client.agency) for one in cut.shown]),
            withheld=content.withheld,
        )

    def _sight(self, cut: View, guarded: Protection, person_id: str | None) -> Sight:
        """How the recipient looks at a person, or at the referral itself."""
        marks = guarded.marks if person_id is None else guarded.of_person(person_id)
        return Sight(reader=cut.reader, marks=marks, policy=self._office.readers.policy)

    def _described(self, one: PersonInvolved, agency_id: str, sight: Sight) -> ProductPerson:
        agency = self._office.readers.agency(agency_id)
        if agency is None:
            raise Conflict("recipient.unknown", "name it in the hub's file first", at="recipient")
        mother = self._office.pseudonym(agency_id, one.person.mother) if one.person.mother else None
        ref = self._office.pseudonym(agency_id, one.part.person_id)
        return rules.described(
            notified.cut(one.person, sight).person, ref=ref, part=one.part.part, agency=agency, mother=mother
        )

    async def _evidence(self, work: Reading, shown: ShownDisclosure, agency_id: str) -> ProductEvidence:
        """One owner's released groups. Its pseudonyms for people, which are its own, become the recipient's."""
        office = self._office
        note = await office.dossier.request(work, await work.requests.get(shown.request))
        owner = office.readers.agency(shown.agency)
        return ProductEvidence(
            agency=shown.agency,
            agency_name=owner.name if owner else shown.agency,
            disclosure=shown.id,
            groups=tuple(
                ProductGroup(
                    digest=one.group.digest,
                    category=one.group.content.category,
                    about=tuple(
                        office.pseudonym(agency_id, note.persons[ref])
                        for ref in one.group.content.persons
                        if ref in note.persons
                    ),
                    items=one.group.content.items,
                    conditions=one.group.content.conditions,
                    marking=one.group.content.marking,
                )
                for one in shown.groups
            ),
        )

    async def _referred(self, work: Reading, referral: ReferralRecord, sight: Sight) -> Referred:
        """How the referral came to the hub, by its first notification."""
        told = await self._telling.told(work, referral.id)
        if not told:
            return Referred(sector=None)
        first = told[0]
        concerns = tuple(dict.fromkeys(concern for one in told for concern in one.categories))
        if not sight.sees(Datum.SOURCE):
            # Not even the sector: of a small borough it may name the person who spoke.
            return Referred(sector=None, concerns=concerns)
        agency = self._office.readers.agency(first.agency)
        referrer = first.notification.referrer
        return Referred(
            sector=agency.sector if agency else None,
            format=first.notification.format,
            role=referrer.role if referrer else "",
            concerns=concerns,
        )


def _print(
    wanted: ProductFormat, document: ProductDocument, referred: Referred, referred_on: date, la_code: str
) -> bytes:
    match wanted:
        case ProductFormat.JSON:
            return product_json.render(document)
        case ProductFormat.PDF:
            # Not before it is needed: its libraries of fonts and images are a seventh of what a start imports.
            from adapters.local_authority import product_pdf  # noqa: PLC0415 - imported when it is needed

            return product_pdf.render(document)
        case ProductFormat.CIN:
            return cin.render(document, referred, referred_on=referred_on, la_code=la_code)


def _attached(wanted: ProductFormat, document: ProductDocument, printed: bytes) -> AttachedDocument:
    media_type, ending = _MEDIA_TYPES[wanted]
    return AttachedDocument(
        format=wanted,
        media_type=media_type,
        name=f"{document.product}-v{document.version}.{ending}",
        digest=digest(printed),
        content=base64url.encode(printed),
    )
