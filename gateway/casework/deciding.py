"""Deciding, telling the referrer, closing: the manager's last steps, each with what it rests on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from gateway.casework.notes import Act, DecisionNote, FeedbackNote
from gateway.casework.office import Office, acting_role, require_assigned
from gateway.casework.protection import protection
from gateway.casework.telling import Telling, Told
from gateway.casework.wording import tell_no_place
from gateway.delivery.sealing import Parcel, digest
from gateway.log.events import Event
from gateway.people import PersonCaller
from gateway.store import Work
from gateway.store.records import ClientRow, DecisionRecord, FeedbackRecord, ReferralRecord
from routing import decisions, lifecycle, need_to_know, products
from routing.lifecycle import ProductState, ReferralState, RequestState, Step
from schemas import opaque
from schemas.envelope import EnvelopeKind, FeedbackContent
from schemas.errors import Conflict
from schemas.vocabulary import Outcome, Role


@dataclass(frozen=True, kw_only=True)
class Fed:
    """One referrer told: by envelope, or (without a recipient for it) by other means, which is recorded."""

    message_id: str
    recipient: str
    envelope_id: str | None


class DecidingDesk:
    """Where referrals are decided and closed."""

    def __init__(self, office: Office, telling: Telling) -> None:
        self._office = office
        self._telling = telling

    async def decide(
        self,
        caller: PersonCaller,
        name: str,
        *,
        outcomes: Sequence[Outcome],
        rationale: str,
        evidence: Sequence[str],
        acknowledged: Sequence[str],
    ) -> str:
        """Decide a referral; the decision's name.

        Raises:
            Refused: not the manager of the case. Rejected: incomplete. Conflict: missing voices, or not rated yet.
        """
        office, now, role = self._office, self._office.now(), acting_role(caller)
        async with office.store.work() as work:
            referral = await office.referral(work, name)
            require_assigned(referral, caller)
            state = lifecycle.advance(ReferralState(referral.state), Step.DECIDE, role)
            asked = [
                products.AskedRequest(request_id=one.id, agency=one.agency, state=RequestState(one.state))
                for one in await work.requests.of_referral(name)
            ]
            given = decisions.decide(
                role=role,
                outcomes=outcomes,
                rationale=rationale,
                evidence=evidence,
                missing=products.missing_voices(asked),
                acknowledged=acknowledged,
            )
            decision_id = office.world.name(opaque.Prefix.DECISION)
            note = DecisionNote(outcomes=given.outcomes, rationale=given.rationale)
            await work.decisions.add(
                DecisionRecord(
                    id=decision_id,
                    referral_id=name,
                    at=now,
                    by=caller.subject,
                    evidence=given.evidence,
                    missing=tuple(voice.request_id for voice in given.missing),
                    sealed=await office.strongbox.put(work, referral.scope, "decisions.sealed", decision_id, note),
                )
            )
            await work.referrals.save(replace(referral, state=state))
            await office.clear_alarm(work, "decision_overdue", referral=name, subject=name, actor=caller.actor)
            await office.log.append(
                work,
                event=Event.DECISION_MADE,
                actor=caller.actor,
                now=now,
                referral=name,
                subject=decision_id,
                detail={"evidence": len(given.evidence), "missing": len(given.missing)},
            )
            await work.commit()
        return decision_id

    async def feed_back(self, caller: PersonCaller, name: str, text: str) -> list[Fed]:
        """Tell every referrer the outcome, never the contents.

        Raises:
            Conflict: not decided yet. Refused: not the manager of the case.
        """
        office = self._office
        async with office.store.work() as work:
            referral = await office.referral(work, name)
            require_assigned(referral, caller)
            lifecycle.advance(ReferralState(referral.state), Step.GIVE_FEEDBACK, acting_role(caller))
            note = FeedbackNote(outcomes=(await self.outcomes(work, referral)), text=text.strip())
            notifications = await self._telling.told(work, name)
            guarded = await protection(work, name, notifications)
            await tell_no_place(office, work, name, guarded, [note.text], at="text")
            told = {one.message_id: one for one in notifications}
            fed = [await self._tell(work, caller, referral, one, note) for one in told.values()]
            await office.clear_alarm(work, "feedback_overdue", referral=name, subject=name, actor=caller.actor)
            await work.commit()
        return fed

    async def close(self, caller: PersonCaller, name: str, reason: str) -> None:
        """Close a decided referral. Its record stays; a later notification links back and may reopen it.

        Raises:
            Conflict: feedback or an acceptance is still outstanding. Refused: not the manager of the case.
        """
        office, now = self._office, self._office.now()
        async with office.store.work() as work:
            referral = await office.referral(work, name)
            require_assigned(referral, caller)
            state = lifecycle.advance(ReferralState(referral.state), Step.CLOSE, acting_role(caller))
            waiting = [
                product.recipient
                for product in await work.products.of_referral(name)
                if product.state in {ProductState.SENT, ProductState.DELIVERED}
            ]
            fed = await work.feedbacks.of_referral(name)
            decisions.check_closure(feedback_given=bool(fed), why_no_feedback=reason, unaccepted=waiting)
            await work.referrals.save(replace(referral, state=state, closed_at=now))
            if reason.strip():
                await office.keep_reason(work, referral, Act.CLOSED, subject=name, reason=reason, by=caller.subject)
            await office.clear_alarm(work, "feedback_overdue", referral=name, subject=name, actor=caller.actor)
            await office.log.append(work, event=Event.REFERRAL_CLOSED, actor=caller.actor, now=now, referral=name)
            await work.commit()

    async def outcomes(self, work: Work, referral: ReferralRecord) -> tuple[Outcome, ...]:
        """The outcomes of the last decision.

        Raises:
            Conflict: there is none yet.
        """
        made = await work.decisions.of_referral(referral.id)
        if not made:
            raise Conflict("lifecycle.state", "first: decide", at="decision")
        last = max(made, key=lambda one: one.at)
        note = await self._office.strongbox.take(
            work, referral.scope, "decisions.sealed", last.id, last.sealed, DecisionNote
        )
        return note.outcomes

    async def _tell(
        self, work: Work, caller: PersonCaller, referral: ReferralRecord, told: Told, note: FeedbackNote
    ) -> Fed:
        office, now = self._office, self._office.now()
        client = await self._referrer(work, told.agency)
        feedback_id = office.world.name(opaque.Prefix.FEEDBACK)
        envelope_id = None
        if client is not None:
            reader = office.readers.reader(client, EnvelopeKind.FEEDBACK)
            parcel = Parcel(
                client=client,
                content=FeedbackContent(message=told.message_id, outcomes=note.outcomes, text=note.text),
                referral=referral.id,
                scope=referral.scope,
                reference=office.pseudonym(client.agency, referral.id),
                subject=feedback_id,
                policy=need_to_know.policy_document(need_to_know.View(reader=reader, known=True)),
                request_digest=digest(told.message_id.encode()),
            )
            envelope_id = (await office.sealer.cut(work, parcel, actor=caller.actor)).id
        await work.feedbacks.add(
            FeedbackRecord(
                id=feedback_id,
                referral_id=referral.id,
                message_id=told.message_id,
                recipient=client.client_id if client else "",
                at=now,
                by=caller.subject,
                envelope_id=envelope_id,
                sealed=await office.strongbox.put(work, referral.scope, "feedbacks.sealed", feedback_id, note),
            )
        )
        await office.log.append(
            work,
            event=Event.FEEDBACK_SENT,
            actor=caller.actor,
            now=now,
            referral=referral.id,
            subject=feedback_id,
            detail={"message": told.message_id, "by_envelope": envelope_id is not None},
        )
        return Fed(message_id=told.message_id, recipient=client.client_id if client else "", envelope_id=envelope_id)

    async def _referrer(self, work: Work, agency_id: str) -> ClientRow | None:
        agency = self._office.readers.agency(agency_id)
        named = [one.name for one in agency.recipients if one.role is Role.REFERRER] if agency else []
        for name in named:
            client = await self._office.agencies.recipient(work, agency_id, name)
            if client is not None:
                return client
        return None
