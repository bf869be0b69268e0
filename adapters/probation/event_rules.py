"""What HMPPS domain events mean to a hub: rows with reasons, and the register types that speak of a child.

Source: HMPPS domain events (probation-case.*, prison-offender-events.*) as docs/formats/probation-event.md lists them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from adapters.kinds import Rule
from schemas.vocabulary import Concern, ItemKind


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the rules look at: the event's type in lower case and the register type's code in upper case."""

    event: str
    register: str


CHILD_REGISTERS = ("RCCO", "RCPR", "RCHD")
PUBLIC_PROTECTION = ("MAPP", "AVIS", "ADVP")
CATEGORIES: Mapping[str, tuple[Concern, ...]] = {"ADVP": (Concern.DOMESTIC_ABUSE,)}
"""ADVP: domestic abuse perpetrator. The other register types name no category of ours."""

_REGISTRATION = "probation-case.registration."
_ENDED = tuple(_REGISTRATION + end for end in ("deregistered", "deleted"))
_PERSON = (
    "probation-case.personal-details.",
    "probation-case.address.",
    "probation-case.alias.",
    "probation-case.engagement.",
    "probation-case.merge.",
    "probation-case.unmerge.",
    "prisoner-offender-search.prisoner.",
    "prison-offender-events.prisoner.merged",
    "prison-offender-events.prisoner.booking.moved",
    "offender_details_",
    "offender_alias_",
    "offender_address_",
    "booking_number-",
)
_RELEASE = ("prison-offender-events.prisoner.released", "probation-case.prison.released")
_SUPERVISION = (
    "enforcement.",
    "probation-case.sentence.",
    "probation-case.requirement.",
    "probation-case.licence-condition.",
    "probation-case.appointment.",
    "probation-case.deleted.gdpr",
    "prison-offender-events.prisoner.received",
    "tier.calculation.",
    "external_movement_",
    "imprisonment_status-",
    "offender_manager_",
)


def _starts(prefixes: tuple[str, ...]) -> Callable[[Facts], bool]:
    return lambda facts: facts.event.startswith(prefixes)


def _registers(codes: tuple[str, ...]) -> Callable[[Facts], bool]:
    return lambda facts: facts.event.startswith(_REGISTRATION) and facts.register in codes


RULES: tuple[Rule[Facts], ...] = (
    Rule(kind=ItemKind.UPDATE, when=_starts(_ENDED), because="a registration has ended"),
    Rule(
        kind=ItemKind.CONCERN,
        when=_registers(CHILD_REGISTERS),
        because="the register is about a child: concerns, child protection or a risk to children",
    ),
    Rule(
        kind=ItemKind.CONCERN,
        when=_registers(PUBLIC_PROTECTION),
        because="the register is about public protection, children in the household included",
    ),
    Rule(
        kind=ItemKind.CONCERN,
        when=_starts((_REGISTRATION,)),
        because="a registration whose meaning for children nobody has ruled out",
    ),
    Rule(
        kind=ItemKind.CONCERN,
        when=_starts(_RELEASE),
        because="somebody has left prison and may come back to a household with children",
    ),
    Rule(kind=ItemKind.UPDATE, when=_starts(_PERSON), because="it says who somebody is or where they live"),
    Rule(kind=ItemKind.CONTEXT, when=_starts(_SUPERVISION), because="supervision or custody moved on"),
)
"""Read from the top; an event that no row fits is a concern."""
