"""The life of a referral, of each request in it and of each product of it: one state machine, written as rows.

A step that no row names for a state and a role does not happen. Rating and deciding are a social work manager's
alone (core component 4, invariant 8); the hub's own software is an actor like any other and appears in no such row.
Nothing that is merely tidy stands before an urgent rating: a referral may be rated as soon as it is received.

The domain's *requested* is ``gathering`` here, its *owner deciding* is a request delivered or opened, its *sealed* a
request answered; *re-rated* and *feedback* are steps that leave a referral where it stands.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias, TypeVar

from schemas.errors import Conflict, Refused
from schemas.vocabulary import Role


class ReferralState(StrEnum):
    """Where a referral stands. A state is what was last settled, not a list of all that happened."""

    RECEIVED = "received"
    IDENTIFIED = "identified"
    SCREENED = "screened"
    RATED = "rated"
    GATHERING = "gathering"
    DECIDED = "decided"
    PRODUCT_SENT = "product_sent"
    CLOSED = "closed"


class RequestState(StrEnum):
    """Where an information request stands. ``answered`` covers every answer, *nothing held* and *refuse* too."""

    ASKED = "asked"
    DELIVERED = "delivered"
    OPENED = "opened"
    CLARIFYING = "clarifying"
    OVERDUE = "overdue"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"


class ProductState(StrEnum):
    """Where a product stands. Delivered, accepted by a person and acted on are three different facts."""

    SENT = "sent"
    DELIVERED = "delivered"
    ACCEPTED = "accepted"
    ACTED_ON = "acted_on"
    REVOKED = "revoked"


class Software(StrEnum):
    """Who acts where no person does. It records, delivers and notices; it never rates and never decides."""

    HUB = "hub"


class Step(StrEnum):
    """What may happen to a referral, a request or a product."""

    IDENTIFY = "identify"
    SCREEN = "screen"
    RATE = "rate"
    REQUEST = "request"
    JOIN = "join"
    DECIDE = "decide"
    SEND_PRODUCT = "send_product"
    GIVE_FEEDBACK = "give_feedback"
    CLOSE = "close"
    REOPEN = "reopen"
    DELIVER_REQUEST = "deliver_request"
    OPEN_REQUEST = "open_request"
    ASK_TO_CLARIFY = "ask_to_clarify"
    CLARIFY = "clarify"
    FALL_OVERDUE = "fall_overdue"
    ANSWER = "answer"
    WITHDRAW = "withdraw"
    DELIVER_PRODUCT = "deliver_product"
    ACCEPT_PRODUCT = "accept_product"
    ACT_ON_PRODUCT = "act_on_product"
    REVOKE_PRODUCT = "revoke_product"


Actor: TypeAlias = Role | Software
State: TypeAlias = ReferralState | RequestState | ProductState
S = TypeVar("S", ReferralState, RequestState, ProductState)


@dataclass(frozen=True, kw_only=True)
class Transition:
    """``action`` leads from any of ``from_states`` to ``to_state`` (or leaves it as it is) when one of ``roles`` acts.

    ``first`` tells whoever comes too early or too late what to do instead.
    """

    action: Step
    from_states: tuple[State, ...]
    to_state: State | None
    roles: frozenset[Actor]
    because: str
    first: str


_MANAGER: frozenset[Actor] = frozenset({Role.SOCIAL_WORK_MANAGER})
_HUB: frozenset[Actor] = frozenset({Software.HUB})
_LEAD: frozenset[Actor] = frozenset({Role.PROFESSIONAL_LEAD})
_TEAM: frozenset[Actor] = frozenset({Role.RECEIVING_TEAM})
_SCREENERS: frozenset[Actor] = frozenset({Role.SCREENING_OFFICER}) | _MANAGER
_IDENTIFIERS: frozenset[Actor] = frozenset({Role.COORDINATOR}) | _SCREENERS | _HUB

_R, _Q, _P = ReferralState, RequestState, ProductState
_UNRATED = (_R.RECEIVED, _R.IDENTIFIED, _R.SCREENED)
_RATED = (_R.RATED, _R.GATHERING, _R.DECIDED, _R.PRODUCT_SENT)
_ASKING = (_Q.ASKED, _Q.DELIVERED, _Q.OPENED, _Q.CLARIFYING, _Q.OVERDUE)


def _row(
    action: Step,
    from_states: tuple[State, ...],
    to_state: State | None,
    roles: frozenset[Actor],
    because: str,
    *,
    first: str = "",
) -> Transition:
    return Transition(
        action=action, from_states=from_states, to_state=to_state, roles=roles, because=because, first=first
    )


# fmt: off
TRANSITIONS: tuple[Transition, ...] = (
    # A referral
    _row(Step.IDENTIFY, (_R.RECEIVED,), _R.IDENTIFIED, _IDENTIFIERS,
         "the child and the whole household are named"),
    _row(Step.IDENTIFY, (_R.IDENTIFIED, _R.SCREENED, *_RATED), None, _IDENTIFIERS,
         "somebody is often named late"),
    _row(Step.SCREEN, (_R.RECEIVED, _R.IDENTIFIED), _R.SCREENED, _SCREENERS,
         "history, consent and repeats are looked at"),
    _row(Step.SCREEN, (_R.SCREENED, *_RATED), None, _SCREENERS,
         "screening may follow an urgent rating"),
    _row(Step.RATE, _UNRATED, _R.RATED, _MANAGER,
         "urgency waits for no paperwork"),
    _row(Step.RATE, _RATED, None, _MANAGER,
         "what is learnt later may change the risk"),
    _row(Step.REQUEST, (_R.RATED, _R.GATHERING), _R.GATHERING, _MANAGER,
         "the rating says what is proportionate to ask, and by when", first="rate the referral"),
    _row(Step.REQUEST, (_R.DECIDED, _R.PRODUCT_SENT), None, _MANAGER,
         "a red case may start with the assessment team while research goes on", first="rate the referral"),
    _row(Step.JOIN, (*_UNRATED, _R.RATED, _R.GATHERING), None, _HUB,
         "one picture of one child"),
    _row(Step.JOIN, (_R.DECIDED, _R.PRODUCT_SENT), _R.RATED, _HUB,
         "the decision did not know of this concern"),
    _row(Step.DECIDE, _RATED, _R.DECIDED, _MANAGER,
         "one agreed process, decided by a person", first="rate the referral"),
    _row(Step.SEND_PRODUCT, (_R.DECIDED, _R.PRODUCT_SENT), _R.PRODUCT_SENT, _MANAGER,
         "a product carries a decision", first="decide the referral"),
    _row(Step.GIVE_FEEDBACK, (_R.DECIDED, _R.PRODUCT_SENT), None, _MANAGER | _HUB,
         "the referrer is told the outcome, never contents", first="decide the referral"),
    _row(Step.CLOSE, (_R.DECIDED, _R.PRODUCT_SENT), _R.CLOSED, _MANAGER,
         "nothing is closed by triage", first="decide the referral"),
    _row(Step.REOPEN, (_R.CLOSED,), _R.RECEIVED, _MANAGER | _HUB,
         "a later notification is judged anew", first="the referral is open: join it"),
    # A request
    _row(Step.DELIVER_REQUEST, (_Q.ASKED, _Q.DELIVERED), _Q.DELIVERED, _HUB,
         "it reached the agency"),
    _row(Step.DELIVER_REQUEST, (_Q.OPENED, _Q.CLARIFYING, _Q.OVERDUE, _Q.ANSWERED), None, _HUB,
         "news of the delivery may come last"),
    _row(Step.OPEN_REQUEST, (_Q.ASKED, _Q.DELIVERED, _Q.OPENED), _Q.OPENED, _LEAD | _HUB,
         "the lead has read it"),
    _row(Step.OPEN_REQUEST, (_Q.CLARIFYING, _Q.OVERDUE, _Q.ANSWERED), None, _LEAD | _HUB,
         "a lead may read it again"),
    _row(Step.ASK_TO_CLARIFY, _ASKING, _Q.CLARIFYING, _LEAD,
         "an owner need not guess", first="send a new request"),
    _row(Step.CLARIFY, (_Q.CLARIFYING,), _Q.OPENED, _MANAGER,
         "whoever asks explains", first="wait until the owner asks"),
    _row(Step.FALL_OVERDUE, _ASKING, _Q.OVERDUE, _HUB,
         "an unanswered request is chased, then escalated", first="leave it: nobody waits for it any more"),
    _row(Step.ANSWER, _ASKING, _Q.ANSWERED, _LEAD,
         "the owner decides; late is better than never", first="send a new request, or release more of the answer"),
    _row(Step.WITHDRAW, _ASKING, _Q.WITHDRAWN, _MANAGER,
         "what is no longer necessary is no longer asked", first="leave it: nobody waits for it any more"),
    # A product
    _row(Step.DELIVER_PRODUCT, (_P.SENT, _P.DELIVERED), _P.DELIVERED, _HUB,
         "it reached the recipient"),
    _row(Step.DELIVER_PRODUCT, (_P.ACCEPTED, _P.ACTED_ON), None, _HUB,
         "news of the delivery may come last"),
    _row(Step.ACCEPT_PRODUCT, (_P.DELIVERED,), _P.ACCEPTED, _TEAM,
         "a person has taken it on; a machine's receipt is not that", first="wait until it is delivered"),
    _row(Step.ACCEPT_PRODUCT, (_P.ACCEPTED, _P.ACTED_ON), None, _TEAM,
         "accepted twice is accepted", first="wait until it is delivered"),
    _row(Step.ACT_ON_PRODUCT, (_P.ACCEPTED, _P.ACTED_ON), _P.ACTED_ON, _TEAM,
         "work has begun", first="accept the product"),
    _row(Step.REVOKE_PRODUCT, (_P.SENT, _P.DELIVERED), _P.REVOKED, _MANAGER | frozenset({Role.SECURITY_OFFICER}),
         "what nobody has accepted can be called back", first="send a new version that corrects it"),
)
# fmt: on

_ENDED: Mapping[State, str] = {
    _R.CLOSED: "reopen the referral",
    _Q.WITHDRAWN: "send a new request",
    _P.REVOKED: "send a new version",
}
"""What to do instead where something has come to its end."""

MANAGER_ALONE = frozenset({Step.RATE, Step.DECIDE})
"""What core component 4 keeps for a social work manager."""


def advance(state: S, action: Step, role: Actor) -> S:
    """The state after ``role`` has done ``action``.

    Raises:
        Refused: this role never does that (``lifecycle.role``), in whatever state.
        Conflict: not in this state (``lifecycle.state``); the detail says what to do first.
    """
    rows = [row for row in TRANSITIONS if row.action is action]
    # (1) The role comes first, so that a refusal tells a stranger nothing of the state.
    if not any(role in row.roles for row in rows):
        raise Refused("lifecycle.role", _who_may(action, rows), at=action)
    # (2) Then the state.
    for row in rows:
        if role in row.roles and _stands_in(state, row.from_states):
            return state if row.to_state is None else type(state)(row.to_state.value)
    raise Conflict("lifecycle.state", f"first: {_ENDED.get(state) or rows[0].first}", at=action)


def allowed(state: State, role: Actor) -> tuple[Step, ...]:
    """What ``role`` may do next in ``state``, in the order of the rows."""
    rows = (row for row in TRANSITIONS if role in row.roles and _stands_in(state, row.from_states))
    return tuple(dict.fromkeys(row.action for row in rows))


def _stands_in(state: State, states: Iterable[State]) -> bool:
    # Identity, because "delivered" is a state of requests and of products and their texts are equal.
    return any(state is other for other in states)


def _who_may(action: Step, rows: Iterable[Transition]) -> str:
    if action in MANAGER_ALONE:
        return "core component 4: only a social work manager rates and decides"
    return "this is for " + ", ".join(sorted({str(role) for row in rows for role in row.roles}))
