"""Whom an HMPPS domain event names, and by which numbers."""

from __future__ import annotations

from adapters.probation.event import ADAPTER
from schemas.identifiers import IdentifierKind, Validity
from tests.unit.adapters.probation.test_event import FEED, event, native, notification


def test_a_merge_is_one_person_with_the_numbers_of_both_records() -> None:
    found = notification(
        event("probation-case.merge.completed", additionalInformation={"sourceCRN": "X900002", "targetCRN": "X900001"})
    )
    assert [each.value for each in found.adults[0].identifiers] == ["X900001", "X900002"]
    assert ("person.merged", "adults[0]") in {(each.code, each.field) for each in found.quality}


def test_an_unmerge_is_two_people() -> None:
    found = ADAPTER.read(native("unmerge-completed"), FEED).items[0].notification
    assert [[each.value for each in person.identifiers] for person in found.adults] == [["X900009"], ["X900010"]]
    assert ("person.unmerged", "adults[1]") in {(each.code, each.field) for each in found.quality}


def test_identifiers_of_every_kind_are_read_once() -> None:
    numbers = [
        {"type": "CRN", "value": "x900001"},
        {"type": "nomsNumber", "value": "A9001ZZ"},
        {"type": "PNC", "value": "01/21Z"},
        {"type": "DELIUS", "value": "77"},
        {"type": "CRN", "value": "X900001"},
    ]
    found = notification(
        event(personReference={"identifiers": numbers}, additionalInformation={"nomsNumber": "A9001ZZ"})
    )
    assert [(each.kind, each.issuer) for each in found.adults[0].identifiers] == [
        (IdentifierKind.CRN, ""),
        (IdentifierKind.NOMS, ""),
        (IdentifierKind.PNC, ""),
        (IdentifierKind.LOCAL, "DELIUS"),
    ]


def test_the_same_number_of_two_issuers_is_two_identifiers() -> None:
    numbers = [{"type": "DELIUS", "value": "77"}, {"type": "NOMIS", "value": "77"}]
    found = notification(event(personReference={"identifiers": numbers}))
    assert [each.issuer for each in found.adults[0].identifiers] == ["DELIUS", "NOMIS"]


def test_a_malformed_number_is_flagged_and_never_refused() -> None:
    found = notification(event(personReference={"identifiers": [{"type": "CRN", "value": "no number"}]}))
    assert found.adults[0].identifiers[0].validity is Validity.MALFORMED
    assert ("identifier.malformed", "adults[0].identifiers[0]") in {(each.code, each.field) for each in found.quality}


def test_an_event_that_names_nobody_is_flagged() -> None:
    found = notification({"eventType": "probation-case.registration.added"})
    assert found.adults == ()
    assert ("person.missing", "adults") in {(each.code, each.field) for each in found.quality}
