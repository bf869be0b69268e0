"""Known attacks on JOSE, made here from scratch; published vectors of the same attacks are in tests/vectors."""

from __future__ import annotations

import hashlib
import hmac
import itertools
import secrets
import zlib
from collections.abc import Callable, Mapping
from datetime import datetime

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from crypto import base64url, canonical, jwe, jws, tokens
from crypto.canonical import JsonInput
from crypto.failure import SealFailed
from crypto.jwk import DecryptionKey, PublicKey, SigningKey

TYP, CTY = "mash-test+jws", "mash-request+jws"
KEY = secrets.token_bytes(32)
Keys = Mapping[str, PublicKey]
Forge = Callable[..., str]


def reason(token: str, keys: Keys, algorithms: frozenset[str] = jws.WITH_RS256) -> str:
    with pytest.raises(SealFailed) as failed:
        jws.verify(token, keys, typ=TYP, algorithms=algorithms)
    return failed.value.reason


def signed(header: Mapping[str, JsonInput] | bytes, payload: bytes, key: SigningKey) -> str:
    """A good ES256 signature over whatever header."""
    head = header if isinstance(header, bytes) else canonical.dumps(header)
    text = f"{base64url.encode(head)}.{base64url.encode(payload)}"
    r, s = decode_dss_signature(key.key.sign(text.encode(), ec.ECDSA(hashes.SHA256())))
    return f"{text}.{base64url.encode(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


def test_the_forge_itself_makes_good_tokens(signer: SigningKey, keys: Keys) -> None:
    token = signed({"alg": "ES256", "typ": TYP, "kid": signer.kid}, b"{}", signer)
    assert jws.verify(token, keys, typ=TYP).payload == b"{}"


@pytest.mark.parametrize(
    "alg", sorted({"".join(cased) for cased in itertools.product(*zip("none", "NONE", strict=True))})
)
def test_the_algorithm_none_is_refused_in_any_case(forge: Forge, signer: SigningKey, keys: Keys, alg: str) -> None:
    header = {"alg": alg, "typ": TYP, "kid": signer.kid}
    assert reason(forge(header, b"{}", b""), keys) == "jws.alg"
    # Not even where a caller asks for it.
    assert reason(forge(header, b"{}", b""), keys, frozenset({alg})) == "jws.alg"
    assert reason(signed(header, b"{}", signer), keys) == "jws.alg"


def public_forms(key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey, jwk: Mapping[str, str]) -> list[bytes]:
    """Every spelling of a public key that a library might take for an HMAC secret."""
    info = serialization.PublicFormat.SubjectPublicKeyInfo
    pem = key.public_bytes(serialization.Encoding.PEM, info)
    return [pem, pem.rstrip(), key.public_bytes(serialization.Encoding.DER, info), canonical.dumps(jwk)]


@pytest.mark.parametrize("alg, digest", [("HS256", "sha256"), ("HS384", "sha384"), ("HS512", "sha512")])
def test_a_public_key_is_never_taken_for_a_secret(
    forge: Forge, signer: SigningKey, partner: rsa.RSAPrivateKey, alg: str, digest: str
) -> None:
    partner_key = PublicKey(kid="partner", alg="RS256", use="sig", key=partner.public_key())
    registered = {signer.kid: signer.public(), "partner": partner_key}
    for key in registered.values():
        for secret in public_forms(key.key, key.jwk()):
            text = forge({"alg": alg, "typ": TYP, "kid": key.kid}, b"{}")
            token = f"{text}.{base64url.encode(hmac.digest(secret, text.encode(), digest))}"
            assert reason(token, registered) == "jws.alg"
            assert reason(token, registered, frozenset({"ES256", "RS256", alg})) == "jws.alg"


def test_a_key_for_one_algorithm_verifies_no_other(signer: SigningKey, partner: rsa.RSAPrivateKey) -> None:
    key = PublicKey(kid="k", alg="RS256", use="sig", key=partner.public_key())
    assert reason(signed({"alg": "ES256", "typ": TYP, "kid": "k"}, b"{}", signer), {"k": key}) == "jws.key"
    header = canonical.dumps({"alg": "RS256", "typ": TYP, "kid": signer.kid})
    text = f"{base64url.encode(header)}.{base64url.encode(b'{}')}"
    signature = partner.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    token = f"{text}.{base64url.encode(signature)}"
    assert reason(token, {signer.kid: signer.public()}) == "jws.key"


def test_a_sealing_key_verifies_nothing(opener: DecryptionKey) -> None:
    header = canonical.dumps({"alg": "RS256", "typ": TYP, "kid": opener.kid})
    text = f"{base64url.encode(header)}.{base64url.encode(b'{}')}"
    signature = opener.key.sign(text.encode(), padding.PKCS1v15(), hashes.SHA256())
    token = f"{text}.{base64url.encode(signature)}"
    assert reason(token, {opener.kid: opener.public()}) == "jws.key"
    misused = PublicKey(kid=opener.kid, alg="RS256", use="enc", key=opener.key.public_key())
    assert reason(token, {opener.kid: misused}) == "jws.key"


@pytest.mark.parametrize(
    "extra",
    [
        {"jku": "https://evil.example/keys"},
        {"x5u": "https://evil.example/cert"},
        {"x5c": ["MIIB"]},
        {"x5t": "AAAA"},
        {"crit": ["exp"], "exp": 1},
        {"crit": ["b64"], "b64": False},
        {"crit": []},
        {"b64": False},
        {"b64": True},
        {"zip": "DEF"},
        {"p2c": 100000000},
        {"enc": "A256GCM"},
        {"Alg": "ES256"},
    ],
)
def test_a_header_member_that_we_do_not_know_is_refused_though_signed(
    signer: SigningKey, keys: Keys, extra: dict[str, JsonInput]
) -> None:
    token = signed({"alg": "ES256", "typ": TYP, "kid": signer.kid, **extra}, b"{}", signer)
    assert reason(token, keys) == "jws.members"


def test_a_key_that_the_token_brings_along_is_not_used(signer: SigningKey, stranger: SigningKey, keys: Keys) -> None:
    jwk = {**stranger.public().jwk(), "kid": signer.kid}
    token = signed({"alg": "ES256", "typ": TYP, "kid": signer.kid, "jwk": jwk}, b"{}", stranger)
    assert reason(token, keys) == "jws.members"


def test_a_token_is_verified_with_the_key_that_it_names_and_no_other(signer: SigningKey, stranger: SigningKey) -> None:
    both = {signer.kid: signer.public(), stranger.kid: stranger.public()}
    assert reason(signed({"alg": "ES256", "typ": TYP, "kid": stranger.kid}, b"{}", signer), both) == "jws.signature"
    for kid in ("unknown", "", signer.kid.lower() + "x", None, 7, [signer.kid]):
        assert reason(signed({"alg": "ES256", "typ": TYP, "kid": kid}, b"{}", signer), both) == "jws.kid"
    assert reason(signed({"alg": "ES256", "typ": TYP}, b"{}", signer), both) == "jws.kid"


@pytest.mark.parametrize(
    "kid",
    [
        "../../secrets/master.key",
        "/dev/null",
        "file:///dev/null",
        "https://evil.example/keys#{kid}",
        "{kid}\x00.pem",
        "{kid}' OR '1'='1",
        "./{kid}",
        "{kid}/",
        " {kid}",
        "%2e%2e%2f{kid}",
    ],
)
def test_a_kid_is_no_path_and_no_query(signer: SigningKey, keys: Keys, kid: str) -> None:
    # A kid that led to an empty file would be a key that everybody has.
    header: dict[str, JsonInput] = {"alg": "ES256", "typ": TYP, "kid": kid.replace("{kid}", signer.kid)}
    assert reason(signed(header, b"{}", signer), keys) == "jws.kid"


@pytest.mark.parametrize("typ", ["JWT", "at+jwt", "dpop+jwt", TYP.upper(), f"application/{TYP}", "", None, 7, [TYP]])
def test_a_token_of_another_type_is_refused(signer: SigningKey, keys: Keys, typ: JsonInput) -> None:
    assert reason(signed({"alg": "ES256", "typ": typ, "kid": signer.kid}, b"{}", signer), keys) == "jws.typ"


def test_a_token_without_type_passes_only_where_none_is_allowed(signer: SigningKey, keys: Keys) -> None:
    token = signed({"alg": "ES256", "kid": signer.kid}, b"{}", signer)
    assert reason(token, keys) == "jws.typ"
    assert jws.verify(token, keys, typ={None, TYP}).payload == b"{}"
    null = signed({"alg": "ES256", "kid": signer.kid, "typ": None}, b"{}", signer)
    with pytest.raises(SealFailed):
        jws.verify(null, keys, typ={None, TYP})


@pytest.mark.parametrize("alg", [None, 256, ["ES256"], {"ES256": 1}, "es256", "ES256 ", "ES256K", "ES384", "PS256", ""])
def test_an_algorithm_that_is_not_exactly_ours_is_refused(signer: SigningKey, keys: Keys, alg: JsonInput) -> None:
    assert reason(signed({"alg": alg, "typ": TYP, "kid": signer.kid}, b"{}", signer), keys) == "jws.alg"


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("name, value", [("alg", "none"), ("kid", "other"), ("typ", "JWT")])
def test_a_member_twice_is_refused_whichever_stands_first(
    signer: SigningKey, keys: Keys, name: str, value: str, first: bool
) -> None:
    good = canonical.dumps({"alg": "ES256", "typ": TYP, "kid": signer.kid})[1:-1]
    bad = canonical.dumps({name: value})[1:-1]
    header = b"{" + b",".join([bad, good] if first else [good, bad]) + b"}"
    assert reason(signed(header, b"{}", signer), keys) == "jws.header"


def test_no_token_has_a_second_spelling(signer: SigningKey, keys: Keys) -> None:
    token = signed({"alg": "ES256", "typ": TYP, "kid": signer.kid}, b'{"a":1}', signer)
    head, body, signature = token.split(".")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    # 64 bytes end in a character that carries four spare bits.
    spare = [f"{head}.{body}.{signature[:-1]}{alphabet[alphabet.index(signature[-1]) + n]}" for n in range(1, 16)]
    others = [
        f"{token}=",
        f"{token}==",
        f"{head}=.{body}.{signature}",
        f"{head}.{body}=.{signature}",
        f" {token}",
        f"{token}\n",
        f"{head}.{body}.{signature[:20]}\n{signature[20:]}",
        f"{head}.{body}.{signature[:20]}!{signature[20:]}",
        f"{head}.{body}?.{signature}",
        f"{token}.",
        f"{token}.e30",
        f".{token}",
        token.replace("-", "+").replace("_", "/") + "=",
        f"{token}\x00",
        f"{token}\u00a0",
    ]
    for other in (*spare, *others):
        assert reason(other, keys).startswith("jws."), other
    assert jws.verify(token, keys, typ=TYP).payload == b'{"a":1}'


def test_the_json_serialisations_are_not_read(signer: SigningKey, keys: Keys) -> None:
    head, body, signature = signed({"alg": "ES256", "typ": TYP, "kid": signer.kid}, b"{}", signer).split(".")
    flat = canonical.dumps({"protected": head, "payload": body, "signature": signature}).decode()
    assert reason(flat, keys) == "jws.segments"


def test_a_der_signature_is_refused(signer: SigningKey, keys: Keys, forge: Forge) -> None:
    text = forge({"alg": "ES256", "typ": TYP, "kid": signer.kid}, b"{}")
    der = signer.key.sign(text.encode(), ec.ECDSA(hashes.SHA256()))
    assert reason(f"{text}.{base64url.encode(der)}", keys) == "jws.signature_form"


def test_deep_or_huge_headers_cost_nothing(forge: Forge, keys: Keys) -> None:
    assert reason(forge(b'{"a":' * 4 + b"1" + b"}" * 4, b"", b""), keys) == "jws.header"
    assert reason(forge(b"[" * 3000 + b"]" * 3000, b"", b""), keys) == "jws.header"
    assert reason(forge(b'{"a":"' + b"x" * 5000 + b'"}', b"", b""), keys) == "jws.header"
    assert reason(forge(b'{"a":' + b"9" * 4000 + b"}", b"", b""), keys) == "jws.header"
    assert reason("A" * 200_001, keys) == "jws.size"


def test_a_token_that_never_expires_is_refused(signer: SigningKey, keys: Keys, now: datetime) -> None:
    for exp in ("", '"exp":1e400,', '"exp":"4000000000",', '"exp":true,', '"exp":null,', '"exp":1,"exp":4000000000,'):
        payload = f'{{{exp}"iss":"i","aud":"a"}}'.encode()
        token = signed({"alg": "ES256", "typ": TYP, "kid": signer.kid}, payload, signer)
        with pytest.raises(SealFailed):
            tokens.verify_claims(token, keys, typ=TYP, iss="i", aud="a", now=now)


def sealed(header: Mapping[str, JsonInput], plaintext: bytes, key: bytes, encrypted_key: bytes = b"") -> str:
    """A good A256GCM seal under whatever header."""
    head = base64url.encode(canonical.dumps(header))
    nonce = secrets.token_bytes(12)
    joined = AESGCM(key).encrypt(nonce, plaintext, head.encode())
    parts = (encrypted_key, nonce, joined[:-16], joined[-16:])
    return ".".join([head, *(base64url.encode(part) for part in parts)])


def refused(token: str) -> str:
    with pytest.raises(SealFailed) as failed:
        jwe.open_direct(token, KEY, kid="ck", cty=CTY)
    return failed.value.reason


DIRECT: dict[str, JsonInput] = {"alg": "dir", "enc": "A256GCM", "kid": "ck", "cty": CTY}


def test_the_forge_itself_makes_good_seals() -> None:
    assert jwe.open_direct(sealed(DIRECT, b"text", KEY), KEY, kid="ck", cty=CTY) == b"text"


@pytest.mark.parametrize(
    "change, expected",
    [
        ({"alg": "RSA1_5"}, "jwe.alg"),
        ({"alg": "RSA-OAEP"}, "jwe.alg"),
        ({"alg": "none"}, "jwe.alg"),
        ({"alg": "DIR"}, "jwe.alg"),
        ({"alg": None}, "jwe.alg"),
        ({"alg": ["dir"]}, "jwe.alg"),
        ({"enc": "A128CBC-HS256"}, "jwe.enc"),
        ({"enc": "A256CBC-HS512"}, "jwe.enc"),
        ({"enc": "A128GCM"}, "jwe.enc"),
        ({"enc": None}, "jwe.enc"),
        ({"cty": None}, "jwe.cty"),
        ({"cty": "JWT"}, "jwe.cty"),
        ({"kid": None}, "jwe.kid"),
        ({"kid": "other"}, "jwe.kid"),
        ({"zip": "DEF"}, "jwe.members"),
        ({"p2c": 2**31, "p2s": "AAAA"}, "jwe.members"),
        ({"crit": ["x"], "x": 1}, "jwe.members"),
        ({"epk": {"kty": "EC"}}, "jwe.members"),
        ({"jwk": {"kty": "oct"}}, "jwe.members"),
        ({"jku": "https://evil.example"}, "jwe.members"),
        ({"typ": "JOSE"}, "jwe.members"),
    ],
)
def test_a_seal_with_another_header_is_refused_though_its_tag_is_good(
    change: dict[str, JsonInput], expected: str
) -> None:
    assert refused(sealed({**DIRECT, **change}, b"text", KEY)) == expected


def test_a_compressed_bomb_is_never_inflated() -> None:
    bomb = zlib.compress(bytes(50_000_000), 9)
    assert refused(sealed({**DIRECT, "zip": "DEF"}, bomb, KEY)) == "jwe.members"


def test_a_key_that_comes_with_a_direct_seal_is_refused() -> None:
    assert refused(sealed(DIRECT, b"text", KEY, encrypted_key=bytes(40))) == "jwe.lengths"


def test_rsa1_5_is_refused_on_an_oaep_key_whether_its_padding_is_good_or_not(opener: DecryptionKey) -> None:
    header: dict[str, JsonInput] = {"alg": "RSA1_5", "enc": "A256GCM", "kid": opener.kid, "cty": CTY}
    good = opener.key.public_key().encrypt(KEY, padding.PKCS1v15())
    for encrypted in (good, bytes(len(good))):
        with pytest.raises(SealFailed) as failed:
            jwe.open_with(sealed(header, b"text", KEY, encrypted), {opener.kid: opener}, cty=CTY)
        assert failed.value.reason == "jwe.alg"


def test_oaep_with_sha_1_is_refused_under_the_name_of_oaep_256(opener: DecryptionKey) -> None:
    weak = padding.OAEP(padding.MGF1(hashes.SHA1()), hashes.SHA1(), None)  # noqa: S303 - the attack itself
    header: dict[str, JsonInput] = {"alg": "RSA-OAEP-256", "enc": "A256GCM", "kid": opener.kid, "cty": CTY}
    token = sealed(header, b"text", KEY, opener.key.public_key().encrypt(KEY, weak))
    with pytest.raises(SealFailed) as failed:
        jwe.open_with(token, {opener.kid: opener}, cty=CTY)
    assert failed.value.reason == "jwe.open"


@pytest.mark.parametrize("size", [0, 16, 24, 31, 33, 64])
def test_a_content_key_of_another_size_is_refused(opener: DecryptionKey, size: int) -> None:
    strong = padding.OAEP(padding.MGF1(hashes.SHA256()), hashes.SHA256(), None)
    header: dict[str, JsonInput] = {"alg": "RSA-OAEP-256", "enc": "A256GCM", "kid": opener.kid, "cty": CTY}
    wrapped = opener.key.public_key().encrypt(bytes(size), strong)
    usable = bytes(size) if size in {16, 24} else bytes(32)
    with pytest.raises(SealFailed) as failed:
        jwe.open_with(sealed(header, b"text", usable, wrapped), {opener.kid: opener}, cty=CTY)
    assert failed.value.reason == "jwe.open"


def test_a_seal_over_what_the_library_opens_is_refused_at_once() -> None:
    assert refused("A" * 256_001) == "jwe.size"


def test_a_failure_never_carries_what_it_failed_on(signer: SigningKey, keys: Keys) -> None:
    secret = hashlib.sha256(b"secret").hexdigest()
    token = signed({"alg": secret, "typ": TYP, "kid": signer.kid}, secret.encode(), signer)
    with pytest.raises(SealFailed) as failed:
        jws.verify(token, keys, typ=TYP)
    shown = f"{failed.value}{failed.value!r}{failed.value.reason}{failed.value.__cause__}{failed.value.__dict__}"
    assert secret not in shown
