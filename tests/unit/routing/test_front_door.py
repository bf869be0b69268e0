from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.front_door import (
    JoinReferral,
    KnownReferral,
    LinkBack,
    NoConcern,
    OpenReferral,
    Refresh,
    Reopen,
    admit,
)
from schemas.notification import Notification
from schemas.vocabulary import Concern, ItemKind
from tests.unit.routing.builders import NOW, notification, person

DAY = timedelta(days=1)
LESSER = st.sampled_from([ItemKind.UPDATE, ItemKind.CONTEXT])
KNOWN = st.builds(
    KnownReferral,
    referral_id=st.sampled_from(["ref-1", "ref-2", "ref-3"]),
    received_at=st.integers(1, 900).map(lambda days: NOW - days * DAY),
    closed_at=st.one_of(st.none(), st.integers(0, 900).map(lambda days: NOW - days * DAY)),
    same_child=st.booleans(),
)


def known(name: str, *, received: int = 10, closed: int | None = None, same_child: bool = True) -> KnownReferral:
    closed_at = None if closed is None else NOW - closed * DAY
    return KnownReferral(referral_id=name, received_at=NOW - received * DAY, closed_at=closed_at, same_child=same_child)


@given(st.lists(KNOWN, max_size=6), st.booleans(), st.lists(st.sampled_from(["per-1", "per-2"]), max_size=2))
def test_every_concern_opens_or_joins_a_referral(matches: list[KnownReferral], named: bool, people: list[str]) -> None:
    item = notification(*([person()] if named else []))
    admission = admit(item, matches=matches, known_persons=people, now=NOW)
    assert isinstance(admission, OpenReferral | JoinReferral | Reopen | LinkBack)
    assert admission.because


@given(st.lists(KNOWN, max_size=6), LESSER, st.lists(st.sampled_from(["per-1", "per-2"]), max_size=2))
def test_updates_and_context_never_open_a_referral(
    matches: list[KnownReferral], kind: ItemKind, people: list[str]
) -> None:
    admission = admit(notification(person(), kind=kind), matches=matches, known_persons=people, now=NOW)
    if people:
        assert isinstance(admission, Refresh)
        assert set(admission.person_ids) == set(people)
    else:
        assert isinstance(admission, NoConcern)
    assert admission.because


def test_a_concern_about_nobody_known_opens_a_referral() -> None:
    admission = admit(notification(person()), matches=(), now=NOW)
    assert isinstance(admission, OpenReferral)
    assert not admission.child_to_be_identified


def test_a_concern_that_names_no_child_opens_child_to_be_identified() -> None:
    adults = (person("adult-1"),)
    admission = admit(notification(adults=adults), matches=[known("ref-1", same_child=False)], now=NOW)
    assert isinstance(admission, OpenReferral)
    assert admission.child_to_be_identified
    assert admission.related == ("ref-1",)


def test_a_concern_joins_the_open_referral_with_the_oldest_clock() -> None:
    matches = [known("ref-2", received=1), known("ref-1", received=9), known("ref-3", closed=2)]
    admission = admit(notification(person()), matches=matches, now=NOW)
    assert isinstance(admission, JoinReferral)
    assert (admission.referral_id, admission.related) == ("ref-1", ("ref-2", "ref-3"))


def test_sharing_a_household_relates_and_does_not_join() -> None:
    admission = admit(notification(person()), matches=[known("ref-1", same_child=False)], now=NOW)
    assert isinstance(admission, OpenReferral)
    assert admission.related == ("ref-1",)


def test_a_concern_soon_after_closing_reopens() -> None:
    matches = [known("ref-1", received=400, closed=300), known("ref-2", received=60, closed=28)]
    admission = admit(notification(person()), matches=matches, now=NOW)
    assert isinstance(admission, Reopen)
    assert (admission.referral_id, admission.related) == ("ref-2", ("ref-1",))


def test_a_concern_long_after_closing_links_back_to_the_latest_first() -> None:
    matches = [known("ref-1", received=400, closed=300), known("ref-2", received=60, closed=29)]
    admission = admit(notification(person()), matches=matches, now=NOW)
    assert isinstance(admission, LinkBack)
    assert admission.earlier == ("ref-2", "ref-1")


@pytest.mark.parametrize(
    "item",
    [
        notification(person(), kind=ItemKind.UPDATE, danger="somebody is in danger"),
        notification(person(), kind=ItemKind.CONTEXT, categories=(Concern.NEGLECT,)),
        notification(person(), kind=ItemKind.UPDATE, injuries="a bruise"),
    ],
    ids=["danger", "category", "injuries"],
)
def test_in_doubt_an_item_is_a_concern(item: Notification) -> None:
    admission = admit(item, matches=(), known_persons=("per-1",), now=NOW)
    assert isinstance(admission, OpenReferral)
    assert "taken for" in admission.because


def test_a_detail_joins_the_referral_of_what_it_is_the_detail_of() -> None:
    about_the_same = known("ref-1", same_child=False)
    admission = admit(notification(), matches=[about_the_same], completes="ref-1", now=NOW)
    assert isinstance(admission, JoinReferral)
    assert admission.referral_id == "ref-1"
    named = admit(notification(person()), matches=[about_the_same], completes="ref-1", now=NOW)
    assert isinstance(named, JoinReferral)


@pytest.mark.parametrize(
    "matches",
    [
        [],  # about somebody else
        [known("ref-2", same_child=False)],
        [known("ref-1", closed=1, same_child=False)],
    ],
)
def test_a_detail_of_what_is_closed_or_about_others_opens_a_referral(matches: list[KnownReferral]) -> None:
    assert isinstance(admit(notification(), matches=matches, completes="ref-1", now=NOW), OpenReferral)


def test_a_detail_whose_child_has_an_open_referral_joins_that_one() -> None:
    matches = [known("ref-1", same_child=False), known("ref-2")]
    admission = admit(notification(person()), matches=matches, completes="ref-1", now=NOW)
    assert isinstance(admission, JoinReferral)
    assert admission.referral_id == "ref-2"


def test_a_detail_that_is_no_concern_joins_nothing() -> None:
    item = notification(kind=ItemKind.CONTEXT)
    assert isinstance(admit(item, matches=[known("ref-1")], completes="ref-1", now=NOW), NoConcern)
