"""The quality scale of an adapter as its file says it, beside what a program can see for itself."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from adapters.kit import CHECKS, Failed, Sample
from adapters.kit.checks import withstands_hostile_input
from adapters.kit.quality import RULES, Claim, Level, Quality, Rule, State
from gateway.adapter_kit import samples as sample_files
from gateway.adapter_kit.finding import Found

_ROUTES = "tests/corpus/routes"


@dataclass(frozen=True, kw_only=True)
class Line:
    """One rule: what the file claims, and what was seen: True, False, or None where only a person can tell."""

    rule: Rule
    claim: Claim
    seen: bool | None

    @property
    def contradicted(self) -> bool:
        """Whether the file says done where it is not."""
        return self.claim.state is State.DONE and self.seen is False


@dataclass(frozen=True, kw_only=True)
class _Subject:
    found: Found
    quality: Quality
    samples: Sequence[Sample]
    golden: Sequence[Mapping[str, object]]


def lines(found: Found, quality: Quality) -> Iterator[Line]:
    """Every rule in the order of the levels."""
    natives = sample_files.natives(found, quality)
    samples = sample_files.of(found, quality) if natives else []
    readings = [json.loads(sample.golden) for sample in samples if sample.golden]
    subject = _Subject(found=found, quality=quality, samples=samples, golden=readings)
    for rule in RULES:
        look = _LOOKS.get(rule.name)
        seen = look(subject) if look is not None and found.root is not None else None
        yield Line(rule=rule, claim=quality.claims[rule.name], seen=seen)


def draft(found: Found) -> str:
    """A first quality file: done where a program sees it, and to do for everything else.

    Paths are guessed after the layout of this project's own adapters.
    """
    name, module = found.adapter.name, found.module
    guess = Quality(
        syntax="",
        samples=f"tests/fixtures/{name}",
        page=f"docs/formats/{name.replace('.', '-')}.md",
        tests=(f"tests/unit/adapters/{module.parent.name}/test_{module.stem}.py",) if module is not None else (),
        claims={rule.name: Claim(state=State.TODO, reason="look") for rule in RULES},
    )
    said = {line.rule.name: "done" if line.seen else f"todo: {line.rule.asks}" for line in lines(found, guess)}
    listed = ", ".join(json.dumps(each) for each in guess.tests)
    rows = [f"{rule.name} = {json.dumps(said[rule.name])}" for rule in RULES]
    head = [f"samples = {json.dumps(guess.samples)}", f"page = {json.dumps(guess.page)}", f"tests = [{listed}]"]
    return "\n".join([*head, "", "[rules]", *rows]) + "\n"


def summary(found: Sequence[Line]) -> Mapping[State, int]:
    """How many rules there are of each state."""
    return {state: sum(line.claim.state is state for line in found) for state in State}


def level(found: Sequence[Line]) -> Level | None:
    """The level that the file claims, as far as nothing contradicts it."""
    reached = None
    for each in Level:
        rows = [line for line in found if line.rule.level is each]
        if any(line.claim.state is State.TODO or line.contradicted for line in rows):
            break
        reached = each
    return reached


def _conforms(subject: _Subject) -> bool:
    # Hostile input takes seconds a sample: `mash adapters check` has it.
    try:
        for sample in subject.samples:
            for check in CHECKS:
                if check is not withstands_hostile_input:
                    check(subject.found.adapter, sample)
    except Failed:
        return False
    return bool(subject.samples)


def _golden(subject: _Subject) -> bool:
    return bool(subject.samples) and all(sample.golden for sample in subject.samples)


def _page(subject: _Subject) -> bool:
    path = _within(subject, subject.quality.page)
    return (
        bool(subject.quality.page) and path.is_file() and subject.found.adapter.name in path.read_text(encoding="utf-8")
    )


def _tests(subject: _Subject) -> bool:
    paths = [_within(subject, each) for each in subject.quality.tests]
    return bool(paths) and all(path.is_file() for path in paths)


def _properties(subject: _Subject) -> bool:
    paths = [_within(subject, each) for each in subject.quality.tests]
    return any(path.is_file() and "@given(" in path.read_text(encoding="utf-8") for path in paths)


def _handling(subject: _Subject) -> bool:
    flags = ("restricted", "hidden_location", "source_protection")
    return any(
        handling.get(flag) for note in _notes(subject) for flag in flags if (handling := _table(note, "handling"))
    )


def _identifiers(subject: _Subject) -> bool:
    codes = [flag.get("code", "") for note in _notes(subject) for flag in _rows(note, "quality")]
    return any(str(code).startswith("identifier.") for code in codes)


def _kinds(subject: _Subject) -> bool:
    kinds = {note.get("kind") for note in _notes(subject)}
    return "concern" in kinds and len(kinds) > 1


def _corpus(subject: _Subject) -> bool | None:
    folder = _within(subject, _ROUTES)
    if not folder.is_dir():
        return None
    named = f'"{subject.found.adapter.name}"'
    return any(named in path.read_text(encoding="utf-8") for path in folder.glob("*.toml"))


def _within(subject: _Subject, path: str) -> Path:
    return (subject.found.root or Path()) / path


def _notes(subject: _Subject) -> Iterator[Mapping[str, object]]:
    for reading in subject.golden:
        for item in _rows(reading, "items"):
            yield _table(item, "notification")


def _rows(table: Mapping[str, object], key: str) -> list[Mapping[str, object]]:
    rows = table.get(key)
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def _table(table: Mapping[str, object], key: str) -> Mapping[str, object]:
    value = table.get(key)
    return value if isinstance(value, dict) else {}


_LOOKS: Mapping[str, Callable[[_Subject], bool | None]] = {
    "conformance": _conforms,
    "golden": _golden,
    "page": _page,
    "tests": _tests,
    "properties": _properties,
    "handling": _handling,
    "identifiers": _identifiers,
    "kinds": _kinds,
    "corpus": _corpus,
}
"""What a program can see. The rest is a person's word."""
