from __future__ import annotations

import secrets
from typing import cast

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from crypto import base64url, jwk, roca
from crypto.jwk import DecryptionKey, PublicKey, SigningKey
from schemas.errors import Rejected


def number(value: int) -> str:
    return base64url.encode(value.to_bytes((value.bit_length() + 7) // 8, "big"))


def rsa_jwk(modulus: int, exponent: int = 65537) -> dict[str, object]:
    return {"kty": "RSA", "n": number(modulus), "e": number(exponent)}


def fingerprinted(bits: int) -> int:
    """A modulus as the flawed generator makes it: a power of 65537 modulo the product of many small primes."""
    product = 1
    for prime, _ in roca._SUBGROUPS:
        product *= prime
    residue = pow(65537, secrets.randbelow(product), product)
    candidate = residue + product * (secrets.randbits(bits - product.bit_length()) | 1 << (bits - product.bit_length()))
    return candidate if candidate % 2 else candidate + product


def test_a_signing_key_reads_back_from_its_own_jwk(signer: SigningKey) -> None:
    read = jwk.parse_public_jwk(dict(signer.public().jwk()), use="sig")
    assert (read.kid, read.alg, read.use) == (signer.kid, "ES256", "sig")
    assert read.key.public_numbers() == signer.key.public_key().public_numbers()


def test_a_sealing_key_reads_back_from_its_own_jwk(opener: DecryptionKey) -> None:
    read = jwk.parse_public_jwk(dict(opener.public().jwk()), use="enc")
    assert (read.kid, read.alg, read.use) == (opener.kid, "RSA-OAEP-256", "enc")
    assert read.key.public_numbers() == opener.key.public_key().public_numbers()


def test_a_jwk_holds_nothing_private(signer: SigningKey, opener: DecryptionKey) -> None:
    assert signer.public().jwk().keys() == {"kty", "crv", "x", "y", "kid", "use", "alg"}
    assert opener.public().jwk().keys() == {"kty", "n", "e", "kid", "use", "alg"}


def test_the_thumbprint_is_that_of_the_rfc() -> None:
    # The example of RFC 7638 section 3.1.
    modulus = (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3okn"
        "jhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6q"
        "MQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awap"
        "JzKnqDKgw"
    )
    example = {"kty": "RSA", "n": modulus, "e": "AQAB", "alg": "RS256", "kid": "2011-04-29"}
    assert jwk.thumbprint(example) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"
    assert jwk.parse_public_jwk(example, use="sig").thumbprint == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


def test_a_key_without_kid_is_named_by_its_thumbprint(signer: SigningKey) -> None:
    bare = {name: value for name, value in signer.public().jwk().items() if name != "kid"}
    assert jwk.parse_public_jwk(bare, use="sig").kid == jwk.thumbprint(bare) == signer.kid


def test_members_that_we_do_not_know_are_left_out(signer: SigningKey) -> None:
    read = jwk.parse_public_jwk({**signer.public().jwk(), "x5c": ["MII"], "nbf": 1}, use="sig")
    assert read.jwk() == signer.public().jwk()


@pytest.mark.parametrize("member", ["d", "p", "q", "dp", "dq", "qi", "oth", "k"])
def test_a_private_member_is_refused(signer: SigningKey, member: str) -> None:
    with pytest.raises(Rejected, match=r"crypto\.jwk\.private"):
        jwk.parse_public_jwk({**signer.public().jwk(), member: "AQAB"}, use="sig")


@pytest.mark.parametrize(
    "change",
    [
        {"use": "enc"},
        {"use": "both"},
        {"use": None},
        {"use": ["sig"]},
        {"key_ops": ["sign"]},
        {"key_ops": ["verify", "verify"]},
        {"key_ops": ["verify", "encrypt"]},
        {"key_ops": []},
        {"key_ops": "verify"},
        {"key_ops": [1]},
        {"alg": "ES384"},
        {"alg": "HS256"},
        {"alg": "none"},
        {"alg": None},
        {"kty": "oct"},
        {"kty": "OKP"},
        {"kty": None},
        {"kty": "RSA"},
        {"crv": "P-384"},
        {"crv": "secp256k1"},
        {"crv": None},
        {"x": "AQAB"},
        {"x": None},
        {"x": 5},
        {"y": base64url.encode(bytes(32))},
        {"x": base64url.encode(b"\xff" * 32)},
        {"kid": ""},
        {"kid": 7},
        {"kid": None},
        {"kid": "a b"},
        {"kid": "x" * 201},
        {"kid": "a\n"},
    ],
)
def test_a_key_that_is_not_exactly_for_es256_is_refused(signer: SigningKey, change: dict[str, object]) -> None:
    with pytest.raises(Rejected):
        jwk.parse_public_jwk({**signer.public().jwk(), **change}, use="sig")


def test_a_point_off_the_curve_is_refused(signer: SigningKey) -> None:
    point = signer.key.public_key().public_numbers()
    moved = base64url.encode((point.y ^ 1).to_bytes(32, "big"))
    with pytest.raises(Rejected, match=r"crypto\.jwk\.point"):
        jwk.parse_public_jwk({**signer.public().jwk(), "y": moved}, use="sig")


def test_a_number_in_another_spelling_is_refused(signer: SigningKey) -> None:
    with pytest.raises(Rejected, match=r"crypto\.jwk\.encoding"):
        jwk.parse_public_jwk({**signer.public().jwk(), "x": signer.public().jwk()["x"] + "="}, use="sig")
    modulus = secrets.randbits(2048) | 1 << 2047 | 1
    padded = base64url.encode(b"\0" + modulus.to_bytes(256, "big"))
    with pytest.raises(Rejected, match=r"crypto\.jwk\.encoding"):
        jwk.parse_public_jwk({"kty": "RSA", "n": padded, "e": "AQAB"}, use="sig")


def test_an_elliptic_key_is_not_for_sealing(signer: SigningKey) -> None:
    bare = {name: signer.public().jwk()[name] for name in ("kty", "crv", "x", "y")}
    with pytest.raises(Rejected, match=r"crypto\.jwk\.kty"):
        jwk.parse_public_jwk(bare, use="enc")


def test_rsa_needs_2048_bits_to_sign_and_3072_to_seal(partner: rsa.RSAPrivateKey) -> None:
    modulus = partner.public_key().public_numbers().n
    assert jwk.parse_public_jwk(rsa_jwk(modulus), use="sig").alg == "RS256"
    with pytest.raises(Rejected, match=r"crypto\.jwk\.size"):
        jwk.parse_public_jwk(rsa_jwk(modulus), use="enc")
    with pytest.raises(Rejected, match=r"crypto\.jwk\.size"):
        jwk.parse_public_jwk(rsa_jwk(modulus >> 1 | 1), use="sig")
    with pytest.raises(Rejected, match=r"crypto\.jwk\.size"):
        jwk.parse_public_jwk(rsa_jwk(1 << 8192 | 1), use="sig")


@pytest.mark.parametrize("exponent", [1, 2, 3, 17, 65535, 65538, 2**64 + 13])
def test_any_exponent_but_65537_is_refused(partner: rsa.RSAPrivateKey, exponent: int) -> None:
    with pytest.raises(Rejected, match=r"crypto\.jwk\.exponent"):
        jwk.parse_public_jwk(rsa_jwk(partner.public_key().public_numbers().n, exponent), use="sig")


@pytest.mark.parametrize("use", ["sig", "enc"])
def test_a_modulus_of_the_flawed_generator_is_refused(use: str) -> None:
    modulus = fingerprinted(3072)
    assert roca.is_fingerprinted(modulus)
    with pytest.raises(Rejected, match=r"crypto\.jwk\.weak"):
        jwk.parse_public_jwk(rsa_jwk(modulus), use=cast("jwk.Use", use))


@pytest.mark.parametrize("factor", [2, 3, 167])
def test_a_modulus_with_a_small_factor_is_refused(factor: int) -> None:
    modulus = factor * (secrets.randbits(3071) | 1 << 3070 | 1)
    with pytest.raises(Rejected, match=r"crypto\.jwk\.weak"):
        jwk.parse_public_jwk(rsa_jwk(modulus), use="enc")


def test_a_set_gives_the_keys_of_one_use_by_kid(signer: SigningKey, opener: DecryptionKey) -> None:
    jwks: dict[str, object] = {"keys": [signer.public().jwk(), opener.public().jwk()]}
    assert jwk.parse_public_jwks(jwks, use="sig").keys() == {signer.kid}
    assert jwk.parse_public_jwks(jwks, use="enc").keys() == {opener.kid}


def test_a_set_that_names_two_keys_alike_is_refused(signer: SigningKey, stranger: SigningKey) -> None:
    twice = [signer.public().jwk(), {**stranger.public().jwk(), "kid": signer.kid}]
    with pytest.raises(Rejected, match=r"crypto\.jwks\.duplicate"):
        jwk.parse_public_jwks({"keys": twice}, use="sig")


@pytest.mark.parametrize("jwks", [{}, {"keys": {}}, {"keys": ["key"]}, {"keys": [None]}])
def test_what_is_no_set_is_refused(jwks: dict[str, object]) -> None:
    with pytest.raises(Rejected):
        jwk.parse_public_jwks(jwks, use="sig")


def test_private_keys_survive_being_stored(signer: SigningKey, opener: DecryptionKey) -> None:
    assert jwk.load_signing_key(signer.to_der()).public().jwk() == signer.public().jwk()
    assert jwk.load_sealing_key(opener.to_der(), "named").public().jwk() == {**opener.public().jwk(), "kid": "named"}
    pem = signer.key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    assert jwk.load_signing_key(pem).kid == signer.kid


def test_a_private_key_of_another_kind_is_refused(opener: DecryptionKey, signer: SigningKey) -> None:
    p384 = ec.generate_private_key(ec.SECP384R1()).private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    for wrong in (opener.to_der(), p384, b"", b"-----BEGIN PRIVATE KEY-----"):
        with pytest.raises(Rejected):
            jwk.load_signing_key(wrong)
    with pytest.raises(Rejected):
        jwk.load_sealing_key(signer.to_der())


def test_a_short_sealing_key_is_neither_made_nor_loaded(partner: rsa.RSAPrivateKey) -> None:
    with pytest.raises(ValueError, match="3072"):
        jwk.generate_sealing_key(bits=2048)
    short = partner.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    with pytest.raises(Rejected, match=r"crypto\.jwk\.size"):
        jwk.load_sealing_key(short)


def test_no_key_shows_itself(signer: SigningKey, opener: DecryptionKey) -> None:
    keys: tuple[SigningKey | DecryptionKey | PublicKey, ...] = (signer, opener, signer.public())
    for key in keys:
        assert "object at" not in repr(key)
        assert str(signer.key.private_numbers().private_value) not in repr(key)
