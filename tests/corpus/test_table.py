"""Every public sample has one route; no traceback, 95 in a hundred accepted, nothing lost of any, the page in step."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapters import registry
from adapters.kit import missing
from adapters.port import FeedContext
from tests.conformance.walks import WALKS
from tests.corpus.routing import CORPUS, AmbiguousError, Route, load, route
from tests.corpus.table import PAGE, Fate, Outcome, accepted_share, outcomes, page

FOUND = list(outcomes()) if CORPUS.is_dir() else []
ACCEPTED = [one for one in FOUND if one.fate is Fate.ACCEPTED]
FOLDERS = sorted({one.folder for one in FOUND})
pytestmark = pytest.mark.corpus
with_corpus = pytest.mark.skipif(not FOUND, reason="the corpus of public samples is not beside this checkout")


@with_corpus
def test_every_file_has_a_route() -> None:
    assert not [one.name for one in FOUND if one.fate in (Fate.UNROUTED, Fate.WAITING)]


@with_corpus
def test_no_file_ends_in_a_traceback() -> None:
    assert not [(one.name, one.code) for one in FOUND if one.fate is Fate.TRACEBACK]


@with_corpus
def test_a_person_agrees_with_every_refusal() -> None:
    assert not [(one.name, one.code) for one in FOUND if one.fate is Fate.REFUSED and not one.agreed]


@with_corpus
def test_no_route_says_refused_or_pending_of_what_is_accepted() -> None:
    assert not [one.name for one in ACCEPTED if not one.agreed], "take refused or pending out of these files' routes"


@with_corpus
@pytest.mark.parametrize("folder", FOLDERS)
def test_of_a_hundred_well_formed_messages_ninety_five_are_accepted(folder: str) -> None:
    found = [one for one in FOUND if one.folder == folder]
    share = accepted_share(found)
    assert share is None or share >= 0.95 or any(one.fate is Fate.WAITING for one in found)


@with_corpus
@pytest.mark.parametrize("one", ACCEPTED, ids=lambda one: one.name)
def test_no_value_of_an_accepted_file_is_lost(one: Outcome) -> None:
    assert one.route is not None
    payload = (CORPUS / one.name).read_bytes()
    context = FeedContext(feed="corpus", agency="", options=one.route.options)
    reading = registry.get(one.route.adapter).read(payload, context)
    assert not list(missing(reading, payload, walk=WALKS.get(one.route.adapter)))


@with_corpus
def test_the_page_is_in_step() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(FOUND), "run make corpus-table"


def test_the_glob_with_the_most_letters_counts() -> None:
    routes = (Route(glob="a/*", adapter="x"), Route(glob="a/*.json", no_message="a schema"))
    chosen = route(routes, "a/b.json")
    assert chosen is not None
    assert chosen.no_message
    assert route(routes, "b/b.json") is None


def test_two_globs_of_one_length_must_say_the_same() -> None:
    same = (Route(glob="a/*b", adapter="x"), Route(glob="a/b*", adapter="x"))
    assert route(same, "a/bb") is not None
    with pytest.raises(AmbiguousError):
        route((same[0], Route(glob="a/b*", adapter="y")), "a/bb")


@pytest.mark.parametrize(
    "row",
    ['glob = "a"', 'glob = "a"\nadapter = "x"\nno_message = "y"', 'glob = "a"\nadapter = "x"\nrefuse = "y"'],
)
def test_a_row_that_no_route_can_be_is_refused(row: str, tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text(f"[[route]]\n{row}\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"adapter or no_message|no route has this"):
        load(tmp_path)


def test_a_refusal_that_nobody_agreed_to_is_told(tmp_path: Path) -> None:
    (tmp_path / "schools").mkdir()
    (tmp_path / "schools" / "new.csv").write_bytes(b"no header here")
    (tmp_path / "strange").mkdir()
    (tmp_path / "strange" / "file").write_bytes(b"?")
    refused, without = outcomes(tmp_path)
    assert (refused.fate, refused.code, refused.agreed) == (Fate.REFUSED, "schools.csv.header", False)
    assert (without.fate, without.agreed) == (Fate.UNROUTED, False)
    assert "nobody has agreed to it" in page([refused, without])
