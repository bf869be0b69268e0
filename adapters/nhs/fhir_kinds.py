"""Whether a FHIR case is a concern, an update or context, and why: rows with reasons. Doubt means concern."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from adapters.kinds import Rule
from adapters.nhs import fhir_codes as codes
from adapters.nhs.fhir_signals import Label, Signal, is_over, narratives
from adapters.nhs.fhir_tree import Element
from adapters.nhs.hl7_codes import spoken
from schemas.vocabulary import ItemKind


class Facts:
    """What the rules look at, each fact looked up when a rule asks for it. Nothing is taken of the message."""

    def __init__(
        self, resources: Sequence[Element], signals: Sequence[Signal], labels: Sequence[Label], header: Element | None
    ) -> None:
        self._resources = resources
        self._signals = signals
        self._types = {resource.resource for resource in resources}
        self.hidden = any(label.personal for label in labels)
        self.answers = header is not None and header.first("response") is not None

    @property
    def planned(self) -> bool:
        """Whether a plan to protect a child, born or not, is in force."""
        return any(signal.plan.grave for signal in self._signals if signal.plan is not None and not signal.over)

    @property
    def coded(self) -> bool:
        """Whether a flag, a code or its words say that there is a safeguarding concern."""
        return any(signal.plan is None and not signal.over for signal in self._signals)

    @property
    def lifted(self) -> bool:
        """Whether a concern or a plan was there and has ended."""
        return any(signal.over for signal in self._signals)

    @property
    def plan(self) -> bool:
        """Whether there is a plan at all."""
        return any(signal.plan is not None for signal in self._signals)

    @cached_property
    def worded(self) -> bool:
        """Whether free text speaks of a concern. That of a resource which holds no longer is passed over."""
        over = {signal.resource.pointer for signal in self._signals if signal.over}
        return any(
            spoken(leaf.text)
            for resource in self._resources
            if resource.pointer not in over
            for leaf in narratives(resource)
        )

    @property
    def asks(self) -> bool:
        """Whether somebody asks the hub to act, or tells it something in words."""
        return any(each.resource in codes.ASKING and not is_over(each, None) for each in self._resources)

    @property
    def withdrawn(self) -> bool:
        """Whether whatever asked for something is withdrawn."""
        return bool(self._types & set(codes.ASKING)) and not self.asks

    def holds(self, types: Sequence[str]) -> bool:
        """Whether a resource of one of these types is there."""
        return bool(self._types & set(types))


RULES: tuple[Rule[Facts], ...] = (
    Rule(
        kind=ItemKind.CONCERN,
        when=lambda facts: facts.coded,
        because="a flag or a code says that there is a safeguarding concern",
    ),
    Rule(
        kind=ItemKind.CONCERN,
        when=lambda facts: facts.planned,
        because="a child, born or not, is subject to a protection plan that is in force",
    ),
    Rule(
        kind=ItemKind.CONCERN,
        when=lambda facts: facts.hidden,
        because="a record or a location is restricted, which is done to protect somebody",
    ),
    Rule(kind=ItemKind.CONCERN, when=lambda facts: facts.worded, because="its text speaks of safeguarding"),
    Rule(
        kind=ItemKind.CONTEXT,
        when=lambda facts: facts.answers,
        because="it answers a message, and nothing in it speaks of a concern",
    ),
    Rule(
        kind=ItemKind.CONCERN,
        when=lambda facts: facts.asks,
        because="a referral or a communication asks the hub to act",
    ),
    Rule(kind=ItemKind.UPDATE, when=lambda facts: facts.lifted, because="a safeguarding flag or a plan has ended"),
    Rule(kind=ItemKind.UPDATE, when=lambda facts: facts.plan, because="it says that a child is looked after"),
    Rule(kind=ItemKind.UPDATE, when=lambda facts: facts.withdrawn, because="a referral was withdrawn"),
    Rule(
        kind=ItemKind.CONTEXT,
        when=lambda facts: facts.holds(("Appointment",)),
        because="an appointment was booked or changed, and nothing in it speaks of a concern",
    ),
    Rule(
        kind=ItemKind.CONTEXT,
        when=lambda facts: facts.holds(codes.CLINICAL),
        because="a clinical record, and nothing in it speaks of a concern",
    ),
    Rule(
        kind=ItemKind.UPDATE,
        when=lambda facts: facts.holds(codes.PEOPLE),
        because="it says who somebody is, and nothing in it speaks of a concern",
    ),
)
"""Read from the top; what no row fits is a concern."""
