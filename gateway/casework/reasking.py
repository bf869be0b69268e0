"""Sending a request: for the first time, or again because it was re-dated or clarified."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from crypto import jws, tokens
from gateway.casework.dossier import REQUEST_PLACE, PersonInvolved
from gateway.casework.notes import RequestNote
from gateway.casework.office import Office
from gateway.casework.protection import Protection, protection
from gateway.casework.telling import Telling
from gateway.delivery.sealing import Parcel, digest
from gateway.log.events import Event
from gateway.store import Work
from gateway.store.records import EnvelopeState, ReferralRecord, RequestRecord
from routing import need_to_know
from routing.need_to_know import Purpose, Reader, Relation
from routing.notified import Sight, cut
from schemas.envelope import EnvelopeKind, RequestContent
from schemas.errors import Conflict
from schemas.hub import AgencySection
from schemas.persons import Person
from schemas.request import TYP, InformationRequest, PersonAsked
from schemas.vocabulary import Datum, Rating, Role


class Reasking:
    """Signs requests and puts them into envelopes."""

    def __init__(self, office: Office, telling: Telling) -> None:
        self._office = office
        self._telling = telling

    def sign(self, request: InformationRequest) -> str:
        """The hub's signature over a request."""
        return jws.sign(request.model_dump_json().encode(), self._office.keys.ring.signing_key(), typ=TYP)

    def seen(
        self,
        agency: AgencySection,
        referral: ReferralRecord,
        people: Sequence[PersonInvolved],
        guarded: Protection,
    ) -> dict[str, Person]:
        """The people of a referral, by id, as the lead of ``agency`` may see them to find them."""
        reader = self._reader(agency, referral)
        return {
            one.part.person_id: cut(one.person, self._sight(reader, guarded, one.part.person_id)).person
            for one in people
        }

    async def send(
        self,
        work: Work,
        referral: ReferralRecord,
        record: RequestRecord,
        note: RequestNote,
        *,
        actor: str,
        reminder: int = 0,
    ) -> None:
        """Put a signed request into an envelope for the recipient that it names; ``reminder`` counts them from 1.

        Raises:
            Conflict: the recipient is not enrolled, or is no professional lead.
        """
        office = self._office
        client = await office.agencies.recipient(work, record.agency, record.recipient)
        if client is None:
            raise Conflict("recipient.not_enrolled", "enrol this agency's recipient first", at=record.agency)
        reader = office.readers.reader(client, EnvelopeKind.REQUEST)
        located = sorted(note.persons[one.ref] for one in note.request.persons if one.postcode)
        parcel = Parcel(
            client=client,
            content=RequestContent(request=note.signed, reminder=reminder),
            referral=referral.id,
            scope=referral.scope,
            reference=record.pseudonym,
            subject=record.id,
            policy=need_to_know.policy_document(
                need_to_know.View(reader=reader, known=True), data={Datum.ADDRESS: located} if located else None
            ),
            request_digest=record.digest,
        )
        await office.sealer.cut(work, parcel, actor=actor)

    async def tells_too_much(self, work: Work, referral: ReferralRecord, record: RequestRecord) -> bool:
        """Whether the request as it is signed tells of a place that it may not tell by now."""
        note = await self._office.dossier.request(work, record)
        guarded = await protection(work, referral.id, await self._telling.told(work, referral.id))
        return self._still(record.agency, referral, note, guarded) != note.request.persons

    async def again(
        self,
        work: Work,
        referral: ReferralRecord,
        record: RequestRecord,
        *,
        actor: str,
        due_at: datetime,
        questions: Sequence[str] = (),
    ) -> RequestRecord:
        """Sign the request anew, with this due time and these further questions, and send it again.

        Of a family that hides by now it tells no postcode any more.

        An unopened envelope of the earlier form is replaced; an answer to the earlier form still counts.
        """
        office, now = self._office, self._office.now()
        # Before the request's own row, as whoever opens one does: nobody is opening them from here on.
        unopened = await work.envelopes.lock_unopened(record.id)
        note = await office.dossier.request(work, record)
        guarded = await protection(work, referral.id, await self._telling.told(work, referral.id))
        request = note.request.model_copy(
            update={
                "persons": self._still(record.agency, referral, note, guarded),
                "due_at": due_at,
                "iat": tokens.numeric_date(now),
                "questions": (*note.request.questions, *questions),
            }
        )
        signed = self.sign(request)
        fresh = RequestNote(
            request=request, signed=signed, persons=note.persons, superseded=(*note.superseded, record.digest)
        )
        changed = await work.requests.save(
            replace(
                record,
                due_at=due_at,
                digest=digest(signed.encode()),
                sealed=await office.strongbox.put(work, referral.scope, REQUEST_PLACE, record.id, fresh),
            )
        )
        for envelope in unopened:
            await work.envelopes.save(replace(envelope, state=EnvelopeState.REPLACED))
        await self.send(work, referral, changed, fresh, actor=actor)
        await office.log.append(
            work,
            event=Event.REQUEST_SENT,
            actor=actor,
            now=now,
            referral=referral.id,
            subject=record.id,
            detail={"agency": record.agency, "digest": changed.digest, "due_at": due_at.isoformat(), "again": True},
        )
        return changed

    async def remind(self, work: Work, referral: ReferralRecord, record: RequestRecord, number: int) -> None:
        """Send the request again as it was signed, marked as the ``number``-th reminder.

        The due time stays as it is. An envelope that the lead has not opened yet is replaced, so that one opens.
        """
        office = self._office
        client = await office.agencies.recipient(work, record.agency, record.recipient)
        if client is not None:
            note = await office.dossier.request(work, record)
            for envelope in await work.envelopes.lock_unopened(record.id):
                if envelope.recipient == client.client_id:
                    await work.envelopes.save(replace(envelope, state=EnvelopeState.REPLACED))
            await self.send(work, referral, record, note, actor="hub", reminder=number)
        await office.log.append(
            work,
            event=Event.REQUEST_CHASED,
            actor="hub",
            now=office.now(),
            referral=referral.id,
            subject=record.id,
            # An agency that lost its standing is not reached: whoever looks sees that it was not.
            detail={"agency": record.agency, "reminder": number, "sent": client is not None},
        )

    def _still(
        self, agency: str, referral: ReferralRecord, note: RequestNote, guarded: Protection
    ) -> tuple[PersonAsked, ...]:
        """The people asked about, each with the postcode that the agency was told, where it may still be told."""
        section = self._office.readers.agency(agency)
        if section is None:
            return tuple(one.model_copy(update={"postcode": ""}) for one in note.request.persons)
        reader = self._reader(section, referral)
        return tuple(
            one
            if self._sight(reader, guarded, note.persons[one.ref]).sees(Datum.ADDRESS)
            else one.model_copy(update={"postcode": ""})
            for one in note.request.persons
        )

    @staticmethod
    def _reader(agency: AgencySection, referral: ReferralRecord) -> Reader:
        return Reader(
            role=Role.PROFESSIONAL_LEAD,
            agency=agency.id,
            sector=agency.sector,
            purpose=Purpose.ANSWER,
            relation=Relation.ASKED,
            rating=Rating(referral.rating) if referral.rating else None,
        )

    def _sight(self, reader: Reader, guarded: Protection, person_id: str) -> Sight:
        return Sight(reader=reader, marks=guarded.of_person(person_id), policy=self._office.readers.policy)
