"""The graph around an alert: who was named with whom and where, as data for whoever draws it. Ids are the caller's."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from routing.traces import Trace


class NodeKind(StrEnum):
    """What a node is."""

    CHILD = "child"
    ADULT = "adult"
    PLACE = "place"


class EdgeKind(StrEnum):
    """How two nodes belong together, by what was told: ``beside`` is an adult who lives elsewhere."""

    SIBLINGS = "siblings"
    LIVES_WITH = "lives_with"
    BESIDE = "beside"
    ALLEGED = "alleged"
    AT = "at"


@dataclass(frozen=True, kw_only=True)
class Node:
    """A person or a place, and how many concerns name it."""

    id: str
    kind: NodeKind
    concerns: int


@dataclass(frozen=True, kw_only=True)
class Edge:
    """Two nodes that concerns name together: how many, and the first and last receipt (aware)."""

    first: str
    second: str
    kind: EdgeKind
    concerns: int
    since: datetime
    until: datetime


@dataclass(frozen=True, kw_only=True)
class Graph:
    """Nodes and edges, each once, in a fixed order."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]


def graph(seen: Iterable[Trace]) -> Graph:
    """The graph of these traces. Whoever is a child in one of them is a child."""
    traces = sorted({one.item_id: one for one in seen}.values(), key=lambda one: (one.at, one.item_id))
    kinds: dict[str, NodeKind] = {}
    named: dict[str, int] = {}
    held: dict[tuple[str, str, EdgeKind], list[datetime]] = {}
    for one in traces:
        for kind, ids in ((NodeKind.PLACE, one.places), (NodeKind.ADULT, one.adults), (NodeKind.CHILD, one.children)):
            for each in ids:
                kinds[each] = kind if kinds.get(each) is not NodeKind.CHILD else NodeKind.CHILD
                named[each] = named.get(each, 0) + 1
        for pair in _pairs(one):
            held.setdefault(pair, []).append(one.at)
    return Graph(
        nodes=tuple(Node(id=each, kind=kinds[each], concerns=named[each]) for each in sorted(kinds)),
        edges=tuple(
            Edge(first=first, second=second, kind=kind, concerns=len(at), since=at[0], until=at[-1])
            for (first, second, kind), at in sorted(held.items())
        ),
    )


def _pairs(trace: Trace) -> list[tuple[str, str, EdgeKind]]:
    children: Sequence[str] = sorted(trace.children)
    found = [(one, other, EdgeKind.SIBLINGS) for place, one in enumerate(children) for other in children[place + 1 :]]
    for child in children:
        found += [(adult, child, EdgeKind.LIVES_WITH) for adult in trace.residents]
        found += [(adult, child, EdgeKind.BESIDE) for adult in trace.others]
        found += [(adult, child, EdgeKind.ALLEGED) for adult in trace.alleged]
        found += [(child, place, EdgeKind.AT) for place in trace.places]
    return found
