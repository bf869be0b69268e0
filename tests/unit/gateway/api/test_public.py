"""What anybody may read."""

from __future__ import annotations

import pytest

from gateway.bootstrap import Gateway
from schemas.errors import Unavailable
from tests.gateway import borough
from tests.unit.gateway.api.conftest import Api
from tests.unit.gateway.whole import URL


async def test_the_hubs_keys_are_public_halves_for_signing_and_sealing(api: Api) -> None:
    response = await api.get("/.well-known/jwks.json")
    keys = (await response.json())["keys"]
    assert {key["use"] for key in keys} == {"sig", "enc"}
    assert not {"d", "p", "q", "k"} & {member for key in keys for member in key}
    assert response.headers["Cache-Control"] == "public, max-age=300"


async def test_the_servers_metadata_names_the_endpoints_and_the_logs_key(api: Api, gateway: Gateway) -> None:
    found = await (await api.get("/.well-known/oauth-authorization-server")).json()
    assert found["issuer"] == borough.HUB
    assert found["token_endpoint"] == URL + "/oauth2/token"
    assert found["jwks_uri"] == URL + "/.well-known/jwks.json"
    assert found["mash_log_key"] == gateway.keys.log_key()
    assert found["mash_log_keys"] == [gateway.keys.log_key()]
    assert found["mash_log_key"].startswith(gateway.log.origin + "+")


async def test_an_agencys_signing_keys_are_shown_and_not_its_clients(api: Api) -> None:
    keys = (await (await api.get("/v1/agencies/police/jwks.json")).json())["keys"]
    assert [key["kid"] for key in keys] == [borough.keys_of("police").signing.kid]
    assert "d" not in keys[0]


async def test_an_agency_that_did_not_enrol_is_unknown(api: Api) -> None:
    response = await api.get("/v1/agencies/nobody/jwks.json")
    assert (response.status, (await response.json())["code"]) == (404, "agency.unknown")


async def test_it_is_healthy_without_a_store_and_ready_only_with_one(
    api: Api, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await api.get("/readyz")).status == 200

    async def away() -> bool:
        return False

    monkeypatch.setattr(gateway.store, "ready", away)
    assert (await api.get("/healthz")).status == 200
    waiting = await api.get("/readyz")
    assert (waiting.status, await waiting.json()) == (503, {"status": "waiting", "for": "database"})


async def test_a_store_that_is_away_is_a_503_with_a_time_to_try_again(
    api: Api, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise Unavailable("store.connection", "try again")

    monkeypatch.setattr(gateway.store, "reading", away)
    response = await api.get("/v1/agencies/police/jwks.json")
    assert (response.status, response.headers["Retry-After"]) == (503, "2")
