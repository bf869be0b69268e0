from __future__ import annotations

import tomllib
from typing import Any

import pytest

from routing.components import COMPONENTS, FORBIDDEN, Forbidden, Forbids, check
from schemas.errors import Refused

TAKES_AWAY: dict[Forbids, list[object]] = {
    Forbids.ANY: [1, "x", False],
    Forbids.NOT_FALSE: [True, "false", 0, "yes"],
    Forbids.NOT_TRUE: [False, "true", 1, "off"],
    Forbids.NOT_MANAGER: ["coordinator", "software", True, ["social_work_manager", "analyst"]],
    Forbids.OVER_TEN: [11, 10**9, float("inf")],
    Forbids.OVER_FIFTY: [51, 10**9],
    Forbids.UNDER_THREE: [2, 0],
}
LEAVES: dict[Forbids, list[object]] = {
    Forbids.NOT_FALSE: [False],
    Forbids.NOT_TRUE: [True],
    Forbids.NOT_MANAGER: ["social_work_manager"],
    Forbids.OVER_TEN: [2, 3, 10],
    Forbids.OVER_FIFTY: [5, 50],
    Forbids.UNDER_THREE: [3, 12],
}


def nested(setting: str, value: object) -> dict[str, Any]:
    tree: object = value
    for name in reversed(setting.split(".")):
        tree = {name: tree}
    assert isinstance(tree, dict)
    return tree


def test_there_are_five_and_each_has_a_guarantee() -> None:
    assert [component.number for component in COMPONENTS] == [1, 2, 3, 4, 5]
    assert all(component.title and component.guarantee for component in COMPONENTS)
    assert {row.component for row in FORBIDDEN} == {1, 2, 3, 4, 5}


@pytest.mark.parametrize("row", FORBIDDEN, ids=lambda row: row.setting)
def test_a_file_that_takes_a_component_away_is_refused_with_its_number(row: Forbidden) -> None:
    for value in TAKES_AWAY[row.forbids]:
        with pytest.raises(Refused) as caught:
            check(nested(row.setting, value))
        assert caught.value.code == f"component.{row.component}"
        assert f"core component {row.component}" in caught.value.detail
        assert caught.value.at == row.setting


@pytest.mark.parametrize("row", FORBIDDEN, ids=lambda row: row.setting)
def test_a_file_that_confirms_a_component_passes(row: Forbidden) -> None:
    for value in LEAVES.get(row.forbids, []):
        check(nested(row.setting, value))


@pytest.mark.parametrize(
    "text, number",
    [
        ('[[feeds]]\nname = "a"\n[[feeds]]\nname = "b"\nbypass_hub = true', 1),
        ('[[feeds]]\nname = "a"\n[feeds.options]\nBypass-Hub = true', 1),
        ('[[agencies]]\nid = "a"\nauto_disclose = true', 2),
        ("[agencies.police.sharing]\nauto_disclose = true", 2),
        ("audit = false", 3),
        ('[[ratings]]\nrating = "red"\nrated_by = "software"', 4),
        ("[repeats]\nenabled = false", 5),
        ("[repeats]\ncount = 1000000", 5),
        ("[repeats]\ngreens = 1000000", 5),
    ],
)
def test_it_is_found_wherever_in_its_section_it_hides(text: str, number: int) -> None:
    with pytest.raises(Refused) as caught:
        check(tomllib.loads(text))
    assert caught.value.code == f"component.{number}"


def test_an_ordinary_file_passes() -> None:
    check(
        tomllib.loads(
            """
            [hub]
            id = "borough"
            [[ratings]]
            rating = "red"
            hours = 4
            [repeats]
            count = 3
            [[feeds]]
            name = "police-ppn"
            [feeds.options]
            charset = "utf-8"
            """
        )
    )


def test_a_refusal_shows_no_value_of_the_file() -> None:
    with pytest.raises(Refused) as caught:
        check({"ratings": {"rated_by": "somebody-in-particular"}})
    assert "somebody-in-particular" not in str(caught.value)
