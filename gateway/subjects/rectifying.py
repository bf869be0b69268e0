"""Rectification: what a person says is wrong is put beside it, its owner is asked, and its readers are told.

What was written stays as it was: it was signed by its owner, and decisions rest on it. Systems that opened the wrong
datum are told by an envelope; people who looked here see the annotation where they see the datum, and are listed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

from crypto import canonical
from gateway.casework.office import Office
from gateway.delivery.sealing import Parcel, digest
from gateway.log.events import Event
from gateway.store import Reading, Work
from gateway.store.records import AnnotationRecord, EnvelopeRecord, EnvelopeState, ReferralRecord
from gateway.subjects.annotations import FIELDS, PLACE, AnnotationKind, AnnotationNote
from routing import need_to_know
from schemas import opaque
from schemas.envelope import CorrectionContent, EnvelopeKind
from schemas.errors import Conflict, Rejected, Unknown

_OPENED_PERSONS = (EnvelopeKind.REQUEST, EnvelopeKind.PRODUCT)
"""Kinds of envelopes that say who somebody is."""


@dataclass(frozen=True, kw_only=True)
class Wrong:
    """What is wrong, in the person's words: a field of the person, or a group (digest) of a disclosure."""

    kind: AnnotationKind
    field: str
    disclosure: str | None
    text: str


@dataclass(frozen=True, kw_only=True)
class Annotated:
    """An annotation: recipients that were told by an envelope, and people who had looked.

    ``owner`` is the recipient that was asked to correct it; ``untold`` are those who stand no more.
    """

    id: str
    told: tuple[str, ...]
    untold: tuple[str, ...]
    people: tuple[str, ...]
    owner: str | None


@dataclass(frozen=True, kw_only=True)
class RectifyingDesk:
    """Where what is wrong is annotated."""

    office: Office

    async def annotate(self, person: str, wrong: Wrong, *, actor: str) -> Annotated:
        """Put an annotation beside what is held, ask its owner, and tell those who opened it.

        Raises:
            Unknown: no such person, or no such group about them. Rejected: no such field.
        """
        office, now = self.office, self.office.now()
        name = office.world.name(opaque.Prefix.ANNOTATION)
        async with office.store.work() as work:
            known = await work.persons.get_many([person])
            if not known:
                raise Unknown("person.unknown", "there is no such person")
            owner, referrals = await self._place(work, person, wrong)
            note = AnnotationNote(text=wrong.text)
            await work.subjects.annotate(
                AnnotationRecord(
                    id=name,
                    person_id=person,
                    kind=wrong.kind,
                    field=wrong.field,
                    disclosure_id=wrong.disclosure,
                    at=now,
                    by=actor,
                    sealed=await office.strongbox.put(work, known[0].scope, PLACE, name, note),
                )
            )
            readers, people = await self._readers(work, wrong, referrals)
            if owner is not None:
                readers[owner] = referrals[0]
            told = [
                recipient
                for recipient, referral in sorted(readers.items())
                if await self._tell(work, name, person, wrong, recipient, referral, owner=recipient == owner, by=actor)
            ]
            await office.log.append(
                work,
                event=Event.ANNOTATION_MADE,
                actor=actor,
                now=now,
                subject=person,
                detail={
                    "annotation": name,
                    "kind": str(wrong.kind),
                    "about": wrong.disclosure or wrong.field,
                    "told": told,
                    "people": sorted(people),
                },
            )
            await work.commit()
        untold = tuple(sorted(readers.keys() - set(told)))
        return Annotated(id=name, told=tuple(told), untold=untold, people=tuple(sorted(people)), owner=owner)

    async def _place(self, work: Reading, person: str, wrong: Wrong) -> tuple[str | None, list[ReferralRecord]]:
        """The owner's recipient, where an agency owns it, and the referrals where it was read."""
        if wrong.disclosure is None:
            if wrong.field not in FIELDS:
                raise Rejected("annotation.field", "name a field of a person", at="field")
            return None, [await work.referrals.get(one) for one in await work.subjects.referrals(person)]
        if not opaque.is_name(wrong.disclosure, opaque.Prefix.DISCLOSURE):
            raise Unknown("disclosure.unknown", at="disclosure")
        record = await work.disclosures.get(wrong.disclosure)
        request = await work.requests.get(record.request_id)
        asked = await self.office.dossier.request(work, request)
        received = await self.office.dossier.disclosure(work, record)
        mine = {ref for ref, one in asked.persons.items() if one == person}
        for group in received.groups:
            if group.digest == wrong.field and mine & set(group.content.persons or asked.persons):
                return f"{request.agency}.{request.recipient}", [await work.referrals.get(record.referral_id)]
        raise Unknown("disclosure.unknown", at="field")

    async def _readers(
        self, work: Reading, wrong: Wrong, referrals: Sequence[ReferralRecord]
    ) -> tuple[dict[str, ReferralRecord], set[str]]:
        """The recipients that opened it, each with a referral that it was of, and the people who looked."""
        readers, people = dict[str, ReferralRecord](), set[str]()
        for referral in referrals:
            for envelope in await work.envelopes.of_referral(referral.id):
                if envelope.state == EnvelopeState.RELEASED and await self._held(work, envelope, wrong):
                    readers[envelope.recipient] = referral
            people |= {
                one.actor
                for one in await work.log.of_referral(referral.id)
                if one.entry and _looked(one.event, one.subject, json.loads(one.entry)["detail"], wrong)
            }
        return readers, people

    async def _held(self, work: Reading, envelope: EnvelopeRecord, wrong: Wrong) -> bool:
        if wrong.disclosure is None:
            return envelope.kind in _OPENED_PERSONS
        place = f"envelopes.policy.{envelope.id}"
        policy = canonical.loads_object(await self.office.vault.open(work, envelope.scope, envelope.policy, aad=place))
        groups = policy.get("groups")
        return isinstance(groups, list) and wrong.field in groups

    async def _tell(  # noqa: PLR0917 - what, of whom, to whom
        self,
        work: Work,
        name: str,
        person: str,
        wrong: Wrong,
        recipient: str,
        referral: ReferralRecord,
        *,
        owner: bool,
        by: str,
    ) -> bool:
        office = self.office
        client = await office.agencies.client(work, recipient)
        if client is None:
            return False
        try:
            reader = office.readers.reader(client, EnvelopeKind.CORRECTION)
        except Conflict:
            return False  # the hub's file names it no more
        parcel = Parcel(
            client=client,
            content=CorrectionContent(
                person=office.pseudonym(client.agency, person),
                field=wrong.field,
                disclosure=wrong.disclosure,
                annotation=wrong.kind,
                text=wrong.text,
                owner=owner,
            ),
            referral=referral.id,
            scope=referral.scope,
            reference=office.pseudonym(client.agency, referral.id),
            subject=name,
            policy=need_to_know.policy_document(need_to_know.View(reader=reader, known=True)),
            request_digest=digest(name.encode()),
        )
        await office.sealer.cut(work, parcel, actor=by)
        return True


def _looked(event: str, subject: str | None, detail: dict[str, object], wrong: Wrong) -> bool:
    if wrong.disclosure is None:
        return event == Event.REFERRAL_VIEWED
    groups = detail.get("groups")
    return (
        event == Event.DISCLOSURE_VIEWED
        and subject == wrong.disclosure
        and isinstance(groups, list)
        and wrong.field in groups
    )
