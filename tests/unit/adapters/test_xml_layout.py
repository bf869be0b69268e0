from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from adapters.xml_layout import Layout, Layouts, Shape

Tree = tuple[str, list["Tree"]]
TREES: st.SearchStrategy[Tree] = st.recursive(
    st.tuples(st.sampled_from("abAB"), st.just([])),
    lambda inner: st.tuples(st.sampled_from("abAB"), st.lists(inner, max_size=4)),
    max_leaves=20,
)


def test_a_position_stands_only_where_siblings_share_a_name() -> None:
    layout = Layout((("{urn:n}a", "b", "{urn:n}c", "c", "c", "é"), (4, 0, 1, 0, 0, 0)))
    assert layout.pointers == ["/a", "/a/b", "/a/c[1]", "/a/c[1]/c", "/a/c[2]", "/a/_"]


def test_paths_are_sought_in_their_own_order_and_in_any_case() -> None:
    layout = Layout((("a", "B", "c", "b", "C"), (2, 1, 0, 1, 0)))
    assert layout.seek(0, ("b/c", "b", "nothing")) == (2, 4, 1, 3)
    assert layout.seek(3, ("c",)) == (4,)


@given(TREES)
def test_a_layout_says_what_a_plain_walk_says(tree: Tree) -> None:
    root = _element(tree)
    elements = list(root.iter())
    layout = Layout(_shape(root))
    assert layout.pointers == [_pointer(element) for element in elements]
    for number, element in enumerate(elements):
        assert [elements[inner] for inner in layout.inside[number]] == list(element)
        assert elements[number : layout.end[number]] == list(element.iter())
        sought = [elements[inner] for inner in layout.seek(number, ("A/b",))]
        assert sought == [far for near in element if near.tag in "aA" for far in near if far.tag in "bB"]


def test_documents_of_one_shape_share_a_layout() -> None:
    layouts = Layouts(100_000)
    shape = (("a", "b"), (1, 0))
    assert layouts.of(shape) is layouts.of((tuple(shape[0]), tuple(shape[1])))


def test_what_is_kept_is_bounded_and_a_large_document_is_not_kept() -> None:
    layouts = Layouts(100_000)
    shapes: list[Shape] = [((f"a{number}", "b"), (1, 0)) for number in range(200)]
    for shape in shapes:
        layouts.of(shape)
    assert 0 < len(layouts._kept) < 130
    kept = layouts.of(shapes[-1])
    layouts.of((("a", *["b"] * 100), (100, *[0] * 100)))
    assert layouts.of(shapes[-1]) is kept
    assert all(len(tags) == 2 for tags, _ in layouts._kept)


def _element(tree: Tree) -> etree._Element:
    root = etree.Element(tree[0])
    root.extend([_element(inner) for inner in tree[1]])
    return root


def _shape(root: etree._Element) -> Shape:
    return tuple([str(element.tag) for element in root.iter()]), tuple([len(element) for element in root.iter()])


def _pointer(element: etree._Element) -> str:
    parent = element.getparent()
    if parent is None:
        return f"/{element.tag}"
    alike = [sibling for sibling in parent if sibling.tag == element.tag]
    position = f"[{alike.index(element) + 1}]" if len(alike) > 1 else ""
    return f"{_pointer(parent)}/{element.tag}{position}"
