"""The Wycheproof vectors against the facade: what is valid and on our allow-list is accepted, all else is refused.

The allow-list: ES256; RS256 with 2048 bits or more; RSA-OAEP-256 with 3072 bits or more, A256KW and dir, with A256GCM.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import pytest

from crypto import base64url, jwe, jws
from crypto.failure import SealFailed
from crypto.jwk import DecryptionKey, load_sealing_key, parse_public_jwk, parse_public_jwks
from schemas.errors import Rejected
from tests.vectors.published import Count, Vectors, pem

pytestmark = pytest.mark.vectors

# Defects of the published file: byte for byte the valid 357, called invalid; and valid though they hold a "?".
SAME_AS_VALID = {367, 370}
VALID_WITH_A_QUESTION_MARK = {372, 373}


def each_of(found: dict[str, Any]) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    for group in found["testGroups"]:
        for test in group["tests"]:
            yield group, test


def verdict_on_jws(keys: list[dict[str, Any]], token: object) -> str:
    """Accepted, or why not: every key is enrolled as a signer's would be, then the token is verified with it."""
    if not isinstance(token, str):
        return "refused: not compact"
    try:
        enrolled = parse_public_jwks({"keys": keys}, use="sig")
    except Rejected as refused:
        return f"key refused: {refused.code}"
    for key in enrolled.values():
        try:
            jws.verify_compact(token, key, algorithms=jws.WITH_RS256)
        except SealFailed:
            continue
        return "accepted"
    return "refused"


def public_keys(group: dict[str, Any]) -> list[dict[str, Any]]:
    """The public halves; a symmetric key has none and is enrolled as it is, to be refused."""
    shown = group.get("public") or group["private"]
    return list(shown["keys"]) if "keys" in shown else [shown]


def on_the_allow_list(group: dict[str, Any], token: object) -> bool:
    keys = public_keys(group)
    header = str(token).split(".", 1)[0]
    named = b'"alg":"ES256"' in (raw := base64.urlsafe_b64decode(header + "==")) or b'"alg":"RS256"' in raw
    return named and all(key["kty"] in {"EC", "RSA"} for key in keys)


@pytest.mark.parametrize("name", ["json_web_signature_test.json", "json_web_key_test.json"])
def test_signatures_are_accepted_exactly_where_they_are_valid_and_allowed(
    vectors: Vectors, count: Count, name: str
) -> None:
    wrong = []
    for group, test in each_of(vectors(f"wycheproof/{name}")):
        verdict = verdict_on_jws(public_keys(group), test["jws"])
        valid = test["result"] == "valid" and on_the_allow_list(group, test["jws"])
        if (verdict == "accepted") != valid:
            wrong.append((test["tcId"], test["comment"], verdict))
        kind = "accepted" if verdict == "accepted" else "refused"
        count(f"{kind} ({test['result']}{'' if valid or test['result'] != 'valid' else ', not on the allow-list'})")
    assert wrong == []


def test_the_known_defects_of_the_file_are_what_the_readme_says(vectors: Vectors) -> None:
    tests = {test["tcId"]: test for _, test in each_of(vectors("wycheproof/json_web_signature_test.json"))}
    assert all(tests[number]["jws"] == tests[357]["jws"] for number in SAME_AS_VALID)
    for number in VALID_WITH_A_QUESTION_MARK:
        assert tests[number]["result"] == "valid"
        assert "?" in tests[number]["jws"]
        # What holds for HS256 there holds for any token here.
        assert any(not is_canonical(segment) for segment in tests[number]["jws"].split("."))


def is_canonical(segment: str) -> bool:
    try:
        base64url.decode(segment)
    except base64url.NotCanonical:
        return False
    return True


def test_tokens_and_keys_of_the_mixed_file_likewise(vectors: Vectors, count: Count) -> None:
    wrong = []
    for group, test in each_of(vectors("wycheproof/json_web_crypto_test.json")):
        if "jws" in test:
            verdict = verdict_on_jws(public_keys(group), test["jws"])
            valid = test["result"] == "valid" and on_the_allow_list(group, test["jws"])
        else:
            verdict, valid = verdict_on_jwe(group["private"], test["jwe"]), False
        if (verdict == "accepted") != valid:
            wrong.append((test["tcId"], test["comment"], verdict))
        count(f"{'accepted' if verdict == 'accepted' else 'refused'} ({test['result']})")
    assert wrong == []


def verdict_on_jwe(private: dict[str, Any], token: object) -> str:
    """Accepted, or why not: the key's own algorithm is demanded; a key that is too short is no key."""
    if not isinstance(token, str):
        return "refused: not compact"
    alg, kid = str(private.get("alg")), str(private.get("kid"))
    if private["kty"] == "RSA":
        try:
            key = load_sealing_key(pem(private), kid)
        except Rejected as refused:
            return f"key refused: {refused.code}"
        return opens(token, key, alg, kid)
    if private["kty"] == "oct" and len(secret := base64url.decode(private["k"])) == jwe.CONTENT_KEY_BYTES:
        return opens(token, secret, alg, kid)
    return "key refused: kind"


def opens(token: str, key: DecryptionKey | bytes, alg: str, kid: str) -> str:
    try:
        jwe.open_compact(token, key, alg=alg, kid=kid)
    except SealFailed:
        return "refused"
    return "accepted"


def test_seals_are_opened_exactly_where_they_are_valid_and_allowed(vectors: Vectors, count: Count) -> None:
    wrong, opened = [], 0
    for group, test in each_of(vectors("wycheproof/json_web_encryption_test.json")):
        verdict = verdict_on_jwe(group["private"], test["jwe"])
        header = base64.urlsafe_b64decode(str(test["jwe"]).split(".", 1)[0] + "==") if "." in test["jwe"] else b""
        allowed = b'"alg":"A256KW"' in header and b'"enc":"A256GCM"' in header
        valid = test["result"] == "valid" and allowed
        opened += valid
        if (verdict == "accepted") != valid:
            wrong.append((test["tcId"], test["comment"], verdict))
        kind = "accepted" if verdict == "accepted" else "refused"
        count(f"{kind} ({test['result']}{'' if valid or test['result'] != 'valid' else ', not on the allow-list'})")
    assert wrong == []
    assert opened > 0


def test_the_weak_keys_are_refused_at_enrolment(vectors: Vectors, count: Count) -> None:
    refused = set()
    for name in ("json_web_key_test.json", "json_web_crypto_test.json"):
        for group in vectors(f"wycheproof/{name}")["testGroups"]:
            if group["comment"] != "jws_rsa_roca_key":
                continue
            for key in public_keys(group):
                bare = {member: key[member] for member in ("kty", "n", "e")}
                with pytest.raises(Rejected) as weak:
                    parse_public_jwk(bare, use="sig")
                assert weak.value.code == "crypto.jwk.weak"
                refused.add(name)
                count("weak keys refused")
    assert len(refused) == 2
