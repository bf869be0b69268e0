"""The invariants of the design that are decided here, each by its number."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from inspect import signature

import pytest

from routing import clocks, components, decisions
from routing.lifecycle import Actor, ReferralState, Software, Step, advance, allowed
from routing.need_to_know import Reader, Relation, still_allowed, view
from routing.permissions import Action, allowed_roles
from routing.products import assemble
from routing.requests import AskedAbout, compose
from routing.suggestion import Suggestion, suggest
from schemas.disclosure import Audience
from schemas.errors import Refused
from schemas.vocabulary import DataCategory, Rating, Role
from tests.unit.routing.builders import (
    CALENDAR,
    HEALTH,
    HUB,
    MANAGER,
    NOW,
    POLICE,
    RULES,
    TEAM,
    WHY,
    disclosure,
    group,
    lead,
    notification,
    person,
    release,
)

NOT_MANAGERS: list[Actor] = [*(role for role in Role if role is not Role.SOCIAL_WORK_MANAGER), *Software]
HOUR = timedelta(hours=1)


@pytest.mark.invariant(5)
def test_invariant_05_no_product_holds_what_its_owner_has_not_released_to_the_team() -> None:
    held = [disclosure("health", group("d1"))]
    with pytest.raises(Refused) as caught:
        assemble(chosen=["d1"], disclosures=held, releases=(), reader=TEAM)
    assert (caught.value.code, "health" in caught.value.detail) == ("product.not_released", True)
    with pytest.raises(Refused):
        assemble(chosen=["d1"], disclosures=held, releases=[release("health", "d1", issuer="council")], reader=TEAM)
    assert assemble(chosen=["d1"], disclosures=held, releases=[release("health", "d1")], reader=TEAM).digests == ("d1",)


@pytest.mark.invariant(5)
@pytest.mark.parametrize("reader", [MANAGER, TEAM, lead(POLICE)], ids=["manager", "team", "lead"])
def test_invariant_05_no_rule_reaches_beyond_the_owners_release(reader: Reader) -> None:
    audience = {
        Role.SOCIAL_WORK_MANAGER: Audience.SOCIAL_WORK_MANAGER,
        Role.RECEIVING_TEAM: Audience.RECEIVING_TEAM,
        Role.PROFESSIONAL_LEAD: Audience.PROFESSIONAL_LEADS,
    }[reader.role]
    others = [each for each in Audience if each is not audience]
    kept = [disclosure("health", group("d1", DataCategory.HOUSEHOLD, *others))]
    given = [disclosure("health", group("d1", DataCategory.HOUSEHOLD, audience))]
    assert view(reader, kept, product={"d1"}).digests == ()
    assert view(reader, given, product={"d1"}).digests == ("d1",)


@pytest.mark.invariant(5)
def test_invariant_05_nothing_is_asked_without_purpose_ground_and_necessity() -> None:
    for why in (replace(WHY, purpose=""), replace(WHY, legal_ground=None), replace(WHY, necessity=" ")):
        with pytest.raises(Refused, match=r"request\.no_ground"):
            compose(
                hub=HUB,
                agency=HEALTH,
                jti="req-1",
                issued=NOW,
                reference="pseudonym",
                why=why,
                persons=[AskedAbout(person=person(), ref="p1")],
                categories=[DataCategory.HEALTH_HISTORY],
                due_at=NOW,
            )


@pytest.mark.invariant(6)
def test_invariant_06_need_to_know_denies_by_default() -> None:
    held = [disclosure("health", group("d1", DataCategory.HEALTH_HISTORY, *Audience))]
    for role in Role:
        for relation in Relation:
            reader = replace(MANAGER, role=role, relation=relation, agency="elsewhere", sector=None)
            expected = role is Role.SOCIAL_WORK_MANAGER and relation is Relation.ASSIGNED
            assert bool(view(reader, held, product={"d1"}).digests) is expected


@pytest.mark.invariant(6)
def test_invariant_06_at_opening_every_group_must_still_be_allowed() -> None:
    before = [disclosure("health", group("d1"), group("d2"))]
    cut = view(MANAGER, before)
    assert still_allowed(MANAGER, cut.digests, before)
    since = [disclosure("health", group("d1"), group("d2", DataCategory.HEALTH_HISTORY, Audience.RECEIVING_TEAM))]
    assert not still_allowed(MANAGER, cut.digests, since)
    assert still_allowed(MANAGER, view(MANAGER, since).digests, since)
    assert not still_allowed(replace(MANAGER, relation=Relation.NONE), cut.digests, before)


@pytest.mark.invariant(6)
def test_invariant_06_what_is_withheld_is_marked_unless_its_existence_is_sensitive() -> None:
    secret = group("d1", DataCategory.HEALTH_MENTAL, sensitive=True)
    plain = group("d2", DataCategory.HEALTH_HISTORY)
    assert [marker.agency for marker in view(lead(POLICE), [disclosure("health", plain)]).withheld] == ["health"]
    assert view(lead(POLICE), [disclosure("health", secret)]) == view(lead(POLICE), [disclosure("health")])
    both = view(lead(POLICE), [disclosure("health", plain, secret)])
    assert both == view(lead(POLICE), [disclosure("health", plain)])


@pytest.mark.invariant(8)
@pytest.mark.parametrize("actor", NOT_MANAGERS)
def test_invariant_08_only_a_social_work_manager_rates_and_decides(actor: Actor) -> None:
    for state in ReferralState:
        for step in (Step.RATE, Step.DECIDE):
            with pytest.raises(Refused):
                advance(state, step, actor)
            assert step not in allowed(state, actor)
    with pytest.raises(Refused):
        decisions.rate(role=actor, rating=Rating.RED, reasons=["x"], threshold_level=4, scheme=tuple(Rating))


@pytest.mark.invariant(8)
@pytest.mark.parametrize("action", [Action.RATE, Action.DECIDE])
def test_invariant_08_no_door_lets_anybody_else_rate_or_decide(action: Action) -> None:
    assert allowed_roles(action) == {Role.SOCIAL_WORK_MANAGER}


@pytest.mark.invariant(8)
def test_invariant_08_a_suggestion_is_recorded_as_one_and_is_no_argument_of_a_rating() -> None:
    suggestion = suggest(notification(danger="now"))
    assert suggestion.reasons
    assert suggestion.suggested_by == "software"
    accepted = {str(parameter.annotation) for parameter in signature(decisions.rate).parameters.values()}
    assert not any(Suggestion.__name__ in annotation for annotation in accepted)


@pytest.mark.invariant(9)
def test_invariant_09_a_re_rating_never_gives_more_time_without_a_reason() -> None:
    received = NOW
    first = clocks.due(Rating.AMBER, received, RULES, CALENDAR)
    red = clocks.rerated_due(first, Rating.RED, received + HOUR, RULES, CALENDAR, received=received)
    back = clocks.rerated_due(red, Rating.AMBER, received + 2 * HOUR, RULES, CALENDAR, received=received)
    again = clocks.rerated_due(back, Rating.RED, received + 4 * HOUR, RULES, CALENDAR, received=received)
    assert (first, red) == (received + 24 * HOUR, received + 5 * HOUR)
    assert back == again == red
    relaxed = clocks.rerated_due(
        red, Rating.AMBER, received + 2 * HOUR, RULES, CALENDAR, received=received, relax_reason="safe in hospital"
    )
    assert relaxed == received + 26 * HOUR


@pytest.mark.invariant(9)
def test_invariant_09_the_clock_runs_from_receipt_and_not_from_the_rating() -> None:
    late = NOW + 30 * HOUR
    due = clocks.rerated_due(None, Rating.RED, late, RULES, CALENDAR, received=NOW)
    assert due == NOW + 4 * HOUR
    assert clocks.overdue(due, late)
    assert clocks.feedback_due(NOW, 1, CALENDAR) == CALENDAR.next_working_days(NOW, 1)


@pytest.mark.invariant(9)
def test_invariant_09_the_unrated_have_an_alarm_of_their_own() -> None:
    assert clocks.unrated_alarm(NOW, None, NOW + HOUR, 60)
    assert not clocks.unrated_alarm(NOW, Rating.GREEN, NOW + HOUR, 60)


@pytest.mark.invariant(10)
@pytest.mark.parametrize(
    "number, raw",
    [
        (1, {"feeds": [{"name": "a", "bypass_hub": True}]}),
        (2, {"agencies": [{"id": "a", "auto_disclose": True}]}),
        (3, {"hub": {"sealed": False}}),
        (3, {"audit": False}),
        (4, {"ratings": [{"rated_by": "software"}]}),
        (5, {"repeats": {"enabled": False}}),
    ],
)
def test_invariant_10_no_configuration_takes_a_core_component_away(number: int, raw: dict[str, object]) -> None:
    with pytest.raises(Refused) as caught:
        components.check(raw)
    assert caught.value.code == f"component.{number}"
    assert f"core component {number}" in caught.value.detail
