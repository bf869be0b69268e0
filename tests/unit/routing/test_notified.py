from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing.notified import Sight, cut
from routing.notified_rules import ROWS, TOUCHES, explain
from routing.reading_rules import CORE, Policy, Purpose, Reader, Relation
from schemas.hub import Withhold
from schemas.identifiers import IdentifierKind
from schemas.persons import Address, Contact, Organisation, Person
from schemas.vocabulary import Datum, HandlingMark, Rating, Role
from tests.unit.routing.builders import MANAGER, UPN, number, person

D, M = Datum, HandlingMark
DESK = Reader(role=Role.COORDINATOR, agency="council", purpose=Purpose.TRIAGE, relation=Relation.DESK)
SCREENER = replace(DESK, role=Role.SCREENING_OFFICER)
OTHER_MANAGER = replace(DESK, role=Role.SOCIAL_WORK_MANAGER)
UNCARRIED = replace(OTHER_MANAGER, relation=Relation.UNCARRIED)
LEAD = Reader(role=Role.PROFESSIONAL_LEAD, agency="health", purpose=Purpose.ANSWER, relation=Relation.ASKED)
TEAM = Reader(role=Role.RECEIVING_TEAM, agency="council", purpose=Purpose.ACT, relation=Relation.RECEIVING)
SECRET, KNOWN = Address(postcode="ZZ99 3VZ", confidential=True), Address(postcode="ZZ99 3WZ")
SOMEBODY: Person = person("p1", number(IdentifierKind.NHS, "9990000018"), number(IdentifierKind.UPN, UPN)).model_copy(
    update={
        "addresses": (SECRET, KNOWN),
        "contacts": (Contact(system="phone", value="01632 960000"),),
        "school": Organisation(name="Sample School"),
        "gp": Organisation(name="Sample Surgery"),
        "notes": ("school: earlier Other School",),
        "risk": "known to carry",
    }
)
TRACES = ("ZZ99", "01632", "School", "Surgery", UPN)

MARKS = st.frozensets(st.sampled_from(list(M)))
WITHHOLDS = st.lists(
    st.builds(
        Withhold,
        role=st.sampled_from([Role.COORDINATOR, Role.SCREENING_OFFICER, Role.PROFESSIONAL_LEAD, Role.RECEIVING_TEAM]),
        data=st.lists(st.sampled_from(list(D)), min_size=1, max_size=4).map(tuple),
        agency=st.sampled_from(["", "council", "health"]),
        ratings=st.lists(st.sampled_from(list(Rating)), max_size=2).map(tuple),
        handling=st.sampled_from([None, *M]),
        because=st.just("the hub says so"),
    ),
    max_size=4,
).map(tuple)
READERS = st.sampled_from([DESK, SCREENER, OTHER_MANAGER, UNCARRIED, MANAGER, LEAD, TEAM]).flatmap(
    lambda reader: st.builds(
        lambda rating, agency: replace(reader, rating=rating, agency=agency),
        st.sampled_from([None, *Rating]),
        st.sampled_from(["council", "health", "police"]),
    )
) | st.builds(
    Reader,
    role=st.sampled_from(list(Role)),
    agency=st.sampled_from(["council", "police"]),
    purpose=st.sampled_from(list(Purpose)),
    relation=st.sampled_from(list(Relation)),
    rating=st.sampled_from([None, *Rating]),
)
OWNERS = st.sampled_from(["", "police", "health", "council"])


@given(READERS, OWNERS, MARKS, MARKS, WITHHOLDS)
def test_more_handling_and_more_rows_of_the_hub_never_show_more(
    reader: Reader,
    owner: str,
    marks: frozenset[HandlingMark],
    more: frozenset[HandlingMark],
    withholds: tuple[Withhold, ...],
) -> None:
    for datum in D:
        if Sight(reader=reader, owner=owner, marks=marks | more, policy=Policy(withholds=withholds)).sees(datum):
            assert Sight(reader=reader, owner=owner, marks=marks).sees(datum)
            assert Sight(reader=reader, owner=owner, marks=marks | more).sees(datum)


@given(READERS, OWNERS, MARKS)
def test_whom_no_row_speaks_of_sees_nothing_and_is_told_of_nothing(
    reader: Reader, owner: str, marks: frozenset[HandlingMark]
) -> None:
    if not any(row.applies(reader) for row in ROWS):
        seen = cut(SOMEBODY, Sight(reader=reader, owner=owner, marks=marks))
        assert not seen.because
        assert not seen.kept_back
        assert seen.person == Person(ref="p1")


@given(READERS, MARKS)
def test_what_is_shown_has_a_reason_and_what_is_kept_back_is_not_shown(
    reader: Reader, marks: frozenset[HandlingMark]
) -> None:
    seen = cut(SOMEBODY, Sight(reader=reader, marks=marks))
    assert all(seen.because.values())
    assert not seen.because.keys() & seen.kept_back
    shown = {"addresses": D.ADDRESS, "contacts": D.CONTACTS, "school": D.SCHOOL, "gp": D.SURGERY, "notes": D.NOTES}
    for field, datum in shown.items():
        if datum not in seen.because and not (field == "addresses" and D.CONFIDENTIAL_ADDRESS in seen.because):
            assert not getattr(seen.person, field), field


@given(WITHHOLDS, MARKS)
def test_nothing_of_the_hub_takes_from_the_manager_of_the_case(
    withholds: tuple[Withhold, ...], marks: frozenset[HandlingMark]
) -> None:
    seen = cut(SOMEBODY, Sight(reader=MANAGER, marks=marks, policy=Policy(withholds=withholds)))
    assert seen.person == SOMEBODY
    assert not seen.kept_back


@pytest.mark.parametrize("reader", [DESK, SCREENER, OTHER_MANAGER, replace(DESK, rating=Rating.RED)])
def test_a_family_in_hiding_leaves_no_trace_of_a_place(reader: Reader) -> None:
    seen = cut(SOMEBODY, Sight(reader=reader, marks=frozenset({M.HIDDEN_LOCATION})))
    text = seen.person.model_dump_json()
    assert not any(trace in text for trace in TRACES)
    assert seen.person.names == SOMEBODY.names
    assert "9990000018" in text
    assert D.ADDRESS in seen.kept_back
    assert not Sight(reader=reader, marks=frozenset({M.HIDDEN_LOCATION})).sees(D.NARRATIVE)


def test_a_confidential_address_is_for_the_manager_alone() -> None:
    for reader in (DESK, SCREENER, OTHER_MANAGER):
        seen = cut(SOMEBODY, Sight(reader=reader))
        assert seen.person.addresses == (KNOWN,)
        assert seen.kept_back == {D.CONFIDENTIAL_ADDRESS}
    assert cut(SOMEBODY, Sight(reader=UNCARRIED)).person.addresses == (SECRET, KNOWN)


def test_limited_access_leaves_the_desk_a_name_and_the_manager_everything() -> None:
    limited = frozenset({M.RESTRICTED})
    for reader in (DESK, SCREENER, OTHER_MANAGER):
        seen = cut(SOMEBODY, Sight(reader=reader, marks=limited))
        assert set(seen.because) == {D.NAMES}
        assert not any(Sight(reader=reader, marks=limited).sees(datum) for datum in (D.NARRATIVE, D.CONCERN, D.PLACE))
    for reader in (MANAGER, UNCARRIED):
        assert cut(SOMEBODY, Sight(reader=reader, marks=limited)).person == SOMEBODY


def test_a_protected_source_is_told_to_the_manager_of_the_case_and_the_source_s_own_people() -> None:
    protected = frozenset({M.SOURCE_PROTECTION})
    assert Sight(reader=MANAGER, marks=protected, owner="police").sees(D.SOURCE)
    assert Sight(reader=replace(SCREENER, agency="police"), marks=protected, owner="police").sees(D.SOURCE)
    for reader in (DESK, SCREENER, OTHER_MANAGER, UNCARRIED, TEAM, LEAD):
        assert not Sight(reader=reader, marks=protected, owner="police").sees(D.SOURCE)
    assert Sight(reader=SCREENER, owner="police").sees(D.SOURCE)


def test_a_coordinator_reads_how_to_reach_somebody_of_a_red_case_alone() -> None:
    assert not cut(SOMEBODY, Sight(reader=DESK)).person.contacts
    assert not cut(SOMEBODY, Sight(reader=replace(DESK, rating=Rating.AMBER))).person.contacts
    assert cut(SOMEBODY, Sight(reader=replace(DESK, rating=Rating.RED))).person.contacts


def test_a_row_of_the_hub_withholds_and_says_that_something_is_there() -> None:
    row = Withhold(role=Role.SCREENING_OFFICER, data=(D.NARRATIVE,), ratings=(Rating.GREEN,), because="not at green")
    green = Sight(reader=replace(SCREENER, rating=Rating.GREEN), policy=Policy(withholds=(row,)))
    assert green.of(D.NARRATIVE).withhold == row
    assert green.of(D.NARRATIVE).kept_back
    assert replace(green, reader=replace(SCREENER, rating=Rating.RED)).sees(D.NARRATIVE)
    assert replace(green, policy=CORE).sees(D.NARRATIVE)


def test_every_row_is_explained_with_its_reason_and_every_mark_limits_something() -> None:
    words = explain()
    assert all(row.because in words[place] for place, row in enumerate(ROWS))
    assert set(TOUCHES) == set(M)
    assert len({row.name for row in ROWS}) == len(ROWS)
