"""Two people who were taken for one, apart again; what left the hub in between is called back.

A merge or a link is taken back by a manager, with a reason. Both people stand as they were, refreshed by what came
since. Envelopes on their referrals that nobody has opened are revoked; whoever opened one is told, by an envelope of
its own, that it told of the wrong person. What people at the hub looked at is listed, for them to be told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from gateway.casework.notes import RecallNote
from gateway.casework.office import Office
from gateway.casework.revoking import RevokingDesk
from gateway.delivery.sealing import Parcel, digest
from gateway.intake.explaining import explained
from gateway.intake.notes import LinkNote
from gateway.intake.persons import LINK_PLACE, PLACE
from gateway.log.events import Event
from gateway.people import PersonCaller
from gateway.store import Reading, Work
from gateway.store.direct import intake as sets
from gateway.store.records import (
    EnvelopeRecord,
    EnvelopeState,
    How,
    LinkRecord,
    MergeRecord,
    MergeState,
    PersonRecord,
    RecallRecord,
    ReferralPerson,
)
from routing import linkage_model, need_to_know, separating
from schemas import opaque
from schemas.envelope import EnvelopeKind, RecallContent
from schemas.errors import Conflict, Rejected, Unknown
from schemas.persons import Person

RECALL_PLACE = "recalls.sealed"
_LOOKS = frozenset({Event.REFERRAL_VIEWED, Event.DISCLOSURE_VIEWED})
_GONE_OUT = frozenset({EnvelopeKind.REQUEST, EnvelopeKind.DISCLOSURE, EnvelopeKind.PRODUCT})


@dataclass(frozen=True, kw_only=True)
class Explained:
    """A link, and why it was made."""

    record: LinkRecord
    note: LinkNote | None


@dataclass(frozen=True, kw_only=True)
class _Wrong:
    """What is taken back: since when, the two as they were, and what certainly is the other's."""

    subject: str
    since: datetime
    kept: PersonRecord
    other: PersonRecord
    kept_before: Person
    other_before: Person
    items: tuple[str, ...]
    referrals: tuple[str, ...]
    later: tuple[Explained, ...]


class SeparatingDesk:
    """Where links are explained and taken back."""

    def __init__(self, office: Office, revoking: RevokingDesk) -> None:
        self._office = office
        self._revoking = revoking

    async def links(self, name: str) -> tuple[list[Explained], list[MergeRecord], list[RecallRecord]]:
        """Every link of a person with its reasons, the merges and the recalls that they are a part of.

        Raises:
            Unknown: no such person.
        """
        _require_person(name)
        async with self._office.store.reading() as work:
            if not await work.persons.get_many([name]):
                raise Unknown("person.unknown", "there is no such person", at="id")
            found = [await self._explained(work, one) for one in await work.links.of_person(name)]
            return found, await work.merges.of_person(name), await work.links.recalls_of(name)

    async def undo_link(self, caller: PersonCaller, item: str, ref: str, reason: str) -> RecallRecord:
        """Take back that somebody of an item is who the hub took them for: they are a person of their own from now on.

        Raises:
            Unknown: no such link. Conflict: it is nobody's refreshing, or the person gave way to another since.
            Rejected: no reason.
        """
        office, now = self._office, self._office.now()
        _require_reason(reason)
        if not opaque.is_name(item, opaque.Prefix.ITEM):
            raise Unknown("link.unknown", at="item")
        async with office.store.work() as work:
            link = await work.links.get(item, ref)
            if link.before_sealed is None:
                raise Conflict("link.new", "nobody was known before it: there is nothing to restore", at="ref")
            kept = (await work.links.lock_persons([link.person_id]))[link.person_id]
            if kept.merged_into is not None:
                raise Conflict("person.merged", "take back the merge first, by which this person became another's")
            wrongly = await self._explained(work, link)
            if wrongly.note is None:
                raise Conflict("link.erased", "what it rested on was erased")
            other = await self._new(work, wrongly.note.person, now)
            since = [one for one in await work.links.since(kept.id, link.at) if _after(one, link)]
            found = await work.links.referrals_of_items([item])
            wrong = _Wrong(
                subject=f"{item}/{ref}",
                since=link.at,
                kept=kept,
                other=other,
                kept_before=await self._opened(work, kept, link.before_sealed),
                other_before=wrongly.note.person,
                items=(item,),
                referrals=tuple(found.values()),
                later=tuple([await self._explained(work, one) for one in since]),
            )
            await self._move(work, wrongly, other, How.SEPARATED)
            recall = await self._separate(work, caller, wrong, reason, now)
            await work.commit()
        return recall

    async def undo_merge(self, caller: PersonCaller, name: str, reason: str) -> RecallRecord:
        """Take back a merge: the two stand for themselves again.

        Raises:
            Unknown: no such merge. Conflict: it is not one that was made of two known people, or they changed since.
            Rejected: no reason.
        """
        office, now = self._office, self._office.now()
        _require_reason(reason)
        if not opaque.is_name(name, opaque.Prefix.MERGE):
            raise Unknown("merge.unknown", at="merge")
        async with office.store.work() as work:
            merge = await work.merges.get(name)
            if merge.state != MergeState.MADE or merge.prior_id is None or merge.surviving_id is None:
                raise Conflict("merge.not_made", "no two people became one by it, or it was taken back", at="merge")
            people = await work.links.lock_persons([merge.surviving_id, merge.prior_id])
            kept, other = people[merge.surviving_id], people[merge.prior_id]
            if kept.merged_into is not None or other.merged_into != kept.id or merge.before_sealed is None:
                raise Conflict("merge.stale", "take back first what became of the two since")
            since = [one for one in await work.links.since(kept.id, merge.at) if one.at > merge.at]
            theirs = [one for one in await work.links.items_of(other.id) if one not in merge.shared]
            wrong = _Wrong(
                subject=name,
                since=merge.at,
                kept=kept,
                other=other,
                kept_before=await self._opened(work, kept, merge.before_sealed),
                other_before=await self._opened(work, other, other.sealed),
                items=tuple(theirs),
                referrals=merge.moved,
                later=tuple([await self._explained(work, one) for one in since]),
            )
            await work.links.part(other.id)
            await work.merges.save(replace(merge, state=MergeState.UNDONE))
            recall = await self._separate(work, caller, wrong, reason, now)
            await work.commit()
        return recall

    async def _separate(
        self, work: Work, caller: PersonCaller, wrong: _Wrong, reason: str, now: datetime
    ) -> RecallRecord:
        kept, other = wrong.kept, wrong.other
        # (1) what came since goes to the one whom it fits
        told = [(one, one.note.person) for one in wrong.later if one.note is not None]
        apart = separating.part(
            wrong.kept_before, wrong.other_before, [person for _, person in told], linkage_model.shipped()
        )
        theirs = [one for (one, _), goes in zip(told, apart.to_other, strict=True) if goes]
        items = [*wrong.items, *(one.record.item_id for one in theirs)]
        # (2) every referral of the one that was: what left there since may tell of the wrong person
        referrals = sorted({*await work.links.referrals_of(kept.id), *wrong.referrals})
        # (3) both records, and what leads to them
        await self._save(work, kept, apart.kept, now)
        await self._save(work, other, apart.other, now)
        for one in theirs:
            await self._move(work, one, other, How(one.record.how))
        await work.links.move_items(items, kept.id, other.id)
        found = await work.links.referrals_of_items(items)
        for referral in dict.fromkeys((*wrong.referrals, *found.values())):
            await self._stand(work, referral, kept.id, other.id, (now, caller.subject))
        # (4) what left the hub
        revoked, opened, notices = await self._call_back(work, caller, referrals, wrong.since)
        looked = await self._looked(work, referrals, wrong.since)
        return await self._record(
            work,
            caller,
            RecallRecord(
                id=self._office.world.name(opaque.Prefix.RECALL),
                subject=wrong.subject,
                kept_id=kept.id,
                restored_id=other.id,
                since=wrong.since,
                at=now,
                by=caller.subject,
                referrals=tuple(referrals),
                revoked=tuple(revoked),
                opened=tuple(one.id for one in opened),
                notices=tuple(notices),
                looked=tuple(looked),
                sealed=b"",
            ),
            reason,
        )

    async def _record(self, work: Work, caller: PersonCaller, recall: RecallRecord, reason: str) -> RecallRecord:
        office = self._office
        note = RecallNote(reason=reason.strip())
        sealed = await office.strongbox.put(work, recall.kept_id, RECALL_PLACE, recall.id, note)
        recall = replace(recall, sealed=sealed)
        await work.links.add_recall(recall)
        await office.log.append(
            work,
            event=Event.PERSON_SEPARATED,
            actor=caller.actor,
            now=recall.at,
            subject=recall.id,
            detail={
                "wrong": recall.subject,
                "kept": recall.kept_id,
                "restored": recall.restored_id,
                "revoked": list(recall.revoked),
                "opened": list(recall.opened),
                "looked": len(recall.looked),
            },
        )
        return recall

    async def _call_back(
        self, work: Work, caller: PersonCaller, referrals: Sequence[str], since: datetime
    ) -> tuple[list[str], list[EnvelopeRecord], list[str]]:
        """What was revoked, what had been opened, and the notice for each of the latter."""
        revoked, opened, notices = list[str](), list[EnvelopeRecord](), list[str]()
        for referral in referrals:
            sent = [
                one
                for one in await work.envelopes.of_referral(referral)
                if one.created_at >= since and one.kind in _GONE_OUT
            ]
            for one in sent:
                record = await work.envelopes.lock(one.id)
                if record.state == EnvelopeState.SEALED:
                    await self._revoking.call_back(work, record, caller)
                    revoked.append(record.id)
                elif record.state == EnvelopeState.RELEASED:
                    opened.append(record)
                    notices.append(await self._tell(work, record, caller))
        return revoked, opened, notices

    async def _tell(self, work: Work, record: EnvelopeRecord, caller: PersonCaller) -> str:
        """Tell whoever opened it; empty where no such reader is enrolled any more."""
        office = self._office
        client = await office.agencies.client(work, record.recipient)
        if client is None or client.encryption_jwk is None or office.readers.recipient(client) is None:
            return ""
        reader = office.readers.reader(client, EnvelopeKind.RECALL)
        referral = await work.referrals.get(str(record.referral_id))
        parcel = Parcel(
            client=client,
            content=RecallContent(envelope=record.id, brought=EnvelopeKind(record.kind)),
            referral=referral.id,
            scope=referral.scope,
            reference=office.pseudonym(client.agency, referral.id),
            subject=record.id,
            policy=need_to_know.policy_document(need_to_know.View(reader=reader, known=True)),
            request_digest=digest(record.id.encode()),
        )
        return (await office.sealer.cut(work, parcel, actor=caller.actor)).id

    async def _looked(self, work: Work, referrals: Sequence[str], since: datetime) -> list[str]:
        return [
            entry.id
            for referral in referrals
            for entry in await work.log.of_referral(referral)
            if entry.at >= since and entry.event in _LOOKS
        ]

    async def _stand(self, work: Work, referral: str, kept: str, other: str, recall: tuple[datetime, str]) -> None:
        """Put the other where the one stood alone because of the other, and beside it where both belong."""
        parts = {one.person_id: one for one in await work.referrals.persons(referral)}
        if other in parts or kept not in parts:
            return
        if await work.links.named_on(referral, kept):
            stood = parts[kept]
            await work.referrals.link_person(
                ReferralPerson(
                    referral_id=referral,
                    person_id=other,
                    part=stood.part,
                    ref=other,
                    added_at=recall[0],
                    added_by=recall[1],
                )
            )
        else:
            await work.links.move_part(referral, kept, other)

    async def _new(self, work: Work, person: Person, now: datetime) -> PersonRecord:
        office = self._office
        name = office.world.name(opaque.Prefix.PERSON)
        scope, row = office.vault.fresh(name, now=now)
        sealed = office.strongbox.seal(scope, PLACE, name, person)
        record = PersonRecord(id=name, scope=name, sealed=sealed, created_at=now, updated_at=now)
        dialect = work.sets.dialect
        await work.sets.write(sets.SCOPES.insert(dialect, [row]), sets.PERSONS.insert(dialect, [record]))
        return record

    async def _save(self, work: Work, record: PersonRecord, person: Person, now: datetime) -> None:
        office, dialect = self._office, work.sets.dialect
        sealed = await office.strongbox.put(work, record.scope, PLACE, record.id, person)
        terms = [(hashed, record.id, kind) for kind, hashed in office.persons.terms(person)]
        blocks = [(hashed, record.id) for hashed in office.persons.blocks(person)]
        await work.sets.write(
            sets.save_persons(dialect, [replace(record, sealed=sealed, updated_at=now)]),
            *sets.forget_terms([record.id]),
        )
        await work.sets.write(
            sets.PERSON_TERMS.insert_new(dialect, terms), sets.PERSON_BLOCKS.insert_new(dialect, blocks)
        )

    async def _move(self, work: Work, one: Explained, other: PersonRecord, how: How) -> None:
        """A link under the other's name, its explanation under the other's seal."""
        sealed = None
        if one.note is not None:
            name = f"{one.record.item_id}/{one.record.ref}"
            sealed = await self._office.strongbox.put(work, other.scope, LINK_PLACE, name, one.note)
        await work.links.move(replace(one.record, person_id=other.id, how=how, sealed=sealed, before_sealed=None))

    async def _explained(self, work: Reading, record: LinkRecord) -> Explained:
        return Explained(record=record, note=await explained(work, self._office.strongbox, record))

    async def _opened(self, work: Reading, record: PersonRecord, sealed: bytes) -> Person:
        return await self._office.strongbox.take(work, record.scope, PLACE, record.id, sealed, Person)


def _after(one: LinkRecord, link: LinkRecord) -> bool:
    return (one.at, one.item_id, one.ref) > (link.at, link.item_id, link.ref)


def _require_person(name: str) -> None:
    if not opaque.is_name(name, opaque.Prefix.PERSON):
        raise Unknown("person.unknown", "there is no such person", at="id")


def _require_reason(reason: str) -> None:
    if not reason.strip():
        raise Rejected("separation.no_reason", "say why they are two people", at="reason")
