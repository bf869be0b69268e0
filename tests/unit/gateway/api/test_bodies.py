"""What callers send as JSON: one object, closed, bounded in size and depth, and told apart without its values."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from urllib.parse import quote

import pytest

from schemas.vocabulary import Role
from tests.unit.gateway.api.caller import Caller, keys_of
from tests.unit.gateway.api.conftest import Api
from tests.unit.gateway.issuer import Issuer
from tests.unit.gateway.whole import claims_of

CANARY = "Zephyrine"
RATINGS = "/v1/referrals/ref_AAAAAAAAAAAAAAAAAAAAAA/ratings"
GOOD = '"rating":"green","threshold":1,"reasons":["r"]'


@pytest.fixture
def signed_in(issuer: Issuer, clock: Callable[[], datetime]) -> dict[str, str]:
    token = issuer.token(clock(), **claims_of(Role.SOCIAL_WORK_MANAGER))
    return {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}


async def test_a_body_of_the_right_shape_reaches_the_use_case(api: Api, signed_in: dict[str, str]) -> None:
    response = await api.post(RATINGS, data=f"{{{GOOD}}}", headers=signed_in)
    assert (response.status, (await response.json())["code"]) == (404, "referral.unknown")


@pytest.mark.parametrize(
    "body, at",
    [
        ('{"rating":"green","rating":"red","threshold":1,"reasons":["r"]}', ""),
        (f'{{{GOOD},"{CANARY}":1}}', ""),
        ('{"rating":"green","threshold":"1","reasons":["r"]}', "threshold"),
        ('{"rating":"green","threshold":1.5,"reasons":["r"]}', "threshold"),
        ('{"rating":"green","threshold":true,"reasons":["r"]}', "threshold"),
        ('{"rating":"green","threshold":NaN,"reasons":["r"]}', ""),
        (f'{{"rating":"{CANARY}","threshold":1,"reasons":["r"]}}', "rating"),
        ('{"rating":"green","threshold":1,"reasons":[7]}', "reasons.0"),
        ('{"rating":"green","threshold":1}', "reasons"),
        (f'["{CANARY}"]', ""),
        (f'"{CANARY}"', ""),
        ("", ""),
        ("{", ""),
        (f"{{{GOOD}}} {{}}", ""),
        (f'{{"reasons":{"[" * 40}{"]" * 40}}}', ""),
        ("\ufeff{}", ""),
    ],
    ids=[
        "a member twice",
        "an unknown member",
        "text for a number",
        "a fraction",
        "a truth for a number",
        "no number",
        "an unknown word",
        "a number for text",
        "a member missing",
        "a list",
        "a text",
        "nothing",
        "half of it",
        "two objects",
        "too deep",
        "a byte order mark",
    ],
)
async def test_any_other_body_is_refused_by_its_place_and_never_by_its_value(
    api: Api, signed_in: dict[str, str], body: str, at: str
) -> None:
    response = await api.post(RATINGS, data=body.encode(), headers=signed_in)
    told = await response.json()
    assert response.status in {413, 422}, told
    assert told["at"] == at or not at
    assert CANARY not in await response.text()


async def test_bytes_that_are_no_text_are_refused(api: Api, signed_in: dict[str, str]) -> None:
    assert (await api.post(RATINGS, data=b"{\xff\xfe}", headers=signed_in)).status == 422


@pytest.mark.parametrize("announced", [True, False])
async def test_three_hundred_kilobytes_are_too_much(api: Api, signed_in: dict[str, str], *, announced: bool) -> None:
    body = f'{{"rating":"green","threshold":1,"reasons":["{"x" * 300_000}"]}}'.encode()

    async def unannounced() -> object:
        for start in range(0, len(body), 50_000):
            yield body[start : start + 50_000]

    response = await api.post(RATINGS, data=body if announced else unannounced(), headers=signed_in)
    assert (response.status, (await response.json())["code"]) == (413, "message.too_large")


@pytest.mark.parametrize("limit", ["0", "201", "-1", "x", "1e3", "\u0663", "9" * 30, "0000019999", ""])
async def test_a_page_of_a_mailbox_has_one_to_two_hundred(api: Api, clock: Callable[[], datetime], limit: str) -> None:
    caller = Caller(api=api, now=clock, keys=keys_of("police.desk"))
    await caller.sign_in()
    response = await caller.call("GET", f"/v1/mailbox?limit={quote(limit)}")
    assert (response.status, (await response.json())["code"]) == (422, "mailbox.limit")
    assert (await caller.call("GET", "/v1/mailbox?limit=200")).status == 200
