"""The information product: the manager's words and the parts that their owners released, to one receiving team."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from gateway.casework import shown
from gateway.casework.deciding import DecidingDesk
from gateway.casework.dossier import PRODUCT_PLACE
from gateway.casework.notes import AcceptanceNote, ProductNote
from gateway.casework.office import Office, acting_role, require_assigned
from gateway.casework.paperwork import Paperwork
from gateway.casework.protection import Protection, protection
from gateway.casework.telling import Telling
from gateway.casework.wording import tell_no_place
from gateway.delivery.sealing import Parcel, digest
from gateway.log.events import Event
from gateway.people import PersonCaller
from gateway.store import Work
from gateway.store.records import ClientRow, ProductRecord, ReferralRecord
from routing import lifecycle, need_to_know
from routing import products as rules
from routing.lifecycle import ProductState, ReferralState, Step
from routing.need_to_know import View
from schemas import opaque
from schemas.disclosure import Audience, ReceivedDisclosure, ReleaseClaims
from schemas.envelope import EnvelopeKind, ProductContent
from schemas.errors import Conflict, Unknown
from schemas.persons import Person
from schemas.product import ProductFormat
from schemas.vocabulary import Datum, Rating, Role


@dataclass(frozen=True, kw_only=True)
class Made:
    """A product on its way."""

    product: str
    version: int
    envelope: str


class ProductDesk:
    """Where products are assembled, sent, accepted and acted on."""

    def __init__(self, office: Office, deciding: DecidingDesk, paperwork: Paperwork, telling: Telling) -> None:
        self._office = office
        self._telling = telling
        self._deciding = deciding
        self._paperwork = paperwork

    async def send(
        self,
        caller: PersonCaller,
        name: str,
        *,
        recipient: str,
        summary: str,
        parts: Mapping[str, Sequence[str] | None],
    ) -> Made:
        """Send a product. ``parts`` maps a disclosure to the digests of the chosen groups, or None for all of it.

        Raises:
            Refused: an owner has not released a part (the detail names the agencies). Unknown: no such part.
            Conflict: not decided yet, or the recipient is not enrolled.
        """
        office, now = self._office, self._office.now()
        async with office.store.work() as work:
            referral = await office.referral(work, name)
            require_assigned(referral, caller)
            state = lifecycle.advance(ReferralState(referral.state), Step.SEND_PRODUCT, acting_role(caller))
            outcomes = await self._deciding.outcomes(work, referral)
            client = await office.agencies.client(work, recipient)
            if client is None:
                raise Conflict("recipient.not_enrolled", "enrol this recipient first", at="recipient")
            guarded = await protection(work, name, await self._telling.told(work, name))
            await tell_no_place(office, work, name, guarded, [summary], at="summary")
            cut = await self._cut(work, referral, client, parts)
            product_id = office.world.name(opaque.Prefix.PRODUCT)
            earlier = [one.version for one in await work.products.of_referral(name) if one.recipient == recipient]
            version = max(earlier, default=0) + 1
            people = await office.dossier.people(work, name)
            note = ProductNote(
                summary=summary,
                outcomes=outcomes,
                persons=tuple(line(one.person, one.part.part) for one in people),
                evidence=tuple(one.as_sent() for one in cut.shown),
                withheld=cut.withheld,
            )
            record = ProductRecord(
                id=product_id,
                referral_id=name,
                version=version,
                recipient=recipient,
                state=ProductState.SENT,
                created_at=now,
                created_by=caller.subject,
                envelope_id=None,
                sealed=await office.strongbox.put(work, referral.scope, PRODUCT_PLACE, product_id, note),
            )
            await work.products.add(record)
            content = ProductContent(
                product=product_id,
                version=version,
                outcomes=note.outcomes,
                summary=note.summary,
                persons=note.persons,
                evidence=note.evidence,
                withheld=note.withheld,
            )
            content = await self._paperwork.attach(
                work, content, cut=cut, client=client, referral=referral, now=now, guarded=guarded
            )
            parcel = Parcel(
                client=client,
                content=content,
                referral=name,
                scope=referral.scope,
                reference=office.pseudonym(client.agency, name),
                subject=product_id,
                policy=need_to_know.policy_document(cut, data=_told(content, guarded)),
                request_digest=digest(product_id.encode()),
            )
            envelope = await office.sealer.cut(work, parcel, actor=caller.actor)
            await work.products.save(replace(record, envelope_id=envelope.id))
            await work.referrals.save(replace(referral, state=state))
            await office.log.append(
                work,
                event=Event.PRODUCT_MADE,
                actor=caller.actor,
                now=now,
                referral=name,
                subject=product_id,
                detail={
                    "recipient": recipient,
                    "version": version,
                    "parts": list(cut.digests),
                    "documents": [one.format for one in content.documents],
                    "left_out": [one.format for one in content.left_out],
                },
            )
            await work.commit()
        return Made(product=product_id, version=version, envelope=envelope.id)

    async def choices(self, caller: PersonCaller, name: str) -> shown.PartChoices:
        """What a manager may put into a product of this case, and whether its owner has released it to a team.

        Raises:
            Unknown: no such referral. Refused: not the manager of the case.
        """
        office = self._office
        async with office.store.reading() as work:
            require_assigned(await office.referral_seen(work, name), caller)
            disclosures = await office.dossier.disclosures(work, name)
            releases = await office.dossier.releases(work, disclosures)
        found = []
        for disclosure in disclosures:
            for group in disclosure.groups:
                released = need_to_know.audiences(disclosure, group, releases)
                if Audience.SOCIAL_WORK_MANAGER in released:
                    found.append(
                        shown.PartChoice(
                            disclosure=disclosure.id,
                            agency=disclosure.agency,
                            digest=group.digest,
                            category=group.content.category,
                            released=Audience.RECEIVING_TEAM in released,
                        )
                    )
        return shown.PartChoices(parts=tuple(found))

    async def accept(self, client: ClientRow, product_id: str, note: AcceptanceNote, *, acted_on: bool) -> None:
        """A person at the recipient took the product on, or acted on it.

        Raises:
            Unknown: no such product for this recipient. Conflict: it was not delivered, or not accepted yet.
        """
        office, now = self._office, self._office.now()
        if not opaque.is_name(product_id, opaque.Prefix.PRODUCT):
            raise Unknown("product.unknown", at="id")
        async with office.store.work() as work:
            product = await work.products.lock(product_id)
            if product.recipient != client.client_id:
                raise Unknown("product.unknown", at="id")
            role, state = Role.RECEIVING_TEAM, ProductState(product.state)
            if product.accepted_at is None or not acted_on:
                if product.accepted_at is not None:
                    return
                state = lifecycle.advance(state, Step.ACCEPT_PRODUCT, role)
                sealed = await office.strongbox.put(
                    work, product.referral_id, "products.acceptance_sealed", product_id, note
                )
                product = replace(
                    product, accepted_at=now, accepted_by=client.client_id, acceptance_sealed=sealed, state=state
                )
                await self._say(work, Event.PRODUCT_ACCEPTED, client, product)
                await office.clear_alarm(
                    work,
                    "product_unaccepted",
                    referral=product.referral_id,
                    subject=product_id,
                    actor=client.client_id,
                )
            if acted_on and product.acted_at is None:
                state = lifecycle.advance(state, Step.ACT_ON_PRODUCT, role)
                product = replace(product, acted_at=now, state=state)
                await self._say(work, Event.PRODUCT_ACTED_ON, client, product)
            await work.products.save(product)
            await work.commit()

    async def _cut(
        self, work: Work, referral: ReferralRecord, client: ClientRow, parts: Mapping[str, Sequence[str] | None]
    ) -> View:
        office = self._office
        disclosures = await office.dossier.disclosures(work, referral.id)
        releases = await office.dossier.releases(work, disclosures)
        return rules.assemble(
            chosen=chosen_of(disclosures, releases, parts),
            disclosures=disclosures,
            releases=releases,
            reader=office.readers.reader(
                client, EnvelopeKind.PRODUCT, Rating(referral.rating) if referral.rating else None
            ),
            ask=office.readers.whom_to_ask(),
            policy=office.readers.policy,
        )

    async def _say(self, work: Work, event: Event, client: ClientRow, product: ProductRecord) -> None:
        await self._office.log.append(
            work,
            event=event,
            actor=client.client_id,
            now=self._office.now(),
            referral=product.referral_id,
            subject=product.id,
            detail={"version": product.version},
        )


def _told(content: ProductContent, guarded: Protection) -> dict[Datum, Sequence[str]]:
    """What the product tells of the notification: a CIN record says who referred, unless that is protected."""
    named = any(one.format == ProductFormat.CIN for one in content.documents)
    return {Datum.SOURCE: ()} if named and not guarded.sources else {}


def chosen_of(
    disclosures: Sequence[ReceivedDisclosure],
    releases: Sequence[ReleaseClaims],
    parts: Mapping[str, Sequence[str] | None],
) -> frozenset[str]:
    """The digests of the groups that a manager chose, disclosure by disclosure.

    Raises:
        Unknown: no such disclosure on this referral.
    """
    held = {one.id: one for one in disclosures}
    if not parts.keys() <= held.keys():
        raise Unknown("product.unknown_group", "choose among the disclosures of this referral", at="parts")
    chosen: set[str] = set()
    for disclosure, digests in parts.items():
        if digests is not None:
            chosen |= set(digests)
            continue
        # All that the manager may read of it: a refusal for the rest would tell that there is a rest.
        chosen |= {
            group.digest
            for group in held[disclosure].groups
            if Audience.SOCIAL_WORK_MANAGER in need_to_know.audiences(held[disclosure], group, releases)
        }
    return frozenset(chosen)


def line(person: Person, part: str) -> str:
    """A person of the product in one line: who, and the part they have."""
    first = person.names[0] if person.names else None
    spoken = " ".join((*first.given, first.family)).strip() if first else ""
    return f"{spoken or ('unborn child' if person.unborn else 'not named')} ({part})"
