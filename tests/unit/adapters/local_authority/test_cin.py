from __future__ import annotations

from datetime import date

import pytest
from lxml import etree

from adapters.local_authority import cin
from adapters.local_authority.cin_codes import Referred
from schemas.errors import Rejected
from schemas.identifiers import Identifier, IdentifierKind, identifier
from schemas.product import ProductDocument
from schemas.vocabulary import Concern, Outcome, Sector
from tests.unit.adapters.local_authority.products import CHILD, MOTHER, UNBORN, product

ON = date(2026, 11, 1)
POLICE = Referred(sector=Sector.POLICE, concerns=(Concern.NEGLECT, Concern.PHYSICAL))


def record(document: ProductDocument, told: Referred = POLICE, la_code: str = "") -> etree._Element:
    return etree.fromstring(cin.render(document, told, referred_on=ON, la_code=la_code))


def leaves(element: etree._Element) -> dict[str, str]:
    return {str(leaf.tag): leaf.text or "" for leaf in element.iter() if not len(leaf)}


def test_a_child_is_told_by_the_censuss_codes() -> None:
    assert leaves(record(product())) == {
        "Collection": "CIN",
        "LAchildID": "pseudonym-1",
        "UPN": "H801200001001",
        "PersonBirthDate": "2015-03-02",
        "GenderCurrent": "2",
        "Ethnicity": "WBRI",
        "Disability": "AUT",
        "CINreferralDate": "2026-11-01",
        "ReferralSource": "6",
        "PrimaryNeedCode": "N1",
        "ReferralNFA": "false",
    }


def test_an_unborn_child_has_an_expected_date_and_no_birth_date_number_or_sex() -> None:
    child = leaves(record(product(UNBORN, MOTHER)))
    assert child["ExpectedPersonBirthDate"] == "2027-03-01"
    assert child["UPNunknown"] == "UN1"
    assert child["GenderCurrent"] == "0"
    assert "PersonBirthDate" not in child
    assert "UPN" not in child


def test_what_the_hub_does_not_know_is_the_censuss_unknown_or_absent() -> None:
    bare = CHILD.model_copy(
        update={"birth_date": "2015-03", "sex": None, "ethnicity": "", "disability": "", "identifiers": ()}
    )
    child = leaves(record(product(bare), Referred(sector=None)))
    assert child["GenderCurrent"] == "0"
    assert child["Ethnicity"] == "NOBT"
    assert child["ReferralSource"] == "10"
    assert child["PrimaryNeedCode"] == "N0"
    assert not child.keys() & {"PersonBirthDate", "UPN", "UPNunknown", "Disability", "PersonDeathDate"}


@pytest.mark.parametrize("outcome", Outcome)
def test_nothing_that_the_council_has_yet_to_begin_is_in_the_record(outcome: Outcome) -> None:
    names = {str(element.tag) for element in record(product(outcomes=(outcome,))).iter()}
    assert not names & {"Assessments", "Section47", "CINPlanDates", "ChildProtectionPlans", "DateOfInitialCPC"}
    assert not names & {"CINclosureDate", "ReasonForClosure", "FormerUPN"}


def test_no_further_action_is_said_where_nothing_else_was_decided() -> None:
    alone = product(outcomes=(Outcome.NO_FURTHER_ACTION,))
    with_help = product(outcomes=(Outcome.NO_FURTHER_ACTION, Outcome.EARLY_HELP))
    assert leaves(record(alone))["ReferralNFA"] == "true"
    assert leaves(record(with_help))["ReferralNFA"] == "false"


@pytest.mark.parametrize(
    "number, said",
    [
        (identifier(IdentifierKind.LOCAL, "LCS-1007", issuer="council"), "LCS-1007"),
        (identifier(IdentifierKind.LOCAL, "1\x0b7", issuer="council"), "pseudonym-1"),
        (identifier(IdentifierKind.LOCAL, "", issuer="council"), "pseudonym-1"),
    ],
)
def test_the_councils_own_number_goes_before_the_hubs_pseudonym(number: Identifier, said: str) -> None:
    child = CHILD.model_copy(update={"identifiers": (number,)})
    assert leaves(record(product(child)))["LAchildID"] == said


def test_a_number_whose_check_fails_is_not_passed_off_as_one() -> None:
    child = CHILD.model_copy(update={"identifiers": (identifier(IdentifierKind.UPN, "A801200001001"),)})
    assert "UPN" not in leaves(record(product(child)))


def test_the_councils_code_is_in_the_header_where_the_hub_has_it() -> None:
    source = record(product(), la_code="999").find("Header/Source")
    assert source is not None
    assert leaves(source) == {"SourceLevel": "L", "LEA": "999"}
    assert record(product()).find("Header/Source") is None


def test_adults_are_no_children_in_need_and_without_a_child_there_is_no_record() -> None:
    assert len(record(product(CHILD, MOTHER)).findall("Children/Child")) == 1
    with pytest.raises(Rejected) as caught:
        record(product(MOTHER))
    assert (caught.value.code, caught.value.at) == ("product.cin.no_child", "persons")
