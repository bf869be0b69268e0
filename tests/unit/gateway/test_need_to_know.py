"""Handling at work, without a wire: what reaches whom, on which referral, and when."""

from __future__ import annotations

from dataclasses import replace

import pytest
from click.testing import CliRunner

from gateway.bootstrap import Gateway
from gateway.casework.asking import Wanted
from gateway.casework.explaining import Question
from gateway.casework.shown import Explained, ReferralShown
from gateway.cli.policy import _rule, policy
from routing import readership
from routing.need_to_know import Reader, Relation
from sandbox.people import Character
from schemas.errors import Refused, Unknown
from schemas.hub import Withhold
from schemas.vocabulary import DataCategory, Datum, HandlingMark, Rating, Role
from tests.gateway.natives import NARRATIVE, POSTCODE, STREET, child, marked, notice
from tests.unit.gateway.case import TEAM, WHY, asked, decided, opened, rated
from tests.unit.gateway.fixtures import gateway, hub_file, issuer
from tests.unit.gateway.whole import entries, person

__all__ = ["gateway", "hub_file", "issuer"]

PLACES = (STREET, POSTCODE)
TELLS = r"handling\.hidden_location"


async def told(gateway: Gateway, message: bytes, *, feed: str = "police-ppn") -> str:
    """The referral that a message reached."""
    answered = await gateway.intake.receive(gateway.feeds[feed], message, "police.desk")
    async with gateway.store.reading() as work:
        (item,) = await work.messages.items(answered.message_id)
    return str(item.referral_id)


async def seen(gateway: Gateway, referral: str, name: str) -> ReferralShown:
    return await gateway.viewing.referral(person(name), referral)


def hidden(shown: ReferralShown) -> bool:
    """Whether nothing of it tells a place, and the reader is told that something is kept back."""
    text = shown.model_dump_json()
    return not any(place in text for place in (*PLACES, NARRATIVE)) and bool(shown.withheld)


@pytest.mark.parametrize("name", ["coordinator", "screener", "other_manager"])
async def test_a_hidden_family_s_places_and_words_are_for_the_manager_of_the_case(gateway: Gateway, name: str) -> None:
    referral = await told(gateway, marked(notice(), hiddenLocation="true"))
    await rated(gateway, referral)
    shown = await seen(gateway, referral, name)
    assert hidden(shown)
    assert shown.subjects[0].names
    assert shown.subjects[0].kept_back
    assert [one.ask for one in shown.withheld] == ["the manager of the case"]
    own = await seen(gateway, referral, "manager")
    text = own.model_dump_json()
    assert all(place in text for place in (*PLACES, NARRATIVE))
    assert own.handling == (HandlingMark.HIDDEN_LOCATION,)
    assert own.withheld == ()
    assert "the manager of the case decides on the fullest picture" in own.notifications[0].because.values()


async def test_a_notification_that_hides_reaches_what_was_received_before_it(gateway: Gateway) -> None:
    referral = await told(gateway, notice())
    assert not hidden(await seen(gateway, referral, "screener"))
    assert await told(gateway, marked(notice(), hiddenLocation="true")) == referral
    shown = await seen(gateway, referral, "screener")
    assert hidden(shown)
    assert len(shown.notifications) == 2


async def test_a_sibling_of_a_hidden_child_hides_on_a_referral_of_its_own(gateway: Gateway) -> None:
    mother = Character(given="Ottoline", family="Quillfeather", born=child().born, nhs=child(5).nhs)
    first = await told(gateway, notice(child(1), mother=mother))
    sibling = await told(gateway, notice(child(2), mother=mother))
    stranger = await told(gateway, notice(child(3)))
    assert len({first, sibling, stranger}) == 3
    # Neither the mother nor the sibling is named by what hides: the mother shares a referral with the child who is.
    await told(gateway, marked(notice(child(1), adults=False), hiddenLocation="true"))
    for referral in (first, sibling):
        assert hidden(await seen(gateway, referral, "screener")), referral
    assert not hidden(await seen(gateway, stranger, "screener"))


async def test_limited_access_leaves_the_desk_names_and_no_word_of_the_case(gateway: Gateway) -> None:
    referral = await told(gateway, marked(notice(), restricted="true"))
    for name in ("coordinator", "screener"):
        shown = await seen(gateway, referral, name)
        assert hidden(shown)
        assert shown.suggestion is None
        (one,) = shown.notifications
        assert (one.categories, one.narrative, one.danger) == (None, None, None)
        assert one.agency == "police"
        assert all(who.names and not who.identifiers for who in (*shown.subjects, *shown.household))
    # Some manager must rate it: until one does, all may read; from then on that one.
    assert (await seen(gateway, referral, "other_manager")).notifications[0].narrative
    await rated(gateway, referral)
    assert hidden(await seen(gateway, referral, "other_manager"))
    assert (await seen(gateway, referral, "manager")).notifications[0].narrative


async def test_a_protected_source_is_told_to_the_manager_who_carries_the_case(gateway: Gateway) -> None:
    referral = await told(gateway, notice())
    assert (await seen(gateway, referral, "screener")).notifications[0].agency == "police"
    await told(gateway, marked(notice(), sourceProtection="true"))
    for name in ("coordinator", "screener", "other_manager"):
        shown = await seen(gateway, referral, name)
        assert [one.agency for one in shown.notifications] == [None, None], name
        assert [one.referrer for one in shown.notifications] == [None, None]
        assert "police" not in shown.model_dump_json()
        assert shown.withheld
    await rated(gateway, referral)
    assert {one.agency for one in (await seen(gateway, referral, "manager")).notifications} == {"police"}


async def test_a_request_tells_no_postcode_of_a_family_that_hides(gateway: Gateway) -> None:
    referral = await told(gateway, marked(notice(), hiddenLocation="true"))
    await rated(gateway, referral)
    request = await asked(gateway, referral)
    async with gateway.store.reading() as work:
        note = await gateway.viewing._office.dossier.request(work, await work.requests.get(request))
    assert [one.postcode for one in note.request.persons] == ["", ""]
    assert POSTCODE not in note.signed


async def test_a_request_that_nobody_opened_goes_out_anew_once_the_family_hides(gateway: Gateway) -> None:
    referral = await told(gateway, notice())
    await rated(gateway, referral)
    request = await asked(gateway, referral)

    async def postcodes() -> tuple[list[str], list[str]]:
        async with gateway.store.reading() as work:
            note = await gateway.viewing._office.dossier.request(work, await work.requests.get(request))
            states = sorted(one.state for one in await work.envelopes.of_subject(request))
        return [one.postcode for one in note.request.persons], states

    assert await postcodes() == ([POSTCODE, POSTCODE], ["sealed"])
    await gateway.watch.round()
    assert await postcodes() == ([POSTCODE, POSTCODE], ["sealed"])
    await told(gateway, marked(notice(), hiddenLocation="true"))
    for _ in range(2):
        await gateway.watch.round()
        assert await postcodes() == (["", ""], ["replaced", "sealed"])


@pytest.mark.parametrize("words", [f"They are at 1 {STREET.upper()}", f"see {POSTCODE.lower()}"])
async def test_no_manager_s_words_tell_where_a_hidden_family_is(gateway: Gateway, words: str) -> None:
    referral = await told(gateway, marked(notice(), hiddenLocation="true"))
    await rated(gateway, referral)
    manager = person("manager")
    wanted = Wanted(agency="health", categories=(DataCategory.HEALTH_HISTORY,), questions=(words,))
    with pytest.raises(Refused, match=TELLS):
        await gateway.asking.ask(manager, referral, [wanted], None, WHY)
    with pytest.raises(Refused, match=TELLS):
        await gateway.asking.ask(manager, referral, [replace(wanted, questions=())], None, replace(WHY, purpose=words))
    await decided(gateway, referral)
    with pytest.raises(Refused, match=TELLS):
        await gateway.products.send(manager, referral, recipient=TEAM, summary=words, parts={})
    with pytest.raises(Refused, match=TELLS):
        await gateway.deciding.feed_back(manager, referral, words)
    await gateway.products.send(manager, referral, recipient=TEAM, summary="They are safe", parts={})


async def test_the_policy_says_which_row_shows_and_what_stops_it(gateway: Gateway) -> None:
    referral = await told(gateway, marked(notice(), hiddenLocation="true"))
    screener = Reader(
        role=Role.SCREENING_OFFICER,
        agency="council",
        relation=Relation.DESK,
        purpose=readership.purpose_of(Relation.DESK),
    )

    async def why(question: Question) -> Explained:
        return await gateway.policy.explain("person:t.auditor", referral, question)

    narrative = Question(reader=screener, datum=Datum.NARRATIVE)
    names, words = await why(replace(narrative, datum=Datum.NAMES)), await why(narrative)
    assert (names.shown, names.row) == (True, "whom it is about: screening officer")
    assert (words.shown, words.stopped_by, words.marked) == (False, (HandlingMark.HIDDEN_LOCATION,), True)
    nobody = await why(replace(narrative, reader=replace(screener, role=Role.ANALYST)))
    assert (nobody.shown, nobody.stopped_by, nobody.marked) == (False, (), False)
    with pytest.raises(Unknown):
        await why(replace(narrative, about="msg_00000000000000000000000000"))
    with pytest.raises(Unknown):
        await why(Question(reader=screener, group="no-such-digest"))
    told_of = sorted(
        (one["detail"]["datum"], one["detail"]["shown"]) for one in await entries(gateway, "policy.explained")
    )
    assert told_of == [("names", True), ("narrative", False), ("narrative", False)]


async def test_a_change_is_tried_on_past_referrals_and_tells_who_sees_more_and_who_less(gateway: Gateway) -> None:
    green, red = await opened(gateway), await told(gateway, notice(child(1)))
    await rated(gateway, green, Rating.GREEN)
    await rated(gateway, red, Rating.RED)
    row = Withhold(
        role=Role.SCREENING_OFFICER, data=(Datum.NARRATIVE,), ratings=(Rating.GREEN,), because="not at green"
    )
    after = gateway.hub.model_copy(update={"withholds": (row,)})
    looked, found = await gateway.policy.simulate("operator", after)
    assert looked == 2
    assert {one.reader for one in found} == {
        "screening officer (desk)",
        *(f"screening officer of {agency} (desk)" for agency in ("police", "health", "council")),
    }
    assert {(one.more, one.less, one.less_in) for one in found} == {(0, 1, (green,))}
    # Nothing was changed by it.
    assert (await seen(gateway, green, "screener")).notifications[0].narrative
    assert await gateway.policy.simulate("operator", gateway.hub) == (2, ())
    assert len(await entries(gateway, "policy.simulated")) == 2


async def test_a_row_of_the_hub_s_is_in_force_once_it_stands_in_its_file(gateway: Gateway) -> None:
    referral = await opened(gateway)
    row = Withhold(role=Role.SCREENING_OFFICER, data=(Datum.NARRATIVE,), because="the hub says so")
    gateway.configuration.take_up(gateway.hub.model_copy(update={"withholds": (row,)}), "digest", 1)
    shown = await seen(gateway, referral, "screener")
    assert shown.notifications[0].narrative is None
    assert shown.notifications[0].kept_back
    assert shown.withheld


def test_a_rule_is_read_as_it_is_written() -> None:
    assert _rule("screening_officer of council: narrative, notes where restricted at green, amber") == Withhold(
        role=Role.SCREENING_OFFICER,
        agency="council",
        data=(Datum.NARRATIVE, Datum.NOTES),
        handling=HandlingMark.RESTRICTED,
        ratings=(Rating.GREEN, Rating.AMBER),
        because="simulated",
    )


@pytest.mark.parametrize(
    "rule", ["social_work_manager: narrative", "coordinator: everything", "coordinator narrative", "coordinator: "]
)
def test_a_rule_that_means_nothing_is_refused_with_its_place(rule: str) -> None:
    refused = CliRunner().invoke(policy, ["simulate", "--rule", rule])
    assert refused.exit_code == 2
    assert "rule" in refused.output


def test_every_row_is_told_with_its_version() -> None:
    told = CliRunner().invoke(policy, ["rows"]).output
    assert "need-to-know/" in told
    assert "notified/" in told
    assert "source_protection limits source" in told
