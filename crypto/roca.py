"""The fingerprint of RSA moduli made by a flawed generator (ROCA, CVE-2017-15361).

Such primes are ``k * M + (65537 ** a mod M)`` with M a product of the first primes, so the modulus is a power of
65537 modulo each small prime. A sound modulus bears it by chance about once in 2 ** 28.
Source: Nemec et al., "The Return of Coppersmith's Attack", CCS 2017, section 2.3.
"""

from __future__ import annotations

_PRIMES = (
    *(3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71),
    *(73, 79, 83, 89, 97, 101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157, 163, 167),
)


def _powers(prime: int) -> frozenset[int]:
    found: set[int] = set()
    power = 1
    while power not in found:
        found.add(power)
        power = power * 65537 % prime
    return frozenset(found)


_SUBGROUPS = tuple((prime, _powers(prime)) for prime in _PRIMES)


def is_fingerprinted(modulus: int) -> bool:
    """Whether the modulus bears the mark of the flawed generator."""
    return all(modulus % prime in powers for prime, powers in _SUBGROUPS)


def has_small_factor(modulus: int) -> bool:
    """Whether the modulus is divisible by 2 or by one of the small primes, which no sound modulus is."""
    return modulus % 2 == 0 or any(modulus % prime == 0 for prime in _PRIMES)
