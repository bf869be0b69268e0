"""The five core components with their evidence: counted from what this hub has done, not from what it was told to do.

Each claim is a row: what was looked at, how often, and how often it did not hold. A component stands while no claim of
its is broken; a hub that has done nothing yet shows its rules and says that nothing was counted.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass

from gateway.bootstrap import Gateway
from gateway.log import Event
from gateway.store import Reading
from gateway.store.records import EndState, EnvelopeState, LogRecord, ReferralRecord
from routing import need_to_know, notified_rules
from routing.components import COMPONENTS, Component
from routing.permissions import Action, allowed_roles
from schemas.vocabulary import ItemKind, Role

_PAGE = 200
_WAITING = 100_000
_ARRIVALS = frozenset(
    {
        Event.MESSAGE_ACCEPTED,
        Event.MESSAGE_DUPLICATE,
        Event.MESSAGE_CONFLICT,
        Event.MESSAGE_QUARANTINED,
        Event.MESSAGE_REFUSED,
    }
)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One thing that was looked at: ``seen`` times, of which ``broken`` did not hold."""

    text: str
    seen: int
    broken: int


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """A component and what was found."""

    component: Component
    claims: tuple[Claim, ...]

    @property
    def holds(self) -> bool:
        """Whether nothing was found that breaks it."""
        return all(claim.broken == 0 for claim in self.claims)


async def examine(gateway: Gateway) -> tuple[Evidence, ...]:
    """Look at everything that the hub keeps.

    Raises:
        Unavailable: the store is not there.
    """
    found: dict[int, list[Claim]] = {}
    async with gateway.store.reading() as work:
        events = await _events(work)
        found[1] = await _front_door(gateway, work, events)
        found[2], found[3] = await _owners_and_sealing(work, events)
        found[4] = await _rated_by_managers(work, events)
        found[5] = await _research(gateway, work, events)
    verified = await gateway.log.verify()
    found[3].append(
        Claim(text="log entries verified in the tree", seen=verified.entries, broken=0 if verified.verified else 1)
    )
    return tuple(Evidence(component=one, claims=tuple(found[one.number])) for one in COMPONENTS)


async def _front_door(gateway: Gateway, work: Reading, events: dict[str, Counter[str]]) -> list[Claim]:
    feeds = [await work.messages.counts(name) for name in gateway.feeds]
    received = sum(one.received for one in feeds)
    # The log counts every arrival by itself: what the store has lost or made up since shows here.
    differing = sum(abs(one.received - events["arrivals"][one.feed]) for one in feeds)
    concerns = strays = 0
    async for referral in _referrals(work):
        for item in await work.messages.items_of_referral(referral.id):
            concerns += 1
            strays += item.kind != ItemKind.CONCERN or item.end_state != EndState.REFERRAL
    return [
        Claim(text="feeds whose counts reconcile", seen=len(feeds), broken=sum(not one.reconciled for one in feeds)),
        Claim(text="arrivals counted at the one door", seen=received, broken=differing),
        Claim(text="concerns that opened or joined a referral", seen=concerns, broken=strays),
    ]


async def _owners_and_sealing(work: Reading, events: dict[str, Counter[str]]) -> tuple[list[Claim], list[Claim]]:
    answers = unsigned = openings = unproven = views = 0
    grounds = Counter[str]()
    async for referral in _referrals(work):
        for disclosure in await work.disclosures.of_referral(referral.id):
            answers += 1
            unsigned += disclosure.id not in events[Event.DISCLOSURE_RECEIVED]
        for request in await work.requests.of_referral(referral.id):
            grounds["made"] += 1
            grounds["without"] += request.id not in events[Event.REQUEST_SENT]
        for envelope in await work.envelopes.of_referral(referral.id):
            if envelope.state == EnvelopeState.RELEASED:
                openings += 1
                unproven += envelope.id not in events[Event.ENVELOPE_OPENED]
    views = sum(events[Event.REFERRAL_VIEWED].values()) + sum(events[Event.DISCLOSURE_VIEWED].values())
    twice = sum(count > 1 for count in events[Event.ENVELOPE_OPENED].values())
    owners = [
        Claim(
            text="requests recorded with purpose, ground and necessity", seen=grounds["made"], broken=grounds["without"]
        ),
        Claim(text="answers under the owner's own signature", seen=answers, broken=unsigned),
    ]
    sealed = [
        Claim(text="rules of need to know in force", seen=len(need_to_know.RULES) + len(notified_rules.ROWS), broken=0),
        Claim(text="openings whose entry came before the key", seen=openings, broken=unproven),
        Claim(text="envelopes whose key was released once", seen=openings, broken=twice),
        Claim(text="views recorded with who and in which role", seen=views, broken=0),
    ]
    return owners, sealed


async def _rated_by_managers(work: Reading, events: dict[str, Counter[str]]) -> list[Claim]:
    ratings = decisions = unrecorded = 0
    async for referral in _referrals(work):
        for rating in await work.ratings.of_referral(referral.id):
            ratings += 1
            unrecorded += rating.id not in events[Event.RATING_GIVEN] and rating.id not in events[Event.RATING_RELAXED]
        for decision in await work.decisions.of_referral(referral.id):
            decisions += 1
            unrecorded += decision.id not in events[Event.DECISION_MADE]
    others = (allowed_roles(Action.RATE) | allowed_roles(Action.DECIDE)) - {Role.SOCIAL_WORK_MANAGER}
    by_software = sum(events["by_software"].values())
    return [
        Claim(text="roles looked at: only the manager rates and decides", seen=len(Role), broken=len(others)),
        Claim(text="ratings and decisions recorded with their person", seen=ratings + decisions, broken=unrecorded),
        Claim(
            text="ratings and decisions made by a person, not by software", seen=ratings + decisions, broken=by_software
        ),
        Claim(text="suggestions recorded as suggestions", seen=sum(events[Event.RATING_SUGGESTED].values()), broken=0),
    ]


async def _research(gateway: Gateway, work: Reading, events: dict[str, Counter[str]]) -> list[Claim]:
    alerts = unproven = 0
    async for referral in _referrals(work):
        for alert in await work.alerts.of_referral(referral.id):
            alerts += 1
            unproven += not alert.evidence
    rule = gateway.hub.repeats
    return [
        Claim(
            text=f"repeat rule in force: {rule.count} in {rule.window_months} months, {rule.lifetime} in a lifetime, "
            f"{rule.greens} graded green in {rule.greens_months} months",
            seen=1,
            broken=0,
        ),
        Claim(
            text="concerns looked at for repeats on arrival",
            seen=sum(events[Event.RATING_SUGGESTED].values()),
            broken=0,
        ),
        Claim(text="alerts that name their evidence", seen=alerts, broken=unproven),
    ]


async def _events(work: Reading) -> dict[str, Counter[str]]:
    """How often each event names each subject, what no person decided, and how many arrivals each feed had."""
    found: dict[str, Counter[str]] = {str(event): Counter() for event in Event}
    found["by_software"], found["arrivals"] = Counter(), Counter()
    async for record in _records(work):
        subject = record.subject or ""
        found[record.event][subject] += 1
        if record.event in _ARRIVALS:
            # What an erased entry said is gone; which feed its message came by is not.
            told = json.loads(record.entry)["detail"] if record.entry else {}
            found["arrivals"][told.get("feed") or (await work.messages.get(subject)).feed] += 1
        decides = record.event in {Event.RATING_GIVEN, Event.RATING_RELAXED, Event.DECISION_MADE}
        if decides and not record.actor.startswith("person:"):
            found["by_software"][subject] += 1
    return found


async def _records(work: Reading) -> AsyncIterator[LogRecord]:
    """Every entry of the log, also those that were committed just now and have no place in the tree yet."""
    size = await work.log.size()
    for start in range(0, size, _PAGE):
        for record in await work.log.entries(start, min(start + _PAGE, size)):
            yield record
    for record in await work.log.unsequenced(_WAITING):
        yield record


async def _referrals(work: Reading) -> AsyncIterator[ReferralRecord]:
    after: str | None = None
    while page := await work.referrals.page(limit=_PAGE, after=after):
        for record in page:
            yield record
        after = page[-1].id
