"""The two examples: each a whole hub, and no point that a borough may set is the same in both."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from click.testing import CliRunner
from pydantic import BaseModel

from gateway import settings
from gateway.cli.init import init
from gateway.configuration import reading
from gateway.first_day import examples
from routing.components import COMPONENTS, FORBIDDEN
from schemas.errors import Refused
from schemas.hub import Hub

Point = tuple[str, ...]
SAME: dict[Point, str] = {("hub", "timezone"): "two London boroughs go by one clock"}
"""What two London boroughs can't differ in, each with its reason."""


def points(model: type[BaseModel], path: Point = ()) -> Iterator[Point]:
    """Every point that the schema lets a file set; a list of tables is one table here."""
    for name, field in model.model_fields.items():
        inner = section(field.annotation)
        if inner is None:
            yield (*path, name)
        else:
            yield from points(inner, (*path, name))


def section(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401 - whatever a field may be annotated with
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for one in get_args(annotation) if (found := section(one)) is not None), None)


def held(value: object, path: Point) -> list[object]:
    """What a hub holds at a point, in each of its tables; nothing where a table is left out."""
    if isinstance(value, tuple) and path:
        return [one for each in value for one in held(each, path)]
    if not path:
        return [value]
    return [] if value is None else held(getattr(value, path[0]), path[1:])


def hub(name: str) -> Hub:
    made = reading.check_installed(examples.fill_in(name).text.encode(), name)
    assert isinstance(made, Hub), [one.line for one in made]
    return made


INNER, OUTER = (hub(name) for name in examples.NAMES)
POINTS = sorted(points(Hub))


def test_every_point_of_the_schema_is_looked_at() -> None:
    assert len(POINTS) > 100
    assert {path[0] for path in POINTS} == set(Hub.model_fields)
    assert set(SAME) <= set(POINTS)


@pytest.mark.parametrize("path", POINTS, ids=".".join)
def test_the_two_differ_in_every_point(path: Point) -> None:
    inner, outer = held(INNER, path), held(OUTER, path)
    assert (inner == outer) is (path in SAME), f"both hold {inner}"


@pytest.mark.parametrize("name", examples.NAMES)
def test_an_example_is_laid_out_whole_and_can_be_loaded(name: str, tmp_path: Path) -> None:
    done = CliRunner().invoke(init, [str(tmp_path / "hub"), "--example", name, "--broker", "amqps://broker:5671/mash"])
    assert done.exit_code == 0, done.output
    loaded = settings.load(tmp_path / "hub" / "hub.toml", {})
    made = loaded.hub
    for listener in filter(None, (made.http, made.mllp)):
        for file in filter(None, (listener.certificate, listener.private_key, listener.client_ca)):
            assert (loaded.directory / file).is_file()
    officers = tmp_path / "hub" / "secrets" / "officers"
    posts = {one.id for one in made.trust.officers} if made.trust else set()
    assert {path.stem for path in officers.glob("*.pem")} == posts
    assert all(path.stat().st_mode & 0o077 == 0 for path in officers.glob("*.pem"))


def test_an_examples_officers_sign_with_the_keys_that_lie_beside_it() -> None:
    made = examples.fill_in("inner-london")
    named = {one["id"]: one["key"] for one in tomllib.loads(made.text)["trust"]["officers"]}
    assert {post: key.public().jwk() for post, key in made.officers.items()} == named
    again = examples.fill_in("inner-london")
    assert again.officers["designated-doctor"].kid == made.officers["designated-doctor"].kid
    assert again.text != made.text, "keys of its own each time"


def test_an_example_has_addresses_of_its_own(tmp_path: Path) -> None:
    done = CliRunner().invoke(init, [str(tmp_path / "hub"), "--example", "inner-london", "--listen", "10.0.0.1"])
    assert done.exit_code == 1
    assert "init.example" in str(done.exception)
    assert not (tmp_path / "hub").exists()


@pytest.mark.parametrize("name", examples.NAMES)
@pytest.mark.parametrize("number", [one.number for one in COMPONENTS])
def test_no_line_added_to_an_example_takes_a_component_away(name: str, number: int) -> None:
    text = examples.fill_in(name).text
    tried = 0
    for row in (one for one in FORBIDDEN if one.component == number):
        first, _, last = row.setting.partition(".")
        # Each in front of all else, and as a table of its own where the file has none of that name.
        if not last or f"[{first}]" in text or f"[[{first}]]" in text:
            continue
        with pytest.raises(Refused) as refused:
            reading.parse(f"{text}\n[{first}]\n{last} = 'never'\n".encode(), name)
        assert refused.value.code == f"component.{number}"
        tried += 1
    existing = {1: "[hub]\nfront_door = false\n", 5: "[repeats]\nenabled = false\n"}.get(number)
    if existing is not None:
        head, _, key = existing.partition("\n")
        with pytest.raises(Refused) as refused:
            reading.parse(text.replace(f"{head}\n", f"{head}\n{key}", 1).encode(), name)
        assert refused.value.code == f"component.{number}"
        tried += 1
    assert tried
