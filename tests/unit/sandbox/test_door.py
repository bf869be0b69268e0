from __future__ import annotations

from tests.unit.sandbox.conftest import Wire


async def test_nonces_are_taken_up_and_the_token_is_fetched_once(wire: Wire) -> None:
    for _ in range(3):
        assert (await wire.lead.door.call("GET", "/v1/mailbox?limit=50")).status == 200
    assert wire.hub.tokens_given == 1


async def test_a_new_nonce_in_the_middle_is_no_failure(wire: Wire) -> None:
    await wire.lead.door.call("GET", "/v1/mailbox")
    wire.hub.nonce = "another-nonce"
    assert (await wire.lead.door.call("GET", "/v1/mailbox")).status == 200


async def test_a_token_that_the_hub_has_forgotten_is_asked_for_again(wire: Wire) -> None:
    await wire.lead.door.call("GET", "/v1/mailbox")
    wire.hub._access.clear()
    assert (await wire.lead.door.call("GET", "/v1/mailbox")).status == 200
    assert wire.hub.tokens_given == 2


async def test_what_the_hub_can_not_do_now_is_asked_again(wire: Wire) -> None:
    wire.hub.unavailable = 2
    assert (await wire.lead.door.call("GET", "/v1/mailbox")).status == 200
    assert wire.hub.unavailable == 0
