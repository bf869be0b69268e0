"""The compact examples of RFC 7520 and RFC 7797 against the facade."""

from __future__ import annotations

from typing import Any

import pytest

from crypto import base64url, jwe, jws
from crypto.failure import SealFailed
from crypto.jwk import load_sealing_key, parse_public_jwk, thumbprint
from schemas.errors import Rejected
from tests.vectors.published import FOLDER, Count, Vectors, pem

pytestmark = pytest.mark.vectors

# The one signature of the cookbook that is on our allow-list. Its key names no algorithm.
ACCEPTED_JWS = {"4_1.rsa_v15_signature.json"}


def names(folder: str) -> list[str]:
    return sorted(path.name for path in (FOLDER / "jose-cookbook" / folder).glob("*.json"))


def public(key: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in key.items() if name not in {"d", "p", "q", "dp", "dq", "qi"}}


def verdict_on_jws(key: dict[str, Any], token: str) -> bytes | None:
    try:
        return jws.verify_compact(token, parse_public_jwk(public(key), use="sig"), algorithms=jws.WITH_RS256).payload
    except (Rejected, SealFailed):
        return None


def test_of_the_signatures_the_allowed_one_is_accepted(vectors: Vectors, count: Count) -> None:
    accepted = set()
    for name in names("jws"):
        example = vectors(f"jose-cookbook/jws/{name}")
        keys = example["input"]["key"]
        token = example["output"].get("compact")
        if token is None:
            count("without compact form")
            continue
        payload = verdict_on_jws(keys[0] if isinstance(keys, list) else keys, token)
        count("refused" if payload is None else "accepted")
        if payload is not None:
            assert payload == example["input"]["payload"].encode()
            accepted.add(name)
    assert accepted == ACCEPTED_JWS


def test_unencoded_payloads_are_refused(vectors: Vectors, count: Count) -> None:
    for name in names("rfc7797"):
        example = vectors(f"jose-cookbook/rfc7797/{name}")
        token = example["output"].get("compact")
        if token is not None:
            assert verdict_on_jws(example["input"]["key"], token) is None
        count("refused")


def test_of_the_seals_none_is_on_the_allow_list_and_none_is_opened(vectors: Vectors, count: Count) -> None:
    for name in names("jwe"):
        example = vectors(f"jose-cookbook/jwe/{name}")
        token = example["output"].get("compact")
        if token is None:
            count("without compact form")
            continue
        for alg in ("RSA-OAEP-256", "A256KW", "dir"):
            assert not opens(example["input"].get("key"), token, alg)
        count("refused")


def opens(key: object, token: str, alg: str) -> bool:
    try:
        if isinstance(key, dict) and key["kty"] == "RSA":
            jwe.open_compact(token, load_sealing_key(pem(key)), alg=alg, kid=key.get("kid"))
        elif isinstance(key, dict) and key["kty"] == "oct":
            jwe.open_compact(token, (base64url.decode(key["k"]) + bytes(32))[:32], alg=alg, kid=key.get("kid"))
        else:
            return False
    except (Rejected, SealFailed):
        return False
    return True


def test_the_nested_example_is_refused_at_both_layers(vectors: Vectors) -> None:
    example = vectors("jose-cookbook/6.nesting_signatures_and_encryption.json")
    assert not opens(example["encrypt"]["input"]["key"], example["encrypt"]["output"]["compact"], "RSA-OAEP-256")
    assert verdict_on_jws(example["sign"]["input"]["key"], example["sign"]["output"]["compact"]) is None


def test_the_example_keys_are_enrolled_exactly_where_they_are_allowed(vectors: Vectors, count: Count) -> None:
    enrolled = set()
    for name in names("jwk"):
        key = vectors(f"jose-cookbook/jwk/{name}")
        try:
            read = parse_public_jwk(key, use="sig")
        except Rejected:
            count("refused")
            continue
        assert read.thumbprint == thumbprint(key)
        count("enrolled")
        enrolled.add(name)
    assert enrolled == {"3_3.rsa_public_key.json"}
