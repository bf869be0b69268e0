from __future__ import annotations

from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from schemas.request import InformationRequest, PersonAsked
from schemas.vocabulary import DataCategory, LegalGround

WHOLE: dict[str, object] = {
    "iss": "hub",
    "aud": "northmarsh-police",
    "jti": "req_1",
    "iat": 1_793_000_000,
    "reference": "pseudonym",
    "purpose": "To decide whether a child is at risk.",
    "legal_ground": LegalGround.CHILDREN_ACT_1989_S47,
    "necessity": "No other agency holds it.",
    "persons": (PersonAsked(ref="p1"),),
    "categories": (DataCategory.POLICE_INCIDENTS,),
    "due_at": datetime(2026, 11, 2, tzinfo=UTC),
}


def test_a_whole_request_survives_json() -> None:
    made = InformationRequest.model_validate(WHOLE)
    assert InformationRequest.model_validate_json(made.model_dump_json()) == made


@pytest.mark.parametrize("field", ["purpose", "legal_ground", "necessity", "persons", "categories", "due_at"])
def test_a_request_without_what_makes_it_lawful_is_none(field: str) -> None:
    with pytest.raises(ValidationError):
        InformationRequest.model_validate({name: value for name, value in WHOLE.items() if name != field})


@pytest.mark.parametrize("field, empty", [("purpose", "  "), ("necessity", ""), ("persons", ()), ("categories", ())])
def test_an_empty_purpose_necessity_or_list_is_none(field: str, empty: object) -> None:
    with pytest.raises(ValidationError):
        InformationRequest.model_validate(WHOLE | {field: empty})
