from __future__ import annotations

import json

from crypto.jwk import parse_public_jwk
from sandbox.keys import AgencyKeys


def test_the_enrolment_file_holds_public_keys_alone_and_a_hub_takes_each(police: AgencyKeys) -> None:
    enrolment = json.loads(json.dumps(police.enrolment()))
    jwks = list(enrolment["signing_keys"])
    for client in enrolment["clients"]:
        jwks += [client["authentication_key"], client["dpop_key"], client["encryption_key"]]
    assert len(jwks) == 7
    for jwk in jwks:
        assert not {"d", "p", "q", "dp", "dq", "qi"} & jwk.keys()
        parse_public_jwk(jwk, use=jwk["use"])
    assert {client["client_id"]: client["recipient"] for client in enrolment["clients"]} == {
        "police.lead": "lead",
        "police.desk": "desk",
    }


def test_no_private_key_is_shown(police: AgencyKeys) -> None:
    assert "Key object" not in repr(police)
    assert "ECKey" not in repr(police)
