from __future__ import annotations

import pytest
from pydantic import ValidationError

from schemas.disclosure import Audience, DisclosedGroup, DisclosedItem, ReleaseClaims
from schemas.vocabulary import DataCategory, Marking


def test_a_group_is_for_the_manager_alone_unless_its_owner_says_otherwise() -> None:
    made = DisclosedGroup(category=DataCategory.POLICE_INCIDENTS, items=(DisclosedItem(text="x"),))
    assert made.audiences == (Audience.SOCIAL_WORK_MANAGER,)
    assert made.marking is Marking.OFFICIAL_SENSITIVE
    assert not made.existence_sensitive


def test_a_group_holds_something() -> None:
    with pytest.raises(ValidationError):
        DisclosedGroup(category=DataCategory.POLICE_INCIDENTS, items=())


@pytest.mark.parametrize("text", ["", "   "])
def test_an_item_says_something(text: str) -> None:
    with pytest.raises(ValidationError):
        DisclosedItem(text=text)


def test_a_group_survives_json() -> None:
    made = DisclosedGroup(
        category=DataCategory.MATERNITY,
        items=(DisclosedItem(text="x", source="notes"),),
        audiences=(Audience.RECEIVING_TEAM, Audience.SOCIAL_WORK_MANAGER),
    )
    assert DisclosedGroup.model_validate_json(made.model_dump_json()) == made


@pytest.mark.parametrize("field", ["digests", "audiences"])
def test_a_release_names_groups_and_audiences(field: str) -> None:
    whole = {"iss": "a", "aud": "hub", "jti": "1", "iat": 1, "disclosure": "dis_1", "lead": "post"}
    whole |= {"digests": ("d",), "audiences": (Audience.RECEIVING_TEAM,)}
    ReleaseClaims.model_validate(whole)
    with pytest.raises(ValidationError):
        ReleaseClaims.model_validate(whole | {field: ()})
