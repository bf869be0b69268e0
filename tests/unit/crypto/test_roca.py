from __future__ import annotations

import math
import secrets

from cryptography.hazmat.primitives.asymmetric import rsa

from crypto import roca


def test_a_power_of_65537_modulo_every_small_prime_is_the_mark() -> None:
    product = math.prod(prime for prime, _ in roca._SUBGROUPS)
    assert roca.is_fingerprinted(pow(65537, 123456789, product) + 7 * product)
    assert roca.is_fingerprinted(1 + product)


def test_a_sound_key_does_not_bear_the_mark(partner: rsa.RSAPrivateKey) -> None:
    modulus = partner.public_key().public_numbers().n
    assert not roca.is_fingerprinted(modulus)
    assert not roca.has_small_factor(modulus)


def test_chance_bears_the_mark_less_than_once_in_100_million() -> None:
    share = math.prod(len(powers) / (prime - 1) for prime, powers in roca._SUBGROUPS)
    assert share < 1e-8


def test_a_small_factor_is_found() -> None:
    assert roca.has_small_factor(2 * secrets.randbits(64) + 2)
    assert roca.has_small_factor(163 * (2**89 - 1))
    assert not roca.has_small_factor(2**89 - 1)
