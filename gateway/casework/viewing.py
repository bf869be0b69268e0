"""Looking at cases: cut to the role, decrypted for this answer alone, and in the log before the answer is made."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.casework import shown
from gateway.casework.glass import looks_into
from gateway.casework.notes import Act, AlertNote, DecisionNote, RatingNote, ReasonNote, SuggestionNote
from gateway.casework.office import REASON_PLACE, Office, acting_role
from gateway.casework.protection import protection
from gateway.casework.standing import at_the_case, carries, to_disclosure
from gateway.casework.telling import Telling
from gateway.casework.told import Looking
from gateway.log.events import Event
from gateway.people import PersonCaller
from gateway.store import Work
from gateway.store.records import ReferralRecord, RequestRecord
from gateway.store.repositories.disclosures import DisclosureReader
from gateway.subjects.annotations import told_beside, told_of
from routing import clocks, need_to_know
from routing.need_to_know import Relation
from routing.notified import Sight
from routing.permissions import Action, allowed_roles
from schemas import opaque
from schemas.errors import Unknown
from schemas.vocabulary import Datum, Rating, ReplyDecision, Role

MANAGER_OF_THE_CASE = "the manager of the case"
"""Whom to ask for what of a referral is kept back: whoever told it may be what is kept back."""


class ViewingDesk:
    """Where people look."""

    def __init__(self, office: Office, telling: Telling) -> None:
        self._office = office
        self._telling = telling

    async def referral(self, caller: PersonCaller, name: str) -> shown.ReferralShown:
        """A referral, cut to the caller's role. The view is recorded first.

        Raises:
            Unknown: no such referral.
        """
        office = self._office
        async with office.store.work() as work:
            record = await office.referral_seen(work, name)
            glass = await looks_into(office, work, caller, name)
            await office.log.append(
                work,
                event=Event.REFERRAL_VIEWED,
                actor=caller.actor,
                now=office.now(),
                referral=name,
                detail={"role": str(acting_role(caller))} | ({"break_glass": glass} if glass else {}),
            )
            view = await self._view(work, caller, record, looks_into=glass is not None)
            await work.commit()
        return view

    async def disclosure(self, caller: PersonCaller, name: str) -> shown.DisclosureShown:
        """A disclosure as policy shows it to the caller. The view is recorded first.

        Raises:
            Unknown: no such disclosure, or none that the caller may know of.
        """
        office = self._office
        if not opaque.is_name(name, opaque.Prefix.DISCLOSURE):
            raise Unknown("disclosure.unknown", at="id")
        async with office.store.work() as work:
            # Related or not there: one statement and one answer, so that neither words nor time tell them apart.
            record = await work.disclosures.get_for(name, self._who(caller))
            referral = await work.referrals.get(record.referral_id)
            received = await office.dossier.disclosure(work, record)
            releases = await office.dossier.releases(work, [received])
            glass = await looks_into(office, work, caller, referral.id)
            reader = to_disclosure(caller, referral, received, looks_into=glass is not None)
            marks = (await protection(work, referral.id, await self._telling.told(work, referral.id))).marks
            cut = need_to_know.view(
                reader,
                [received],
                releases,
                ask=office.readers.whom_to_ask(),
                marks=marks,
                policy=office.readers.policy,
            )
            if not cut.known or not cut.shown:
                raise Unknown("disclosure.unknown", at="id")
            await office.log.append(
                work,
                event=Event.DISCLOSURE_VIEWED,
                actor=caller.actor,
                now=office.now(),
                referral=referral.id,
                subject=name,
                detail={"role": str(reader.role), "groups": list(cut.digests), "rules": need_to_know.VERSION}
                | ({"break_glass": glass} if glass else {}),
            )
            beside = await told_beside(work, office.strongbox, name)
            await work.commit()
        one = cut.shown[0]
        reply = one.reply
        return shown.DisclosureShown(
            id=name,
            referral=referral.id if reader.role is Role.SOCIAL_WORK_MANAGER else None,
            request=received.request,
            agency=received.agency,
            lead=received.claims.lead,
            decision=received.claims.decision,
            reasons=reply.reasons if reply else (),
            explanation=reply.explanation if reply else "",
            additional_persons=reply.additional_persons if reply else (),
            groups=tuple(
                shown.GroupShown(
                    digest=group.group.digest,
                    category=group.group.content.category,
                    persons=group.group.content.persons,
                    items=shown.items_of(group.group.content),
                    audiences=tuple(sorted(need_to_know.audiences(received, group.group, releases))),
                    conditions=group.group.content.conditions,
                    because=group.because,
                )
                for group in one.groups
            ),
            withheld=cut.withheld,
            annotations=tuple(note for note in beside if note.field in cut.digests),
        )

    def _who(self, caller: PersonCaller) -> DisclosureReader:
        return DisclosureReader(
            manager=caller.subject if Role.SOCIAL_WORK_MANAGER in caller.roles else None,
            owner=caller.agency if Role.PROFESSIONAL_LEAD in caller.roles else None,
            now=self._office.now(),
        )

    async def _view(
        self, work: Work, caller: PersonCaller, record: ReferralRecord, *, looks_into: bool
    ) -> shown.ReferralShown:
        office = self._office
        people = await office.dossier.people(work, record.id)
        told = await self._telling.told(work, record.id)
        reader = at_the_case(caller, record, looks_into=looks_into)
        looking = Looking(
            sight=Sight(reader=reader, policy=office.readers.policy), protection=await protection(work, record.id, told)
        )
        persons = [looking.person(one, await told_of(work, office.strongbox, one.part.person_id)) for one in people]
        notifications = tuple(looking.told(one) for one in told)
        kept_back = any(one.kept_back for one in persons) or any(one.kept_back for one in notifications)
        mine = carries(caller, record, looks_into=looks_into)
        view = shown.ReferralShown(
            id=record.id,
            state=record.state,
            rating=_rating(record.rating),
            received_at=record.received_at,
            due_at=record.due_at,
            clock=self._clock(record),
            feedback_due_at=record.feedback_due_at,
            assigned_to=record.assigned_to,
            child_unidentified=record.child_unidentified,
            linked_to=record.linked_to,
            subjects=tuple(one for one in persons if one.part == "subject"),
            household=tuple(one for one in persons if one.part != "subject"),
            notifications=notifications,
            requests=await self._requests(work, record.id, mine=mine),
            alarms=await self._alarms(work, record),
            withheld=(need_to_know.marker(office.hub.hub.id, MANAGER_OF_THE_CASE),) if kept_back else (),
            handling=tuple(sorted(looking.marks(people, told))) if reader.relation is not Relation.DESK else None,
        )
        if _may(caller, Action.READ_ALERTS):
            # A suggestion tells of the concern, in its reasons: where that is kept back, so is what it suggests.
            suggestion = await self._suggestion(work, record) if looking.of_all(told, Datum.CONCERN) else None
            view = view.model_copy(update={"alerts": await self._alerts(work, record), "suggestion": suggestion})
        if mine or (Role.SOCIAL_WORK_MANAGER in caller.roles and record.assigned_to is None):
            view = view.model_copy(
                update={
                    "ratings": await self._ratings(work, record),
                    "decisions": await self._decisions(work, record),
                    "products": await self._products(work, record),
                    "reasons": await self._reasons(work, record),
                    "feedback": await self._feedback(work, record),
                }
            )
        return view

    @staticmethod
    async def _alarms(work: Work, record: ReferralRecord) -> tuple[shown.AlarmShown, ...]:
        stand = [one for one in await work.alarms.of_referral(record.id) if one.cleared_at is None]
        turned = await work.timing.escalations_of([one.id for one in stand]) if stand else {}
        return tuple(
            shown.AlarmShown(
                kind=one.kind,
                subject=one.subject,
                raised_at=one.raised_at,
                turned_to=tuple(each.post for each in turned.get(one.id, ())),
            )
            for one in stand
        )

    def _clock(self, record: ReferralRecord) -> str:
        if record.rating is None:
            return "not rated yet: the clock has run since receipt"
        return clocks.explain(
            Rating(record.rating), record.received_at, self._office.hub.ratings, self._office.calendar
        )

    async def _requests(self, work: Work, referral: str, *, mine: bool) -> tuple[shown.RequestShown, ...]:
        last = {one.request_id: one for one in await work.disclosures.of_referral(referral)}
        requests: Sequence[RequestRecord] = await work.requests.of_referral(referral)
        return tuple(
            shown.RequestShown(
                id=one.id,
                agency=one.agency,
                state=one.state,
                asked_at=one.created_at,
                due_at=one.due_at,
                answered_at=one.closed_at if mine and one.id in last else None,
                decision=ReplyDecision(last[one.id].decision) if mine and one.id in last else None,
                disclosure=last[one.id].id if mine and one.id in last else None,
            )
            for one in requests
        )

    async def _alerts(self, work: Work, record: ReferralRecord) -> tuple[shown.AlertShown, ...]:
        take = self._office.strongbox.take
        return tuple(
            [
                shown.AlertShown(
                    kind=one.kind,
                    because=(await take(work, record.scope, "alerts.sealed", one.id, one.sealed, AlertNote)).because,
                    count=one.count,
                    evidence=one.evidence,
                )
                for one in await work.alerts.of_referral(record.id)
            ]
        )

    async def _suggestion(self, work: Work, record: ReferralRecord) -> shown.SuggestionShown | None:
        made = await work.suggestions.of_referral(record.id)
        if not made:
            return None
        last = max(made, key=lambda one: one.at)
        note = await self._office.strongbox.take(
            work, record.scope, "suggestions.sealed", last.id, last.sealed, SuggestionNote
        )
        return shown.SuggestionShown(rating=Rating(last.rating), reasons=note.reasons)

    async def _ratings(self, work: Work, record: ReferralRecord) -> tuple[shown.RatingShown, ...]:
        found = []
        for one in await work.ratings.of_referral(record.id):
            note = await self._office.strongbox.take(
                work, record.scope, "ratings.sealed", one.id, one.sealed, RatingNote
            )
            found.append(
                shown.RatingShown(
                    rating=Rating(one.rating),
                    previous=_rating(one.previous),
                    threshold=one.threshold,
                    at=one.at,
                    by=one.by,
                    due_at=one.due_at,
                    relaxed=one.relaxed,
                    reasons=note.reasons,
                    cites=note.cites,
                )
            )
        return tuple(found)

    async def _decisions(self, work: Work, record: ReferralRecord) -> tuple[shown.DecisionShown, ...]:
        found = []
        for one in await work.decisions.of_referral(record.id):
            note = await self._office.strongbox.take(
                work, record.scope, "decisions.sealed", one.id, one.sealed, DecisionNote
            )
            found.append(
                shown.DecisionShown(
                    decision=one.id,
                    at=one.at,
                    by=one.by,
                    outcomes=note.outcomes,
                    rationale=note.rationale,
                    evidence=one.evidence,
                    missing=one.missing,
                )
            )
        return tuple(found)

    async def _reasons(self, work: Work, record: ReferralRecord) -> tuple[shown.ReasonShown, ...]:
        found = []
        for one in await work.reasons.of_referral(record.id):
            note = await self._office.strongbox.take(work, record.scope, REASON_PLACE, one.id, one.sealed, ReasonNote)
            found.append(
                shown.ReasonShown(act=Act(one.act), subject=one.subject, at=one.at, by=one.by, reason=note.text)
            )
        return tuple(found)

    @staticmethod
    async def _products(work: Work, record: ReferralRecord) -> tuple[shown.ProductShown, ...]:
        return tuple(
            shown.ProductShown(
                product=one.id,
                version=one.version,
                recipient=one.recipient,
                state=one.state,
                envelope=one.envelope_id,
                delivered_at=one.delivered_at,
                accepted_at=one.accepted_at,
                acted_at=one.acted_at,
            )
            for one in await work.products.of_referral(record.id)
        )

    @staticmethod
    async def _feedback(work: Work, record: ReferralRecord) -> tuple[shown.FeedbackShown, ...]:
        return tuple(
            shown.FeedbackShown(message=one.message_id, at=one.at, by=one.by, by_envelope=one.envelope_id is not None)
            for one in await work.feedbacks.of_referral(record.id)
        )


def _may(caller: PersonCaller, action: Action) -> bool:
    return bool(caller.roles & allowed_roles(action))


def _rating(value: str | None) -> Rating | None:
    return Rating(value) if value else None
