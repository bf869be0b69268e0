from __future__ import annotations

import io

from rich.console import Console

from sandbox.demo import Outcome
from sandbox.scenarios.expectation import Expectation, Record
from sandbox.views import Progress, show


def told(*, held: bool, verified: bool = True) -> Outcome:
    record = Record(name="a story")
    record.expect("a sentence", held)
    record.saw("Auditor", "3 events", "[bold]words in brackets")
    record.saw("Police lead", "requests to itself")
    traffic = Record(name="everyday traffic")
    traffic.expect("arrived", held=True)
    return Outcome(
        records=(record,), traffic=traffic, log_entries=7, log_verified=verified, database="sqlite", broker="mailbox",
        conformance=[{"number": 1, "title": "One route in", "holds": True, "claims": [{"text": "x", "seen": 5}]}],
        seconds=1.5,
    )  # fmt: skip


def test_a_run_has_held_when_every_story_and_the_log_have() -> None:
    assert told(held=True).held
    assert not told(held=False).held
    assert not told(held=True, verified=False).held


def test_the_result_for_programs_is_as_the_interface_says() -> None:
    result = told(held=True).json()
    assert result["scenarios"] == [
        {"name": "a story", "held": True, "expectations": [{"text": "a sentence", "held": True}]}
    ]
    assert result["log"] == {"entries": 7, "verified": True}
    assert (result["database"], result["broker"], result["seconds"]) == ("sqlite", "mailbox", 1.5)


def test_views_stand_side_by_side_and_text_is_shown_as_it_is() -> None:
    out = io.StringIO()
    show(Console(file=out, width=80), told(held=True))
    lines = out.getvalue().splitlines()
    assert any("Auditor" in line and "Police lead" in line for line in lines)
    assert "[bold]words in brackets" in out.getvalue()
    assert "7 entries, verified" in out.getvalue()
    assert "5 pieces of evidence" in out.getvalue()


def test_a_step_of_which_something_failed_says_what() -> None:
    out = io.StringIO()
    with Progress(Console(file=out, width=80)) as progress:
        progress.step("a story", "something happens")
        progress.expectation("a story", Expectation(text="it holds", held=True))
        progress.expectation("a story", Expectation(text="this fails", held=False))
    assert "something happens  1 of 2 held" in out.getvalue()
    assert "this fails" in out.getvalue()
    assert "it holds" not in out.getvalue()
