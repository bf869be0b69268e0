from __future__ import annotations

import pytest

from schemas import errors

FAMILIES = [
    errors.Unauthenticated,
    errors.Untrusted,
    errors.Rejected,
    errors.Refused,
    errors.Unknown,
    errors.Conflict,
    errors.TooLarge,
    errors.Unavailable,
]


@pytest.mark.parametrize("family", FAMILIES)
def test_an_error_has_a_code_a_place_and_a_sentence(family: type[errors.MashError]) -> None:
    error = family("police.ppn.schema", "send what the schema names", at="/ppn/report")
    assert (error.code, error.at, error.detail) == ("police.ppn.schema", "/ppn/report", "send what the schema names")
    assert str(error) == "police.ppn.schema: /ppn/report: send what the schema names"


def test_an_error_with_a_code_alone_tells_the_code_alone() -> None:
    assert str(errors.Untrusted("seal")) == "seal"


def test_no_family_is_part_of_another_so_that_each_asks_for_one_reaction() -> None:
    for family in FAMILIES:
        assert family.__bases__ == (errors.MashError,)


def test_every_family_stands_in_this_list() -> None:
    assert set(errors.MashError.__subclasses__()) >= set(FAMILIES)
    assert {each for each in vars(errors).values() if isinstance(each, type)} == {errors.MashError, *FAMILIES}


def test_a_bug_is_no_error_of_ours() -> None:
    assert not issubclass(ValueError, errors.MashError)
