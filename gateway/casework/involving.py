"""People of a case: adding whom the notification did not name, screening, and taking a case over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from gateway.casework.notes import Act, ScreeningNote
from gateway.casework.office import Office, acting_role
from gateway.intake.loading import load
from gateway.intake.working_set import WorkingSet
from gateway.log.events import Event
from gateway.people import PersonCaller
from gateway.store.records import ReferralPerson, ScreeningRecord
from routing import lifecycle
from routing.lifecycle import ReferralState, Step
from schemas import opaque
from schemas.errors import Refused, Rejected
from schemas.identifiers import IdentifierKind, identifier
from schemas.persons import Name, Person
from schemas.vocabulary import Role


class InvolvingDesk:
    """Where a case's people, its screening and its manager are recorded."""

    def __init__(self, office: Office) -> None:
        self._office = office

    async def add(
        self,
        caller: PersonCaller,
        name: str,
        *,
        relation: str,
        given: str,
        family: str,
        birth_date: str | None,
        identifiers: Sequence[tuple[IdentifierKind, str]],
        subject: bool,
        because: str,
    ) -> str:
        """Add a person to a referral, linked if the hub knows them; the person's id.

        Raises:
            Rejected: nothing says who it is, or why.
        """
        office, now = self._office, self._office.now()
        if not (given.strip() or family.strip() or identifiers):
            raise Rejected("person.nameless", "give a name or an identifier", at="family")
        if not because.strip():
            raise Rejected("person.no_reason", "say how the hub knows of this person", at="because")
        person = Person(
            ref="added",
            names=(Name(given=tuple(given.split()), family=family.strip()),) if given.strip() or family.strip() else (),
            birth_date=birth_date,
            identifiers=tuple(identifier(kind, value) for kind, value in identifiers),
            relation=relation.strip().lower(),
            in_household=True,
            notes=(f"added: {because.strip()}",),
        )
        async with office.store.work() as work:
            # The terms before the referral, as a notification takes them, so that no two works wait for each other.
            wanted = office.persons.wanted([person])
            working = WorkingSet(await load(work.sets, office.vault, wanted, joining=False))
            links = office.persons.known(working, [person])
            referral = await office.referral(work, name)
            state = lifecycle.advance(ReferralState(referral.state), Step.IDENTIFY, acting_role(caller))
            linked = office.persons.settle(working, person, links[person.ref], now)
            await working.write(work.sets)
            part = ReferralPerson(
                referral_id=name,
                person_id=linked.person_id,
                part="subject" if subject else "household",
                ref=linked.person_id,
                added_at=now,
                added_by=caller.subject,
            )
            if not await work.referrals.link_person(part):
                await work.referrals.set_part(name, linked.person_id, part.part)
            await work.referrals.save(
                replace(referral, state=state, child_unidentified=referral.child_unidentified and not subject)
            )
            await office.log.append(
                work,
                event=Event.REFERRAL_PERSON_ADDED,
                actor=caller.actor,
                now=now,
                referral=name,
                subject=linked.person_id,
                detail={"part": part.part, "known_before": linked.known},
            )
            await work.commit()
        return linked.person_id

    async def screen(self, caller: PersonCaller, name: str, note: ScreeningNote) -> None:
        """Record what screening found."""
        office, now = self._office, self._office.now()
        async with office.store.work() as work:
            referral = await office.referral(work, name)
            state = lifecycle.advance(ReferralState(referral.state), Step.SCREEN, acting_role(caller))
            record_id = office.world.name(opaque.Prefix.ENTRY)
            await work.screenings.add(
                ScreeningRecord(
                    id=record_id,
                    referral_id=name,
                    at=now,
                    by=caller.subject,
                    sealed=await office.strongbox.put(work, referral.scope, "screenings.sealed", record_id, note),
                )
            )
            await work.referrals.save(replace(referral, state=state))
            await office.log.append(
                work, event=Event.REFERRAL_SCREENED, actor=caller.actor, now=now, referral=name, subject=record_id
            )
            await work.commit()

    async def take_over(self, caller: PersonCaller, name: str, because: str) -> None:
        """Make the caller the manager of this case, with a reason.

        Raises:
            Refused: not a manager. Rejected: no reason.
        """
        office, now = self._office, self._office.now()
        if Role.SOCIAL_WORK_MANAGER not in caller.roles:
            raise Refused("referral.assignment", "only a social work manager carries a case", at="roles")
        if not because.strip():
            raise Rejected("referral.no_reason", "say why you take the case over", at="because")
        async with office.store.work() as work:
            referral = await office.referral(work, name)
            await work.referrals.save(replace(referral, assigned_to=caller.subject))
            await office.keep_reason(work, referral, Act.TAKEN_OVER, subject=name, reason=because, by=caller.subject)
            await office.log.append(
                work,
                event=Event.REFERRAL_ASSIGNED,
                actor=caller.actor,
                now=now,
                referral=name,
                detail={"before": f"person:{referral.assigned_to or 'nobody'}"},
            )
            await work.commit()
