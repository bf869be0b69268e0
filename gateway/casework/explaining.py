"""Why somebody sees something or does not, and what a change of policy would change: rows and counts, no contents."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime

from gateway.casework.office import Office
from gateway.casework.protection import Protection, protection
from gateway.casework.shown import Explained
from gateway.casework.telling import Telling, Told
from gateway.log.events import Event
from gateway.store import Reading
from gateway.store.records import ReferralRecord
from routing import need_to_know, notified_rules
from routing.need_to_know import Reader
from routing.notified import Sight
from routing.simulation import Case, Difference, Simulation
from schemas.disclosure import OpenedGroup, ReceivedDisclosure
from schemas.errors import MashError, Unknown
from schemas.hub import Hub
from schemas.vocabulary import Datum, HandlingMark, Rating

_PAGE = 100


@dataclass(frozen=True, kw_only=True)
class Question:
    """May ``reader`` see a ``datum`` of the person or notification ``about`` (or of the referral), or a ``group``?

    ``group`` is a digest; ``in_product`` asks as if the manager had chosen it.
    """

    reader: Reader
    datum: Datum | None = None
    about: str = ""
    group: str = ""
    in_product: bool = True


class PolicyDesk:
    """Where the policy answers for itself."""

    def __init__(self, office: Office, telling: Telling) -> None:
        self._office = office
        self._telling = telling

    async def explain(self, actor: str, referral: str, question: Question) -> Explained:
        """The row that decides, or what stops it. The question is recorded.

        Raises:
            Unknown: no such referral, or nothing of this name on it.
        """
        office = self._office
        async with office.store.work() as work:
            record = await office.referral_seen(work, referral)
            told = await self._telling.told(work, referral)
            guarded = await protection(work, referral, told)
            asked = replace(question, reader=replace(question.reader, rating=_rating(record)))
            if asked.group:
                explained = await self._group(work, referral, guarded, asked)
            else:
                marks, owner = await self._about(work, referral, guarded, told, asked.about)
                explained = self._datum(asked, marks, owner)
            await office.log.append(
                work,
                event=Event.POLICY_EXPLAINED,
                actor=actor,
                now=office.now(),
                referral=referral,
                detail={
                    "role": str(asked.reader.role),
                    "relation": str(asked.reader.relation),
                    "about": asked.group or asked.about or referral,
                    "datum": str(asked.datum or "group"),
                    "shown": explained.shown,
                },
            )
            await work.commit()
        return explained

    async def simulate(
        self, actor: str, after: Hub, *, since: datetime | None = None, most: int | None = None
    ) -> tuple[int, tuple[Difference, ...]]:
        """How many past referrals were looked at, and for whom ``after`` would change anything. It is recorded.

        ``since`` bounds their receipt. A referral whose words were erased has nothing that anybody could see.
        """
        office, looked = self._office, 0
        simulation = Simulation(office.hub, after)
        async for case in self._cases(since):
            simulation.look(case)
            looked += 1
            if looked == most:
                break
        async with office.store.work() as work:
            await office.log.append(
                work,
                event=Event.POLICY_SIMULATED,
                actor=actor,
                now=office.now(),
                detail={"referrals": looked, "readers": len(simulation.differences)},
            )
            await work.commit()
        return looked, simulation.differences

    async def _cases(self, since: datetime | None) -> AsyncIterator[Case]:
        after: str | None = None
        while True:
            async with self._office.store.reading() as work:
                page = await work.referrals.page(limit=_PAGE, after=after)
                for record in page:
                    if since is None or record.received_at >= since:
                        try:
                            case = await self._case(work, record)
                        except MashError:
                            continue  # erased: its keys are gone
                        yield case
            if len(page) < _PAGE:
                return
            after = page[-1].id

    async def _case(self, work: Reading, record: ReferralRecord) -> Case:
        office = self._office
        told = await self._telling.told(work, record.id)
        guarded = await protection(work, record.id, told)
        people = await office.dossier.people(work, record.id)
        disclosures = await office.dossier.disclosures(work, record.id)
        sent = [await office.dossier.sent(work, one) for one in await work.products.of_referral(record.id)]
        return Case(
            referral=record.id,
            rating=_rating(record),
            persons=[(one.person, guarded.of_person(one.part.person_id)) for one in people],
            notifications=[(one.agency, guarded.of_told(one)) for one in told],
            marks=guarded.marks,
            disclosures=disclosures,
            releases=await office.dossier.releases(work, disclosures),
            product=frozenset().union(*sent),
        )

    def _datum(self, asked: Question, marks: frozenset[HandlingMark], owner: str) -> Explained:
        sight = Sight(reader=asked.reader, marks=marks, owner=owner, policy=self._office.readers.policy)
        verdict = sight.of(asked.datum or Datum.NAMES)
        return Explained(
            shown=verdict.row is not None,
            row=verdict.row.name if verdict.row else None,
            because=verdict.row.because if verdict.row else None,
            marked=verdict.kept_back,
            stopped_by=tuple(sorted(verdict.stopped_by)),
            withheld_by=verdict.withhold.because if verdict.withhold else None,
            rules=notified_rules.VERSION,
        )

    async def _about(
        self, work: Reading, referral: str, guarded: Protection, told: list[Told], about: str
    ) -> tuple[frozenset[HandlingMark], str]:
        """The marks of what is asked about, and the agency whose words it is."""
        if not about:
            return guarded.marks, ""
        for one in told:
            if one.message_id == about:
                return guarded.of_told(one), one.agency
        if about in {one.person_id for one in await work.referrals.persons(referral)}:
            return guarded.of_person(about), ""
        raise Unknown("policy.about", "name a person or a message of this referral", at="about")

    async def _group(self, work: Reading, referral: str, guarded: Protection, asked: Question) -> Explained:
        disclosures = await self._office.dossier.disclosures(work, referral)
        releases = await self._office.dossier.releases(work, disclosures)
        disclosure, group = _found(disclosures, asked.group)
        policy = self._office.readers.policy
        limits = need_to_know.marks_of(group, guarded.marks)

        def allowed(marks: frozenset[HandlingMark], narrowed: need_to_know.Policy) -> need_to_know.Rule | None:
            bare = group.model_copy(update={"content": group.content.model_copy(update={"handling": tuple(marks)})})
            product = {group.digest} if asked.in_product else set[str]()
            return need_to_know.allowing(asked.reader, disclosure, bare, releases, product, policy=narrowed)

        rule, unmarked = allowed(limits, policy), allowed(frozenset(), need_to_know.CORE)
        stopped = unmarked is not None and allowed(limits, need_to_know.CORE) is None
        withhold = policy.withholds_from(asked.reader, group.content.category, limits)
        return Explained(
            shown=rule is not None,
            row=rule.name if rule else None,
            because=rule.because if rule else None,
            marked=rule is None and not group.content.existence_sensitive and need_to_know.speaks_of(asked.reader),
            stopped_by=tuple(sorted(limits)) if stopped else (),
            withheld_by=withhold.because if withhold and rule is None and not stopped else None,
            rules=need_to_know.VERSION,
        )


def _found(disclosures: list[ReceivedDisclosure], digest: str) -> tuple[ReceivedDisclosure, OpenedGroup]:
    for disclosure in disclosures:
        for group in disclosure.groups:
            if group.digest == digest:
                return disclosure, group
    raise Unknown("policy.group", "no disclosure of this referral holds such a group", at="group")


def _rating(record: ReferralRecord) -> Rating | None:
    return Rating(record.rating) if record.rating else None
