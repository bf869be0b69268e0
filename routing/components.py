"""The five core components of a MASH: built in, and no configuration takes one away (invariant 10).

The hub's file knows no key that would. This table is for files that try all the same: they are refused with the
number of the component and the reason, not with a remark on spelling.
Source: the London MASH project's briefing, which names the five; the reasons are ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from schemas.errors import Refused


@dataclass(frozen=True, kw_only=True)
class Component:
    """One of the five, and what the hub guarantees by it."""

    number: int
    title: str
    guarantee: str


COMPONENTS: tuple[Component, ...] = (
    Component(
        number=1,
        title="one front door",
        guarantee="every notification, of whatever level, goes through the hub: one route in, one decision process",
    ),
    Component(
        number=2,
        title="the owner decides",
        guarantee="the owning agency decides, case by case, what is proportionate to share",
    ),
    Component(
        number=3,
        title="a sealed hub",
        guarantee="the hub's records are confidential, read on need to know, and every reading is recorded",
    ),
    Component(
        number=4,
        title="one agreed process",
        guarantee="a social work manager rates and decides on the fullest picture; products go to whom they suit",
    ),
    Component(
        number=5,
        title="research always runs",
        guarantee="repeat notifications, victims, perpetrators and emerging harm are looked for",
    ),
)


class Forbids(StrEnum):
    """Which values of a setting take the component away."""

    ANY = "any value"
    NOT_FALSE = "anything but false"
    NOT_TRUE = "anything but true"
    NOT_MANAGER = "anybody but the social work manager"
    OVER_TEN = "more than ten"
    OVER_FIFTY = "more than fifty"
    UNDER_THREE = "less than three"


@dataclass(frozen=True, kw_only=True)
class Forbidden:
    """A row: ``setting`` is the first and the last name of its path; whatever stands between them does not matter."""

    component: int
    setting: str
    forbids: Forbids
    because: str


def _row(component: int, setting: str, forbids: Forbids, because: str) -> Forbidden:
    return Forbidden(component=component, setting=setting, forbids=forbids, because=because)


_F = Forbids

# fmt: off
FORBIDDEN: tuple[Forbidden, ...] = (
    _row(1, "feeds.bypass_hub", _F.NOT_FALSE, "no feed goes past the hub"),
    _row(1, "feeds.minimum_level", _F.ANY, "low-level concerns are what repeats are made of"),
    _row(1, "feeds.discard", _F.ANY, "nothing is dropped at the door"),
    _row(1, "hub.front_door", _F.NOT_TRUE, "there is one front door"),
    _row(1, "front_door.enabled", _F.NOT_TRUE, "there is one front door"),
    _row(2, "sharing.auto_disclose", _F.NOT_FALSE, "an owner decides case by case"),
    _row(2, "agencies.auto_disclose", _F.NOT_FALSE, "an owner decides case by case"),
    _row(2, "sharing.owner_decides", _F.NOT_TRUE, "an owner keeps the duty of care for its information"),
    _row(2, "requests.require_ground", _F.NOT_TRUE, "nothing is asked without purpose, ground and necessity"),
    _row(3, "hub.sealed", _F.NOT_TRUE, "the hub is sealed"),
    _row(3, "hub.audit", _F.NOT_TRUE, "audit can't be switched off"),
    _row(3, "need_to_know.enabled", _F.NOT_TRUE, "only who needs to know reads"),
    _row(3, "need_to_know.default", _F.ANY, "what no row allows is denied"),
    _row(3, "log.enabled", _F.NOT_TRUE, "every reading is recorded"),
    _row(3, "audit", _F.NOT_TRUE, "audit can't be switched off"),
    _row(3, "audit.enabled", _F.NOT_TRUE, "audit can't be switched off"),
    _row(4, "ratings.rated_by", _F.NOT_MANAGER, "only a social work manager rates"),
    _row(4, "ratings.software_rates", _F.NOT_FALSE, "software suggests and never rates"),
    _row(4, "ratings.auto_rate", _F.NOT_FALSE, "software suggests and never rates"),
    _row(4, "decisions.decided_by", _F.NOT_MANAGER, "only a social work manager decides"),
    _row(4, "decisions.auto_close", _F.NOT_FALSE, "nothing is closed by triage"),
    _row(4, "permissions.rate", _F.NOT_MANAGER, "only a social work manager rates"),
    _row(4, "permissions.decide", _F.NOT_MANAGER, "only a social work manager decides"),
    _row(5, "repeats.enabled", _F.NOT_TRUE, "research always runs"),
    _row(5, "research.enabled", _F.NOT_TRUE, "research always runs"),
    _row(5, "repeats.count", _F.OVER_TEN, "a rule that hardly ever fires is a rule switched off"),
    _row(5, "repeats.greens", _F.OVER_TEN, "a rule that hardly ever fires is a rule switched off"),
    _row(5, "repeats.lifetime", _F.OVER_FIFTY, "a rule that hardly ever fires is a rule switched off"),
    _row(5, "repeats.window_months", _F.UNDER_THREE, "a window too short to repeat in is a rule switched off"),
)
# fmt: on


def check(raw: Mapping[str, object]) -> None:
    """Return if the file, as TOML gives it, leaves all five components standing.

    Raises:
        Refused: it configures one away (``component.N``); ``at`` names the setting, never its value.
    """
    for path, value in _settings(raw, ()):
        for row in FORBIDDEN:
            if _names(path) == row.setting and _takes_away(row.forbids, value):
                component = COMPONENTS[row.component - 1]
                detail = f"core component {component.number}, {component.title}, is built in: {row.because}"
                raise Refused(f"component.{component.number}", detail, at=row.setting)


def _settings(value: object, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], object]]:
    """Every value of the file with its path; the entries of a list share the list's path."""
    if isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _settings(inner, (*path, str(name).casefold().replace("-", "_")))
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _settings(inner, path)
    else:
        yield path, value


def _names(path: tuple[str, ...]) -> str:
    return path[0] if len(path) == 1 else f"{path[0]}.{path[-1]}"


def _takes_away(forbids: Forbids, value: object) -> bool:
    match forbids:
        case Forbids.ANY:
            return True
        case Forbids.NOT_FALSE:
            return value is not False
        case Forbids.NOT_TRUE:
            return value is not True
        case Forbids.NOT_MANAGER:
            return value != "social_work_manager"
        case Forbids.OVER_TEN:
            return _number(value) > 10
        case Forbids.OVER_FIFTY:
            return _number(value) > 50
        case Forbids.UNDER_THREE:
            return _number(value) < 3


def _number(value: object) -> float:
    """A number, or one that is neither too large nor too small: its type is for the schema to judge."""
    return value if isinstance(value, int | float) else 5
