"""Weighed linkage: symmetric, explained to the bit, and never automatic where it may be two people."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing import linkage
from routing.linkage import Link
from routing.linkage_blocks import LARGEST_BLOCK, MOST_COMPARED, Block, blocks, chosen
from routing.linkage_levels import FIELDS
from routing.linkage_matching import Verdict, match, verdict, weigh
from routing.linkage_model import read, shipped
from routing.linkage_traits import Traits, traits
from schemas.errors import Rejected
from schemas.identifiers import IdentifierKind, Validity, identifier
from schemas.persons import Address, Name, Person, Sex

GIVEN = ("Alex", "Sam", "Samuel", "Hassan", "Hussain", "Mohammed", "Muhammad", "Katarzyna", "K", "Maja", "Grace", "")
FAMILY = ("Sample", "Sample-Testing", "Testing", "Khan", "Nowak", "Nowack", "Alex", "")
NUMBERS = ("9990000018", "9990000026", "9990000034", "9990000019", "")
POSTCODES = ("EN1 5AB", "EN1 5AC", "EN2 1ZZ", "")


def person(
    given: str = "Alex",
    family: str = "Sample",
    born: str | None = "2015-02-03",
    *,
    sex: Sex | None = Sex.FEMALE,
    postcode: str = "EN1 5AB",
    line: str = "4 Test Road",
    nhs: str = "",
    local: str = "",
    middle: str = "",
) -> Person:
    numbers = [identifier(IdentifierKind.NHS, nhs)] if nhs else []
    numbers += [identifier(IdentifierKind.LOCAL, local, issuer="somewhere")] if local else []
    return Person(
        ref="child-1",
        names=(Name(given=tuple(one for one in (given, middle) if one), family=family),),
        birth_date=born,
        sex=sex,
        identifiers=tuple(numbers),
        addresses=(Address(lines=(line,) if line else (), postcode=postcode),) if postcode or line else (),
    )


people = st.builds(
    person,
    st.sampled_from(GIVEN),
    st.sampled_from(FAMILY),
    st.one_of(st.none(), st.dates(date(2010, 1, 1), date(2012, 12, 31)).map(date.isoformat), st.just("2011-04")),
    sex=st.sampled_from((None, Sex.MALE, Sex.FEMALE)),
    postcode=st.sampled_from(POSTCODES),
    line=st.sampled_from(("4 Test Road", "5 Test Road", "")),
    nhs=st.sampled_from(NUMBERS),
    local=st.sampled_from(("12345678", "12345679", "")),
    middle=st.sampled_from(GIVEN),
)


def alike(one: Person, other: Person) -> Verdict:
    return match(traits(one), [("per_1", traits(other))], shipped()).verdict


@given(people, people)
def test_two_people_compare_alike_both_ways_round(one: Person, other: Person) -> None:
    ours, theirs = traits(one), traits(other)
    assert weigh(ours, theirs, shipped()) == weigh(theirs, ours, shipped())


@given(people, people)
def test_the_reasons_add_up_to_the_weight(one: Person, other: Person) -> None:
    found = weigh(traits(one), traits(other), shipped())
    assert sum(reason.weight for reason in found.reasons) + found.prior == pytest.approx(found.total)
    assert [reason.field for reason in found.reasons] == [field.name for field in FIELDS]
    assert all(reason.because for reason in found.reasons)


@given(people, st.sampled_from(GIVEN[:-1]))
def test_twins_are_never_linked_by_themselves(one: Person, name: str) -> None:
    ours = traits(one)
    twin = one.model_copy(update={"names": (Name(given=(name,), family=one.names[0].family),), "identifiers": ()})
    level = next(field for field in FIELDS if field.name == "given").compare(ours, traits(twin))
    if level in {"different", "similar", "another", "crossed"}:
        assert alike(one, twin) is not Verdict.LINK


@given(people, people)
def test_two_valid_numbers_are_never_linked_by_themselves(one: Person, other: Person) -> None:
    ours, theirs = (dict(traits(each).numbers) for each in (one, other))
    if ours and theirs and ours != theirs:
        assert alike(one, other) is not Verdict.LINK


@given(people)
def test_whoever_is_described_alike_shares_every_block(one: Person) -> None:
    other = one.model_copy(update={"ref": "child-9"})
    assert blocks(traits(one)) == blocks(traits(other))


@pytest.mark.parametrize(
    "said, level",
    [
        (person("Samuel"), "same"),
        (person("Sam"), "nickname"),
        (person("Samuwl"), "close"),
        (person("Sample", "Samuel"), "swapped"),
        (person("S"), "initial"),
        (person("Samwise"), "similar"),
        (person("Sample", "Testing"), "crossed"),
        (person("Nobody"), "different"),
        (person("", "Sample"), "unknown"),
    ],
)
def test_given_names_come_to_a_level(said: Person, level: str) -> None:
    assert FIELDS[0].compare(traits(person("Samuel")), traits(said)) == level


@pytest.mark.parametrize(
    "one, other, level",
    [
        ("Mohammed", "Muhammad", "nickname"),  # the table knows them
        ("Zainab", "Zeinab", "variant"),
        ("Frederica", "Fretedica", "two_slips"),
        ("Konstantin", "Kony", "short"),
        ("Hassan", "Hussain", "similar"),  # as twins are called
        ("Олена", "Olena", "same"),
    ],
)
def test_spellings_of_one_name_come_near(one: str, other: str, level: str) -> None:
    assert FIELDS[0].compare(traits(person(one)), traits(person(other))) == level


@pytest.mark.parametrize(
    "family, level",
    [("Sample", "same"), ("Samples", "close"), ("Sample-Khan", "part"), ("Khan Sample", "part"), ("Khan", "different")],
)
def test_family_names_come_to_a_level(family: str, level: str) -> None:
    assert FIELDS[1].compare(traits(person()), traits(person(family=family))) == level


@pytest.mark.parametrize(
    "born, level",
    [
        ("2015-02-03", "same"),
        ("2015-03-02", "swapped"),
        ("2015-02-08", "one_off"),
        ("2015-02-19", "same_month"),
        ("2015-11-29", "same_year"),
        ("2015", "same_year"),
        ("2015-02", "same_month"),
        ("1985-02-03", "generation"),
        (None, "unknown"),
    ],
)
def test_birth_dates_come_to_a_level(born: str | None, level: str) -> None:
    assert FIELDS[2].compare(traits(person()), traits(person(born=born))) == level


@pytest.mark.parametrize(
    "line, postcode, level",
    [
        ("4 Test Rd", "en15ab", "same"),
        ("9 Test Road", "EN1 5AB", "same_postcode"),
        ("4 Test Road", "EN9 9ZZ", "same_door"),
        ("9 Test Road", "EN9 9ZZ", "same_street"),
        ("9 Other Road", "EN1 5AC", "near_postcode"),
        ("9 Other Road", "EN1 5ZZ", "same_sector"),
        ("9 Other Road", "EN1 9ZZ", "same_district"),
        ("9 Other Road", "EN9 9ZZ", "elsewhere"),
        ("", "", "unknown"),
    ],
)
def test_addresses_come_to_a_level(line: str, postcode: str, level: str) -> None:
    found = FIELDS[4].compare(traits(person()), traits(person(line=line, postcode=postcode)))
    assert found == level


@pytest.mark.parametrize(
    "other, expected",
    [
        (person(), Verdict.LINK),
        (person("Alec", born="2015-03-02"), Verdict.LINK),
        (person("Sample", "Alex"), Verdict.LINK),
        (person("Maja"), Verdict.LOOK),  # a twin, or a second name: a person looks
        (person(born=None), Verdict.LOOK),
        (person(born="1985-02-03"), Verdict.NOT),  # a parent of the same name
        (person("Maja", "Nowak", "2011-12-29", postcode="", line=""), Verdict.NOT),
    ],
)
def test_what_becomes_of_a_comparison(other: Person, expected: Verdict) -> None:
    assert alike(person(), other) is expected


def test_two_who_are_as_near_go_to_a_person() -> None:
    known = [("per_1", traits(person())), ("per_2", traits(person()))]
    found = match(traits(person()), known, shipped())
    assert found.verdict is Verdict.LOOK
    assert [one.person_id for one in found.found] == ["per_1", "per_2"]


def test_a_name_that_many_bear_says_less() -> None:
    common, rare = (
        weigh(traits(one), traits(one), shipped()) for one in (person("Olivia", "Smith"), person("Zz", "Qqq"))
    )
    assert common.total < rare.total


def test_a_doubt_names_everybody_and_why() -> None:
    link = linkage.link_weighed(match(traits(person("Maja")), [("per_1", traits(person()))], shipped()))
    assert link.person_id is None
    (doubt,) = link.conflicts
    assert doubt.person_id == "per_1"
    assert "they may be twins" in doubt.because


def test_two_of_one_notification_are_never_one_by_their_weights() -> None:
    links = {
        "child-1": Link(person_id="per_1", because="", weighed=True, weight=20.0),
        "child-2": Link(person_id="per_1", because="", weighed=True, weight=9.0),
        "adult-1": Link(person_id="per_2", because="", weighed=True, weight=9.0),
        "adult-2": Link(person_id="per_2", because="a number"),
    }
    found = linkage.apart(links)
    assert {ref: one.person_id for ref, one in found.items()} == {
        "child-1": "per_1",
        "child-2": None,
        "adult-1": None,
        "adult-2": "per_2",
    }
    assert [doubt.person_id for doubt in found["child-2"].conflicts] == ["per_1"]


def test_an_oversize_block_is_passed_over_for_its_finer_one() -> None:
    coarse, finer = Block(row="born", value="a"), Block(row="born", value="b", finer=True)
    crowd = [f"per_{number}" for number in range(LARGEST_BLOCK + 1)]
    assert chosen({coarse: crowd}) == ()
    assert chosen({coarse: crowd, finer: crowd[:2]}) == ("per_0", "per_1")


def test_no_more_are_compared_than_the_bound_and_the_likeliest_first() -> None:
    found = {
        Block(row=f"pass {number}", value="a"): [
            "per_x",
            *(f"per_{number}_{each}" for each in range(LARGEST_BLOCK - 1)),
        ]
        for number in range(3)
    }
    people = chosen(found)
    assert len(people) == MOST_COMPARED
    assert people[0] == "per_x"


def test_an_unborn_child_is_in_no_block() -> None:
    assert blocks(traits(Person(ref="child-1", unborn=True, names=(Name(family="Sample"),)))) == ()


def test_a_number_whose_check_failed_is_doubtful() -> None:
    found = traits(person(nhs="9990000019"))
    assert (found.numbers, found.doubtful) == (frozenset(), frozenset({("nhs_number", "9990000019")}))
    assert identifier(IdentifierKind.NHS, "9990000019").validity is Validity.CHECK_FAILED


def test_nothing_known_is_nobody() -> None:
    assert match(Traits(), [("per_1", traits(person()))], shipped()).verdict is Verdict.NOT


@pytest.mark.parametrize("broken", ["", "version = 1", "[decide]\nprior = 1"])
def test_a_file_of_weights_that_is_not_whole_is_refused(broken: str) -> None:
    with pytest.raises(Rejected, match=r"linkage\.weights"):
        read(broken)


def test_verdict_follows_the_thresholds() -> None:
    found = weigh(traits(person()), traits(person()), shipped())
    assert verdict(found, shipped()) is Verdict.LINK
