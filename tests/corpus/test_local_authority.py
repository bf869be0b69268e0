"""Our CIN record against the census's own schema; what its required elements ask for, the hub knows or may not know."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from lxml import etree

from adapters.local_authority import cin
from adapters.local_authority.cin_codes import Referred
from schemas.identifiers import IdentifierKind, identifier
from schemas.vocabulary import Concern, Outcome, Sector
from tests.unit.adapters.local_authority.products import CHILD, MOTHER, UNBORN, product

FOLDER = Path(__file__).parents[3] / "shared" / "corpus" / "local-authority-xsd"
SCHEMAS = sorted(FOLDER.glob("*CIN_schema_*.xsd"))
ON = date(2026, 11, 1)

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not SCHEMAS, reason="the census's schemas are not beside this checkout"),
]


def latest() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(SCHEMAS[-1]))


BARE = CHILD.model_copy(update={"birth_date": None, "sex": None, "ethnicity": "?", "disability": "", "identifiers": ()})
DIED = CHILD.model_copy(update={"death_date": "2026-10-30"})
TEMPORARY = CHILD.model_copy(update={"identifiers": (identifier(IdentifierKind.UPN, "H80120000100A"),)})


@pytest.mark.parametrize("sector", [*Sector, None])
@pytest.mark.parametrize("outcome", Outcome)
def test_every_record_is_one_that_the_census_takes(sector: Sector | None, outcome: Outcome) -> None:
    said = product(CHILD, UNBORN, BARE, DIED, TEMPORARY, MOTHER, outcomes=(outcome,))
    told = Referred(sector=sector, concerns=(Concern.NEGLECT,))
    for la_code in ("", "999"):
        made = etree.fromstring(cin.render(said, told, referred_on=ON, la_code=la_code))
        latest().assertValid(made)
        assert len(made.findall("Children/Child")) == 5


def test_the_schema_would_notice() -> None:
    made = etree.fromstring(cin.render(product(), Referred(sector=None), referred_on=ON))
    for name in ("LAchildID", "GenderCurrent", "Ethnicity", "CINreferralDate", "ReferralSource", "ReferralNFA"):
        broken = etree.fromstring(etree.tostring(made))
        found = broken.find(f".//{name}")
        assert found is not None
        parent = found.getparent()
        assert parent is not None
        parent.remove(found)
        assert not latest().validate(broken), name
