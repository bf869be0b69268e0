"""The facts of a period, out of the hub's records. What was erased counts as far as its times tell, and no further."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol, TypeVar

from crypto.failure import SealFailed
from gateway.casework.dossier import Dossier
from gateway.casework.notes import DecisionNote
from gateway.casework.telling import Telling
from gateway.configuration import Configuration
from gateway.store import Reading, Store
from gateway.store.records import DecisionRecord, DisclosureRecord, RatingRecord, ReferralRecord
from gateway.strongbox import Strongbox
from routing import clocks
from routing.lifecycle import RequestState
from routing.metrics import Answer, Asked, Facts, Period, Rated, Round
from schemas.errors import Unknown
from schemas.vocabulary import Outcome, Rating, RefusalReason, ReplyDecision

_ENDLESS = datetime.max.replace(tzinfo=UTC)


class _OfReferral(Protocol):
    @property
    def referral_id(self) -> str: ...
    @property
    def at(self) -> datetime: ...


N = TypeVar("N", bound=_OfReferral)


@dataclass(frozen=True, kw_only=True)
class Gathering:
    """Reads facts."""

    configuration: Configuration
    store: Store
    strongbox: Strongbox

    def _feedback_due(self, received: datetime) -> datetime:
        configuration = self.configuration
        days = configuration.hub.clocks.feedback_working_days
        return clocks.feedback_due(received, days, configuration.calendar)

    async def facts(self, period: Period) -> Facts:
        """All that the figures of this period rest on.

        Raises:
            Unavailable: the store is not there.
        """
        async with self.store.reading() as work:
            return Facts(
                rounds=await self._rounds(work, period),
                requests=await self._requests(work, period),
                answers=await self._answers(work, period),
            )

    async def _rounds(self, work: Reading, period: Period) -> list[Round]:
        found = await work.outcomes.referrals(period.begins, period.ends)
        names = [one.id for one in found]
        ratings = _by_referral(await work.outcomes.ratings(names))
        decisions = _by_referral(await work.outcomes.decisions(names))
        feedbacks = _by_referral(await work.outcomes.feedbacks(names))
        receipts = await self._receipts(work, [one.id for one in found if period.holds(_last_receipt(one))])
        rounds = []
        for referral in found:
            for span in _spans(referral):
                rated = _within(span, ratings[referral.id])
                decided = _within(span, decisions[referral.id])
                told = _within(span, feedbacks[referral.id])
                before = [at for at in receipts.get(referral.id, ()) if at < span.begins]
                rounds.append(
                    Round(
                        referral=referral.id,
                        received_at=span.begins,
                        ratings=tuple(_rated(one) for one in rated),
                        decided_at=decided[0].at if decided else None,
                        outcomes=await self._outcomes(work, referral, decided, period),
                        feedback_due_at=clocks.feedback_due(
                            span.begins,
                            self.configuration.hub.clocks.feedback_working_days,
                            self.configuration.calendar,
                        ),
                        told_at=told[0].at if told else None,
                        level=await self._level(work, referral, span, rated, period),
                        earlier=max(before, default=None),
                    )
                )
        return rounds

    async def _receipts(self, work: Reading, referrals: Sequence[str]) -> dict[str, list[datetime]]:
        """For each of these referrals, when any referral of any of its children was received or opened again."""
        subjects = await work.outcomes.subjects(referrals)
        of_person: dict[str, set[datetime]] = defaultdict(set)
        for person, _, received_at, reopened_at in await work.outcomes.receipts({person for _, person in subjects}):
            of_person[person] |= {received_at, *([reopened_at] if reopened_at else ())}
        found: dict[str, list[datetime]] = defaultdict(list)
        for referral, person in subjects:
            found[referral] += of_person[person]
        return found

    async def _outcomes(
        self, work: Reading, referral: ReferralRecord, decided: Sequence[DecisionRecord], period: Period
    ) -> tuple[Outcome, ...] | None:
        if not decided or not period.holds(decided[0].at):
            return None
        last = decided[-1]
        try:
            note = await self.strongbox.take(
                work, referral.scope, "decisions.sealed", last.id, last.sealed, DecisionNote
            )
        except (Unknown, SealFailed):
            return None
        return note.outcomes

    async def _level(
        self, work: Reading, referral: ReferralRecord, span: Period, rated: Sequence[RatingRecord], period: Period
    ) -> int | None:
        """The level of need that the first referrer of the round named."""
        if not rated or not period.holds(rated[0].at):
            return None
        try:
            told = await Telling(self.strongbox).told(work, referral.id)
        except (Unknown, SealFailed):
            return None
        levels = [
            one.notification.concern.level_of_need
            for one in told
            if span.holds(one.received_at) and one.notification.concern is not None
        ]
        return levels[0] if levels else None

    async def _requests(self, work: Reading, period: Period) -> list[Asked]:
        due = [
            one
            for one in await work.outcomes.requests(period.begins, period.ends)
            if one.state != RequestState.WITHDRAWN
        ]
        answered: dict[str, datetime] = {}
        for answer in await work.outcomes.answers({one.id for one in due}):
            if answer.decision != ReplyDecision.CLARIFY:
                answered.setdefault(answer.request_id, answer.received_at)
        return [Asked(agency=one.agency, due_at=one.due_at, answered_at=answered.get(one.id)) for one in due]

    async def _answers(self, work: Reading, period: Period) -> list[Answer]:
        return [
            Answer(
                at=one.received_at,
                decision=ReplyDecision(one.decision),
                reasons=await self._reasons(work, one),
            )
            for one in await work.outcomes.answered(period.begins, period.ends)
            if one.decision != ReplyDecision.CLARIFY
        ]

    async def _reasons(self, work: Reading, answer: DisclosureRecord) -> frozenset[RefusalReason] | None:
        try:
            opened = await Dossier(self.strongbox).disclosure(work, answer)
        except (Unknown, SealFailed):
            return None
        return frozenset(opened.reply.reasons)


def _by_referral(records: Iterable[N]) -> Mapping[str, list[N]]:
    found: dict[str, list[N]] = defaultdict(list)
    for one in records:
        found[one.referral_id].append(one)
    return found


def _within(span: Period, records: Sequence[N]) -> list[N]:
    return [one for one in records if span.holds(one.at)]


def _spans(referral: ReferralRecord) -> list[Period]:
    """From each receipt to the next. Of several reopenings the record holds the last: those before are one round."""
    if referral.reopened_at is None:
        return [Period(begins=referral.received_at, ends=_ENDLESS)]
    return [
        Period(begins=referral.received_at, ends=referral.reopened_at),
        Period(begins=referral.reopened_at, ends=_ENDLESS),
    ]


def _last_receipt(referral: ReferralRecord) -> datetime:
    return referral.reopened_at or referral.received_at


def _rated(record: RatingRecord) -> Rated:
    return Rated(at=record.at, rating=Rating(record.rating), threshold=record.threshold, due_at=record.due_at)
