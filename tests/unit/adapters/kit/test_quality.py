"""Quality files: read strictly, and refused with the key that is wrong."""

from __future__ import annotations

import pytest

from adapters.kit.quality import RULES, Level, State, parse
from schemas.errors import Rejected

DONE = "".join(f'{rule.name} = "done"\n' for rule in RULES)
WHOLE = f'syntax = "json"\nsamples = "s"\npage = "README.md"\ntests = ["t.py"]\n[rules]\n{DONE}'


def test_a_whole_file_is_read() -> None:
    quality = parse(WHOLE)
    assert (quality.syntax, quality.samples, quality.tests) == ("json", "s", ("t.py",))
    assert quality.level() is Level.GOLD


def test_an_exemption_counts_as_done_and_keeps_its_reason() -> None:
    quality = parse(WHOLE.replace('peers = "done"', 'peers = "exempt: nobody sends it yet"'))
    assert quality.level() is Level.GOLD
    assert (quality.claims["peers"].state, quality.claims["peers"].reason) == (State.EXEMPT, "nobody sends it yet")


@pytest.mark.parametrize(
    "rule,level",
    [("golden", None), ("handling", Level.BRONZE), ("peers", Level.SILVER)],
)
def test_what_is_to_do_holds_its_level_back(rule: str, level: Level | None) -> None:
    assert parse(WHOLE.replace(f'{rule} = "done"', f'{rule} = "todo: do it"')).level() is level


@pytest.mark.parametrize(
    "before,after,code,at",
    [
        ('"json"', '"yaml"', "quality.syntax", "syntax"),
        ('"json"', "1", "quality.text", "syntax"),
        ("samples", "sample", "quality.key", "sample"),
        ('["t.py"]', '"t.py"', "quality.tests", "tests"),
        ('peers = "done"', 'peers = "nearly"', "quality.claim", "rules.peers"),
        ('peers = "done"', 'peers = "exempt"', "quality.claim", "rules.peers"),
        ('peers = "done"', "", "quality.rule", "rules.peers"),
        ('peers = "done"', 'peers = "done"\nnew = "done"', "quality.rule", "rules.new"),
        ("[rules]", "[rules", "quality.toml", ""),
    ],
)
def test_what_the_scale_does_not_know_is_refused_with_its_place(before: str, after: str, code: str, at: str) -> None:
    with pytest.raises(Rejected) as refused:
        parse(WHOLE.replace(before, after, 1))
    assert (refused.value.code, refused.value.at) == (code, at)
