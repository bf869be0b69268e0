"""Merges at the front door: what a source says of two of its records, made, joined to one, or kept waiting visibly."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from gateway.casework.notes import AlertNote
from gateway.intake.persons import Persons
from gateway.intake.working_set import WorkingSet
from gateway.log import Event, Log
from gateway.store.records import AlarmRecord, AlertRecord, MergeRecord, MergeState
from gateway.strongbox import Strongbox
from gateway.world import World
from routing import merging
from routing.linkage import Link
from routing.merging import Outcome, Rule, Side
from schemas import opaque
from schemas.notification import Merge, MergeKind, Notification
from schemas.persons import Person

WAITING = "merge_waiting"
"""The kind of the alarm, and of the alert on each referral of the two."""


@dataclass(frozen=True, kw_only=True)
class Arrived:
    """A message that was read: what is known of it before its items are admitted.

    ``completes`` is the referral of the message whose detail this one is, or empty.
    """

    message_id: str
    scope: str
    agency: str
    at: datetime
    completes: str = ""


def merged(notification: Notification) -> Iterator[Person]:
    """Everybody whom a merge of the notification is about, as they are looked for."""
    people = {one.ref: one for one in notification.people}
    for one in notification.merges:
        if one.kind is not MergeKind.MOVE and one.into in people:
            yield people[one.into]
            yield one.prior


class Merging:
    """Makes one person of two where ``routing.merging`` says so. It works in the receipt's working set, without I/O."""

    def __init__(self, world: World, strongbox: Strongbox, persons: Persons, log: Log) -> None:
        self._world = world
        self._strongbox = strongbox
        self._persons = persons
        self._log = log

    def settle(
        self,
        working: WorkingSet,
        arrived: Arrived,
        position: int,
        notification: Notification,
        links: dict[str, Link],
    ) -> Notification:
        """The notification as the rest of the door sees it; ``links`` is brought in step.

        Where the two are one, the person whose record stays has the numbers and names of the other as well.
        """
        people = {one.ref: one for one in notification.people}
        for place, merge in enumerate(notification.merges):
            told = people.get(merge.into)
            if told is None:
                continue
            surviving, prior = self._sides(working, arrived, merge, told, links[merge.into])
            rule = merging.decide(merge.kind, surviving, prior)
            record = MergeRecord(
                id=self._world.name(opaque.Prefix.MERGE),
                message_id=arrived.message_id,
                position=position,
                place=place,
                kind=merge.kind,
                state=MergeState.MADE if rule.outcome is Outcome.JOIN else MergeState.WAITING,
                because=rule.code,
                at=arrived.at,
                surviving_id=surviving.link.person_id,
                prior_id=prior.link.person_id,
            )
            match rule.outcome:
                case Outcome.APART:
                    continue
                case Outcome.WAIT:
                    self._wait(working, arrived, record, rule)
                    continue
                case Outcome.JOIN:
                    self._join(working, arrived, record)
                case Outcome.SAME:
                    self._add(working, arrived, record)
            links[merge.into] = surviving.link if surviving.link.person_id is not None else prior.link
            people[merge.into] = merging.joined(told, merge.prior)
        return notification.model_copy(
            update={
                "children": tuple(people[one.ref] for one in notification.children),
                "adults": tuple(people[one.ref] for one in notification.adults),
            }
        )

    def _sides(
        self, working: WorkingSet, arrived: Arrived, merge: Merge, told: Person, link: Link
    ) -> tuple[Side, Side]:
        if merge.kind is MergeKind.MOVE:
            return Side(told=told, link=link), Side(told=merge.prior, link=link)
        if link.person_id is None and not link.conflicts:
            link = self._persons.told(working, told)
        probe = merging.probe(merge.prior, told)
        return (
            self._side(working, arrived, told, told, link),
            self._side(working, arrived, merge.prior, probe, self._persons.told(working, probe)),
        )

    def _side(self, working: WorkingSet, arrived: Arrived, told: Person, probe: Person, link: Link) -> Side:
        people = [one for one in (link.person_id, *(doubt.person_id for doubt in link.conflicts)) if one is not None]
        locally = [one for one in people if not self._persons.surely(working, probe, one)]
        history = working.known.history
        return Side(
            told=told,
            link=link,
            record=self._persons.record(working, link.person_id),
            another_system=any(all(past.agency != arrived.agency for past in history.get(one, ())) for one in locally),
        )

    def _join(self, working: WorkingSet, arrived: Arrived, record: MergeRecord) -> None:
        surviving, prior = str(record.surviving_id), str(record.prior_id)
        parts = working.known.parts
        moved = sorted(one for one, people in parts.items() if prior in people and surviving not in people)
        shared = [one for one, people in parts.items() if prior in people and surviving in people]
        named, also = ({past.item_id for past in working.known.history.get(one, ())} for one in (surviving, prior))
        shared += named & also
        before = self._persons.join(working, surviving, prior, arrived.at)
        working.merge(replace(record, moved=tuple(moved), shared=tuple(sorted(shared)), before_sealed=before))
        self._say(working, Event.PERSON_MERGED, arrived, record)

    def _add(self, working: WorkingSet, arrived: Arrived, record: MergeRecord) -> None:
        """The hub knows one of the two, whom the other's numbers lead to from now on; where it knows none, nobody."""
        known = {one for one in (record.surviving_id, record.prior_id) if one is not None}
        if len(known) == 1 and None in (record.surviving_id, record.prior_id):
            before = working.known.persons[known.pop()].sealed
            working.merge(replace(record, state=MergeState.MADE, before_sealed=before))
            self._say(working, Event.PERSON_MERGED, arrived, record)

    def _wait(self, working: WorkingSet, arrived: Arrived, record: MergeRecord, rule: Rule) -> None:
        """It stands as an alarm of its own, and on every referral of the two, until a person looks."""
        alarm = AlarmRecord(
            id=self._world.name(opaque.Prefix.ALARM),
            kind=WAITING,
            referral_id=None,
            subject=record.id,
            raised_at=arrived.at,
        )
        working.merge(record, alarm)
        self._say(working, Event.PERSON_MERGE_WAITING, arrived, record)
        people = [one for one in (record.surviving_id, record.prior_id) if one is not None]
        for known in working.referrals_of(people):
            scope, name = working.scope(known.referral.scope), self._world.name(opaque.Prefix.ALERT)
            note = AlertNote(because=f"a source says that two of its records are one person's: {rule.because}")
            working.alert(
                AlertRecord(
                    id=name,
                    referral_id=known.referral.id,
                    person_id=known.person_id,
                    kind=WAITING,
                    raised_at=record.at,
                    count=1,
                    evidence=(record.id, *people),
                    sealed=self._strongbox.seal(scope, "alerts.sealed", name, note),
                )
            )

    def _say(self, working: WorkingSet, event: Event, arrived: Arrived, record: MergeRecord) -> None:
        people = {"surviving": record.surviving_id, "prior": record.prior_id}
        detail = {"merge": record.id, "kind": str(record.kind), "because": record.because}
        working.note(
            self._log.draft(
                event=event,
                actor="hub",
                now=arrived.at,
                subject=arrived.message_id,
                detail=detail | {name: one for name, one in people.items() if one is not None},
            )
        )
