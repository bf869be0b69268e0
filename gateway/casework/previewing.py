"""What a reader will see, before it is sent: computed by the same policy that cuts it, and nothing is sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from gateway.casework import shown
from gateway.casework.office import Office, require_assigned
from gateway.casework.products import chosen_of, line
from gateway.casework.protection import protection
from gateway.casework.telling import Telling
from gateway.log.events import Event
from gateway.people import PersonCaller
from gateway.store.repositories.disclosures import DisclosureReader
from routing import need_to_know, readership, whereabouts
from routing import products as rules
from routing.need_to_know import Reader, ShownDisclosure, ShownGroup
from schemas import opaque
from schemas.disclosure import Audience, ReceivedDisclosure, ReleaseClaims
from schemas.envelope import EnvelopeKind
from schemas.errors import Conflict, Unknown
from schemas.persons import Person
from schemas.vocabulary import Rating, Role


class PreviewDesk:
    """Where managers look at a product, and owners at a release, as its readers will."""

    def __init__(self, office: Office, telling: Telling) -> None:
        self._office = office
        self._telling = telling

    async def product(
        self, caller: PersonCaller, name: str, *, recipient: str, parts: Mapping[str, Sequence[str] | None]
    ) -> shown.ProductPreview:
        """What ``recipient`` would see of a product of these parts, and whose release it still waits for.

        Raises:
            Refused: not the manager of the case. Unknown: no such part. Conflict: the recipient is not enrolled, or is
                none that products go to.
        """
        office = self._office
        async with office.store.work() as work:
            referral = await office.referral_seen(work, name)
            require_assigned(referral, caller)
            client = await office.agencies.client(work, recipient)
            if client is None:
                raise Conflict("recipient.not_enrolled", "enrol this recipient first", at="recipient")
            rating = Rating(referral.rating) if referral.rating else None
            reader = office.readers.reader(client, EnvelopeKind.PRODUCT, rating)
            disclosures = await office.dossier.disclosures(work, name)
            releases = await office.dossier.releases(work, disclosures)
            chosen = chosen_of(disclosures, releases, parts)
            readable = rules.readable(disclosures, releases)
            if not chosen <= readable.keys():
                raise Unknown("product.unknown_group", "choose among the disclosed groups of this referral", at="parts")
            guarded = await protection(work, name, await self._telling.told(work, name))
            cut = need_to_know.view(
                reader,
                disclosures,
                releases,
                product=chosen,
                ask=office.readers.whom_to_ask(),
                marks=guarded.marks,
                policy=office.readers.policy,
            )
            people = await office.dossier.people(work, name)
            await office.log.append(
                work,
                event=Event.PRODUCT_PREVIEWED,
                actor=caller.actor,
                now=office.now(),
                referral=name,
                detail={"recipient": recipient, "groups": list(cut.digests), "rules": need_to_know.VERSION},
            )
            await work.commit()
        section = office.readers.recipient(client)
        known = [one.person for one in people]
        return shown.ProductPreview(
            recipient=recipient,
            role=reader.role,
            persons=tuple(line(one.person, one.part.part) for one in people),
            groups=tuple(
                _previewed(one, group, known, hidden=guarded.hidden) for one in cut.shown for group in one.groups
            ),
            withheld=cut.withheld,
            waiting=rules.waiting(chosen, readable),
            not_allowed=tuple(
                sorted(one for one in chosen - set(cut.digests) if Audience.RECEIVING_TEAM in readable[one][1])
            ),
            formats=tuple(section.formats) if section else (),
        )

    async def release(
        self, caller: PersonCaller, name: str, *, digests: Sequence[str], audiences: Sequence[Audience]
    ) -> shown.ReleasePreview:
        """Who at this hub would see these groups after such a release by their owner, and sees them now.

        A product is thought to hold all of them: its manager may choose fewer.

        Raises:
            Unknown: no such disclosure of the caller's agency, or it holds no such group.
        """
        office = self._office
        if not opaque.is_name(name, opaque.Prefix.DISCLOSURE):
            raise Unknown("disclosure.unknown", at="id")
        owner = caller.agency if Role.PROFESSIONAL_LEAD in caller.roles else None
        async with office.store.reading() as work:
            record = await work.disclosures.get_for(name, DisclosureReader(manager=None, owner=owner, now=office.now()))
            referral = await work.referrals.get(record.referral_id)
            received = await office.dossier.disclosure(work, record)
            releases = await office.dossier.releases(work, [received])
            guarded = await protection(work, referral.id, await self._telling.told(work, referral.id))
        if not set(digests) <= {group.digest for group in received.groups}:
            raise Unknown("disclosure.unknown_group", "choose among the groups of this disclosure", at="digests")
        then = [*releases, _release(received, digests, audiences)]
        rating = Rating(referral.rating) if referral.rating else None

        def seen(reader: Reader, released: Sequence[ReleaseClaims]) -> tuple[str, ...]:
            cut = need_to_know.view(
                replace(reader, rating=rating),
                [received],
                released,
                product=digests,
                marks=guarded.marks,
                policy=office.readers.policy,
            )
            return tuple(one for one in digests if one in cut.digests)

        every = [
            shown.ReleaseReader(
                role=reader.role,
                agency=reader.agency,
                recipient=reader.recipient,
                now=seen(reader, releases),
                then=seen(reader, then),
            )
            for reader in readership.of_disclosures(office.hub)
        ]
        return shown.ReleasePreview(readers=tuple(one for one in every if one.now or one.then))


def _release(received: ReceivedDisclosure, digests: Sequence[str], audiences: Sequence[Audience]) -> ReleaseClaims:
    """The release as its owner would make it; it is never signed."""
    return ReleaseClaims(
        iss=received.agency,
        aud=received.claims.aud,
        jti="preview",
        iat=received.claims.iat,
        disclosure=received.id,
        digests=tuple(digests),
        audiences=tuple(audiences),
        lead=received.claims.lead,
    )


def _previewed(
    one: ShownDisclosure, group: ShownGroup, people: Sequence[Person], *, hidden: bool
) -> shown.PreviewedGroup:
    content = group.group.content
    return shown.PreviewedGroup(
        disclosure=one.id,
        agency=one.agency,
        digest=group.group.digest,
        category=content.category,
        items=shown.items_of(content),
        conditions=content.conditions,
        because=group.because,
        tells_where=any(whereabouts.told(item.text, people, hidden=hidden) for item in content.items),
    )
