"""What the software adds to a concern by itself: doubts about links, repeats with their evidence, a suggestion.

Core component 5: it runs on every concern and can't be switched off. Core component 4: it never rates.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from gateway.casework.notes import AlertNote, SuggestionNote
from gateway.configuration import Configuration
from gateway.intake.persons import Linked
from gateway.intake.working_set import ITEM_PLACE, WorkingSet
from gateway.log import Event, Log
from gateway.store.records import AlertRecord, PastNotification, ReferralRecord, SuggestionRecord, TraceRecord
from gateway.strongbox import Strongbox
from gateway.world import World
from routing import repeats, suggestion, traces
from routing.severity import severity
from schemas import opaque
from schemas.hub import RepeatRule
from schemas.notification import Normalised, Notification
from schemas.vocabulary import ItemKind

SUGGESTION_RULES = "2"
MOST_GRADES = 50
"""Earlier items of a child that are opened for their grades, the newest: it bounds what one notice can cost."""


class Research:
    """Looks at each concern as it arrives, in the working set of its receipt."""

    def __init__(self, configuration: Configuration, world: World, strongbox: Strongbox, log: Log) -> None:
        self._configuration = configuration
        self._world = world
        self._strongbox = strongbox
        self._log = log

    @property
    def _rule(self) -> RepeatRule:
        return self._configuration.hub.repeats

    def grades_since(self, notifications: Iterable[Notification], now: datetime) -> datetime | None:
        """From when on the grades of earlier notifications count; None where none of these is graded green."""
        if any(repeats.graded_green(one) for one in notifications):
            return repeats.months_before(now, self._rule.greens_months)
        return None

    def look(
        self,
        working: WorkingSet,
        referral: ReferralRecord,
        notification: Notification,
        linked: Sequence[Linked],
        *,
        item_id: str,
        now: datetime,
    ) -> None:
        """Note doubtful links, raise alerts, suggest a rating, and leave a trace for ``gateway.research``."""
        self._note_doubts(working, referral, linked, now)
        children = {child.ref for child in notification.children}
        since = self.grades_since([notification], now)
        about = [one for one in linked if one.person.ref in children]
        alerts = self._alert(working, referral, about, now=now, grades_since=since)
        proposed = suggestion.suggest(notification, alerts)
        self._suggest(working, referral, proposed, item_id=item_id, now=now)
        working.trace(_trace(notification, linked, item_id))

    def _note_doubts(
        self, working: WorkingSet, referral: ReferralRecord, linked: Sequence[Linked], now: datetime
    ) -> None:
        """An uncertain match is never made by software: it stands on the referral until a person looks."""
        for one in linked:
            for doubt in one.link.conflicts:
                working.alert(
                    AlertRecord(
                        id=(alert := self._world.name(opaque.Prefix.ALERT)),
                        referral_id=referral.id,
                        person_id=one.person_id,
                        kind="uncertain_link",
                        raised_at=now,
                        count=1,
                        evidence=(doubt.person_id,),
                        sealed=self._strongbox.seal(
                            working.scope(referral.scope), "alerts.sealed", alert, AlertNote(because=doubt.because)
                        ),
                    )
                )

    def _alert(
        self,
        working: WorkingSet,
        referral: ReferralRecord,
        children: Sequence[Linked],
        *,
        now: datetime,
        grades_since: datetime | None,
    ) -> list[repeats.Alert]:
        raised = []
        for one in children:
            known = working.known.history.get(one.person_id, ())
            green = self._green(working, known, grades_since) if grades_since is not None else frozenset()
            history = [
                repeats.PastNotification(
                    at=past.received_at,
                    agency=past.agency,
                    kind=ItemKind(past.kind),
                    message_id=past.message_id,
                    referral_id=past.referral_id,
                    green=past.item_id in green,
                )
                for past in known
            ]
            for alert in repeats.assess(history, now, self._rule):
                raised.append(alert)
                self._raise(working, referral, one.person_id, alert, now)
        return raised

    def _green(self, working: WorkingSet, known: Sequence[PastNotification], since: datetime) -> frozenset[str]:
        """The items among these, received since then, that their senders graded green; one that was erased is not."""
        recent = [past for past in known if past.received_at >= since and past.kind == ItemKind.CONCERN]
        recent.sort(key=lambda past: past.received_at, reverse=True)
        return frozenset(past.item_id for past in recent[:MOST_GRADES] if self._graded_green(working, past.item_id))

    def _graded_green(self, working: WorkingSet, item_id: str) -> bool:
        scope_id, sealed = working.known.items.get(item_id, ("", b""))
        scope = working.known.scopes.get(scope_id)
        if scope is None:
            return False
        item = self._strongbox.unseal(scope, ITEM_PLACE, item_id, sealed, Normalised)
        return repeats.graded_green(item.notification)

    def _raise(
        self, working: WorkingSet, referral: ReferralRecord, person_id: str, alert: repeats.Alert, now: datetime
    ) -> None:
        name = self._world.name(opaque.Prefix.ALERT)
        note = AlertNote(because=alert.because)
        working.alert(
            AlertRecord(
                id=name,
                referral_id=referral.id,
                person_id=person_id,
                kind=alert.kind,
                raised_at=now,
                count=alert.count,
                evidence=alert.evidence,
                sealed=self._strongbox.seal(working.scope(referral.scope), "alerts.sealed", name, note),
            )
        )
        working.note(
            self._log.draft(
                event=Event.ALERT_RAISED,
                actor="hub",
                now=now,
                referral=referral.id,
                subject=name,
                detail={"kind": alert.kind, "count": alert.count, "evidence": list(alert.evidence)},
            )
        )

    def _suggest(
        self,
        working: WorkingSet,
        referral: ReferralRecord,
        proposed: suggestion.Suggestion,
        *,
        item_id: str,
        now: datetime,
    ) -> None:
        note = SuggestionNote(reasons=proposed.reasons)
        working.suggest(
            SuggestionRecord(
                id=item_id,
                referral_id=referral.id,
                at=now,
                rating=proposed.rating,
                rules=SUGGESTION_RULES,
                sealed=self._strongbox.seal(working.scope(referral.scope), "suggestions.sealed", item_id, note),
            )
        )
        working.note(
            self._log.draft(
                event=Event.RATING_SUGGESTED,
                actor="hub",
                now=now,
                referral=referral.id,
                subject=item_id,
                detail={"rating": str(proposed.rating), "rules": SUGGESTION_RULES},
            )
        )


def _trace(notification: Notification, linked: Sequence[Linked], item_id: str) -> TraceRecord:
    found = traces.parts(notification, {one.person.ref: one.person_id for one in linked})
    return TraceRecord(
        item_id=item_id,
        severity=severity(notification),
        children=tuple(sorted(found.children)),
        residents=tuple(sorted(found.residents)),
        others=tuple(sorted(found.others)),
        alleged=tuple(sorted(found.alleged)),
    )
