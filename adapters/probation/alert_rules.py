"""What prison alerts mean to a hub: rows with reasons, by the alert's code, its type and its words.

Source: NOMIS reference data, domains ALERT (types) and ALERT_CODE (codes); the public protection manual's levels of
contact with children (1: none, 2: written, 3: monitored, 4: with a named child).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from adapters.kinds import Rule
from adapters.probation.child_words import speaks_of_child
from schemas.vocabulary import Concern, ItemKind


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the rules look at: code and type in upper case, everything written, and whether the alert has ended."""

    code: str
    type: str
    words: str
    ended: bool


def _codes(*codes: str) -> Callable[[Facts], bool]:
    return lambda facts: facts.code in codes


def _types(*types: str) -> Callable[[Facts], bool]:
    return lambda facts: facts.type in types


RULES: Sequence[Rule[Facts]] = (
    Rule(kind=ItemKind.UPDATE, when=lambda facts: facts.ended, because="the alert has ended"),
    Rule(
        kind=ItemKind.CONCERN,
        when=_codes("CC1", "CC2", "CC3", "CC4", "C1", "C2", "C3", "C4"),
        because="a level of contact with children is set, which is done for whoever may be a risk to them",
    ),
    Rule(
        kind=ItemKind.CONCERN,
        when=_codes("CPC", "CPRC"),
        because="a person posing a risk to children, known or possible",
    ),
    Rule(
        kind=ItemKind.CONCERN,
        when=_codes("SC", "RCC", "RCS", "RYP", "XCC"),
        because="a risk to children or young people",
    ),
    Rule(kind=ItemKind.CONCERN, when=_codes("RCP"), because="children of theirs are on a protection plan"),
    Rule(
        kind=ItemKind.CONCERN,
        when=_codes("RDO", "RAIC", "RDBS"),
        because="barred from work with children, or convicted of what bars",
    ),
    Rule(
        kind=ItemKind.CONCERN,
        when=_codes("OCYP", "XYA"),
        because="the prisoner is a looked-after child, or held young among adults",
    ),
    Rule(kind=ItemKind.CONTEXT, when=_codes("CSIP"), because="a plan against violence inside the prison"),
    Rule(kind=ItemKind.CONCERN, when=_types("C"), because="measures about communication with children"),
    Rule(
        kind=ItemKind.CONCERN,
        when=lambda facts: facts.type == "S" or facts.code == "XSO",
        because="a sexual offence: whoever they come home to may be at risk",
    ),
    Rule(
        kind=ItemKind.CONCERN,
        when=_codes("RDV", "RSP", "OHA", "OHCO", "ONCR", "XCH", "XRF"),
        because="domestic abuse, stalking or harassment: children live with whoever it is aimed at",
    ),
    Rule(
        kind=ItemKind.CONCERN,
        when=lambda facts: facts.type == "P" or facts.code == "RVR",
        because="managed under MAPPA or listed on ViSOR",
    ),
    Rule(
        kind=ItemKind.CONCERN,
        when=_codes("ROH", "ROV", "RKC", "RPB"),
        because="a high risk of serious harm, to a known adult or to the public",
    ),
    Rule(
        kind=ItemKind.CONCERN,
        when=_codes("XGANG", "XOCGN", "DOCGM"),
        because="gangs and organised crime draw children in",
    ),
    Rule(kind=ItemKind.CONCERN, when=_codes("XTACT"), because="an offence of terrorism"),
    Rule(
        kind=ItemKind.CONCERN,
        when=_codes("XA", "XVL", "XHT"),
        because="fire, violence or hostages: a danger to whoever is near",
    ),
    Rule(
        kind=ItemKind.CONCERN,
        when=lambda facts: speaks_of_child(facts.words),
        because="what is written with it speaks of a child, a pregnancy or children's services",
    ),
    Rule(
        kind=ItemKind.CONTEXT,
        when=_types("H", "V"),
        because="it is about the prisoner's own safety, and nothing speaks of a child",
    ),
    Rule(
        kind=ItemKind.CONTEXT,
        when=_types("A", "L", "M"),
        because="it is about the prisoner's own care, past care or health, and nothing speaks of a child",
    ),
    Rule(
        kind=ItemKind.CONTEXT,
        when=_types("T", "U", "W", "X", "B", "D", "F"),
        because="it is about transfer, security or order inside the prison, and nothing speaks of a child",
    ),
    Rule(
        kind=ItemKind.CONTEXT,
        when=_codes("RSS", "RPC", "RKS", "OCVM", "OIOM", "OPPO", "OVI"),
        because="a risk inside the prison or a way of managing an offender, and nothing speaks of a child",
    ),
)
"""Read from the top; an alert that no row fits is a concern."""

CATEGORIES: Mapping[str, Concern] = {
    "RDV": Concern.DOMESTIC_ABUSE,
    "XGANG": Concern.GANGS,
    "XOCGN": Concern.GANGS,
    "DOCGM": Concern.GANGS,
    "XTACT": Concern.RADICALISATION,
    "XSO": Concern.SEXUAL,
    "SOR": Concern.SEXUAL,
    "SONR": Concern.SEXUAL,
    "SR": Concern.SEXUAL,
    "SO": Concern.SEXUAL,
    "SSHO": Concern.SEXUAL,
}
"""Codes that name one category of ours. A risk to children names none: it does not say of what."""
