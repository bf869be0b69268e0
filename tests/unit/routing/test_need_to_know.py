from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing import need_to_know
from routing.need_to_know import Policy, Purpose, Reader, Relation, View, policy_document, still_allowed, view
from schemas.disclosure import Audience, OpenedGroup, ReceivedDisclosure, ReleaseClaims
from schemas.hub import Withhold
from schemas.vocabulary import DataCategory, HandlingMark, Rating, Role, Sector
from tests.unit.routing.builders import (
    COUNCIL,
    HEALTH,
    MANAGER,
    POLICE,
    TEAM,
    agency,
    disclosure,
    group,
    lead,
    release,
)

C, A = DataCategory, Audience
EVERYBODY = tuple(Audience)
HEALTH_TEXT = {C.HEALTH_HISTORY, C.HEALTH_MENTAL, C.MATERNITY}
AUDIENCE_OF = {
    Role.SOCIAL_WORK_MANAGER: A.SOCIAL_WORK_MANAGER,
    Role.RECEIVING_TEAM: A.RECEIVING_TEAM,
    Role.PROFESSIONAL_LEAD: A.PROFESSIONAL_LEADS,
}
OWNERS = ("health", "police", "council")
MARKS = st.frozensets(st.sampled_from(list(HandlingMark)))
WITHHOLDS = st.lists(
    st.builds(
        Withhold,
        role=st.sampled_from([Role.PROFESSIONAL_LEAD, Role.RECEIVING_TEAM]),
        data=st.lists(st.sampled_from(list(DataCategory)), min_size=1, max_size=8).map(tuple),
        agency=st.sampled_from(["", *OWNERS]),
        ratings=st.lists(st.sampled_from(list(Rating)), max_size=1).map(tuple),
        handling=st.sampled_from([None, *HandlingMark]),
        because=st.just("the hub says so"),
    ),
    max_size=4,
).map(tuple)

READERS = st.builds(
    Reader,
    role=st.sampled_from(list(Role)),
    agency=st.sampled_from(OWNERS),
    sector=st.sampled_from([None, *Sector]),
    recipient=st.just(""),
    purpose=st.sampled_from(list(Purpose)),
    relation=st.sampled_from(list(Relation)),
) | st.sampled_from([MANAGER, TEAM, lead(POLICE), lead(HEALTH), lead(COUNCIL)])


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[ReceivedDisclosure], list[ReleaseClaims], set[str]]:
    disclosures, releases, digests = [], [], []
    for owner in OWNERS:
        groups = [
            group(
                f"{owner}-{place}",
                draw(st.sampled_from(list(C))),
                *draw(st.lists(st.sampled_from(EVERYBODY), max_size=3)),
                sensitive=draw(st.booleans()),
            )
            for place in range(draw(st.integers(0, 3)))
        ]
        digests += [one.digest for one in groups]
        disclosures.append(disclosure(owner, *groups))
        for one in groups:
            if draw(st.booleans()):
                issuer = draw(st.sampled_from(OWNERS))
                releases.append(release(owner, one.digest, to=draw(st.sampled_from(EVERYBODY)), issuer=issuer))
    chosen = draw(st.sets(st.sampled_from(digests))) if digests else set()
    return disclosures, releases, chosen


def released(one: OpenedGroup, owner: str, releases: list[ReleaseClaims]) -> set[Audience]:
    since = {to for each in releases if each.iss == owner and one.digest in each.digests for to in each.audiences}
    return set(one.content.audiences) | since


@given(READERS, cases())
def test_nobody_is_ever_shown_a_group_that_its_owner_did_not_release_to_them(
    reader: Reader, case: tuple[list[ReceivedDisclosure], list[ReleaseClaims], set[str]]
) -> None:
    disclosures, releases, chosen = case
    for shown in view(reader, disclosures, releases, product=chosen).shown:
        for one in shown.groups:
            own = reader.role is Role.PROFESSIONAL_LEAD and shown.agency == reader.agency
            assert own or AUDIENCE_OF[reader.role] in released(one.group, shown.agency, releases)
            assert one.because


@given(READERS, cases())
def test_whatever_no_row_speaks_of_is_denied_without_a_trace(
    reader: Reader, case: tuple[list[ReceivedDisclosure], list[ReleaseClaims], set[str]]
) -> None:
    disclosures, releases, chosen = case
    expected = {
        (Role.SOCIAL_WORK_MANAGER, Relation.ASSIGNED, Purpose.DECIDE),
        (Role.PROFESSIONAL_LEAD, Relation.ASKED, Purpose.ANSWER),
        (Role.RECEIVING_TEAM, Relation.RECEIVING, Purpose.ACT),
    }
    if (reader.role, reader.relation, reader.purpose) not in expected:
        cut = view(reader, disclosures, releases, product=chosen)
        assert cut == View(reader=reader, known=False)
        assert not still_allowed(reader, [], disclosures, releases)


@given(READERS, cases())
def test_a_group_whose_existence_is_sensitive_leaves_no_trace_for_who_may_not_see_it(
    reader: Reader, case: tuple[list[ReceivedDisclosure], list[ReleaseClaims], set[str]]
) -> None:
    disclosures, releases, chosen = case
    cut = view(reader, disclosures, releases, product=chosen)
    without = [
        each.model_copy(
            update={
                "groups": tuple(
                    one for one in each.groups if one.digest in cut.digests or not one.content.existence_sensitive
                )
            }
        )
        for each in disclosures
    ]
    assert view(reader, without, releases, product=chosen) == cut
    assert policy_document(view(reader, without, releases, product=chosen)) == policy_document(cut)


@given(READERS, cases())
def test_markers_say_whom_to_ask_and_not_what_or_how_much(
    reader: Reader, case: tuple[list[ReceivedDisclosure], list[ReleaseClaims], set[str]]
) -> None:
    disclosures, releases, chosen = case
    cut = view(reader, disclosures, releases, product=chosen, ask={"health": "the named nurse"})
    agencies = [marker.agency for marker in cut.withheld]
    assert agencies == sorted(set(agencies))
    assert len({marker.because for marker in cut.withheld}) <= 1
    assert all(
        marker.ask == ("the named nurse" if marker.agency == "health" else marker.agency) for marker in cut.withheld
    )
    for marker in cut.withheld:
        assert not any(category in marker.because for category in C)


@given(READERS, cases())
def test_at_opening_exactly_what_would_be_shown_now_is_allowed(
    reader: Reader, case: tuple[list[ReceivedDisclosure], list[ReleaseClaims], set[str]]
) -> None:
    disclosures, releases, chosen = case
    cut = view(reader, disclosures, releases, product=chosen)
    for each in disclosures:
        for one in each.groups:
            allowed = still_allowed(reader, [one.digest], disclosures, releases, product=chosen)
            assert allowed is (one.digest in cut.digests)
    assert still_allowed(reader, cut.digests, disclosures, releases, product=chosen, replies=cut.replies) is cut.known
    assert not still_allowed(reader, [*cut.digests, "unheard-of"], disclosures, releases, product=chosen)


@given(st.sampled_from([sector for sector in Sector if sector is not Sector.HEALTH]), cases())
def test_no_lead_outside_health_is_shown_health_text_of_another_agency(
    sector: Sector, case: tuple[list[ReceivedDisclosure], list[ReleaseClaims], set[str]]
) -> None:
    disclosures, releases, _ = case
    reader = lead(agency("elsewhere", sector))
    for shown in view(reader, disclosures, releases).shown:
        assert not any(one.group.content.category in HEALTH_TEXT for one in shown.groups)


@given(READERS, cases(), MARKS, MARKS)
def test_more_handling_never_shows_more(
    reader: Reader,
    case: tuple[list[ReceivedDisclosure], list[ReleaseClaims], set[str]],
    marks: frozenset[HandlingMark],
    of_owners: frozenset[HandlingMark],
) -> None:
    disclosures, releases, chosen = case
    limited = [
        each.model_copy(
            update={
                "groups": tuple(
                    one.model_copy(
                        update={"content": one.content.model_copy(update={"handling": tuple(sorted(of_owners))})}
                    )
                    for one in each.groups
                )
            }
        )
        for each in disclosures
    ]
    before = view(reader, disclosures, releases, product=chosen)
    assert set(view(reader, limited, releases, product=chosen, marks=marks).digests) <= set(before.digests)


@given(READERS, cases(), WITHHOLDS)
def test_the_hub_s_own_rows_take_away_and_never_from_the_manager_nor_the_owner(
    reader: Reader,
    case: tuple[list[ReceivedDisclosure], list[ReleaseClaims], set[str]],
    withholds: tuple[Withhold, ...],
) -> None:
    disclosures, releases, chosen = case
    core = view(reader, disclosures, releases, product=chosen)
    narrowed = view(reader, disclosures, releases, product=chosen, policy=Policy(withholds=withholds))
    assert set(narrowed.digests) <= set(core.digests)
    assert narrowed.replies == core.replies
    if reader.role is Role.SOCIAL_WORK_MANAGER:
        assert narrowed == core
    own = {one.digest for each in disclosures if each.agency == reader.agency for one in each.groups}
    if reader.role is Role.PROFESSIONAL_LEAD:
        assert own & set(core.digests) <= set(narrowed.digests)


def test_a_row_of_the_hub_s_keeps_from_others_and_not_from_the_owner() -> None:
    told = disclosure("police", group("d1", C.POLICE_INTELLIGENCE, *EVERYBODY))
    row = Withhold(role=Role.PROFESSIONAL_LEAD, data=(C.POLICE_INTELLIGENCE,), because="the hub says so")
    policy, other = Policy(withholds=(row,)), lead(agency("transport", Sector.POLICE))
    assert view(other, [told]).digests == ("d1",)
    assert view(other, [told], policy=policy).digests == ()
    assert [marker.agency for marker in view(other, [told], policy=policy).withheld] == ["police"]
    assert not still_allowed(other, ["d1"], [told], policy=policy)
    assert view(lead(POLICE), [told], policy=policy).digests == ("d1",)


def test_a_source_that_the_owner_protects_is_for_the_manager_and_the_owner_alone() -> None:
    protected = disclosure(
        "police",
        group("d1", C.POLICE_INTELLIGENCE, *EVERYBODY, handling=(HandlingMark.SOURCE_PROTECTION,)),
        group("d2", C.POLICE_INCIDENTS, *EVERYBODY, handling=(HandlingMark.RESTRICTED,)),
    )
    assert view(MANAGER, [protected]).digests == ("d1", "d2")
    assert view(lead(POLICE), [protected]).digests == ("d1", "d2")
    cut = view(TEAM, [protected], product={"d1", "d2"})
    assert cut.digests == ("d2",)
    assert [marker.agency for marker in cut.withheld] == ["police"]
    assert view(lead(agency("transport", Sector.POLICE)), [protected]).digests == ()


def test_where_a_family_hides_is_no_other_lead_s_to_read() -> None:
    told = disclosure("health", group("d1", C.HOUSEHOLD, *EVERYBODY))
    hidden = frozenset({HandlingMark.HIDDEN_LOCATION})
    assert view(lead(POLICE), [told]).digests == ("d1",)
    assert view(lead(POLICE), [told], marks=hidden).digests == ()
    assert view(lead(HEALTH), [told], marks=hidden).digests == ("d1",)
    assert view(TEAM, [told], product={"d1"}, marks=hidden).digests == ("d1",)


def test_the_manager_of_the_case_sees_every_disclosure_released_to_managers_and_every_reply() -> None:
    cut = view(MANAGER, [disclosure("health", group("d1")), disclosure("police", group("d2", C.POLICE_INCIDENTS))])
    assert cut.digests == ("d1", "d2")
    assert cut.replies == ("dis-health", "dis-police")
    assert cut.withheld == ()
    sent = cut.shown[0].as_sent()
    assert (sent.disclosure, sent.groups) == ("signed-health", ("encoded-reply-health", "encoded-d1"))


def test_a_manager_of_another_case_is_told_of_nothing() -> None:
    stranger = replace(MANAGER, relation=Relation.NONE)
    assert not view(stranger, [disclosure("health", group("d1"))]).known


def test_the_manager_is_not_shown_what_the_owner_kept_from_managers() -> None:
    cut = view(MANAGER, [disclosure("health", group("d1", C.HEALTH_HISTORY, A.RECEIVING_TEAM))], ask={"health": "lead"})
    assert cut.digests == ()
    assert [(marker.agency, marker.ask) for marker in cut.withheld] == [("health", "lead")]


def test_the_reply_is_for_the_manager_alone() -> None:
    everything = disclosure("health", group("d1", C.REPLY_REASONS, *EVERYBODY), group("d2", C.HOUSEHOLD, *EVERYBODY))
    assert view(MANAGER, [everything]).replies == ("dis-health",)
    for reader in (TEAM, lead(POLICE), lead(HEALTH)):
        cut = view(reader, [everything], product={"d1", "d2"})
        assert cut.replies == ()
        assert cut.digests == ("d2",)
        assert "encoded-reply-health" not in cut.shown[0].as_sent().groups
        assert not still_allowed(reader, [], [everything], replies=["dis-health"])


def test_police_see_no_health_text_even_where_health_released_it_to_leads() -> None:
    cut = view(lead(POLICE), [disclosure("health", group("d1", C.HEALTH_HISTORY, A.PROFESSIONAL_LEADS))])
    assert cut.digests == ()
    assert [marker.agency for marker in cut.withheld] == ["health"]


def test_a_lead_reads_what_its_own_agency_disclosed() -> None:
    own = disclosure("police", group("d1", C.POLICE_INTELLIGENCE, sensitive=True))
    assert view(lead(POLICE), [own]).digests == ("d1",)


def test_leads_of_one_profession_share_what_was_released_to_leads() -> None:
    theirs = disclosure("health", group("d1", C.MATERNITY, A.PROFESSIONAL_LEADS), group("d2", C.MATERNITY))
    assert view(lead(agency("hospital", Sector.HEALTH)), [theirs]).digests == ("d1",)


def test_the_receiving_team_sees_the_product_alone() -> None:
    given_to_team = group("d1", C.HEALTH_HISTORY, A.SOCIAL_WORK_MANAGER, A.RECEIVING_TEAM)
    left_out = group("d2", C.HEALTH_HISTORY, A.SOCIAL_WORK_MANAGER, A.RECEIVING_TEAM)
    cut = view(TEAM, [disclosure("health", given_to_team, left_out)], product={"d1"})
    assert cut.digests == ("d1",)
    assert [marker.agency for marker in cut.withheld] == ["health"]


def test_a_later_release_by_the_owner_opens_a_group_and_nobody_elses_does() -> None:
    held = [disclosure("health", group("d1"))]
    assert view(TEAM, held, [release("health", "d1")], product={"d1"}).digests == ("d1",)
    assert view(TEAM, held, [release("health", "d1", issuer="police")], product={"d1"}).digests == ()
    assert view(TEAM, held, [release("police", "d1")], product={"d1"}).digests == ()
    assert view(TEAM, held, [release("health", "d2")], product={"d1"}).digests == ()


def test_the_policy_document_names_reader_groups_purpose_and_rules_and_no_contents() -> None:
    document = json.loads(policy_document(view(MANAGER, [disclosure("health", group("d2"), group("d1"))])))
    assert document == {
        "rules": need_to_know.VERSION,
        "reader": {"role": "social_work_manager", "agency": "council", "recipient": "", "relation": "assigned"},
        "purpose": "decide",
        "groups": ["d1", "d2"],
        "replies": ["dis-health"],
    }


@pytest.mark.parametrize(
    "other",
    [
        replace(MANAGER, agency="other"),
        replace(MANAGER, recipient="other"),
        replace(MANAGER, role=Role.ANALYST),
        replace(MANAGER, relation=Relation.ASKED),
        replace(MANAGER, purpose=Purpose.ACT),
    ],
    ids=["agency", "recipient", "role", "relation", "purpose"],
)
def test_another_reader_is_another_policy(other: Reader) -> None:
    cut = view(MANAGER, [disclosure("health", group("d1"))])
    assert policy_document(cut) != policy_document(replace(cut, reader=other))
