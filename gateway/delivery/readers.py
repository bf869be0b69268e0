"""What a recipient is to a referral: the reader that ``routing.need_to_know`` judges, and whether it still may read."""

from __future__ import annotations

from crypto import canonical
from gateway.casework.dossier import Dossier, Held
from gateway.casework.protection import CaseNow, Protection, cases_of
from gateway.configuration import Configuration
from gateway.store import Work
from gateway.store.direct import opening
from gateway.store.records import ClientRow, EnvelopeRecord
from routing import need_to_know
from routing.need_to_know import Policy, Purpose, Reader, Relation
from routing.notified import Sight
from schemas.envelope import EnvelopeKind
from schemas.errors import Conflict
from schemas.hub import AgencySection, RecipientSection
from schemas.vocabulary import Datum, Rating

_STANDS_TO: dict[EnvelopeKind, tuple[Relation, Purpose]] = {
    EnvelopeKind.REQUEST: (Relation.ASKED, Purpose.ANSWER),
    EnvelopeKind.DISCLOSURE: (Relation.ASSIGNED, Purpose.DECIDE),
    EnvelopeKind.PRODUCT: (Relation.RECEIVING, Purpose.ACT),
    EnvelopeKind.FEEDBACK: (Relation.SUBMITTED, Purpose.HEAR_OUTCOME),
    EnvelopeKind.CORRECTION: (Relation.READ, Purpose.CORRECT),
    EnvelopeKind.RECALL: (Relation.RECALLED, Purpose.WITHDRAW),
}

BARE = (EnvelopeKind.REQUEST, EnvelopeKind.FEEDBACK, EnvelopeKind.CORRECTION, EnvelopeKind.RECALL)
"""Kinds of envelopes that hold nothing of what owners disclosed."""


class Readers:
    """Knows the hub's recipients by its configuration, which is the present and not what a key was enrolled under."""

    def __init__(self, configuration: Configuration, dossier: Dossier) -> None:
        self._configuration = configuration
        self._dossier = dossier

    @property
    def policy(self) -> Policy:
        """What the hub's own rows take away, as they are in force."""
        return Policy(withholds=self._configuration.hub.withholds)

    @property
    def _agencies(self) -> dict[str, AgencySection]:
        return {agency.id: agency for agency in self._configuration.hub.agencies}

    def agency(self, agency: str) -> AgencySection | None:
        """The agency of this id."""
        return self._agencies.get(agency)

    def whom_to_ask(self) -> dict[str, str]:
        """Whom to ask for what an agency withholds, by agency."""
        return {agency.id: agency.ask or agency.name for agency in self._agencies.values()}

    def recipient(self, client: ClientRow) -> RecipientSection | None:
        """The recipient that this client is, if the hub's file still names it."""
        section = self._agencies.get(client.agency)
        named = section.recipients if section else ()
        return next((one for one in named if one.name == client.recipient), None)

    def reader(self, client: ClientRow, kind: EnvelopeKind, rating: Rating | None = None) -> Reader:
        """The reader that this client is for an envelope of this kind, of a case that is rated so.

        Raises:
            Conflict: the hub's file names no such recipient, or not one that such an envelope may go to.
        """
        recipient = self.recipient(client)
        if recipient is None:
            raise Conflict("recipient.unknown", "name it in the hub's file first", at="recipient")
        relation, purpose = _STANDS_TO[kind]
        reader = Reader(
            role=recipient.role,
            agency=client.agency,
            sector=self._agencies[client.agency].sector,
            recipient=recipient.name,
            purpose=purpose,
            relation=relation,
            rating=rating,
        )
        if not need_to_know.may_receive(reader, kind):
            raise Conflict("recipient.role", "such an envelope does not go to a recipient of that role", at="recipient")
        return reader

    async def still_allows(self, work: Work, record: EnvelopeRecord, client: ClientRow, policy: bytes) -> bool:
        """Whether everything that this envelope holds may be read by its recipient now."""
        held = Held()
        if needs_dossier(record.kind):
            disclosures = await self._dossier.disclosures(work, str(record.referral_id))
            held = Held(disclosures=disclosures, releases=await self._dossier.releases(work, disclosures))
        (rows,) = await work.sets.read(opening.cases([record.id]))
        case = cases_of(rows).get(str(record.referral_id), CaseNow())
        return self.allows(record.kind, client, policy, held, case)

    def allows(self, kind: str, client: ClientRow, policy: bytes, held: Held, case: CaseNow) -> bool:
        """Whether ``client`` may read all that an envelope of this kind and policy holds.

        Its referral holds ``held``, and stands as ``case`` says.
        """
        named = EnvelopeKind(kind)
        try:
            reader = self.reader(client, named, case.rating)
        except Conflict:
            return False
        cut = canonical.loads_object(policy)
        if not self._sees(reader, cut.get("data"), case.protection):
            return False
        groups, replies = _texts(cut.get("groups")), _texts(cut.get("replies"))
        if not needs_dossier(kind):
            return not groups and not replies
        product = groups if named is EnvelopeKind.PRODUCT else []
        return need_to_know.still_allowed(
            reader, groups, held.disclosures, held.releases, product=product, replies=replies, policy=self.policy
        )

    def _sees(self, reader: Reader, data: canonical.Json, protection: Protection) -> bool:
        """Whether ``reader`` sees each of these data of a notification and its people."""
        told = data if isinstance(data, dict) else {}
        return all(
            Sight(reader=reader, marks=marks, policy=self.policy).sees(Datum(datum))
            for datum, persons in told.items()
            for marks in [protection.of_person(one) for one in _texts(persons)] or [protection.marks]
        )


def needs_dossier(kind: str) -> bool:
    """Whether an envelope of this kind holds what owners disclosed."""
    return kind not in BARE


def _texts(value: canonical.Json) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []
