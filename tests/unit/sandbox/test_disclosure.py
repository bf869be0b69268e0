from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crypto import canonical, digests
from sandbox import disclosure, jose
from sandbox.disclosure import Group, Reply, Sibling
from sandbox.failures import NotTrusted
from sandbox.keys import signing_key
from schemas.disclosure import DisclosedGroup, DisclosureClaims, ReleaseClaims, SealedAnswer
from schemas.disclosure import Reply as ReplyOnTheWire

KEY = signing_key("police.signing.1")
NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
ASKED = {"iss": "hub", "jti": "req_1", "persons": [{"ref": "p1"}, {"ref": "p2"}]}


def answered(*groups: Group) -> disclosure.Answer:
    sibling = Sibling(relation="sibling", given="Maisie", family="Pike", birth_date="2019-10-01")
    reply = Reply(decision="partial", reasons=("third_party",), siblings=(sibling,), groups=groups)
    return disclosure.answer(
        reply, request="a.b.c", claims=ASKED, agency="police", lead="sergeant", key=KEY, now=NOW
    )  # fmt: skip


def group(name: str) -> Group:
    return Group(name=name, category="police_incidents", items=((f"text of {name}", "log", "2026-01-01"),))


def test_the_hub_reads_an_answer_group_by_group() -> None:
    answer = answered(group("one"), group("two"))
    sealed = SealedAnswer.model_validate_json(answer.plaintext())
    claims = DisclosureClaims.model_validate_json(
        jose.verify(sealed.disclosure, {KEY.kid or "": KEY}, typ=disclosure.TYP)
    )
    found = {each.name: each for each in digests.matches(sealed.groups, claims.digests)}
    assert found.keys() == {"one", "two", "reply"}
    assert {name: each.digest for name, each in found.items()} == answer.digests
    DisclosedGroup.model_validate_json(canonical.dumps(found["one"].content))
    reply = ReplyOnTheWire.model_validate_json(canonical.dumps(found["reply"].content))
    assert reply.additional_persons[0].given == "Maisie"


@given(st.integers(0, 30))
def test_the_number_of_digests_reveals_no_hidden_group(count: int) -> None:
    real = [f"digest-{number}" for number in range(count)]
    padded = disclosure.with_decoys(real)
    assert len(padded) % 8 == 0
    assert len(padded) - count < 8
    assert set(real) <= set(padded)
    assert padded == sorted(padded)


def test_a_reader_verifies_what_is_shown_and_needs_nothing_of_the_rest() -> None:
    answer = answered(group("one"), group("two"))
    shown = {"id": "dis_1", "agency": "police", "disclosure": answer.disclosure, "groups": answer.encoded[:1]}
    view = disclosure.read_view(shown, {KEY.kid or "": KEY})
    assert view.texts == ("text of one",)
    assert view.digests == {"one": answer.digests["one"]}


def test_a_group_that_the_owner_did_not_sign_is_refused() -> None:
    answer = answered(group("one"))
    forged = disclosure.encode_group("one", group("one").content(["p1"]))
    shown = {"id": "dis_1", "agency": "police", "disclosure": answer.disclosure, "groups": [forged]}
    with pytest.raises(NotTrusted, match="signed"):
        disclosure.read_view(shown, {KEY.kid or "": KEY})
    repeated = {**shown, "groups": [answer.encoded[0], answer.encoded[0]]}
    with pytest.raises(NotTrusted, match="signed"):
        disclosure.read_view(repeated, {KEY.kid or "": KEY})
    with pytest.raises(NotTrusted, match="another agency"):
        disclosure.read_view({**shown, "agency": "health"}, {KEY.kid or "": KEY})


def test_a_later_release_is_as_the_wire_says() -> None:
    token = disclosure.release(
        disclosure="dis_1", digests=["d1"], audiences=["receiving_team"], agency="police", hub="hub", lead="sergeant",
        key=KEY, now=NOW,
    )  # fmt: skip
    claims = ReleaseClaims.model_validate_json(jose.verify(token, {KEY.kid or "": KEY}, typ=disclosure.RELEASE_TYP))
    assert (claims.iss, claims.disclosure, claims.lead) == ("police", "dis_1", "sergeant")
