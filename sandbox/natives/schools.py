"""What schools send: a safeguarding export as CSV and a Common Transfer File."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import date, datetime
from xml.etree.ElementTree import Element, SubElement, tostring

from sandbox.people import Character

CSV_MEDIA_TYPE = "text/csv"
XML_MEDIA_TYPE = "application/xml"


@dataclass(frozen=True, kw_only=True)
class Incident:
    """A row of a safeguarding export."""

    id: str
    on: date
    pupil: Character
    category: str
    details: str
    action: str
    staff_role: str
    school: str


def safeguarding_export(*incidents: Incident) -> bytes:
    """A CSV with a byte-order mark, British dates, spaced NHS numbers and a blank last row, as they come."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(
        ["Incident ID", "Date", "Forename", "Surname", "Date of birth", "UPN", "NHS number", "Category", "Details",
         "Action taken", "Staff role", "School"]
    )  # fmt: skip
    for incident in incidents:
        pupil = incident.pupil
        born = f"{pupil.born:%d/%m/%Y}" if pupil.born else ""
        spaced = f"{pupil.nhs[:3]} {pupil.nhs[3:6]} {pupil.nhs[6:]}" if pupil.nhs else ""
        writer.writerow(
            [incident.id, f"{incident.on:%d/%m/%Y}", pupil.given, pupil.family, born, pupil.upn, spaced,
             incident.category, incident.details, incident.action, incident.staff_role, incident.school]
        )  # fmt: skip
    text.write("," * 11 + "\r\n")
    return b"\xef\xbb\xbf" + text.getvalue().encode()


def transfer_file(*pupils: Character, made: datetime, year: int) -> bytes:
    """A full Common Transfer File about these pupils. ``made`` is written without a zone, as schools do."""
    root = Element("CTfile")
    header = SubElement(root, "Header")
    fields = (
        ("DocumentName", "Common Transfer File"),
        ("CTFversion", f"{year % 100}.0"),
        ("DateTime", made.strftime("%Y-%m-%dT%H:%M:%S")),
        ("DocumentQualifier", "full"),
        ("SupplierID", "Synthetic MIS"),
    )
    for tag, value in fields:
        SubElement(header, tag).text = value
    source = SubElement(header, "SourceSchool")
    for tag, value in (
        ("LEA", "820"),
        ("Estab", "1234"),
        ("SchoolName", "Elm Row Primary"),
        ("AcademicYear", str(year)),
    ):
        SubElement(source, tag).text = value
    target = SubElement(header, "DestSchool")
    for tag, value in (("LEA", "820"), ("Estab", "LLLL")):
        SubElement(target, tag).text = value
    data = SubElement(root, "CTFpupilData")
    for child in pupils:
        pupil = SubElement(data, "Pupil")
        told = (
            ("UPN", child.upn), ("Surname", child.family), ("Forename", child.given), ("DOB", child.birth),
            ("Sex", child.sex),
        )  # fmt: skip
        for tag, value in told:
            SubElement(pupil, tag).text = value
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))
