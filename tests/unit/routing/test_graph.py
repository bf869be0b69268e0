from __future__ import annotations

from datetime import timedelta

from routing.graph import Edge, EdgeKind, Node, NodeKind, graph
from tests.unit.routing.builders import NOW
from tests.unit.routing.tracing import trace


def test_a_graph_holds_each_person_and_place_once_with_how_often_they_are_named() -> None:
    found = graph([trace("1", "a b", "mum", homes="flat", days=9), trace("2", "a", others="x", alleged="x")])
    assert found.nodes == (
        Node(id="a", kind=NodeKind.CHILD, concerns=2),
        Node(id="b", kind=NodeKind.CHILD, concerns=1),
        Node(id="flat", kind=NodeKind.PLACE, concerns=1),
        Node(id="mum", kind=NodeKind.ADULT, concerns=1),
        Node(id="x", kind=NodeKind.ADULT, concerns=1),
    )
    edges = {(one.first, one.second, one.kind) for one in found.edges}
    assert edges == {
        ("a", "b", EdgeKind.SIBLINGS),
        ("mum", "a", EdgeKind.LIVES_WITH),
        ("mum", "b", EdgeKind.LIVES_WITH),
        ("a", "flat", EdgeKind.AT),
        ("b", "flat", EdgeKind.AT),
        ("x", "a", EdgeKind.BESIDE),
        ("x", "a", EdgeKind.ALLEGED),
    }


def test_an_edge_says_how_often_and_from_when_to_when() -> None:
    (edge,) = graph([trace("1", "a", "mum", days=9), trace("2", "a", "mum", days=2)]).edges
    assert edge == Edge(
        first="mum",
        second="a",
        kind=EdgeKind.LIVES_WITH,
        concerns=2,
        since=NOW - timedelta(days=9),
        until=NOW - timedelta(days=2),
    )


def test_a_trace_read_twice_counts_once_and_a_young_parent_stays_a_child() -> None:
    seen = [trace("1", "a"), trace("1", "a"), trace("2", "baby", "a")]
    assert {one.id: (one.kind, one.concerns) for one in graph(seen).nodes} == {
        "a": (NodeKind.CHILD, 2),
        "baby": (NodeKind.CHILD, 1),
    }
