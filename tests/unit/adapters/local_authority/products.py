"""Products of synthetic people, for the tests of what is rendered from them."""

from __future__ import annotations

from datetime import UTC, date, datetime

from schemas.disclosure import DisclosedItem
from schemas.envelope import Withheld
from schemas.identifiers import IdentifierKind, identifier
from schemas.persons import Name, Sex
from schemas.product import ProductDocument, ProductEvidence, ProductGroup, ProductPerson
from schemas.vocabulary import DataCategory, Marking, Outcome

ID = "prd_00000000000000000000000000"
WORDS = "Seen twice in the emergency department."
CHILD = ProductPerson(
    ref="pseudonym-1",
    part="subject",
    names=(Name(given=("Zoë",), family="Łucka"),),
    birth_date="2015-03-02",
    sex=Sex.FEMALE,
    ethnicity="White British",
    disability="Autism",
    identifiers=(identifier(IdentifierKind.UPN, "H801200001001"),),
)
UNBORN = ProductPerson(ref="pseudonym-2", part="subject", unborn=True, expected_date=date(2027, 3, 1), mother="m-1")
MOTHER = ProductPerson(ref="m-1", part="household", relation="mother", names=(Name(given=("Ada",), family="Test"),))


def product(
    *persons: ProductPerson, outcomes: tuple[Outcome, ...] = (Outcome.SECTION_47,), words: str = WORDS
) -> ProductDocument:
    """A product about these persons (a child and its mother where none is named) with one owner's words."""
    group = ProductGroup(
        digest="d1",
        category=DataCategory.HEALTH_HISTORY,
        about=("pseudonym-1",),
        items=(DisclosedItem(text=words, source="record", on=date(2026, 5, 1)),),
        conditions="Not for the father",
    )
    return ProductDocument(
        product=ID,
        version=2,
        marking=Marking.OFFICIAL_SENSITIVE,
        hub="testborough",
        hub_name="Testborough MASH",
        recipient="council.assessment-team",
        reference="r-1",
        received_at=datetime(2026, 11, 1, 9, tzinfo=UTC),
        made_at=datetime(2026, 11, 2, 10, 30, tzinfo=UTC),
        outcomes=outcomes,
        summary="What the manager writes.",
        persons=persons or (CHILD, MOTHER),
        evidence=(ProductEvidence(agency="health", agency_name="Test Health", disclosure="dis_1", groups=(group,)),),
        withheld=(Withheld(agency="police", ask="the desk", because="something is held here"),),
    )
