"""One place alone: what leads elsewhere is not called, however it is spelt and whatever a name resolves to."""

from __future__ import annotations

import socket
from contextlib import suppress
from urllib.parse import urlsplit

import pytest
from aiohttp.abc import ResolveResult
from hypothesis import given
from hypothesis import strategies as st

from gateway.intake.pinned import Network, PinnedCaller, PinnedResolver, _meant, pinned
from schemas.errors import Refused, Rejected

BASE = "https://details.example/api"


@pytest.mark.parametrize(
    "url,spelt",
    [
        ("https://details.example/api/1?crn=X1", "https://details.example/api/1?crn=X1"),
        ("HTTPS://DETAILS.example:443/api/a/./b", "https://details.example/api/a/b"),
        ("https://details.example/api", "https://details.example/api"),
        ("https://details.example/other/../api/1", "https://details.example/api/1"),
    ],
)
def test_what_lies_below_is_called_as_it_is_spelt(url: str, spelt: str) -> None:
    assert pinned(url, BASE) == spelt


@pytest.mark.parametrize(
    "url",
    [
        "http://details.example/api/1",
        "https://details.example:8443/api/1",
        "https://details.example.elsewhere.example/api/1",
        "https://details.example@elsewhere.example/api/1",
        "https://elsewhere.example/api/1#@details.example",
        "https://details.example/apis/1",
        "https://details.example/api/../admin",
        "https://details.example/api/%2e%2e/admin",
        "https://details.example/api/..%2fadmin",
        "https://details.example/api/..%5cadmin",
        "https://details.example/api\\..\\admin",
        "https://details.example/api/..;/admin",
        "https://details.example/api/..;a=b/admin",
        "https://details.example/api/.;/..;x/admin",
        "https://details.example/api/..%3b/admin",
        "https://details.example/api/1#fragment",
        "https://details.example/api/1?a=\r\nHost: x",
        "//details.example/api/1",
        "/api/1",
        "",
        "https://details.example/api/" + "a" * 2_000,
    ],
)
def test_what_leads_elsewhere_is_refused(url: str) -> None:
    with pytest.raises((Refused, Rejected)):
        pinned(url, BASE)


@given(st.text(alphabet="htps:/.@#?\\%2eEfF5c[]aipdetls-x0", max_size=60))
def test_whatever_is_written_it_stays_in_its_place_or_is_refused(tail: str) -> None:
    for url in (tail, BASE + tail, f"https://details.example{tail}"):
        with suppress(Refused, Rejected):
            parts = urlsplit(pinned(url, BASE))
            assert (parts.scheme, parts.netloc) == ("https", "details.example")
            assert f"{parts.path}/".startswith("/api/")
            assert ".." not in parts.path.split("/")


ADDRESSES: dict[str, tuple[bool, bool, bool]] = {
    "8.8.8.8": (True, True, False),
    "2001:4860:4860::8888": (True, True, False),
    "10.0.0.1": (False, True, False),
    "192.168.1.1": (False, True, False),
    "fd00::1": (False, True, False),
    "127.0.0.1": (False, False, True),
    "127.9.9.9": (False, False, True),
    "::1": (False, False, True),
    "::ffff:127.0.0.1": (False, False, True),
    "::ffff:10.0.0.1": (False, True, False),
    "64:ff9b::7f00:1": (False, False, True),
    "2002:7f00:1::": (False, False, True),
    "169.254.169.254": (False, False, False),
    "::ffff:169.254.169.254": (False, False, False),
    "fe80::1": (False, False, False),
    "0.0.0.0": (False, False, False),  # noqa: S104 - what is refused
    "::": (False, False, False),
    "224.0.0.1": (False, False, False),
    "ff02::1": (False, False, False),
}
"""Each address with whether a public, a private and a loopback network takes it."""


@pytest.mark.parametrize("address", ADDRESSES)
@pytest.mark.parametrize("place,network", list(enumerate(("public", "private", "loopback"))))
async def test_a_name_leads_to_addresses_of_its_network_alone(
    address: str, place: int, network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolver = PinnedResolver(network)

    async def resolved(host: str, port: int, family: socket.AddressFamily) -> list[ResolveResult]:
        return [ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=0)]

    monkeypatch.setattr(resolver._inner, "resolve", resolved)
    if ADDRESSES[address][place]:
        assert [one["host"] for one in await resolver.resolve("name.example", 443)] == [address]
    else:
        with pytest.raises(OSError, match="network"):
            await resolver.resolve("name.example", 443)


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "[::ffff:127.0.0.1]", "169.254.169.254", "10.1.2.3"])
async def test_an_address_instead_of_a_name_is_looked_at_too(host: str) -> None:
    caller = PinnedCaller(base=f"https://{host}/api", network="public", seconds=2, limit=1_000)
    with pytest.raises(Refused) as refused:
        await caller.get(f"https://{host}/api/1", {})
    assert refused.value.code == "detail.address"
    await caller.close()


@pytest.mark.parametrize("host", ["0x7f000001", "2130706433", "127.1"])
async def test_another_spelling_of_an_address_is_no_way_around(host: str) -> None:
    caller = PinnedCaller(base=f"https://{host}/api", network="public", seconds=2, limit=1_000)
    with pytest.raises((Refused, Rejected)) as refused:
        await caller.get(f"https://{host}/api/1", {})
    assert refused.value.code in {"detail.address", "detail.url"}
    await caller.close()


def test_a_zone_of_an_address_changes_nothing() -> None:
    assert str(_meant("fe80::1%eth0")) == "fe80::1"
