"""The bounds of normalising read what agencies send and refuse what they must, so that a figure means something."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from pydantic import ValidationError

from benchmarks.bounds.normalising import json_bound, json_bound_unchecked, xml_bound
from sandbox.natives import police, probation, schools
from sandbox.scenarios import drugs_warrant_cast

AT = datetime(2026, 11, 2, 21, 15, tzinfo=UTC)
FAMILY = drugs_warrant_cast.cast(date(2026, 11, 2))
NOTICE = police.notice(drugs_warrant_cast.warrant(FAMILY, AT, "PPN-0123456789"))
TRANSFER = schools.transfer_file(FAMILY.child, made=AT, year=2026)
EVENT = probation.registration_added("X999001", AT, type_code="RCCO", description="Child concerns")
BARE = probation.bare(EVENT)
WRAPPED = probation.wrapped(EVENT, message_id="8a7f5e1c-0000-4000-8000-000000000001", sent=AT)


@pytest.mark.parametrize("document", [NOTICE, TRANSFER])
def test_a_native_of_the_sandbox_is_valid(document: bytes) -> None:
    assert xml_bound(document)() is True


def test_a_document_outside_its_schema_gives_no_bound() -> None:
    with pytest.raises(AssertionError):
        xml_bound(NOTICE.replace(b"<unit>", b"<office>").replace(b"</unit>", b"</office>"))


@pytest.mark.parametrize("bound", [json_bound, json_bound_unchecked])
@pytest.mark.parametrize("document", [BARE, WRAPPED])
def test_an_event_is_validated_to_its_inner_parts(
    bound: Callable[[bytes], Callable[[], object]], document: bytes
) -> None:
    assert "additionalInformation" in repr(bound(document)())
    assert "X999001" in repr(bound(document)())


@pytest.mark.parametrize("bound", [json_bound, json_bound_unchecked])
@pytest.mark.parametrize(
    "event", [{**EVENT, "personReference": {"identifiers": [{"type": "CRN"}]}}, {**EVENT, "eventType": 3}]
)
def test_an_event_of_another_form_gives_no_bound(
    bound: Callable[[bytes], Callable[[], object]], event: dict[str, object]
) -> None:
    with pytest.raises(ValidationError):
        bound(json.dumps(event).encode())


@pytest.mark.parametrize("document", [b'{"eventType": "a", "eventType": "b"}', b'{"eventType": "a", "version": NaN}'])
def test_the_strict_bound_refuses_what_the_adapter_refuses(document: bytes) -> None:
    with pytest.raises(ValueError, match=r"came twice|no JSON number"):
        json_bound(document)
