from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from adapters.natives import ABSENT, Native
from adapters.xml import parse
from adapters.xml_node import Node, Tree

PIECES = st.sampled_from(["", " ", "one", " two ", "\n"])


def test_every_value_is_walked_with_its_own_pointer() -> None:
    document = parse(
        b'<a xmlns:n="urn:n" k="v" n:k="w">head<b>1</b>tail<b>2<c>3</c></b> <d/></a>',
        code="x",
    )
    assert document.root.values() == [
        ("/a/@k", "v"),
        ("/a/@*:k", "w"),
        ("/a", "head"),
        ("/a/text()[2]", "tail"),
        ("/a/b[1]", "1"),
        ("/a/b[2]", "2"),
        ("/a/b[2]/c", "3"),
    ]
    assert document.root.all("b")[1].values() == [("/a/b[2]", "2"), ("/a/b[2]/c", "3")]


def test_names_are_found_whatever_their_case_and_namespace() -> None:
    root = parse(b'<a xmlns="urn:n"><Home><PostCode>ZZ99 3VZ</PostCode></Home></a>', code="x").root
    assert root.value("nothing", "home/postcode") == Native("ZZ99 3VZ", "/a/Home/PostCode")
    assert root.first("home/nothing") is None
    assert root.value("home/nothing") is ABSENT
    assert root.namespace == "urn:n"


def test_the_first_value_is_of_the_first_element_with_text_or_children() -> None:
    root = parse(b"<a><b/><b> </b><b>1</b><b>2</b><c><d/></c><c>3</c></a>", code="x").root
    assert root.value("b") == Native("1", "/a/b[3]")
    assert root.value("c") == Native("", "/a/c[1]")
    assert [each.text for each in root.each("c", "b")] == ["", "3", "", "", "1", "2"]


def test_an_attribute_is_read_by_its_own_name_alone() -> None:
    root = parse(b'<a xmlns:n="urn:n" n:k="other" k=" v " K="upper"/>', code="x").root
    assert root.attribute("k") == Native("v", "/a/@k")
    assert root.attribute("z") is ABSENT


@pytest.mark.parametrize(
    "inner, speaks",
    [
        ("", False),
        (" \n ", False),
        ("<b/>", False),
        ("<b> </b>", False),
        ("x", True),
        ("<b>x</b>", True),
        ("<b c=''/>", True),
        ("<b/>x", True),
        ("<b><c/>x</b>", True),
    ],
)
def test_an_element_speaks_where_anything_in_it_does(inner: str, speaks: bool) -> None:
    root = parse(f"<r k='v'>before<a>{inner}</a>after</r>".encode(), code="x").root
    assert root.all("a")[0].speaks() is speaks


@given(st.recursive(st.tuples(PIECES, PIECES, st.just([])), lambda inner: st.tuples(PIECES, PIECES, st.lists(inner))))
def test_no_value_is_missed_or_met_twice(tree: tuple[str, str, list[object]]) -> None:
    root = _element(tree)
    assert Node(Tree(root)).values() == list(_walk(root, "/a"))


def _element(tree: object) -> etree._Element:
    assert isinstance(tree, tuple)
    element = etree.Element("a")
    element.text, element.tail = tree[0], tree[1]
    element.extend([_element(inner) for inner in tree[2]])
    return element


def _walk(element: etree._Element, pointer: str) -> Iterator[tuple[str, str]]:
    if (element.text or "").strip():
        yield pointer, (element.text or "").strip()
    for place, inner in enumerate(element, start=2):
        if (inner.tail or "").strip():
            yield f"{pointer}/text()[{place}]", (inner.tail or "").strip()
    for place, inner in enumerate(element, start=1):
        yield from _walk(inner, f"{pointer}/a[{place}]" if len(element) > 1 else f"{pointer}/a")
