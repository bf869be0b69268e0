from __future__ import annotations

import pytest

from routing.replies import check
from schemas.disclosure import OpenedGroup, ReceivedDisclosure, Reply
from schemas.errors import Rejected
from schemas.vocabulary import DataCategory, RefusalReason, ReplyDecision
from tests.unit.routing.builders import disclosure, group, request

REQUEST = request()
DIGEST = "digest-of-request"
GROUP = group("d1")
REASON = (RefusalReason.THIRD_PARTY,)


def answer(decision: ReplyDecision, *groups: OpenedGroup, **said: object) -> ReceivedDisclosure:
    return disclosure("health", *groups, reply=Reply.model_validate({"decision": decision, **said}))


GOOD = answer(ReplyDecision.DISCLOSE, GROUP)


@pytest.mark.parametrize(
    "fitting",
    [
        GOOD,
        answer(ReplyDecision.PARTIAL, GROUP, reasons=REASON),
        answer(ReplyDecision.REFUSE, reasons=REASON),
        answer(ReplyDecision.NOTHING_HELD),
        answer(ReplyDecision.CLARIFY, explanation="which of the two?"),
        answer(ReplyDecision.DISCLOSE, group("d1", persons=("p1",)), group("d2")),
        answer(ReplyDecision.DISCLOSE, group("d1", DataCategory.HOUSEHOLD, name="additional-1")),
    ],
    ids=["disclose", "partial", "refuse", "nothing held", "clarify", "several", "additional"],
)
def test_a_fitting_answer_passes(fitting: ReceivedDisclosure) -> None:
    check(fitting, REQUEST, DIGEST)


@pytest.mark.parametrize(
    "unfitting, code",
    [
        (answer(ReplyDecision.DISCLOSE), "disclosure.empty"),
        (answer(ReplyDecision.PARTIAL, GROUP), "disclosure.no_reason"),
        (answer(ReplyDecision.PARTIAL, reasons=REASON), "disclosure.empty"),
        (answer(ReplyDecision.REFUSE), "disclosure.no_reason"),
        (answer(ReplyDecision.REFUSE, GROUP, reasons=REASON), "disclosure.groups"),
        (answer(ReplyDecision.NOTHING_HELD, GROUP), "disclosure.groups"),
        (answer(ReplyDecision.CLARIFY, explanation=" "), "disclosure.no_question"),
        (answer(ReplyDecision.CLARIFY, GROUP, explanation="which?"), "disclosure.groups"),
        (answer(ReplyDecision.DISCLOSE, group("d1", DataCategory.HOUSEHOLD)), "disclosure.category"),
        (
            answer(ReplyDecision.DISCLOSE, group("d1", DataCategory.HOUSEHOLD, name="additionally")),
            "disclosure.category",
        ),
        (answer(ReplyDecision.DISCLOSE, group("d1", persons=("p2",))), "disclosure.persons"),
        (answer(ReplyDecision.DISCLOSE, group("d1", name="reply")), "disclosure.names"),
        (answer(ReplyDecision.DISCLOSE, group("d1", name="same"), group("d2", name="same")), "disclosure.names"),
        (answer(ReplyDecision.DISCLOSE, group("d1", name="a"), group("d1", name="b")), "disclosure.digests"),
    ],
)
def test_an_answer_that_its_content_does_not_bear_out_is_rejected(unfitting: ReceivedDisclosure, code: str) -> None:
    with pytest.raises(Rejected) as caught:
        check(unfitting, REQUEST, DIGEST)
    assert caught.value.code == code
    assert caught.value.at


@pytest.mark.parametrize(
    "field, value, code",
    [
        ("iss", "police", "disclosure.issuer"),
        ("aud", "another-hub", "disclosure.audience"),
        ("request", "req-other", "disclosure.request"),
        ("request_digest", "other", "disclosure.request_digest"),
        ("decision", ReplyDecision.PARTIAL, "disclosure.decision"),
        ("digests", tuple(one for one in GOOD.claims.digests if one != "d1"), "disclosure.digests"),
        ("digests", ("d1",), "disclosure.digests"),
    ],
)
def test_every_claim_is_held_against_the_request(field: str, value: object, code: str) -> None:
    claims = GOOD.claims.model_copy(update={field: value})
    with pytest.raises(Rejected) as caught:
        check(GOOD.model_copy(update={"claims": claims}), REQUEST, DIGEST)
    assert caught.value.code == code


@pytest.mark.parametrize("field, value", [("agency", "police"), ("request", "req-other")])
def test_what_the_hub_recorded_must_agree_with_what_was_signed(field: str, value: str) -> None:
    with pytest.raises(Rejected):
        check(GOOD.model_copy(update={field: value}), REQUEST, DIGEST)


def test_a_rejection_names_fields_and_no_contents() -> None:
    with pytest.raises(Rejected) as caught:
        check(answer(ReplyDecision.DISCLOSE, group("d1", persons=("p2",))), REQUEST, DIGEST)
    assert caught.value.at == "groups[0].persons"
    assert "p2" not in str(caught.value)
