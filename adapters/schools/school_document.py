"""Our own JSON for schools: concerns, attendance records and children missing education, as models that are its schema.

The models say what a member is and which must be there. They check shapes alone: a code, a date or a number that cannot
be read is flagged when it is read, and no reason to refuse a child's notification. Members that they do not know are
kept and listed. The schema that is published, docs/formats/schools-json.schema.json, is made of them.

Source: docs/formats/schools-json.md.
"""

from __future__ import annotations

import json
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from adapters.schools.attendance import MARKS

FORMAT = "mash.school/1"
Said = bool | str
"""Yes or no, as true and false or in words."""
Figure = str | float
"""A number, or the text of one."""
Marks = Annotated[
    str,
    Field(description=f"Marks of the national code set, session by session: {' '.join(mark.code for mark in MARKS)}"),
]
Day = Annotated[str, Field(description="A day: 2026-11-02 or 02/11/2026.")]
Moment = Annotated[str, Field(description="A moment: 2026-11-02T08:55:00Z; without a zone it is Europe/London.")]


class Member(BaseModel):
    """An object of the document. Members that it does not know are allowed; null is as good as absent."""

    model_config = ConfigDict(extra="allow", frozen=True, hide_input_in_errors=True)

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, given: object) -> object:
        if not isinstance(given, dict):
            return given
        return {key: value for key, value in given.items() if value is not None}


class School(Member):
    """A school."""

    name: str = ""
    urn: str = Field(default="", description="Six digits.")
    laestab: str = Field(default="", description="Authority and establishment, seven digits.")


class Address(Member):
    """An address. A confidential one is shown to nobody by a general rule."""

    lines: tuple[str, ...] = ()
    postcode: str = ""
    uprn: str = ""
    confidential: Said = False


class Contact(Member):
    """A way to reach somebody."""

    system: str = Field(description="phone, email or other")
    value: str


class Someone(Member):
    """What a pupil and an adult have in common."""

    given: str = ""
    middle: str = ""
    family: str = ""
    birth_date: Day = ""
    sex: str = ""
    addresses: tuple[Address, ...] = ()
    contacts: tuple[Contact, ...] = ()
    alleged_perpetrator: Said | None = None


class Pupil(Someone):
    """A pupil. ``link`` says what a linked pupil is to the first one, such as sibling."""

    preferred_given: str = ""
    preferred_family: str = ""
    former_family: str = ""
    ethnicity: str = ""
    language: str = ""
    interpreter: Said | None = None
    disability: str = ""
    upn: str = ""
    former_upn: str = ""
    nhs_number: str = ""
    admission_number: str = ""
    legal_status: str = Field(default="", description="Such as looked after, or child protection plan.")
    school: School | None = Field(default=None, description="Where it is not the school of the document.")
    link: str = ""


class Adult(Someone):
    """An adult around the first pupil."""

    title: str = ""
    relationship: str = ""
    parental_responsibility: Said | None = None
    in_household: Said | None = None


class Action(Member):
    """What somebody did, when and who."""

    action: str
    at: str = ""
    by: str = ""


class Conference(Member):
    """A child protection conference or another meeting about the pupil."""

    kind: str
    date: Day = ""
    outcome: str = ""


class BodyMark(Member):
    """A mark on the body map, in words: where it is and what was seen."""

    region: str
    description: str = ""


class Reporter(Member):
    """Who reports it."""

    name: str = ""
    role: str = ""
    phone: str = ""
    email: str = ""


class Consent(Member):
    """Whether the family knows and agrees."""

    informed: Said | None = None
    given: Said | None = None
    why_not: str = ""
    legal_ground: str = ""


class Handling(Member):
    """How the record must be handled."""

    restricted: Said = False
    hidden_location: Said = False
    source_protection: Said = False
    caveat: str = ""


class Record(Member):
    """What every record has."""

    id: str = Field(min_length=1, description="The school's own id of the record, the same when it is sent again.")
    adults: tuple[Adult, ...] = ()
    actions: tuple[Action, ...] = ()
    narrative: str = ""
    reporter: Reporter | None = None
    handling: Handling | None = None
    supersedes: str = Field(default="", description="The id of the record that this one puts right.")


class ConcernRecord(Record):
    """A safeguarding concern. ``pupils`` may be empty where no child is named yet."""

    record: Literal["concern"]
    narrative: str
    categories: tuple[str, ...] = Field(description="The school's own words; the feed's option maps them to ours.")
    occurred_at: str = Field(default="", description="A moment, or a day where no time is known.")
    reported_at: Moment = ""
    place: str = ""
    pupils: tuple[Pupil, ...] = ()
    linked_pupils: tuple[Pupil, ...] = ()
    level_of_need: Figure = Field(default="", description="1 to 4.")
    grade: str = ""
    factors: tuple[str, ...] = ()
    injuries: str = ""
    body_map: tuple[BodyMark, ...] | str = ""
    pupil_voice: str = ""
    parents_view: str = ""
    immediate_danger: str = ""
    conferences: tuple[Conference, ...] = ()
    consent: Consent | None = None


class Session(Member):
    """A mark of one session."""

    date: Day
    session: str = Field(default="", description="AM or PM")
    code: Marks
    comment: str = ""


class AttendanceRecord(Record):
    """A pupil's attendance: figures, flags, a row of marks, or sessions one by one."""

    record: Literal["attendance"]
    pupil: Pupil
    attendance_percent: Figure = ""
    absence_percent: Figure = ""
    persistent_absence: Said | None = None
    severe_absence: Said | None = None
    days_absent: Figure = Field(default="", description="School days in a row without authority.")
    last_attended: Day = ""
    marks: Marks = ""
    sessions: tuple[Session, ...] = ()


class MissingEducationRecord(Record):
    """A child missing education, or taken off the roll."""

    record: Literal["missing_education"]
    pupil: Pupil
    missing_education: Said = Field(default=True, description="False where the child was only taken off the roll.")
    last_attended: Day = ""
    removed_on: Day = ""
    removal_reason: str = ""
    destination: str = Field(default="", description="Where the child goes now; empty where it is not known.")


class SchoolDocument(Member):
    """A document: who sends it, and its records."""

    format: Literal["mash.school/1"]
    id: str = Field(default="", description="The document's own id; without it the digest of its bytes stands for one.")
    sent_at: Moment = ""
    school: School | None = None
    records: tuple[
        Annotated[ConcernRecord | AttendanceRecord | MissingEducationRecord, Field(discriminator="record")], ...
    ] = Field(min_length=1)


RECORDS: dict[str, type[Record]] = {
    "concern": ConcernRecord,
    "attendance": AttendanceRecord,
    "missing_education": MissingEducationRecord,
}


def schema() -> str:
    """The JSON Schema (2020-12), as it is published."""
    made = SchoolDocument.model_json_schema(mode="validation")
    whole = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "urn:mash-gateway:schools-json:1",
        **made,
    }
    return json.dumps(whole, indent=2, ensure_ascii=False) + "\n"
