"""HL7 read as little as an honest intake can: every field is looked at once and either carried over or listed.

The canonical record holds the person, where each field came from, and everything that was not carried over, as the
gateway's own does; it is about as long (2.7 kB for a registration, 4.8 kB for a referral).
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field

_MAPPED = {
    "MSH-4": "referrer.agency",
    "MSH-10": "native_id",
    "EVN-2": "event_at",
    "PID-3": "adults[0].identifiers[0]",
    "PID-5": "adults[0].names[0]",
    "PID-7": "adults[0].birth_date",
    "PID-8": "adults[0].sex",
    "PID-11": "adults[0].addresses[0]",
    "RF1-2": "concern.source_grade",
    "RF1-10": "concern.source_categories[0]",
    "PRD-2": "referrer.name",
    "OBX-3": "concern.categories[0]",
    "OBX-5": "children[0].expected_date",
    "NTE-3": "incident.narrative",
}
_NOBODY: dict[str, object] = {
    "ref": "", "names": [], "birth_date": None, "unborn": False, "expected_date": None, "mother": None,
    "death_date": None, "sex": None, "ethnicity": "", "language": "", "interpreter": None, "disability": "",
    "identifiers": [], "addresses": [], "contacts": [], "school": None, "gp": None, "legal_status": "",
    "parental_responsibility": [], "relation": "", "in_household": None, "alleged_perpetrator": None, "risk": "",
    "notes": [],
}  # fmt: skip
_HANDLING = {
    "marking": "OFFICIAL-SENSITIVE",
    "restricted": False,
    "hidden_location": False,
    "source_protection": False,
    "caveat": "",
}


@dataclass(slots=True, kw_only=True)
class Read:
    """One message: its identity, the people in it as JSON objects, and the canonical record as bytes."""

    native_id: str
    concern: bool
    nhs: str
    people: list[dict[str, object]] = field(repr=False)
    record: bytes = field(repr=False)


def read(message: bytes) -> Read:
    """Split, carry over, list the rest, render."""
    provenance, unmapped, values = [], [], dict[str, list[str]]()
    for segment in message.decode("latin-1").split("\r"):
        name, *fields = segment.split("|")
        shift = 2 if name == "MSH" else 1
        for place, text in enumerate(fields, start=shift):
            if not text:
                continue
            pointer = f"{name}-{place}"
            carried = _MAPPED.get(pointer)
            if carried is None:
                unmapped += [{"pointer": f"{pointer}.{at}", "value": part} for at, part in _parts(text)]
            else:
                provenance += [{"field": carried, "pointer": f"{pointer}.{at}"} for at, _ in _parts(text)]
                values.setdefault(carried, []).append(text)
    concern = "concern.categories[0]" in values
    people = [_adult(values), *([_unborn(values)] if concern else [])]
    record = {
        "notification": _notification(values, people, concern=concern),
        "provenance": provenance,
        "unmapped": unmapped,
    }
    return Read(
        native_id=values["native_id"][0],
        concern=concern,
        nhs=values["adults[0].identifiers[0]"][0].partition("^")[0],
        people=people,
        record=json.dumps(record, separators=(",", ":")).encode(),
    )


def _parts(text: str) -> list[tuple[int, str]]:
    return [(at, part) for at, part in enumerate(text.split("^"), start=1) if part]


def _adult(values: dict[str, list[str]]) -> dict[str, object]:
    family, given, *_ = values["adults[0].names[0]"][0].split("^")
    born, home = values["adults[0].birth_date"][0], values.get("adults[0].addresses[0]", [""])[0].split("^")
    number = values["adults[0].identifiers[0]"][0].partition("^")[0]
    return _NOBODY | {
        "ref": "adult-1",
        "names": [{"use": "official", "title": "", "given": [given], "family": family}],
        "birth_date": f"{born[:4]}-{born[4:6]}-{born[6:]}",
        "sex": values["adults[0].sex"][0],
        "identifiers": [{"kind": "nhs_number", "value": number, "validity": "valid", "issuer": "", "verified": True}],
        "addresses": [{"lines": home[:3:2], "postcode": home[4], "uprn": "", "use": "home", "confidential": False}]
        if len(home) > 4
        else [],
    }


def _unborn(values: dict[str, list[str]]) -> dict[str, object]:
    due = values["children[0].expected_date"][0]
    return _NOBODY | {"ref": "child-1", "unborn": True, "expected_date": due, "mother": "adult-1"}


def _notification(values: dict[str, list[str]], people: list[dict[str, object]], *, concern: bool) -> dict[str, object]:
    told: dict[str, object] = {
        "native_id": values["native_id"][0], "format": "nhs.hl7v2/2.4", "kind": "concern" if concern else "update",
        "kind_reason": "a referral asks the hub to act" if concern else "it says who and where a patient is",
        "event_at": values.get("event_at", [""])[0], "children": people[1:], "adults": people[:1], "concern": None,
        "incident": None, "immediate_danger": "", "actions_taken": [],
        "referrer": {"agency": values["referrer.agency"][0], "role": "", "name": "", "contacts": []},
        "consent": None, "orders": [], "handling": _HANDLING, "supersedes": "", "quality": [],
    }  # fmt: skip
    if concern:
        told["concern"] = {
            "categories": ["unborn_child"], "source_categories": values["concern.categories[0]"],
            "level_of_need": None, "source_grade": values.get("concern.source_grade", [""])[0], "factors": [],
            "childs_view": "", "parents_view": "",
        }  # fmt: skip
        told["incident"] = {
            "occurred_at": None, "occurred_on": None, "reported_at": told["event_at"], "place": "",
            "narrative": "\n".join(values.get("incident.narrative", [])), "injuries": "", "children_present": None,
            "reference": told["native_id"], "officer": "", "supervisor": "",
        }  # fmt: skip
    return told
