from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from routing.lifecycle import (
    TRANSITIONS,
    Actor,
    ProductState,
    ReferralState,
    RequestState,
    S,
    Software,
    State,
    Step,
    advance,
    allowed,
)
from schemas.errors import Conflict, Refused
from schemas.vocabulary import Role

ACTORS: list[Actor] = [*Role, *Software]
STATES: list[State] = [*ReferralState, *RequestState, *ProductState]
MANAGER = Role.SOCIAL_WORK_MANAGER
UNRATED = {ReferralState.RECEIVED, ReferralState.IDENTIFIED, ReferralState.SCREENED}


def walk(state: ReferralState, *steps: tuple[Step, Actor]) -> ReferralState:
    for step, actor in steps:
        state = advance(state, step, actor)
    return state


def test_a_referral_lives_from_receipt_to_closing() -> None:
    end = walk(
        ReferralState.RECEIVED,
        (Step.IDENTIFY, Software.HUB),
        (Step.SCREEN, Role.SCREENING_OFFICER),
        (Step.RATE, MANAGER),
        (Step.REQUEST, MANAGER),
        (Step.RATE, MANAGER),
        (Step.DECIDE, MANAGER),
        (Step.SEND_PRODUCT, MANAGER),
        (Step.GIVE_FEEDBACK, Software.HUB),
        (Step.CLOSE, MANAGER),
    )
    assert end is ReferralState.CLOSED


def test_an_urgent_rating_waits_neither_for_identities_nor_for_screening() -> None:
    assert advance(ReferralState.RECEIVED, Step.RATE, MANAGER) is ReferralState.RATED
    assert walk(ReferralState.RATED, (Step.IDENTIFY, Software.HUB), (Step.SCREEN, MANAGER)) is ReferralState.RATED


@pytest.mark.parametrize("state", [state for state in ReferralState if state is not ReferralState.CLOSED])
def test_a_referral_may_be_rated_at_any_time_before_it_is_closed(state: ReferralState) -> None:
    after = advance(state, Step.RATE, MANAGER)
    assert after is (ReferralState.RATED if state in UNRATED else state)


def test_a_closed_referral_reopens_on_a_later_notification_and_is_judged_anew() -> None:
    with pytest.raises(Conflict) as caught:
        advance(ReferralState.CLOSED, Step.JOIN, Software.HUB)
    assert "reopen" in caught.value.detail
    assert advance(ReferralState.CLOSED, Step.REOPEN, Software.HUB) is ReferralState.RECEIVED


def test_a_concern_that_joins_a_decided_referral_asks_for_a_new_decision() -> None:
    joined = advance(ReferralState.PRODUCT_SENT, Step.JOIN, Software.HUB)
    assert joined is ReferralState.RATED
    with pytest.raises(Conflict):
        advance(joined, Step.CLOSE, MANAGER)


@pytest.mark.parametrize("step", [Step.DECIDE, Step.REQUEST])
def test_too_early_a_step_says_what_to_do_first(step: Step) -> None:
    with pytest.raises(Conflict) as caught:
        advance(ReferralState.SCREENED, step, MANAGER)
    assert (caught.value.code, caught.value.detail) == ("lifecycle.state", "first: rate the referral")


@given(st.sampled_from(list(ReferralState)), st.sampled_from([Step.RATE, Step.DECIDE]), st.sampled_from(ACTORS))
def test_only_a_manager_rates_and_decides_in_any_state(state: ReferralState, step: Step, actor: Actor) -> None:
    if actor is MANAGER:
        return
    with pytest.raises(Refused) as caught:
        advance(state, step, actor)
    assert caught.value.code == "lifecycle.role"
    assert "core component 4" in caught.value.detail


def test_a_wrong_role_learns_nothing_of_the_state() -> None:
    details = set()
    for state in ReferralState:
        with pytest.raises(Refused) as caught:
            advance(state, Step.CLOSE, Role.REFERRER)
        details.add(str(caught.value))
    assert len(details) == 1


@pytest.mark.parametrize("step", list(Step))
def test_every_step_can_happen_somewhere_and_every_row_gives_a_reason(step: Step) -> None:
    rows = [row for row in TRANSITIONS if row.action is step]
    assert rows
    assert all(row.because and row.roles and row.from_states for row in rows)


@pytest.mark.parametrize("state", STATES)
def test_no_two_rows_compete_for_one_state(state: State) -> None:
    for step in Step:
        rows = [row for row in TRANSITIONS if row.action is step and any(state is each for each in row.from_states)]
        assert len(rows) <= 1


def test_a_state_of_a_request_is_never_taken_for_a_state_of_a_product() -> None:
    assert str(RequestState.DELIVERED) == str(ProductState.DELIVERED)
    with pytest.raises(Conflict):
        advance(RequestState.DELIVERED, Step.ACCEPT_PRODUCT, Role.RECEIVING_TEAM)


@pytest.mark.parametrize("actor", ACTORS)
def test_what_is_allowed_is_exactly_what_does_not_raise(actor: Actor) -> None:
    for referral in ReferralState:
        assert set(allowed(referral, actor)) == tried(referral, actor)
    for request in RequestState:
        assert set(allowed(request, actor)) == tried(request, actor)
    for product in ProductState:
        assert set(allowed(product, actor)) == tried(product, actor)


def tried(state: S, actor: Actor) -> set[Step]:
    possible = set()
    for step in Step:
        try:
            advance(state, step, actor)
        except (Conflict, Refused):
            continue
        possible.add(step)
    return possible


def test_an_owner_may_answer_late_and_only_once() -> None:
    late = advance(RequestState.DELIVERED, Step.FALL_OVERDUE, Software.HUB)
    answered = advance(late, Step.ANSWER, Role.PROFESSIONAL_LEAD)
    assert answered is RequestState.ANSWERED
    with pytest.raises(Conflict):
        advance(answered, Step.ANSWER, Role.PROFESSIONAL_LEAD)


def test_an_owner_may_ask_what_is_meant_and_the_manager_explains() -> None:
    asking = advance(RequestState.OPENED, Step.ASK_TO_CLARIFY, Role.PROFESSIONAL_LEAD)
    assert asking is RequestState.CLARIFYING
    assert advance(asking, Step.CLARIFY, MANAGER) is RequestState.OPENED


def test_late_news_of_a_delivery_undoes_nothing() -> None:
    assert advance(RequestState.ANSWERED, Step.DELIVER_REQUEST, Software.HUB) is RequestState.ANSWERED
    assert advance(ProductState.ACCEPTED, Step.DELIVER_PRODUCT, Software.HUB) is ProductState.ACCEPTED


def test_delivered_accepted_and_acted_on_are_three_facts() -> None:
    with pytest.raises(Conflict):
        advance(ProductState.SENT, Step.ACCEPT_PRODUCT, Role.RECEIVING_TEAM)
    with pytest.raises(Conflict):
        advance(ProductState.DELIVERED, Step.ACT_ON_PRODUCT, Role.RECEIVING_TEAM)
    with pytest.raises(Refused):
        advance(ProductState.DELIVERED, Step.ACCEPT_PRODUCT, Software.HUB)
    accepted = advance(ProductState.DELIVERED, Step.ACCEPT_PRODUCT, Role.RECEIVING_TEAM)
    assert advance(accepted, Step.ACT_ON_PRODUCT, Role.RECEIVING_TEAM) is ProductState.ACTED_ON


def test_a_product_that_somebody_accepted_is_not_called_back() -> None:
    assert advance(ProductState.DELIVERED, Step.REVOKE_PRODUCT, MANAGER) is ProductState.REVOKED
    with pytest.raises(Conflict):
        advance(ProductState.ACCEPTED, Step.REVOKE_PRODUCT, MANAGER)


class ReferralLife(RuleBasedStateMachine):
    """Anybody tries anything: what must have happened before stays true of every state that is reached."""

    def __init__(self) -> None:
        super().__init__()
        self.state = ReferralState.RECEIVED
        self.rated_by_manager = False
        self.decided_by_manager = False

    @rule(step=st.sampled_from(list(Step)), actor=st.sampled_from(ACTORS))
    def try_something(self, step: Step, actor: Actor) -> None:
        before = self.state
        try:
            self.state = advance(before, step, actor)
        except (Refused, Conflict):
            assert self.state is before
            return
        if step is Step.RATE:
            self.rated_by_manager = actor is MANAGER
        if step is Step.DECIDE:
            self.decided_by_manager = actor is MANAGER
        if step is Step.REOPEN:
            self.rated_by_manager = self.decided_by_manager = False
        if step is Step.JOIN:
            self.decided_by_manager = False

    @invariant()
    def whatever_is_beyond_screening_was_rated_by_a_manager(self) -> None:
        assert self.rated_by_manager or self.state in UNRATED

    @invariant()
    def whatever_is_sent_or_closed_was_decided_by_a_manager(self) -> None:
        beyond = {ReferralState.DECIDED, ReferralState.PRODUCT_SENT, ReferralState.CLOSED}
        assert self.decided_by_manager or self.state not in beyond


TestReferralLife = ReferralLife.TestCase
