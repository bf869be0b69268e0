"""Asking the owners of information: proposed by rules, authorised by a manager, signed, with its legal ground."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gateway.casework.dossier import REQUEST_PLACE, PersonInvolved
from gateway.casework.notes import RequestNote
from gateway.casework.office import Office, acting_role, require_assigned
from gateway.casework.protection import Protection, protection
from gateway.casework.reasking import Reasking
from gateway.casework.telling import Telling
from gateway.casework.wording import tell_no_place
from gateway.delivery.sealing import digest
from gateway.log.events import Event
from gateway.people import PersonCaller
from gateway.store import Work
from gateway.store.records import EnvelopeState, ReferralRecord, RequestRecord
from routing import asking, hub_asking, lifecycle, requests
from routing.asking import Picture, Proposal
from routing.lifecycle import ReferralState, RequestState, Step
from routing.requests import AskedAbout, Justification
from schemas import opaque
from schemas.errors import Conflict, Rejected, Unknown
from schemas.hub import AgencySection
from schemas.vocabulary import DataCategory, LegalGround, Rating


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What one agency is to be asked for."""

    agency: str
    categories: tuple[DataCategory, ...]
    questions: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Why:
    """The purpose, the legal ground and the necessity that a manager gives."""

    purpose: str
    legal_ground: LegalGround | None
    necessity: str


class AskingDesk:
    """Where requests are proposed, made, clarified and withdrawn."""

    def __init__(self, office: Office, reasking: Reasking, telling: Telling) -> None:
        self._office = office
        self._reasking = reasking
        self._telling = telling

    async def propose(self, caller: PersonCaller, name: str) -> tuple[Proposal, ...]:
        """Whom to ask, for what, and why; a proposal and no more."""
        office = self._office
        async with office.store.reading() as work:
            referral = await office.referral_seen(work, name)
            require_assigned(referral, caller)
            people = await office.dossier.people(work, name)
            told = await self._telling.told(work, name)
        if referral.rating is None:
            raise Conflict("lifecycle.state", "first: rate the referral", at="rating")
        picture = Picture(
            children=tuple(one.person.model_copy(update={"ref": one.part.person_id}) for one in people if _child(one)),
            adults=tuple(
                one.person.model_copy(update={"ref": one.part.person_id}) for one in people if not _child(one)
            ),
            concerns=frozenset(category for item in told for category in item.categories),
            rating=Rating(referral.rating),
        )
        return asking.propose(picture, office.hub.agencies, hub_asking.rules(office.hub.asking))

    async def ask(
        self, caller: PersonCaller, name: str, wanted: Sequence[Wanted], persons: Sequence[str] | None, why: Why
    ) -> list[RequestRecord]:
        """Send one signed request to each agency; all of them or none.

        Raises:
            Refused: no purpose, ground or necessity (recorded); not the manager of the case.
            Rejected: an agency or person that does not belong here. Conflict: not rated yet, or not enrolled.
        """
        office, role = self._office, acting_role(caller)
        async with office.store.work() as work:
            referral = await office.referral(work, name)
            require_assigned(referral, caller)
            state = lifecycle.advance(ReferralState(referral.state), Step.REQUEST, role)
            people = await office.dossier.people(work, name)
            about = _chosen(people, persons)
            guarded = await protection(work, name, await self._telling.told(work, name))
            words = (why.purpose, why.necessity, *(question for one in wanted for question in one.questions))
            await tell_no_place(office, work, name, guarded, words, at="questions")
            made = [
                await self._make(work, referral, caller, one, about=about, people=people, why=why, guarded=guarded)
                for one in wanted
            ]
            if not made:
                raise Rejected("request.no_agency", "name at least one agency", at="agencies")
            await work.referrals.save(replace(referral, state=state))
            await work.commit()
        return made

    async def clarify(self, caller: PersonCaller, request_id: str, questions: Sequence[str]) -> RequestRecord:
        """Answer an owner who asked what is meant: the request goes out again with the clarification.

        Raises:
            Conflict: the owner did not ask. Rejected: nothing is clarified.
        """
        office = self._office
        spoken = [question.strip() for question in questions if question.strip()]
        if not spoken:
            raise Rejected("request.no_clarification", "say what is meant", at="questions")
        async with office.store.work() as work:
            record, referral = await self._mine(work, caller, request_id)
            state = lifecycle.advance(RequestState(record.state), Step.CLARIFY, acting_role(caller))
            guarded = await protection(work, referral.id, await self._telling.told(work, referral.id))
            await tell_no_place(office, work, referral.id, guarded, spoken, at="questions")
            changed = await self._reasking.again(
                work, referral, replace(record, state=state), actor=caller.actor, due_at=record.due_at, questions=spoken
            )
            await work.commit()
        return changed

    async def withdraw(self, caller: PersonCaller, request_id: str) -> None:
        """Take a request back: its unopened envelopes open no more."""
        office, now = self._office, self._office.now()
        async with office.store.work() as work:
            record, referral = await self._mine(work, caller, request_id)
            state = lifecycle.advance(RequestState(record.state), Step.WITHDRAW, acting_role(caller))
            await work.requests.save(replace(record, state=state, closed_at=now))
            for envelope in await work.envelopes.lock_unopened(record.id):
                await work.envelopes.save(replace(envelope, state=EnvelopeState.REVOKED))
            await office.clear_alarm(
                work, "request_overdue", referral=referral.id, subject=record.id, actor=caller.actor
            )
            await office.log.append(
                work,
                event=Event.REQUEST_WITHDRAWN,
                actor=caller.actor,
                now=now,
                referral=referral.id,
                subject=record.id,
            )
            await work.commit()

    async def _mine(self, work: Work, caller: PersonCaller, request_id: str) -> tuple[RequestRecord, ReferralRecord]:
        if not opaque.is_name(request_id, opaque.Prefix.REQUEST):
            raise Unknown("request.unknown", at="id")
        # The referral first, then envelopes, then the request: in one order everywhere, so that no two works wait for
        # each other.
        referral = await self._office.referral(work, (await work.requests.get(request_id)).referral_id)
        require_assigned(referral, caller)
        await work.envelopes.lock_unopened(request_id)
        return await work.requests.lock(request_id), referral

    async def _make(
        self,
        work: Work,
        referral: ReferralRecord,
        caller: PersonCaller,
        wanted: Wanted,
        *,
        about: Sequence[PersonInvolved],
        people: Sequence[PersonInvolved],
        why: Why,
        guarded: Protection,
    ) -> RequestRecord:
        office, now = self._office, self._office.now()
        agency, lead = self._agency(wanted.agency)
        due_at = office.timetable.reply_due(agency.id, Rating(str(referral.rating)), now, decision_due=referral.due_at)
        record_id = office.world.name(opaque.Prefix.REQUEST)
        pseudonym = office.pseudonym(agency.id, referral.id)
        refs = {office.pseudonym(agency.id, one.part.person_id): one for one in about}
        seen = self._reasking.seen(agency, referral, people, guarded)
        request = requests.compose(
            hub=office.hub.hub.id,
            agency=agency,
            jti=record_id,
            issued=now,
            reference=pseudonym,
            why=Justification(purpose=why.purpose, legal_ground=why.legal_ground, necessity=why.necessity),
            persons=[
                AskedAbout(person=seen[one.part.person_id], ref=ref, mother=seen.get(one.person.mother or ""))
                for ref, one in refs.items()
            ],
            categories=wanted.categories,
            questions=wanted.questions,
            due_at=due_at,
        )
        signed = self._reasking.sign(request)
        note = RequestNote(
            request=request, signed=signed, persons={ref: one.part.person_id for ref, one in refs.items()}
        )
        record = RequestRecord(
            id=record_id,
            referral_id=referral.id,
            agency=agency.id,
            recipient=lead,
            state=RequestState.ASKED,
            created_at=now,
            due_at=due_at,
            authorised_by=caller.subject,
            pseudonym=pseudonym,
            digest=digest(signed.encode()),
            sealed=await office.strongbox.put(work, referral.scope, REQUEST_PLACE, record_id, note),
        )
        await work.requests.add(record)
        await self._reasking.send(work, referral, record, note, actor=caller.actor)
        await office.log.append(
            work,
            event=Event.REQUEST_SENT,
            actor=caller.actor,
            now=now,
            referral=referral.id,
            subject=record_id,
            detail={
                "agency": agency.id,
                "ground": str(why.legal_ground),
                "digest": record.digest,
                "due_at": due_at.isoformat(),
            },
        )
        return record

    def _agency(self, agency_id: str) -> tuple[AgencySection, str]:
        agency = self._office.readers.agency(agency_id)
        lead = asking.lead_of(agency) if agency else None
        if agency is None or lead is None:
            raise Rejected("request.agency", "ask an agency of this hub that has a professional lead", at="agencies")
        return agency, lead


def _chosen(people: Sequence[PersonInvolved], wanted: Sequence[str] | None) -> list[PersonInvolved]:
    if wanted is None:
        return list(people)
    known = {one.part.person_id: one for one in people}
    if not set(wanted) <= known.keys():
        raise Rejected("request.person", "ask about people of this referral", at="persons")
    return [known[one] for one in dict.fromkeys(wanted)]


def _child(one: PersonInvolved) -> bool:
    return one.part.part == "subject"
