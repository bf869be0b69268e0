"""What a data subject is told: theirs, released to them, without others, and without a trace of what is left out."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from routing import subject_access
from routing.subject_access import Case, Group, Notified
from schemas.disclosure import Audience, DisclosedGroup, DisclosedItem, OpenedGroup
from schemas.notification import Handling
from schemas.persons import Address, Name, Person
from schemas.subject import Report
from schemas.vocabulary import Concern, DataCategory, Outcome

NOW = datetime(2026, 11, 2, tzinfo=UTC)
ME = Person(
    ref="child-1",
    names=(Name(given=("Zephyrine",), family="Quillfeather"),),
    addresses=(Address(lines=("1 Vermilion Passage",)), Address(lines=("A refuge",), confidential=True)),
)
OTHER = Person(ref="adult-1", names=(Name(given=("Ottoline", "O"), family="Quillfeather"),))
TO_ME = (Audience.SOCIAL_WORK_MANAGER, Audience.DATA_SUBJECT)


def group(
    *audiences: Audience, about: tuple[str, ...] = ("me",), sensitive: bool = False, conditions: str = ""
) -> Group:
    content = DisclosedGroup(
        category=DataCategory.HEALTH_HISTORY,
        items=(DisclosedItem(text="Zephyrine Quillfeather came with OTTOLINE, not Ottolines."),),
        audiences=audiences,
        existence_sensitive=sensitive,
        conditions=conditions,
    )
    opened = OpenedGroup(digest="d", encoded="e", name="g", content=content)
    return Group(agency="health", group=opened, about=frozenset(about), since=frozenset())


CASE = Case(
    subject=True,
    received_at=NOW,
    closed=True,
    outcomes=(Outcome.SECTION_17,),
    notified=[
        Notified(report=Report(agency="police", received_at=NOW, concerns=(Concern.DRUGS,)), handling=Handling())
    ],
    groups=[group(*TO_ME)],
    others=[OTHER],
    sent_to=("council",),
    left_out=False,
)


def test_the_person_is_told_of_the_case_and_of_what_its_owner_released_to_them_without_others() -> None:
    found = subject_access.told("me", ME, CASE, {})
    assert found is not None
    assert (found.outcomes, found.sent_to, found.ask) == ((Outcome.SECTION_17,), ("council",), ())
    assert [one.agency for one in found.reports] == ["police"]
    ((item,),) = [one.items for one in found.disclosed]
    assert item.text == "Zephyrine Quillfeather came with [another person], not Ottolines."


@pytest.mark.invariant(5)
@pytest.mark.invariant(6)
@pytest.mark.parametrize(
    "held, shown, marked",
    [
        (group(*TO_ME), 1, 0),
        (group(Audience.SOCIAL_WORK_MANAGER), 0, 1),
        (group(*TO_ME, conditions="Not before the trial"), 0, 1),
        (replace(group(conditions="Not before the trial"), since=frozenset({Audience.DATA_SUBJECT})), 1, 0),
        (group(*TO_ME, about=("me", "another")), 0, 1),
        (group(*TO_ME, about=("another",)), 0, 0),
        (group(*TO_ME, about=()), 0, 0),
        (group(Audience.SOCIAL_WORK_MANAGER, sensitive=True), 0, 0),
        (group(*TO_ME, sensitive=True), 0, 0),
    ],
)
def test_invariant_06_what_its_owner_did_not_release_is_marked_unless_its_existence_is_sensitive(
    held: Group, shown: int, marked: int
) -> None:
    found = subject_access.told("me", ME, replace(CASE, groups=[held]), {"health": "the named nurse"})
    assert found is not None
    assert (len(found.disclosed), [one.ask for one in found.ask]) == (shown, ["the named nurse"] * marked)


@pytest.mark.invariant(6)
@pytest.mark.parametrize("handling", [Handling(restricted=True), Handling(source_protection=True)])
def test_invariant_06_a_case_that_a_source_protects_leaves_no_trace(handling: Handling) -> None:
    protected = replace(CASE, notified=[*CASE.notified, replace(CASE.notified[0], handling=handling)])
    for case in (protected, replace(CASE, left_out=True)):
        assert subject_access.told("me", ME, case, {}) is None
        assert subject_access.identity(ME, [case], []) is None


def test_where_a_family_hides_no_address_is_told() -> None:
    shown = subject_access.told("me", ME, CASE, {})
    assert shown is not None
    open_one = subject_access.identity(ME, [CASE], [shown])
    assert open_one is not None
    assert open_one.addresses == ME.addresses[:1]
    hidden = replace(CASE, notified=[replace(CASE.notified[0], handling=Handling(hidden_location=True))])
    protected = replace(CASE, notified=[replace(CASE.notified[0], handling=Handling(restricted=True))])
    for other in (hidden, protected, replace(CASE, left_out=True)):
        found = subject_access.identity(ME, [CASE, other], [shown])
        assert found is not None
        assert found.addresses == ()


def test_of_a_case_about_somebody_else_nothing_is_told_but_what_was_released() -> None:
    theirs = replace(CASE, subject=False)
    found = subject_access.told("me", ME, theirs, {})
    assert found is not None
    assert (found.received_at, found.reports, found.outcomes, found.sent_to, found.ask) == (None, (), (), (), ())
    assert subject_access.told("me", ME, replace(theirs, groups=[group()]), {}) is None
