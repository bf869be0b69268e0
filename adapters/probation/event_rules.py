"""What HMPPS domain events mean to a hub: rows with reasons.

Source: HMPPS domain events (probation-case.*, prison-offender-events.*, person.*) as docs/formats/probation-event.md
lists them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from adapters.kinds import Rule, judge
from adapters.probation import alert_rules
from adapters.probation.child_words import speaks_of_child
from adapters.probation.registers import REGISTERS
from schemas.vocabulary import ItemKind


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the rules look at: the event's type in lower case, codes in upper case, and what was written by hand.

    ``reason`` is that of a release or reception; ``alert`` is an alert's code and ``alert_type`` its type.
    """

    event: str
    register: str = ""
    reason: str = ""
    alert: str = ""
    alert_type: str = ""
    words: str = ""


_REGISTRATION = "probation-case.registration."
_ENDED = tuple(_REGISTRATION + end for end in ("deregistered", "deleted"))
_PERSON = (
    "probation-case.personal-details.",
    "probation-case.address.",
    "probation-case.alias.",
    "probation-case.engagement.",
    "probation-case.merge.",
    "probation-case.unmerge.",
    "probation-case.prison-identifier.",
    "prisoner-offender-search.prisoner.",
    "prison-offender-events.prisoner.merged",
    "prison-offender-events.prisoner.booking.moved",
    "prison-offender-events.prisoner.contact-",
    "offender_details_",
    "offender_alias_",
    "offender_address_",
    "booking_number-",
)
_RELEASE = (
    "prison-offender-events.prisoner.released",
    "prisoner-offender-search.prisoner.released",
    "probation-case.prison.released",
)
_STILL_HELD = ("SENT_TO_COURT", "TRANSFERRED", "RELEASED_TO_HOSPITAL")
_ALERT_ENDED = ("person.alert.inactive", "person.alert.deleted")
_ALERT = "person.alert."
_KEPT_APART = (
    "prison-offender-events.prisoner.person-restriction.upserted",
    "prison-offender-events.prisoner.restriction.",
)
_SUPERVISION = (
    "enforcement.",
    "probation-case.sentence.",
    "probation-case.requirement.",
    "probation-case.licence-condition.",
    "probation-case.appointment.",
    "probation-case.deleted.gdpr",
    "prison-offender-events.prisoner.received",
    "prison-offender-events.prisoner.non-association-detail.",
    "prison-offender-events.prisoner.person-restriction.deleted",
    "tier.calculation.",
    "external_movement_",
    "imprisonment_status-",
    "offender_manager_",
    "person.community.manager.",
    "calculate-release-dates.",
    "create-and-vary-a-licence.",
    "incentives.",
    "prisoner-alerts.alert-",
)
_THIN = ("person.case-note.", "assessment.summary.produced", "risk-assessment.scores.")


def _starts(*prefixes: str) -> Callable[[Facts], bool]:
    return lambda facts: facts.event.startswith(prefixes)


def _registers(codes: frozenset[str]) -> Callable[[Facts], bool]:
    return lambda facts: facts.event.startswith(_REGISTRATION) and facts.register in codes


def _alert_kind(kind: ItemKind) -> Callable[[Facts], bool]:
    """Whether an alert that is active and has these codes is of ``kind``, by the rows for alerts."""

    def holds(facts: Facts) -> bool:
        if not (facts.event.startswith(_ALERT) and facts.alert):
            return False
        # An event gives the code alone, which as a rule starts with its type's letter.
        said = alert_rules.Facts(
            code=facts.alert, type=facts.alert_type or facts.alert[:1], words=facts.words, ended=False
        )
        return judge(alert_rules.RULES, said)[0] is kind

    return holds


RULES: Sequence[Rule[Facts]] = (
    Rule(kind=ItemKind.UPDATE, when=_starts(*_ENDED), because="a registration has ended"),
    *(
        Rule(kind=row.kind, when=_registers(frozenset(row.meanings)), because=row.because)
        for row in REGISTERS
        if row.kind is ItemKind.CONCERN
    ),
    Rule(
        kind=ItemKind.CONCERN,
        when=lambda facts: speaks_of_child(facts.words),
        because="what is written with it speaks of a child, a pregnancy or children's services",
    ),
    *(
        Rule(kind=row.kind, when=_registers(frozenset(row.meanings)), because=row.because)
        for row in REGISTERS
        if row.kind is not ItemKind.CONCERN
    ),
    Rule(
        kind=ItemKind.CONCERN,
        when=_starts(_REGISTRATION),
        because="a registration whose meaning for children nobody has ruled out",
    ),
    Rule(
        kind=ItemKind.CONTEXT,
        when=lambda facts: facts.event.startswith(_RELEASE) and facts.reason in _STILL_HELD,
        because="somebody was moved and is still held: to court, to another prison or to a secure hospital",
    ),
    Rule(
        kind=ItemKind.CONCERN,
        when=_starts(*_RELEASE),
        because="somebody has left prison and may come back to a household with children",
    ),
    Rule(kind=ItemKind.UPDATE, when=_starts(*_ALERT_ENDED), because="the alert has ended"),
    Rule(
        kind=ItemKind.CONCERN,
        when=_alert_kind(ItemKind.CONCERN),
        because="an alert whose code is a concern, or whose meaning for children nobody has ruled out",
    ),
    Rule(
        kind=ItemKind.CONTEXT,
        when=_alert_kind(ItemKind.CONTEXT),
        because="an alert about the prisoner's own safety, care or order inside the prison",
    ),
    Rule(
        kind=ItemKind.CONCERN,
        when=_starts(*_KEPT_APART),
        because="a prisoner's contact with somebody was restricted, who may be a child",
    ),
    Rule(kind=ItemKind.UPDATE, when=_starts(*_PERSON), because="it says who somebody is or where they live"),
    Rule(kind=ItemKind.CONTEXT, when=_starts(*_SUPERVISION), because="supervision or custody moved on"),
    Rule(
        kind=ItemKind.CONTEXT,
        when=_starts(*_THIN),
        because="it only says that something was written, which comes in a message of its own",
    ),
)
"""Read from the top; an event that no row fits is a concern."""
