"""Who a Common Platform message names, and where: defendants, their parents or guardians, victims, witnesses, parties.

A party is known by the key that it stands under, wherever that is. What is said of it is spread over objects inside it,
which differ between submissions, case files, hearings and court lists: a party's *homes*, looked at in order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from adapters import dates
from adapters.json_taking import JsonTaking
from adapters.natives import ABSENT, Native
from adapters.strict_json import Json, token
from schemas.errors import TooLarge

MAX_PARTIES = 1_000

DEFENDANT, VICTIM, WITNESS, GUARDIAN, OTHER = "defendant", "victim", "witness", "parent or guardian", "party"
_ROLES: Mapping[str, str] = {
    "defendant": DEFENDANT,
    "defendants": DEFENDANT,
    "victim": VICTIM,
    "victims": VICTIM,
    "policeVictim": VICTIM,
    "policeVictims": VICTIM,
    "witness": WITNESS,
    "witnesses": WITNESS,
    "Witnesses": WITNESS,
    "parentGuardian": GUARDIAN,
    "parentGuardianInformation": GUARDIAN,
    "parentGuardianForYouthDefendants": GUARDIAN,
    "associatedPersons": GUARDIAN,
    "respondent": OTHER,
    "respondents": OTHER,
    "applicant": OTHER,
    "thirdParties": OTHER,
    "subject": OTHER,
}
_ALONE = ("defendantDetails", "defendantName", "defendantType")
"""A message with one of these at its root is itself about one defendant: a defendant's file, a court list's case."""

_HOMES: tuple[tuple[str, ...], ...] = (
    (),
    ("individual",),
    ("individual", "personalInformation"),
    ("individual", "nameDetails"),
    ("individual", "selfDefinedInformation"),
    ("individual", "contactDetails"),
    ("individual", "personalInformation", "contactDetails"),
    ("personDefendant",),
    ("personDefendant", "personDetails"),
    ("personDefendant", "personDetails", "contact"),
    ("masterDefendant",),
    ("masterDefendant", "personDefendant"),
    ("masterDefendant", "personDefendant", "personDetails"),
    ("masterDefendant", "personDefendant", "personDetails", "contact"),
    ("defendantDetails",),
    ("defendantPerson",),
    ("defendantPerson", "selfDefinedInformation"),
    ("defendantPerson", "contactDetails"),
    ("personDetails",),
    ("personDetails", "contact"),
    ("person",),
    ("person", "contact"),
    ("personalInformation",),
    ("personalInformation", "contactDetails"),
    ("selfDefinedInformation",),
    ("nameDetails",),
    ("contactDetails",),
    ("name",),
    ("phoneNumber",),
    ("contact",),
)
_ORGANISATIONS = ("organisation", "legalEntityDefendant", "representedOrganisation")
ORGANISATION_NAMES = ("organisationName",)
_NOBODY = ("O", "ORGANISATION")
_DAYS = (
    "offenceCommittedDate",
    "offenceCommittedEndDate",
    "offenceDate",
    "chargeDate",
    "arrestDate",
    "laidDate",
    "postingDate",
    "writtenChargePostingDate",
)
_OFFENCE_DAYS = ("startDate", "endDate")
_HEARING_DAYS = ("dateOfHearing", "sittingDay", "sessionStartTime", "dateReceived", "applicationReceivedDate")
_PERSONAL = ("lastName", "surname", "firstName", "forename", "forename1", "witnessLastName", "witnessFirstName")


@dataclass(kw_only=True)
class Party:
    """Somebody or something that a message names: what it is there, where, and of which other party."""

    role: str
    pointer: str
    homes: tuple[tuple[str, Mapping[str, Json]], ...]
    of: Party | None
    days: list[date] = field(default_factory=list)

    def first(self, taking: JsonTaking, keys: tuple[str, ...]) -> Native:
        """The first value under one of ``keys`` in the homes."""
        return next((native for _, native in self.each(taking, keys)), ABSENT)

    def each(self, taking: JsonTaking, keys: tuple[str, ...]) -> Iterator[tuple[str, Native]]:
        """Every value under one of ``keys`` in the homes, with its key."""
        for pointer, home in self.homes:
            for key in keys:
                if key in home and (native := taking.native(f"{pointer}/{key}")).text:
                    yield key, native

    @property
    def is_organisation(self) -> bool:
        """Whether only an organisation is named. A person beside it goes first."""
        if any(key in home for _, home in self.homes for key in _PERSONAL):
            # Court lists give an organisation the name of somebody, and say that it is none.
            return any(home.get(key) in _NOBODY for _, home in self.homes for key in ("defendantType", "type"))
        return any(isinstance(home.get(key), dict) for _, home in self.homes for key in _ORGANISATIONS) or any(
            home.get(key) for _, home in self.homes for key in ORGANISATION_NAMES
        )


@dataclass(kw_only=True)
class Named:
    """Every party of a message in its order, and the day that ages are counted to, where the message has one."""

    parties: list[Party] = field(default_factory=list)
    days: list[date] = field(default_factory=list)
    hearings: list[date] = field(default_factory=list)

    @property
    def day(self) -> date | None:
        """The last day of any offence, charge or arrest; without one, the first of a hearing or a receipt."""
        if self.days:
            return max(self.days)
        return min(self.hearings, default=None)


def named(message: dict[str, Json], base: str) -> Named:
    """Everybody whom ``message`` names; ``base`` is its own pointer.

    Raises:
        TooLarge: it names more than 1,000.
    """
    found = Named()
    alone = None
    if any(key in message for key in _ALONE):
        alone = _party(DEFENDANT, base, message, None)
        found.parties.append(alone)
    for key, value in message.items():
        _walk(key, value, f"{base}/{token(key)}", alone, found)
    return found


def _walk(key: str, value: Json, pointer: str, around: Party | None, found: Named) -> None:
    if isinstance(value, list):
        for index, each in enumerate(value):
            _walk(key, each, f"{pointer}/{index}", around, found)
    elif isinstance(value, dict):
        role = _ROLES.get(key)
        if role is not None and not (around is not None and around.role == GUARDIAN):
            around = _party(role, pointer, value, around)
            found.parties.append(around)
            if len(found.parties) > MAX_PARTIES:
                raise TooLarge("police.cpp.parties", "Name at most 1000 parties at once.", at=pointer)
        for inner, each in value.items():
            if not (key == "offences" and inner in _OFFENCE_DAYS and _day(each, around, found)):
                _walk(inner, each, f"{pointer}/{token(inner)}", around, found)
    elif key in _DAYS:
        _day(value, around, found)
    elif key in _HEARING_DAYS and isinstance(value, str) and (day := dates.full_date(value)) is not None:
        found.hearings.append(day)


def _day(value: Json, around: Party | None, found: Named) -> bool:
    day = dates.full_date(value) if isinstance(value, str) else None
    if day is None:
        return False
    found.days.append(day)
    if around is not None:
        around.days.append(day)
    return True


def _party(role: str, pointer: str, node: dict[str, Json], of: Party | None) -> Party:
    return Party(role=role, pointer=pointer, homes=tuple(_homes(pointer, node)), of=of)


def _homes(pointer: str, node: dict[str, Json]) -> Iterator[tuple[str, Mapping[str, Json]]]:
    for path in _HOMES:
        home: Json = node
        for key in path:
            home = home.get(key) if isinstance(home, dict) else None
        if isinstance(home, dict):
            yield "/".join((pointer, *path)), home
