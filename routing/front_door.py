"""The front door: the one way in (core component 1). It says what a notification belongs to, and why.

Every concern, of whatever level, opens a referral or joins one. Updates and context never open one: they refresh
people already known or end visibly as *no concern*. In doubt an item is a concern, whatever its adapter took it for.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from schemas.notification import Notification
from schemas.vocabulary import ItemKind

REOPEN_WITHIN = timedelta(days=28)
"""A concern about the same child this soon after closing reopens the referral; a later one links back to it."""


@dataclass(frozen=True, kw_only=True)
class KnownReferral:
    """A referral that the people of a notification lead to.

    ``received_at`` and ``closed_at`` (``None`` while open) are aware. ``same_child`` tells whether a child of the
    notification is its subject; otherwise the two share an adult or a household.
    """

    referral_id: str
    received_at: datetime
    closed_at: datetime | None = None
    same_child: bool = True


@dataclass(frozen=True, kw_only=True)
class OpenReferral:
    """Open a new referral; its clocks run from this receipt. ``related`` share an adult or a household with it."""

    because: str
    child_to_be_identified: bool = False
    related: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class JoinReferral:
    """Join an open referral, whose clocks go on from its own first receipt."""

    referral_id: str
    because: str
    related: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Reopen:
    """Reopen a referral closed not long ago: its history goes on, and it is unrated until a manager rates it anew."""

    referral_id: str
    because: str
    related: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class LinkBack:
    """Open a new referral that links back to ``earlier`` ones about the same child, the latest first."""

    earlier: tuple[str, ...]
    because: str
    related: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Refresh:
    """Refresh people already known; no referral is opened."""

    person_ids: tuple[str, ...]
    because: str


@dataclass(frozen=True, kw_only=True)
class NoConcern:
    """End here, visibly: a person samples what ended so, and it can be replayed."""

    because: str


Admission: TypeAlias = OpenReferral | JoinReferral | Reopen | LinkBack | Refresh | NoConcern


@dataclass(frozen=True, kw_only=True)
class Doubt:
    """A row: what makes an item a concern although its adapter took it for less."""

    when: Callable[[Notification], bool]
    because: str


DOUBTS: tuple[Doubt, ...] = (
    Doubt(when=lambda item: bool(item.immediate_danger.strip()), because="it speaks of immediate danger"),
    Doubt(when=lambda item: bool(item.concern and item.concern.categories), because="it names a category of concern"),
    Doubt(when=lambda item: bool(item.incident and item.incident.injuries.strip()), because="it speaks of injuries"),
)


def concern_reason(item: Notification) -> str | None:
    """Why ``item`` is a concern, or ``None`` where it is not."""
    if item.kind is ItemKind.CONCERN:
        return item.kind_reason
    return next((f"taken for {item.kind}, but {doubt.because}" for doubt in DOUBTS if doubt.when(item)), None)


def admit(
    item: Notification,
    *,
    matches: Sequence[KnownReferral],
    known_persons: Sequence[str] = (),
    completes: str = "",
    now: datetime,
    reopen_within: timedelta = REOPEN_WITHIN,
) -> Admission:
    """What becomes of ``item``.

    ``matches`` are the referrals that its linked people lead to, ``known_persons`` the ids of those people; ``now``
    is when it was received (aware). ``completes`` is the referral of the message whose detail ``item`` is, or empty: it
    joins that one while it is open, if it is about the same people, unless its child has an open referral already.
    """
    reason = concern_reason(item)
    if reason is None:
        return _without_concern(item, known_persons)
    related = tuple(sorted({known.referral_id for known in matches}))
    same_child = [known for known in matches if known.same_child]
    begun = any(known.referral_id == completes and known.closed_at is None for known in matches)
    if begun and not any(known.closed_at is None for known in same_child):
        because = f"{reason}; it is the detail of what this referral began with"
        return JoinReferral(referral_id=completes, because=because, related=_others(related, completes))
    if not item.children:
        because = f"{reason}; it names no child, who is to be identified"
        return OpenReferral(because=because, child_to_be_identified=True, related=related)
    return _concern(reason, same_child, related, now - reopen_within)


def _concern(reason: str, same_child: Sequence[KnownReferral], related: tuple[str, ...], recent: datetime) -> Admission:
    """Where a concern about a named child goes: to the open referral, the one just closed, or a new one."""
    still_open = [known for known in same_child if known.closed_at is None]
    if still_open:
        # The oldest clock wins: joining must never give anybody more time.
        chosen = min(still_open, key=lambda known: (known.received_at, known.referral_id)).referral_id
        because = f"{reason}; the child has an open referral"
        return JoinReferral(referral_id=chosen, because=because, related=_others(related, chosen))
    closed = sorted(
        ((known.closed_at, known.referral_id) for known in same_child if known.closed_at is not None), reverse=True
    )
    if not closed:
        return OpenReferral(because=f"{reason}; no referral about this child is known", related=related)
    latest_at, latest = closed[0]
    if latest_at >= recent:
        because = f"{reason}; the child's referral was closed not long ago"
        return Reopen(referral_id=latest, because=because, related=_others(related, latest))
    earlier = tuple(referral for _, referral in closed)
    because = f"{reason}; the child was referred before"
    return LinkBack(earlier=earlier, because=because, related=_others(related, *earlier))


def _without_concern(item: Notification, known_persons: Sequence[str]) -> Refresh | NoConcern:
    if known_persons:
        people = tuple(sorted(set(known_persons)))
        return Refresh(person_ids=people, because=f"{item.kind_reason}; it refreshes people already known")
    return NoConcern(because=f"{item.kind_reason}; nobody in it is known to the hub")


def _others(related: tuple[str, ...], *chosen: str) -> tuple[str, ...]:
    return tuple(referral for referral in related if referral not in chosen)
