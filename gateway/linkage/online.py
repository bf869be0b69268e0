"""The hub's own linkage, one person after the other, over an index in memory that stands in for the store's."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from routing import linkage_blocks
from routing.linkage_blocks import LARGEST_BLOCK, Block, blocks
from routing.linkage_matching import Match, Verdict, match
from routing.linkage_model import Model
from routing.linkage_traits import Traits


@dataclass(kw_only=True)
class Online:
    """Whom it knows, by id, and by what they are found."""

    model: Model
    _known: dict[str, Traits] = field(default_factory=dict)
    _blocks: dict[Block, list[str]] = field(default_factory=lambda: defaultdict(list))
    _numbers: dict[tuple[str, str], list[str]] = field(default_factory=lambda: defaultdict(list))

    def learn(self, people: Iterable[tuple[str, Traits]]) -> None:
        """Know these people (id, traits) from now on."""
        for name, one in people:
            self._known[name] = one
            for block in blocks(one):
                self._blocks[block].append(name)
            for number in one.numbers:
                self._numbers[number].append(name)

    def decide(self, one: Traits) -> Match:
        """Who it is among those who are known: those with a number of theirs first, then those of its blocks."""
        numbered = dict.fromkeys(name for number in one.numbers for name in self._numbers.get(number, ()))
        if numbered:
            found = match(one, [(name, self._known[name]) for name in numbered], self.model)
            if found.verdict is not Verdict.NOT:
                return found
        blocked = {block: self._blocks.get(block, [])[: LARGEST_BLOCK + 1] for block in blocks(one)}
        return match(one, [(name, self._known[name]) for name in linkage_blocks.chosen(blocked)], self.model)
