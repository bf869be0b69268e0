"""What FHIR says of people: names, sex, ages and numbers, none of them invented."""

from __future__ import annotations

from schemas.persons import NameUse, Sex
from tests.unit.adapters.nhs.test_fhir import PATIENT, bundle, one


def test_names_sex_and_ages_are_read_without_inventing_any() -> None:
    told = {
        **PATIENT,
        "birthDate": "2027-01-01",
        "gender": "other",
        "name": [{"use": "maiden", "family": "Ash"}, {"text": "Robin Elm"}, {"prefix": ["Dr"]}],
    }
    (child,) = one(bundle(told)).children
    assert [(name.use, name.given, name.family) for name in child.names] == [
        (NameUse.FORMER, (), "Ash"),
        (NameUse.OFFICIAL, (), "Robin Elm"),
    ]
    assert (child.sex, child.birth_date) == (Sex.INDETERMINATE, None)
    flags = {(each.code, each.field) for each in one(bundle(told)).quality}
    assert ("date.in_the_future", "children[0].birth_date") in flags
    assert ("age.unknown", "children[0]") in flags
    assert ("name.unstructured", "children[0].names[1].family") in flags


def test_a_failed_check_digit_is_flagged_and_a_traced_number_is_verified() -> None:
    url = "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-NHSNumberVerificationStatus"
    status = {"url": url, "valueCodeableConcept": {"coding": [{"code": "01"}]}}
    numbers = [
        {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000000"},
        {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9994100009", "extension": [status]},
    ]
    read = one({**PATIENT, "identifier": numbers})
    assert [(each.validity, each.verified) for each in read.children[0].identifiers] == [
        ("check_failed", False),
        ("valid", True),
    ]
    assert [each.code for each in read.quality] == ["age.unknown", "identifier.check_failed"]
