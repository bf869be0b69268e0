"""What the hub holds on a referral, opened: disclosures, their later releases, people, requests."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from crypto.digests import digest
from crypto.failure import SealFailed
from gateway.casework.notes import ProductNote, ReleaseNote, RequestNote
from gateway.intake.persons import PLACE as PERSON_PLACE
from gateway.store import Reading
from gateway.store.records import (
    DisclosureRecord,
    PersonRecord,
    ProductRecord,
    ReferralPerson,
    ReleaseRecord,
    RequestRecord,
)
from gateway.strongbox import Strongbox
from gateway.vault import Scope
from schemas.disclosure import ReceivedDisclosure, ReleaseClaims
from schemas.errors import MashError, Unknown
from schemas.persons import Person

DISCLOSURE_PLACE = "disclosures.sealed"
RELEASE_PLACE = "releases.sealed"
REQUEST_PLACE = "requests.sealed"
PRODUCT_PLACE = "products.sealed"


@dataclass(frozen=True, kw_only=True)
class PersonInvolved:
    """A person of a referral, with the part they have in it."""

    part: ReferralPerson
    person: Person


@dataclass(frozen=True, kw_only=True)
class Held:
    """What owners disclosed on a referral, and what they released of it later."""

    disclosures: Sequence[ReceivedDisclosure] = ()
    releases: Sequence[ReleaseClaims] = ()


class Dossier:
    """Opens what is sealed. What of it anybody may see is for ``routing`` to say."""

    def __init__(self, strongbox: Strongbox) -> None:
        self._strongbox = strongbox

    async def disclosures(self, work: Reading, referral: str) -> list[ReceivedDisclosure]:
        """Every disclosure of a referral, in the order of receipt."""
        return [await self.disclosure(work, record) for record in await work.disclosures.of_referral(referral)]

    async def disclosure(self, work: Reading, record: DisclosureRecord) -> ReceivedDisclosure:
        """One disclosure."""
        return await self._strongbox.take(
            work, record.referral_id, DISCLOSURE_PLACE, record.id, record.sealed, ReceivedDisclosure
        )

    async def releases(self, work: Reading, disclosures: Sequence[ReceivedDisclosure]) -> list[ReleaseClaims]:
        """Every later release of these disclosures by their owners."""
        found = []
        for record in await work.releases.of_disclosures([disclosure.id for disclosure in disclosures]):
            referral = (await work.disclosures.get(record.disclosure_id)).referral_id
            note = await self._strongbox.take(work, referral, RELEASE_PLACE, record.id, record.sealed, ReleaseNote)
            found.append(note.claims)
        return found

    async def request(self, work: Reading, record: RequestRecord) -> RequestNote:
        """One request as it was signed."""
        return await self._strongbox.take(
            work, record.referral_id, REQUEST_PLACE, record.id, record.sealed, RequestNote
        )

    async def sent(self, work: Reading, record: ProductRecord) -> frozenset[str]:
        """The digests of the groups that a product brought."""
        note = await self._strongbox.take(
            work, record.referral_id, PRODUCT_PLACE, record.id, record.sealed, ProductNote
        )
        return frozenset(digest(group) for view in note.evidence for group in view.groups)

    async def people(self, work: Reading, referral: str) -> list[PersonInvolved]:
        """Everybody on a referral, subjects first."""
        parts = sorted(
            await work.referrals.persons(referral), key=lambda one: (one.part != "subject", one.added_at, one.person_id)
        )
        records = {record.id: record for record in await work.persons.get_many([one.person_id for one in parts])}
        return [PersonInvolved(part=part, person=await self._person(work, records[part.person_id])) for part in parts]

    async def person(self, work: Reading, name: str) -> Person:
        """One person, as the hub knows them.

        Raises:
            Unknown: there is none of this name, or they were erased.
        """
        for record in await work.persons.get_many([name]):
            return await self._person(work, record)
        raise Unknown("person.unknown", "there is no such person")

    async def _person(self, work: Reading, record: PersonRecord) -> Person:
        return await self._strongbox.take(work, record.scope, PERSON_PLACE, record.id, record.sealed, Person)


def held_on(
    disclosures: Sequence[DisclosureRecord],
    releases: Sequence[ReleaseRecord],
    scopes: Mapping[str, Scope | MashError],
) -> dict[str, Held | MashError]:
    """What is held on each referral that has disclosures, oldest first; or why it can't be opened.

    ``releases`` are of these disclosures, ``scopes`` those of their referrals.
    """
    disclosed, released = defaultdict[str, list[DisclosureRecord]](list), defaultdict[str, list[ReleaseRecord]](list)
    for record in sorted(disclosures, key=lambda one: (one.received_at, one.id)):
        disclosed[record.referral_id].append(record)
    owner = {record.id: record.referral_id for record in disclosures}
    for release in sorted(releases, key=lambda one: (one.received_at, one.id)):
        if release.disclosure_id in owner:  # not where it came after its disclosure was looked for
            released[owner[release.disclosure_id]].append(release)
    return {name: _held(scopes.get(name), records, released[name]) for name, records in disclosed.items()}


def _held(
    scope: Scope | MashError | None, disclosures: Sequence[DisclosureRecord], releases: Sequence[ReleaseRecord]
) -> Held | MashError:
    if not isinstance(scope, Scope):
        return scope or Unknown("scope.unknown", "there is no such scope")
    try:
        return Held(
            disclosures=[
                Strongbox.unseal(scope, DISCLOSURE_PLACE, one.id, one.sealed, ReceivedDisclosure) for one in disclosures
            ],
            releases=[
                Strongbox.unseal(scope, RELEASE_PLACE, one.id, one.sealed, ReleaseNote).claims for one in releases
            ],
        )
    except SealFailed as error:
        return error
