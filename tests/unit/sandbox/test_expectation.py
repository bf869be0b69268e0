from __future__ import annotations

import pytest

from sandbox.scenarios.expectation import Record


def test_a_story_has_held_when_all_of_it_held() -> None:
    record = Record(name="story")
    record.expect("one", held=True)
    record.expect("two", held={"something"})
    before = record.held
    record.expect("three", held=[])
    assert (before, record.held) == (True, False)
    assert record.json() == {
        "name": "story",
        "held": False,
        "expectations": [
            {"text": "one", "held": True},
            {"text": "two", "held": True},
            {"text": "three", "held": False},
        ],
    }


def test_a_story_of_which_nothing_was_checked_has_not_held() -> None:
    assert not Record(name="story").held


@pytest.mark.parametrize("empty", [None, "", 0, (), False])
def test_nothing_is_no_proof(empty: object) -> None:
    record = Record(name="story")
    record.expect("something", empty)
    assert not record.held


def test_a_viewer_sees_a_line_once() -> None:
    record = Record(name="story")
    record.saw("auditor", "one", "two")
    record.saw("auditor", "one")
    assert record.sights == {"auditor": ["one", "two"]}
