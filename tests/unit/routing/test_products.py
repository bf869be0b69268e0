from __future__ import annotations

from dataclasses import replace

import pytest

from routing.lifecycle import RequestState
from routing.need_to_know import Relation
from routing.products import AskedRequest, assemble, described, missing_voices
from schemas.disclosure import Audience
from schemas.errors import Refused, Unknown
from schemas.identifiers import IdentifierKind
from schemas.persons import Address, Contact, Organisation
from schemas.vocabulary import DataCategory
from tests.unit.routing.builders import (
    COUNCIL,
    MANAGER,
    NHS,
    PNC,
    POLICE,
    TEAM,
    UPN,
    disclosure,
    group,
    lead,
    number,
    person,
    release,
)

BOTH = (Audience.SOCIAL_WORK_MANAGER, Audience.RECEIVING_TEAM)
HEALTH = disclosure("health", group("d1", DataCategory.HEALTH_HISTORY, *BOTH), group("d2"))
POLICE_SAYS = disclosure("police", group("d3", DataCategory.POLICE_INCIDENTS))


def test_a_product_holds_what_was_chosen_and_released() -> None:
    cut = assemble(chosen=["d1"], disclosures=[HEALTH, POLICE_SAYS], releases=(), reader=TEAM, ask={"health": "nurse"})
    assert cut.digests == ("d1",)
    assert [marker.agency for marker in cut.withheld] == ["health", "police"]
    assert cut.shown[0].as_sent().groups == ("encoded-d1",)


def test_owners_who_have_not_released_are_named_and_their_words_are_not() -> None:
    with pytest.raises(Refused) as caught:
        assemble(chosen=["d1", "d2", "d3"], disclosures=[HEALTH, POLICE_SAYS], releases=(), reader=TEAM)
    assert caught.value.code == "product.not_released"
    assert caught.value.detail.endswith("health, police")
    assert "synthetic words" not in str(caught.value)


def test_a_release_by_the_owner_lets_a_part_into_the_product() -> None:
    releases = [release("police", "d3"), release("health", "d2")]
    cut = assemble(chosen=["d1", "d2", "d3"], disclosures=[HEALTH, POLICE_SAYS], releases=releases, reader=TEAM)
    assert cut.digests == ("d1", "d2", "d3")


def test_a_group_of_no_disclosure_or_hidden_from_the_manager_is_unknown() -> None:
    hidden = disclosure("health", group("d1", DataCategory.HEALTH_HISTORY, Audience.RECEIVING_TEAM))
    for disclosures in ([POLICE_SAYS], [hidden]):
        with pytest.raises(Unknown, match=r"product\.unknown_group"):
            assemble(chosen=["d1"], disclosures=disclosures, releases=(), reader=TEAM)


def test_an_owners_reasons_never_enter_a_product() -> None:
    reasons = disclosure("health", group("d1", DataCategory.REPLY_REASONS, *BOTH))
    with pytest.raises(Refused, match=r"product\.not_allowed"):
        assemble(chosen=["d1"], disclosures=[reasons], releases=(), reader=TEAM)


@pytest.mark.parametrize("chosen", [["d1"], []])
def test_a_product_goes_to_a_receiving_team_and_to_nobody_else(chosen: list[str]) -> None:
    for reader in (lead(POLICE), MANAGER, replace(TEAM, relation=Relation.NONE)):
        with pytest.raises(Refused, match=r"product\.not_allowed"):
            assemble(chosen=chosen, disclosures=[HEALTH], releases=(), reader=reader)


def test_a_product_may_hold_the_managers_words_alone() -> None:
    assert assemble(chosen=[], disclosures=[HEALTH], releases=(), reader=TEAM).digests == ()


@pytest.mark.parametrize("state", list(RequestState))
def test_whoever_was_asked_and_has_not_answered_is_a_missing_voice(state: RequestState) -> None:
    missing = missing_voices([AskedRequest(request_id="req-1", agency="health", state=state)])
    if state in {RequestState.ANSWERED, RequestState.WITHDRAWN}:
        assert missing == ()
    else:
        assert [(voice.request_id, voice.agency) for voice in missing] == [("req-1", "health")]
        assert missing[0].because


WHOLE = person("child-1", number(IdentifierKind.UPN, UPN), number(IdentifierKind.NHS, NHS)).model_copy(
    update={
        "identifiers": (
            number(IdentifierKind.PNC, PNC),
            number(IdentifierKind.UPN, UPN),
            number(IdentifierKind.LOCAL, "7", issuer="police"),
            number(IdentifierKind.LOCAL, "8", issuer="council"),
        ),
        "addresses": (Address(lines=("1 Hidden Street",), postcode="ZZ99 3WZ"),),
        "contacts": (Contact(system="phone", value="01632 960001"),),
        "school": Organisation(name="Hidden School"),
        "notes": ("a hidden note",),
        "relation": "sibling",
    }
)


def test_a_subject_is_told_by_what_the_council_files_people_under() -> None:
    told = described(WHOLE, ref="p-1", part="subject", agency=COUNCIL, mother="p-2")
    assert [one.value for one in told.identifiers] == ["8", UPN]
    assert (told.ref, told.names, told.birth_date, told.mother) == ("p-1", WHOLE.names, WHOLE.birth_date, "p-2")


def test_everybody_else_is_told_by_name_and_relation() -> None:
    told = described(WHOLE, ref="p-1", part="household", agency=COUNCIL, mother=None)
    assert (told.names, told.relation) == (WHOLE.names, "sibling")
    assert told.birth_date is None
    assert told.identifiers == ()


@pytest.mark.parametrize("part", ["subject", "household"])
def test_no_document_tells_where_anybody_is(part: str) -> None:
    told = described(WHOLE, ref="p-1", part=part, agency=COUNCIL, mother=None).model_dump_json().casefold()
    assert "hidden" not in told
    assert "zz99" not in told
    assert "01632" not in told
