"""The front door at work: each item of a message to the end that ``routing`` says, in its receipt's working set."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from gateway.configuration import Configuration
from gateway.intake.loading import Wanted
from gateway.intake.merging import Arrived, Merging, merged
from gateway.intake.persons import Linked, Persons
from gateway.intake.research import Research
from gateway.intake.working_set import ITEM_PLACE, WorkingSet
from gateway.log import Log
from gateway.log.events import Event
from gateway.store.records import EndState, ItemRecord, PastNotification, ReferralPerson, ReferralRecord
from gateway.strongbox import Strongbox
from gateway.vault import Vault
from gateway.world import World
from routing import clocks, front_door, lifecycle
from routing.front_door import (
    Admission,
    JoinReferral,
    KnownReferral,
    LinkBack,
    NoConcern,
    OpenReferral,
    Refresh,
    Reopen,
)
from routing.lifecycle import ReferralState, Software, Step
from routing.linkage import Link
from schemas import opaque
from schemas.notification import Normalised, Notification, Reading
from schemas.persons import Person
from schemas.vocabulary import ItemKind


class FrontDoor:
    """Admits the items of a message, without I/O: all of it is one transaction with the message itself."""

    def __init__(
        self,
        *,
        configuration: Configuration,
        world: World,
        vault: Vault,
        strongbox: Strongbox,
        persons: Persons,
        merging: Merging,
        log: Log,
        research: Research,
    ) -> None:
        self._research = research
        self._configuration = configuration
        self._world = world
        self._vault = vault
        self._strongbox = strongbox
        self._persons = persons
        self._merging = merging
        self._log = log

    def wanted(self, reading: Reading, now: datetime) -> Wanted:
        """What must be known before the items of ``reading`` are admitted."""
        notifications = [item.notification for item in reading.items]
        people = self._persons.wanted(
            (child for one in notifications for child in one.children),
            (adult for one in notifications for adult in one.adults),
            [person for one in notifications if one.merges for person in merged(one)],
        )
        return replace(people, grades_since=self._research.grades_since(notifications, now))

    def admit(self, working: WorkingSet, arrived: Arrived, reading: Reading) -> str:
        """Bring every item of ``reading`` to its end state; the first referral that one reached, or empty."""
        reached = [self._admit_item(working, arrived, position, item) for position, item in enumerate(reading.items)]
        return next((one.id for one in reached if one is not None), "")

    def _admit_item(
        self, working: WorkingSet, arrived: Arrived, position: int, item: Normalised
    ) -> ReferralRecord | None:
        notification = item.notification
        # (1) who the people are, as far as the hub knows them already
        links = self._persons.known(working, notification.people)
        if notification.merges:
            notification = self._merging.settle(working, arrived, position, notification, links)
        known = [link.person_id for link in links.values() if link.person_id is not None]
        children = [links[child.ref].person_id for child in notification.children]
        # (2) what the notification belongs to
        matches = _referrals_of(working, known, [one for one in children if one is not None])
        admission = front_door.admit(
            notification, matches=matches, known_persons=known, completes=arrived.completes, now=arrived.at
        )
        # (3) a referral, joined or opened, where it is a concern
        referral = self._referral(working, arrived, admission)
        # (4) the people, added or refreshed: nobody is added by what is no concern
        linked = self._settle(working, notification, links, arrived.at, everybody=referral is not None)
        # (5) the item at its end
        item_id = self._record(
            working, arrived, item, position=position, referral=referral, linked=linked, admission=admission
        )
        for one in linked:
            self._persons.note(working, item_id, one, arrived.at)
        if referral is None:
            return None
        _take_part(working, referral, notification, linked, arrived.at)
        # (6) what the software has to say of it: doubts, repeats and a suggestion, never a rating
        self._research.look(working, referral, notification, linked, item_id=item_id, now=arrived.at)
        return referral

    def _referral(self, working: WorkingSet, arrived: Arrived, admission: Admission) -> ReferralRecord | None:
        match admission:
            case OpenReferral():
                return self._open(working, arrived, child_unidentified=admission.child_to_be_identified)
            case LinkBack():
                return self._open(working, arrived, linked_to=admission.earlier[0])
            case JoinReferral():
                record = working.known.referrals[admission.referral_id]
                state = lifecycle.advance(ReferralState(record.state), Step.JOIN, Software.HUB)
                self._say(working, Event.REFERRAL_JOINED, arrived, record.id)
                return working.save_referral(replace(record, state=state))
            case Reopen():
                return self._reopen(working, arrived, working.known.referrals[admission.referral_id])
            case Refresh() | NoConcern():
                return None

    def _open(
        self, working: WorkingSet, arrived: Arrived, *, child_unidentified: bool = False, linked_to: str | None = None
    ) -> ReferralRecord:
        name = self._world.name(opaque.Prefix.REFERRAL)
        working.add_scope(*self._vault.fresh(name, now=arrived.at))
        record = ReferralRecord(
            id=name,
            state=ReferralState.RECEIVED,
            rating=None,
            received_at=arrived.at,
            due_at=None,
            feedback_due_at=self._feedback_due(arrived.at),
            scope=name,
            child_unidentified=child_unidentified,
            linked_to=linked_to,
        )
        self._say(working, Event.REFERRAL_CREATED, arrived, name)
        return working.add_referral(record)

    def _feedback_due(self, received: datetime) -> datetime:
        return clocks.feedback_due(
            received, self._configuration.hub.clocks.feedback_working_days, self._configuration.calendar
        )

    def _reopen(self, working: WorkingSet, arrived: Arrived, record: ReferralRecord) -> ReferralRecord:
        # The first receipt stays on record and its history goes on; what came now is unrated and has its own clocks.
        state = lifecycle.advance(ReferralState(record.state), Step.REOPEN, Software.HUB)
        self._say(working, Event.REFERRAL_REOPENED, arrived, record.id)
        return working.save_referral(
            replace(
                record,
                state=state,
                rating=None,
                due_at=None,
                closed_at=None,
                reopened_at=arrived.at,
                feedback_due_at=self._feedback_due(arrived.at),
            )
        )

    def _say(self, working: WorkingSet, event: Event, arrived: Arrived, referral: str) -> None:
        working.note(
            self._log.draft(event=event, actor="hub", now=arrived.at, referral=referral, subject=arrived.message_id)
        )

    def _settle(
        self,
        working: WorkingSet,
        notification: Notification,
        links: dict[str, Link],
        now: datetime,
        *,
        everybody: bool,
    ) -> list[Linked]:
        settled: dict[str, Linked] = {}
        # Adults first: an unborn child names its mother, and from here on by her id instead of by this message's ref.
        for person in (*notification.adults, *notification.children):
            link = links[person.ref]
            if not everybody and link.person_id is None:
                continue
            mother = settled.get(person.mother or "")
            named = person.model_copy(update={"mother": mother.person_id}) if mother else person
            if notification.handling.hidden_location:
                named = _hidden(named)
            settled[person.ref] = self._persons.settle(working, named, link, now)
        return list(settled.values())

    def _record(
        self,
        working: WorkingSet,
        arrived: Arrived,
        item: Normalised,
        *,
        position: int,
        referral: ReferralRecord | None,
        linked: Sequence[Linked],
        admission: Admission,
    ) -> str:
        item_id = self._world.name(opaque.Prefix.ITEM)
        if referral is not None:
            end = EndState.REFERRAL
        else:
            end = EndState.REFRESHED if isinstance(admission, Refresh) else EndState.NO_CONCERN
        notification = item.notification
        # What the front door took for a concern counts as one ever after, whatever the adapter took it for.
        kind = ItemKind.CONCERN if referral is not None else notification.kind
        record = ItemRecord(
            id=item_id,
            message_id=arrived.message_id,
            position=position,
            kind=kind,
            end_state=end,
            referral_id=referral.id if referral else None,
            sealed=self._strongbox.seal(working.scope(arrived.scope), ITEM_PLACE, item_id, item),
            event_at=notification.event_at,
            handling=tuple(sorted(notification.handling.marks)),
        )
        past = PastNotification(
            person_id="",
            message_id=arrived.message_id,
            item_id=item_id,
            kind=kind,
            agency=arrived.agency,
            received_at=arrived.at,
            referral_id=record.referral_id,
        )
        working.add_item(record, sorted({one.person_id for one in linked}), past, scope=arrived.scope)
        return item_id


def _hidden(person: Person) -> Person:
    """``person`` with every address confidential: the hub's record is read on other referrals than this one, too."""
    kept = tuple(one.model_copy(update={"confidential": True}) for one in person.addresses)
    return person.model_copy(update={"addresses": kept})


def _referrals_of(working: WorkingSet, people: Sequence[str], children: Sequence[str]) -> list[KnownReferral]:
    found: dict[str, KnownReferral] = {}
    for known in working.referrals_of(people):
        same_child = known.person_id in children and known.part == "subject"
        before = found.get(known.referral.id)
        found[known.referral.id] = KnownReferral(
            referral_id=known.referral.id,
            received_at=known.referral.received_at,
            closed_at=known.referral.closed_at,
            same_child=same_child or (before is not None and before.same_child),
        )
    return list(found.values())


def _take_part(
    working: WorkingSet,
    referral: ReferralRecord,
    notification: Notification,
    linked: Sequence[Linked],
    now: datetime,
) -> None:
    children = {child.ref for child in notification.children}
    for one in linked:
        part = "subject" if one.person.ref in children else _part_of(one.person)
        working.link_person(
            ReferralPerson(
                referral_id=referral.id,
                person_id=one.person_id,
                part=part,
                ref=one.person_id,
                added_at=now,
                added_by="hub",
            )
        )


def _part_of(person: Person) -> str:
    return "household" if person.in_household else "adult"
